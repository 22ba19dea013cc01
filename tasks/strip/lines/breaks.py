"""Every kind of line break, and the lines between them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.lines.arrays import Bools, Ints, Octets
from tasks.strip.lines.characters import code_points, count, octets_of

# All but "\n", and what each becomes: of equal length, so that offsets into the raw text stay right.
_INSTEAD = ((r"\r\n", " \n"), (r"[\r\x{000B}\x{000C}\x{001C}-\x{001E}\x{0085}\x{2028}\x{2029}]", "\n"))
_ANY = r"\r\n|\n|" + _INSTEAD[1][0]
#: 1 for the octets in which these end. Beyond ASCII other characters end so too.
_LAST = bytes(octet in b"\r\x0b\x0c\x1c\x1d\x1e\x85\xa8\xa9" for octet in range(0x100))


def breaks(texts: pa.LargeStringArray) -> Ints:
    """Line breaks in each text; at most so many lines, less one, can it have."""
    octets, offsets = octets_of(texts)
    out: Ints = np.diff(np.searchsorted(np.flatnonzero(octets == ord("\n")), offsets))
    odd = _odd(octets, offsets)
    if odd.any():
        out[odd] = count(texts.filter(pa.array(odd)), _ANY)
    return out


def even(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """The texts with "\n" for each break; an empty one for null."""
    texts = pc.fill_null(texts, "") if texts.null_count else texts
    odd = _odd(*octets_of(texts))
    if not odd.any():
        return texts
    some = texts.filter(pa.array(odd))
    for pattern, instead in _INSTEAD:
        some = pc.replace_substring_regex(some, pattern, instead)
    return pc.replace_with_mask(texts, pa.array(odd), some)


def split(texts: pa.LargeStringArray) -> tuple[pa.LargeStringArray, Ints, Ints]:
    """All lines of `even` texts in a row, with their code points and their texts."""
    octets, offsets = octets_of(texts)
    at = np.flatnonzero(octets == ord("\n"))
    text = np.repeat(np.arange(len(texts)), np.diff(np.searchsorted(at, offsets)) + 1)
    ends = np.sort(np.concatenate((at, offsets[1:])))
    # What is left without the breaks, of which the last line of each text has none.
    ends -= np.arange(len(ends)) - text
    bounds, data = np.append(0, ends), octets.tobytes().translate(None, b"\n")
    lines = pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(bounds), pa.py_buffer(data))
    return lines, code_points(lines), text


def _odd(octets: Octets, offsets: Ints) -> Bools:
    """Which texts have a break other than "\n"; a regex takes ten times as long to see that hardly any has."""
    at = np.flatnonzero(np.frombuffer(octets.tobytes().translate(_LAST), np.bool_))
    last, before, first = (octets.take(at - back, mode="wrap") for back in range(3))
    wide = (last == 0x85) & (before == 0xC2) | (last > 0x85) & (before == 0x80) & (first == 0xE2)
    odd: Bools = np.diff(np.searchsorted(at[(last < 0x80) | wide], offsets)) > 0
    return odd
