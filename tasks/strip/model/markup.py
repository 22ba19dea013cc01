"""What the line model sees besides, where a text comes from HTML: the hints of extraction, as columns."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas import HINT_HEADING, HINT_ITEM, HINT_LINKS, HINT_MAIN, HINT_PARAGRAPH
from tasks.strip.lines import Bools, Lines
from tasks.strip.model.features import Floats

_FLAGS = (HINT_MAIN, HINT_HEADING, HINT_PARAGRAPH, HINT_ITEM)


def hint_columns(lines: Lines, hints: pa.LargeBinaryArray) -> tuple[Bools, Floats]:
    """Which lines have hints, and a row for each of those (lines with hints, columns).

    `hints`: an octet a line for each document, null for those without. Hints that are not one a line are passed over.
    """
    given: npt.NDArray[np.bool_] = np.zeros(lines.documents, np.bool_)
    sizes = np.diff(lines.offsets)
    rows = []
    for number, octets in enumerate(hints.to_pylist()):
        if octets is not None and len(octets) == sizes[number]:
            given[number] = True
            rows.append(octets)
    octet = np.frombuffer(b"".join(rows), np.uint8)
    columns = [(octet & flag) > 0 for flag in _FLAGS] + [octet // HINT_LINKS / 3]
    return given[lines.doc], np.column_stack(columns).astype(np.float32)
