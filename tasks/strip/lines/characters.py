"""Texts as arrays of code points, and what kind of sign each code point is: tables to look whole texts up in."""

import functools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.lines.arrays import Bools, Ints, Octets

#: One more than the last code point.
CODE_POINTS, _ASCII = 0x110000, 0x80
# All but surrogates, planes for private use, and planes with nothing in them yet.
_ASSIGNED = ((0, 0xD800), (0xE000, 0x34000), (0xE0000, 0xE0200))
# How many texts, and octets of them, are looked at at once.
_BLOCK_TEXTS, _BLOCK_OCTETS = 2048, 1 << 18

#: What str.isspace() calls white space. A line of control or zero-width characters is not blank, but a separator.
_WHITE = r"[\s\pZ\x{000B}\x{001C}-\x{001F}\x{0085}]"
BLANK, BLANKS = rf"^{_WHITE}*$", rf"^{_WHITE}*"
#: The octets that it may begin with, and 0, which stands for the first octet of an empty text.
BLANK_BEGINS = np.isin(np.arange(0x100), [*range(0x21), 0xC2, 0xE1, 0xE2, 0xE3])

#: Code points as wide as an index, since tables are looked up so four times as fast; as octets where all are ASCII.
Points = Ints | Octets


class Characters:
    """All code points of the texts in a row (`points`); text i has those from `offsets[i]` up to `offsets[i + 1]`."""

    def __init__(self, texts: pa.LargeStringArray) -> None:
        octets, self.offsets = octets_of(texts)
        utf8 = octets.tobytes()
        self.points: Points = octets
        if not utf8.isascii():
            self.points = np.frombuffer(utf8.decode().encode("utf-32-le"), np.uint32).astype(np.int64)
            self.offsets = self.offsets - np.searchsorted(
                np.flatnonzero((octets & 0xC0) == 0x80), self.offsets
            )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @functools.cached_property
    def firsts(self) -> Ints:
        """The first code point of each text that has any."""
        return self.offsets[:-1][self.offsets[:-1] < self.offsets[1:]]

    def of(self, table: npt.NDArray) -> npt.NDArray:
        """What a table, with an entry for each code point there is, tells of each code point."""
        return looked_up(table, self.points)

    def count(self, mask: Bools) -> Ints:
        """How many code points of each text are under the mask."""
        return np.diff(np.searchsorted(np.flatnonzero(mask), self.offsets))

    def after(self, mask: Bools) -> Bools:
        """Whether the code point before, in the same text, is under the mask."""
        out = np.zeros_like(mask)
        out[1:] = mask[:-1]
        out[self.firsts] = False
        return out

    def before(self, mask: Bools) -> Bools:
        """Whether the code point after, in the same text, is under the mask."""
        out = np.zeros_like(mask)
        out[:-1] = mask[1:]
        out[self.firsts[1:] - 1] = False
        return out

    def runs(self, mask: Bools) -> tuple[Ints, Ints]:
        """Where each run under the mask begins, and one past its last; no run goes beyond its text."""
        return np.flatnonzero(mask > self.after(mask)), np.flatnonzero(mask > self.before(mask)) + 1

    def text_of(self, at: Ints) -> Ints:
        """The texts that code points belong to, which are in order."""
        return np.repeat(np.arange(len(self)), np.diff(np.searchsorted(at, self.offsets)))


