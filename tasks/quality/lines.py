"""Signals of the lines of each text. A line counts without the blanks around it, if anything is left."""

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.quality.characters import BULLETS, CLOSING, CODE_POINTS, TERMINAL

#: FineWeb's bound of a short line, in code points.
SHORT = 30

_BULLETS = pa.array(sorted(BULLETS))
_LAST = tuple(sorted(TERMINAL | CLOSING))
_ELLIPSES = ("…", "...")


def line_signals(texts: pa.Array) -> dict[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]:
    """All signals that are shares of lines, and the number of lines."""
    split = pc.split_pattern(texts, "\n")
    lines = pc.utf8_trim_whitespace(pc.list_flatten(split))
    filled = pc.greater(pc.binary_length(lines), 0)
    lines = lines.filter(filled)
    owner = pc.list_parent_indices(split).filter(filled).to_numpy(zero_copy_only=False)
    size = len(texts)
    count = np.bincount(owner, minlength=size)

    def share(mask: pa.Array) -> npt.NDArray[np.float64]:
        return np.bincount(owner[mask.to_numpy(zero_copy_only=False)], minlength=size) / np.maximum(count, 1)

    chars = pc.utf8_length(lines).to_numpy(zero_copy_only=False)
    repeated = _repeated(lines, owner)
    total = np.bincount(owner, chars, minlength=size)
    ellipsis = pc.or_(pc.ends_with(lines, _ELLIPSES[0]), pc.ends_with(lines, _ELLIPSES[1]))
    return {
        "lines": count,
        "bullet_line_share": share(pc.is_in(pc.utf8_slice_codeunits(lines, 0, 1), value_set=_BULLETS)),
        "ellipsis_line_share": share(ellipsis),
        "terminal_line_share": share(pa.array(_ends_terminal(lines))),
        "short_line_share": share(pa.array(chars <= SHORT)),
        "duplicate_line_share": share(pa.array(repeated)),
        "duplicate_char_share": np.bincount(owner, chars * repeated, minlength=size) / np.maximum(total, 1),
    }


@cache
def _terminal() -> npt.NDArray[np.bool_]:
    """Whether a line that ends in this character has come to an end: bool[code point]."""
    table = np.zeros(CODE_POINTS, np.bool_)
    table[[ord(character) for character in _LAST]] = True
    return table


def _ends_terminal(lines: pa.Array) -> npt.NDArray[np.bool_]:
    """Whether the last character of each (not empty) line is a terminal or closing mark."""
    if not len(lines):
        return np.zeros(0, np.bool_)
    offsets = np.frombuffer(lines.buffers()[1], np.int64)[lines.offset : lines.offset + len(lines) + 1]
    octets = np.frombuffer(lines.buffers()[2], np.uint8)
    at = offsets[1:] - 1
    points = octets[at].astype(np.int64)
    open_rows = np.flatnonzero(points >= 0x80)
    points[open_rows] &= 0x3F
    for shift in (6, 12, 18):
        # backwards, octet by octet, until one that begins a character
        before = octets[at[open_rows] - shift // 6].astype(np.int64)
        begins = before >= 0xC0
        points[open_rows] |= (before & np.where(begins, 0x3F >> (shift // 6), 0x3F)) << shift
        open_rows = open_rows[~begins]
    return _terminal().take(np.minimum(points, CODE_POINTS - 1))


def _repeated(lines: pa.Array, owner: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which lines their own text had before."""
    sizes = pc.binary_length(lines).to_numpy(zero_copy_only=False).astype(np.int64)
    _, which, times = np.unique(owner << 40 | sizes, return_inverse=True, return_counts=True)
    alike = np.flatnonzero(times[which] > 1)  # only lines of one text and of equal size can be equal
    codes = lines.take(pa.array(alike)).dictionary_encode().indices.to_numpy(zero_copy_only=False)
    again = np.ones(len(alike), np.bool_)
    again[np.unique(owner[alike] * (len(lines) + 1) + codes, return_index=True)[1]] = False
    repeated = np.zeros(len(lines), np.bool_)
    repeated[alike] = again
    return repeated
