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
    starts, ends = _runs(_joined(stream, plain) & ~unspaced)
    opening = kinds.take(starts)
    if stream.has_marks:
        # A run that begins with a mark continues the unspaced letter before it; it is no word.
        spoken = np.flatnonzero((opening & (LETTER | DIGIT)) > 0)
        starts, ends, opening = starts.take(spoken), ends.take(spoken), opening.take(spoken)
    words = stream.count_at(starts) + stream.count(unspaced)
    symbols = stream.count_at(stream.find("#"))
    for places in _ellipses(stream):
        symbols += stream.count_at(places)
    return words, {
        "sentences": stream.count_at(_sentence_ends(stream)),
        "mean_word_length": _ratio(stream.count(plain), words),
        "symbol_word_ratio": _ratio(symbols, words),
        "alpha_word_share": _ratio(words - stream.count_at(_numbers(kinds, opening, starts, ends)), words),
        "stop_words": _stop_words(stream, starts, ends - starts),
        "digit_share": _ratio(stream.count((kinds & DIGIT) > 0), sizes),
        "upper_share": _ratio(stream.count((kinds & UPPER) > 0), stream.count((kinds & LETTER) > 0)),
        "brace_count": stream.count_at(stream.find("{")) + stream.count_at(stream.find("}")),
    }


@cache
def _openings() -> npt.NDArray[np.bool_]:
    """Whether a stop word has this length and begins with this octet: bool[length << 8 | octet].

    The last length stands for all beyond.
    """
    table = np.zeros((_LONGEST + 2) << 8, np.bool_)
    for word in STOP_WORDS:
        table[[len(word) << 8 | ord(letter) for letter in (word[0], word[0].upper())]] = True
    return table


def _ratio(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return part / np.maximum(whole, 1)


def _joined(stream: Stream, word: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The word characters together with the marks that stand between two of them, neither of which is a word by itself."""
    joined = word.copy()
    for marks, kind in (("'’", LETTER), (".,", DIGIT)):
        for mark in marks:
            width = len(mark.encode())
            at = stream.find(mark)
            left, right = stream.kinds[at - 1], stream.kinds[at + width]
            at = at[((left & right & kind) > 0) & (((left | right) & UNSPACED) == 0)]
            for offset in range(width):
                joined[at + offset] = True
    return joined


def _runs(mask: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Half-open bounds of the runs of True; the first and last element are never in one."""
    edges = np.flatnonzero(mask[1:] != mask[:-1])
    edges += 1
    return edges[::2].copy(), edges[1::2].copy()


def _numbers(
    kinds: npt.NDArray[np.uint8],
    opening: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Starts of the words without a letter; `opening` are the kinds of their first characters."""
    rows = np.flatnonzero((opening & LETTER) == 0)
    if not len(rows):
        return rows
    bounds = np.stack([starts[rows], ends[rows]], axis=1).ravel()
    letters = np.bitwise_or.reduceat(kinds, bounds)[::2] & LETTER
    lone: npt.NDArray[np.int64] = starts[rows[letters == 0]]
    return lone


def _ellipses(stream: Stream) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions of the third of three or more points in a row, and of '…'."""
    dots = stream.find(".")
    third = dots[2:][(dots[2:] - dots[:-2]) == 2]
    return third[stream.octets[third - 3] != ord(".")], stream.find("…")


def _sentence_ends(stream: Stream) -> npt.NDArray[np.int64]:
    """Positions of the last of the terminal marks of each sentence."""
    at = np.flatnonzero((stream.kinds & END) > 0)
    at = at[stream.first.take(at)]
    following = stream.kinds[at + WIDTH[stream.octets[at]]]
    alone = (stream.kinds[at] & END_ALONE) > 0
    last: npt.NDArray[np.int64] = at[((following & END) == 0) & (alone | ((following & CLOSE) > 0))]
    return last


def _stop_words(
    stream: Stream, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """How many different stop words each text has, whatever their case."""
    opening = np.minimum(lengths, _LONGEST + 1) << 8 | stream.octets.take(starts)
    rows = np.flatnonzero(_openings().take(opening))
    starts, lengths = starts.take(rows), lengths.take(rows)
    # Up to four octets make one number; those of characters beyond ASCII fit none of the words.
    spelled = np.zeros(len(starts), np.uint32)
    for offset in range(_LONGEST):
        letter = stream.octets.take(starts + offset) | np.uint8(0x20)
        spelled = np.where(offset < lengths, spelled << 8 | letter, spelled)
    numbers = np.sort([int.from_bytes(word.encode(), "big") for word in STOP_WORDS]).astype(np.uint32)
    which = np.minimum(np.searchsorted(numbers, spelled), len(numbers) - 1)
    hits = np.flatnonzero(numbers[which] == spelled)
    found = np.zeros((len(stream.starts), len(numbers)), np.bool_)
    found[np.searchsorted(stream.ends, starts[hits], side="right"), which[hits]] = True
    distinct: npt.NDArray[np.int64] = found.sum(axis=1, dtype=np.int64)
    return distinct
