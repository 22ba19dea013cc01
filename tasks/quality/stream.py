"""A chunk of texts as one array of UTF-8 bytes, each of which knows what its character is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from tasks.quality.characters import CODE_POINTS, DIGIT, LETTER, WORD, kinds

#: Between two texts, and at both ends, so that every character has neighbours.
_GAP = b"\n\n"

#: Bytes of a character, by its first byte.
WIDTH = np.array([1] * 0xC0 + [2] * 0x20 + [3] * 0x10 + [4] * 0x10, np.int64)


@dataclass(frozen=True, slots=True)
class Stream:
    """`octets` (uint8) holds the UTF-8 of every text with gaps between them; `kinds` (uint8) has the flags of
    each octet's character, `first` (bool) tells whether the octet is the first one of its character.

    `starts` and `ends` (int64) say where each text lies; `wide` where the characters beyond ASCII begin, and
    `points` (int64) which rows of the tables of characters they are. `has_marks`: whether any is a mark that
    belongs to a word and is neither letter nor digit.
    """

    octets: npt.NDArray[np.uint8]
    kinds: npt.NDArray[np.uint8]
    first: npt.NDArray[np.bool_]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    wide: npt.NDArray[np.int64]
    points: npt.NDArray[np.int64]
    has_marks: bool
    _found: dict[str, npt.NDArray[np.int64]] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> "Stream":
        """Lays out texts in UTF-8."""
        lengths = np.array([len(text) for text in texts], np.int64)
        data = _GAP + _GAP.join(texts) + _GAP
        octets = np.frombuffer(data, np.uint8)
        ends = np.cumsum(lengths + len(_GAP))
        flags = np.frombuffer(bytearray(data.translate(_ascii_kinds())), np.uint8)
        wide = np.flatnonzero(octets >= 0xC0)
        points = _points(octets, wide)
        found = kinds().take(points)
        _fill(flags, found, wide, WIDTH.take(octets.take(wide)))
        has_marks = bool(((found & (LETTER | DIGIT | WORD)) == WORD).any())
        return cls(octets, flags, (octets & 0xC0) != 0x80, ends - lengths, ends, wide, points, has_marks)

    def count(self, mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """How many characters of each text have the mask set on their octets."""
        mask = mask & self.first
        bounds = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        return np.array([np.count_nonzero(mask[a:b]) for a, b in bounds], np.int64)

    def count_at(self, positions: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """How many of the ascending positions lie in each text."""
        return np.searchsorted(positions, self.ends) - np.searchsorted(positions, self.starts)

    def find(self, character: str) -> npt.NDArray[np.int64]:
        """Where the character stands, ascending."""
        places = self._found.get(character)
        if places is None:
            point = ord(character)
            ascii_ = point < 0x80
            places = np.flatnonzero(self.octets == point) if ascii_ else self.wide[self.points == point]
            self._found[character] = places
        return places


@cache
def _ascii_kinds() -> bytes:
    """Kind of each octet that is a character by itself; 0 for the others."""
    return kinds()[:0x80].tobytes() + bytes(0x80)


def _points(octets: npt.NDArray[np.uint8], wide: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Code points of the characters beyond ASCII, as rows of the tables."""
    lead = octets.take(wide)
    widths = WIDTH.take(lead)
    points = lead.astype(np.int64) & (0x7F >> widths)
    for offset in range(1, int(widths.max(initial=1))):
        longer = np.flatnonzero(widths > offset)
        points[longer] = points[longer] << 6 | octets.take(wide[longer] + offset) & 0x3F
    return np.minimum(points, CODE_POINTS - 1, out=points)


def _fill(
    flags: npt.NDArray[np.uint8],
    found: npt.NDArray[np.uint8],
    wide: npt.NDArray[np.int64],
    widths: npt.NDArray[np.int64],
) -> None:
    """Sets the flags of all octets of the characters beyond ASCII to what was found of them."""
    flags[wide] = found
    for offset in range(1, int(widths.max(initial=1))):
        longer = np.flatnonzero(widths > offset)
        flags[wide[longer] + offset] = found[longer]
