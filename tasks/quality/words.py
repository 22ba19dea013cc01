"""Words, sentences and kinds of characters of each text."""

from functools import cache

import numpy as np
import numpy.typing as npt

from tasks.quality.characters import CLOSE, DIGIT, END, END_ALONE, LETTER, UNSPACED, UPPER, WORD
from tasks.quality.stream import WIDTH, Stream

#: Gopher's eight English stop words.
STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
_LONGEST = max(map(len, STOP_WORDS))

Signals = dict[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]]


def character_signals(stream: Stream, sizes: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Signals]:
    """The number of words of each text, and all signals that do not need lines; `sizes` are in code points.

    A word is a run of letters, marks and digits; an apostrophe between two letters and a point or comma
    between two digits do not end it. Where a script writes no spaces, each letter is a word (a mark belongs
    to it).
    """
    kinds = stream.kinds
    unspaced = (kinds & UNSPACED) > 0
    plain = (kinds & WORD) > 0
    characters = stream.count(plain)
    starts, ends = _runs(_joined(stream, plain) & ~unspaced)
    # A run that begins with a mark continues the unspaced letter before it; it is no word.
    spoken = (kinds[starts] & (LETTER | DIGIT)) > 0
    starts, ends = starts[spoken], ends[spoken]
    alone = stream.count(unspaced)
    words = stream.count_at(starts) + alone
    digit = stream.count((kinds & DIGIT) > 0)
    letter = stream.count((kinds & LETTER) > 0)
    symbols = stream.count_at(stream.find("#")) + stream.count_at(_ellipses(stream))
    return words, {
        "sentences": stream.count_at(_sentence_ends(stream)),
        "mean_word_length": _ratio(characters, words),
        "symbol_word_ratio": _ratio(symbols, words),
        "alpha_word_share": _ratio(words - stream.count_at(_numbers(kinds, starts, ends)), words),
        "stop_words": _stop_words(stream, starts, ends),
        "digit_share": _ratio(digit, sizes),
        "upper_share": _ratio(stream.count((kinds & UPPER) > 0), letter),
        "brace_count": stream.count_at(stream.find("{")) + stream.count_at(stream.find("}")),
    }


@cache
def _openings() -> npt.NDArray[np.bool_]:
    """Whether a stop word has this length and begins with this octet: bool[length << 8 | octet]."""
    table = np.zeros((_LONGEST + 1) << 8, np.bool_)
    for word in STOP_WORDS:
        table[[len(word) << 8 | ord(letter) for letter in (word[0], word[0].upper())]] = True
    return table


def _ratio(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return part / np.maximum(whole, 1)


def _joined(stream: Stream, word: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The word characters together with the marks that stand between two of them."""
    joined = word.copy()
    for marks, kind in (("'’", LETTER), (".,", DIGIT)):
        for mark in marks:
            width = len(mark.encode())
            at = stream.find(mark)
            at = at[(stream.kinds[at - 1] & stream.kinds[at + width] & kind) > 0]
            for offset in range(width):
                joined[at + offset] = True
    return joined


def _runs(mask: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Half-open bounds of the runs of True; the first and last element are never in one."""
    edges = np.flatnonzero(mask[1:] != mask[:-1]) + 1
    return edges[::2], edges[1::2]


def _numbers(
    kinds: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Starts of the words without a letter."""
    rows = np.flatnonzero((kinds[starts] & LETTER) == 0)
    if not len(rows):
        return rows
    bounds = np.stack([starts[rows], ends[rows]], axis=1).ravel()
    letters = np.bitwise_or.reduceat(kinds, bounds)[::2] & LETTER
    lone: npt.NDArray[np.int64] = starts[rows[letters == 0]]
    return lone


def _ellipses(stream: Stream) -> npt.NDArray[np.int64]:
    """Positions of '…' and of the third of three or more points in a row."""
    dots = stream.find(".")
    third = dots[2:][(dots[2:] - dots[:-2]) == 2]
    third = third[stream.octets[third - 3] != ord(".")]
    return np.sort(np.concatenate([third, stream.find("…")]))


def _sentence_ends(stream: Stream) -> npt.NDArray[np.int64]:
    """Positions of the last of the terminal marks of each sentence."""
    at = np.flatnonzero(((stream.kinds & END) > 0) & stream.first)
    following = stream.kinds[at + WIDTH[stream.octets[at]]]
    alone = (stream.kinds[at] & END_ALONE) > 0
    last: npt.NDArray[np.int64] = at[((following & END) == 0) & (alone | ((following & CLOSE) > 0))]
    return last


def _stop_words(
    stream: Stream, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """How many different stop words each text has, whatever their case."""
    lengths = ends - starts
    short = np.flatnonzero(lengths <= _LONGEST)
    openings = lengths[short] << 8 | stream.octets.take(starts.take(short))
    short = short[_openings().take(openings)]
    starts, lengths = starts[short], lengths[short]
    # Up to four octets make one number; those of characters beyond ASCII fit none of the words.
    spelled = np.zeros(len(starts), np.uint32)
    for offset in range(_LONGEST):
        inside = offset < lengths
        letter = stream.octets[starts + offset] | np.uint8(0x20)
        spelled = np.where(inside, spelled << 8 | letter, spelled)
    numbers = np.sort([int.from_bytes(word.encode(), "big") for word in STOP_WORDS]).astype(np.uint32)
    which = np.minimum(np.searchsorted(numbers, spelled), len(numbers) - 1)
    hits = np.flatnonzero(numbers[which] == spelled)
    found = np.zeros((len(stream.starts), len(numbers)), np.bool_)
    found[np.searchsorted(stream.ends, starts[hits], side="right"), which[hits]] = True
    distinct: npt.NDArray[np.int64] = found.sum(axis=1, dtype=np.int64)
    return distinct
