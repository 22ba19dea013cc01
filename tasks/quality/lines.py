"""Signals of the lines of each text. A line counts without the blanks around it, if anything is left."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.quality.characters import BULLETS, CLOSING, TERMINAL

#: FineWeb's bound of a short line, in code points.
SHORT = 30

_BULLETS = pa.array(sorted(BULLETS))
_TERMINAL = pa.array(sorted(TERMINAL | CLOSING))
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
    last = pc.utf8_slice_codeunits(lines, -1)
    ellipsis = pc.or_(pc.ends_with(lines, _ELLIPSES[0]), pc.ends_with(lines, _ELLIPSES[1]))
    return {
        "lines": count,
        "bullet_line_share": share(pc.is_in(pc.utf8_slice_codeunits(lines, 0, 1), value_set=_BULLETS)),
        "ellipsis_line_share": share(ellipsis),
        "terminal_line_share": share(pc.is_in(last, value_set=_TERMINAL)),
        "short_line_share": share(pa.array(chars <= SHORT)),
        "duplicate_line_share": share(pa.array(repeated)),
        "duplicate_char_share": np.bincount(owner, chars * repeated, minlength=size) / np.maximum(total, 1),
    }


def _repeated(lines: pa.Array, owner: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which lines their own text had before."""
    codes = lines.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    keys = owner * (len(lines) + 1) + codes
    repeated = np.ones(len(lines), np.bool_)
    repeated[np.unique(keys, return_index=True)[1]] = False
    return repeated
