"""What the line model sees besides, where a text comes from HTML: the hints of extraction, as columns."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas import (
    HINT_HEADING,
    HINT_IMAGE,
    HINT_ITEM,
    HINT_LINKS,
    HINT_MAIN,
    HINT_OCTETS,
    HINT_PARAGRAPH,
)
from tasks.strip.lines import Bools, Floats, Lines

_FLAGS = (HINT_MAIN, HINT_HEADING, HINT_PARAGRAPH, HINT_ITEM, HINT_IMAGE)
# Where the octets on the lines of one look begin, and how many there are for each way to tell a look.
_LOOKS, _OF_LOOK = 14, 7


def hint_columns(lines: Lines, hints: pa.LargeBinaryArray) -> tuple[Bools, Floats]:
    """Which lines have hints, and a row for each of those (lines with hints, columns).

    `hints`: HINT_OCTETS a line of the raw text for each document, null for those without. Hints that are not so many are
    passed over.
    """
    given: Bools = np.zeros(lines.documents, np.bool_)
    sizes = np.bincount(lines.doc, lines.parts, lines.documents)
    rows = []
    for number, octets in enumerate(hints.to_pylist()):
        if octets is not None and len(octets) == sizes[number] * HINT_OCTETS:
            given[number] = True
            rows.append(octets)
    hinted = given[lines.doc]
    # Of a wrapped line, the hints of the first raw line that it is made of count.
    parts = lines.parts[hinted]
    octet = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, HINT_OCTETS)[np.cumsum(parts) - parts]
    kind, tags, called, own_name = octet[:, 0], octet[:, 1], octet[:, 2], octet[:, 3]
    columns: list[npt.NDArray] = [(kind & flag) > 0 for flag in _FLAGS]
    columns.append(kind // HINT_LINKS % 4 / 3)
    columns += [(bits >> bit) & 1 for bits in (tags, called, own_name) for bit in range(8)]
    columns += [np.sqrt(prose / 255) for prose in octet[:, 4:8].T]
    columns += [(octet[:, 8] >> 4) / 8, (octet[:, 8] & 15) / 15]
    columns += [share / 255 for share in octet[:, 9:13].T]
    columns.append(np.log1p(octet[:, 13]) / 2)
    for first in range(_LOOKS, HINT_OCTETS, _OF_LOOK):
        alike = octet[:, first : first + _OF_LOOK].T
        columns += [np.sqrt(alike[0] / 255), *(alike[1:4] / 255), *(alike[4:] / 64)]
    return hinted, np.column_stack(columns).astype(np.float32)
