"""What kind of sign each code point is, as tables to look whole texts up in."""

import functools
import unicodedata

import numpy as np
import numpy.typing as npt

_CODE_POINTS = 0x110000
# Where characters are assigned that texts hold; all else is private, unassigned, or one of few marks.
_ASSIGNED = (range(0x323B0), range(0xE0000, 0xE01F0))

Octets = npt.NDArray[np.uint8]


@functools.cache
def _categories() -> npt.NDArray[np.bytes_]:
    """The general category of each code point, as two letters."""
    out = np.full(_CODE_POINTS, b"Cn", "S2")
    for span in _ASSIGNED:
        names = "".join(map(unicodedata.category, map(chr, span)))
        out[span.start : span.stop] = np.frombuffer(names.encode(), "S2")
    return out


@functools.cache
def table(*categories: str) -> npt.NDArray[np.bool_]:
    """Which code points are of the general categories, each named by one letter or by two."""
    names = [name.encode() for name in categories]
    every = _categories()
    kinds = [kind for kind in np.unique(every) if kind in names or kind[:1] in names]
    return np.isin(every, kinds)


def beyond_ascii(octets: Octets) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
    """The code points above ASCII in UTF-8 text: where each begins, and which it is."""
    high = octets[octets >= 0x80].tobytes().decode().encode("utf-32-le")
    return np.flatnonzero(octets >= 0xC0), np.frombuffer(high, np.uint32)
