"""How much of a text is more than white space."""

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

#: White space beyond ASCII, as str.isspace() knows it: all of it lies below this code point.
_LIMIT = 0x3001


def non_blank(texts: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Code points of each text that are not white space (str.isspace()); a null has none."""
    array = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    array = array.cast(pa.large_string())
    if not len(array):
        return np.zeros(0, np.int64)
    _, offsets, data = array.buffers()
    bounds = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    octets = np.frombuffer(data or b"", np.uint8)[bounds[0] : bounds[-1]]
    # What counts is the first octet of each character that is not blank.
    counted = np.frombuffer(bytearray(octets.tobytes().translate(_counts())), np.uint8)
    counted[_wide_blanks(octets)] = 0
    # A last one, so that every text has a place in it to begin at; reduceat gives that for an empty one.
    ends = np.add.reduceat(np.append(counted, np.uint8(0)), bounds[:-1] - bounds[0], dtype=np.int64)
    return np.where(np.diff(bounds) > 0, ends, 0)


def _wide_blanks(octets: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Where the white space beyond ASCII begins, all of which has two or three octets in UTF-8."""
    at = np.flatnonzero(_openings().take(octets))
    second = octets.take(at + 1).astype(np.int64) & 0x3F
    third = octets.take(np.minimum(at + 2, len(octets) - 1)).astype(np.int64) & 0x3F
    lead = octets.take(at).astype(np.int64)
    points = np.where(lead < 0xE0, (lead & 0x1F) << 6 | second, (lead & 0xF) << 12 | second << 6 | third)
    return at[_blank().take(np.minimum(points, _LIMIT))]


@cache
def _counts() -> bytes:
    """1 for octets that are, or begin, a character that may count."""
    return bytes(
        not (0x80 <= octet < 0xC0 or (octet < 0x80 and chr(octet).isspace())) for octet in range(0x100)
    )


@cache
def _blank() -> npt.NDArray[np.bool_]:
    return np.array([chr(point).isspace() for point in range(_LIMIT + 1)])


@cache
def _openings() -> npt.NDArray[np.bool_]:
    """Whether white space beyond ASCII can begin with this octet."""
    table = np.zeros(0x100, np.bool_)
    table[[chr(point).encode()[0] for point in range(0x80, _LIMIT) if chr(point).isspace()]] = True
    return table