def octets_of(texts: pa.LargeStringArray) -> tuple[Octets, Ints]:
    """The UTF-8 of all texts in a row, and where each begins, and one past the last."""
    _, buffer, data = texts.buffers()
    if not len(texts):
        return np.zeros(0, np.uint8), np.zeros(1, np.int64)
    offsets = np.frombuffer(buffer, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(data or b"", np.uint8)[offsets[0] : offsets[-1]], offsets - offsets[0]


def first_octets(octets: Octets, offsets: Ints) -> Octets:
    """The first octet of each text, 0 for an empty one."""
    out = np.zeros(len(offsets) - 1, np.uint8)
    filled = offsets[1:] > offsets[:-1]
    out[filled] = octets[offsets[:-1][filled]]
    return out


def holding(texts: pa.LargeStringArray, literal: bytes) -> Bools:
    """Which texts hold a literal of ASCII: its octets are looked for in all of them at once."""
    octets, offsets = octets_of(texts)
    found = octets == literal[0]
    for i, octet in enumerate(literal[1:], 1):
        found[:-i] &= octets[i:] == octet
        found[-i:] = False
    at = np.flatnonzero(found)
    text = np.searchsorted(offsets, at, side="right") - 1
    out = np.zeros(len(texts), np.bool_)
    out[text[at + len(literal) <= offsets[text + 1]]] = True
    return out


def strings(points: Points, offsets: Ints) -> pa.LargeStringArray:
    """Texts of code points, as `Characters` holds them."""
    octets = points.tobytes()
    if points.dtype != np.uint8:
        octets = points.astype("<u4").tobytes().decode("utf-32-le").encode()
    if len(octets) != len(points):
        begins = np.flatnonzero((np.frombuffer(octets, np.uint8) & 0xC0) != 0x80)
        offsets = np.append(begins, len(octets))[offsets]
    bounds = pa.py_buffer(offsets.astype(np.int64).tobytes())
    return pa.LargeStringArray.from_buffers(len(offsets) - 1, bounds, pa.py_buffer(octets))


def looked_up(table: npt.NDArray, points: npt.NDArray) -> npt.NDArray:
    """The entries of a table for each code point; all of these have one, so that nothing has to be checked.

    Of ASCII in octets, where the entries are whole numbers below 2^16, as narrow as these are.
    """
    if points.dtype != np.uint8:
        return table.take(points, mode="clip")
    entries, octets = table[:_ASCII], points.tobytes()
    low = _translated(octets, entries)
    if entries.max() > 0xFF:
        return low | _translated(octets, entries >> 8).astype(np.uint16) << 8
    return low.view(np.bool_) if table.dtype == np.bool_ else low


def _translated(octets: bytes, entries: npt.NDArray) -> Octets:
    """The lower octet of the entry of each octet of ASCII."""
    return np.frombuffer(octets.translate(entries.astype(np.uint8).tobytes().ljust(256)), np.uint8)


def code_points(texts: pa.LargeStringArray) -> Ints:
    """How many each text has."""
    return pc.utf8_length(texts).to_numpy().astype(np.int64)


def count(texts: pa.LargeStringArray, pattern: str, among: Bools | None = None) -> Ints:
    """Matches of the pattern in each text; they are looked for `among` some alone, where these are given."""
    if among is None:
        return pc.count_substring_regex(texts, pattern).to_numpy().astype(np.int64)
    out = np.zeros(len(texts), np.int64)
    out[among] = count(texts.filter(pa.array(among)), pattern)
    return out


def matches(texts: pa.LargeStringArray, pattern: str, among: Bools | None = None) -> Bools:
    """Whether the pattern is found in each text; it is looked for `among` some alone, where these are given."""
    if among is None:
        found: Bools = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
        return found
    out = np.zeros(len(texts), np.bool_)
    out[among] = matches(texts.filter(pa.array(among)), pattern)
    return out


def ranges(starts: Ints, stops: Ints) -> Ints:
    """The numbers of all half-open ranges in a row."""
    counts = stops - starts
    return np.arange(counts.sum()) + np.repeat(starts - np.cumsum(counts) + counts, counts)


def blocks(texts: pa.LargeStringArray) -> Iterator[tuple[Ints, pa.LargeStringArray]]:
    """The texts, a few at a time, each with its place: so few that what is made of them stays near the processor.

    Those of ASCII alone come first, and by themselves, as they are looked up several times as fast. One block at least.
    """
    if not len(texts):
        yield np.zeros(0, np.int64), texts
    ascii_ = pc.string_is_ascii(texts)
    for mask in (ascii_, pc.invert(ascii_)):
        places, some = np.flatnonzero(mask), texts.filter(mask)
        _, offsets = octets_of(some)
        start = 0
        while start < len(some):
            stop = int(np.searchsorted(offsets, offsets[start] + _BLOCK_OCTETS, side="right")) - 1
            stop = min(max(stop, start + 1), start + _BLOCK_TEXTS)
            yield places[start:stop], some[start:stop]
            start = stop


@functools.cache
def assigned() -> tuple[Points, pa.LargeStringArray]:
    """The code points that may be more than private or unassigned, and each as a text."""
    points = np.concatenate([np.arange(*span) for span in _ASSIGNED])
    return points, strings(points, np.arange(len(points) + 1))


@functools.cache
def matching(regex: str) -> Bools:
    """Which code points match, in RE2: its tables are the same whatever Python runs."""
    points, texts = assigned()
    out = np.zeros(CODE_POINTS, np.bool_)
    out[points] = pc.match_substring_regex(texts, regex).to_numpy(zero_copy_only=False)
    return out


@functools.cache
def named(signs: str) -> Bools:
    """Which code points are one of these signs."""
    out = np.zeros(CODE_POINTS, np.bool_)
    out[[ord(sign) for sign in signs]] = True
    return out


def beyond_ascii(octets: Octets) -> tuple[Ints, npt.NDArray[np.uint32]]:
    """The code points above ASCII in UTF-8 text: where each begins, and which it is."""
    high = octets[octets >= 0x80].tobytes().decode().encode("utf-32-le")
    return np.flatnonzero(octets >= 0xC0), np.frombuffer(high, np.uint32)
