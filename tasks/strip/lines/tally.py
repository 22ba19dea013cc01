"""What a line is made of: how many letters, digits, words and signs of each kind.

Counted over tables of code points, a block of lines at a time; a regex would look at each letter of each word anew.
"""

import functools
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.strip.lines.arrays import Bools, Ints
from tasks.strip.lines.characters import CODE_POINTS, Characters, blocks, matching, named
from tasks.strip.lines.sequence import prefix_sums

_LETTER, _NUMBER, _MARK, _CAPITAL, _CASELESS, _DIGIT, _SPACELESS, _JOINER = (1 << i for i in range(8))
_COMMA, _BRACKET, _EMPHASIS = (1 << i for i in range(8, 11))
#: Signs that a text may hold any of (`Tally.holds`).
DIVIDER, DASH, MONEY, LEGAL, QUOTE = (1 << i for i in range(11, 16))
_SHORT_WORD, _LONG_WORD = 3, 9


@dataclass(frozen=True, slots=True)
class Tally:
    """Per text; words are runs of letters, digits and marks, which an apostrophe, dot, comma or dash may join."""

    words: Ints
    #: Characters of scripts that set no spaces between words.
    unspaced: Ints
    digits: Ints
    commas: Ints
    brackets: Ints
    #: Signs of exclamation and question.
    emphasis: Ints
    capitals: Ints
    #: Capitals that begin a word, and those that follow one of these.
    capitalised: Ints
    #: Words of up to three letters.
    short_words: Ints
    #: Runs of nine letters and more.
    long_words: Ints
    #: Whether the first letter is a capital, or of a script that has none.
    capital: Bools
    #: The kinds of signs that it holds, as bits: `DIVIDER` and those beside it.
    signs: npt.NDArray[np.uint16]

    def holds(self, signs: int) -> Bools:
        """Which texts hold one of these kinds of signs."""
        return self.signs & np.uint16(signs) != 0


def tally(texts: pa.LargeStringArray) -> Tally:
    """Count what each text is made of."""
    places, parts = zip(*((at, _tally(Characters(block))) for at, block in blocks(texts)), strict=True)
    order = np.argsort(np.concatenate(places))
    return Tally(*(np.concatenate([getattr(part, f.name) for part in parts])[order] for f in fields(Tally)))


def _tally(characters: Characters) -> Tally:
    kind = characters.of(_kinds())
    letter = kind & _LETTER != 0
    count, after = characters.count, characters.after

    in_word = kind & (_LETTER | _NUMBER | _MARK) != 0
    joined = (kind & _JOINER != 0) & after(in_word)
    capital = kind & _CAPITAL != 0
    # Of tokens, unlike words, marks are no part.
    token = kind & (_LETTER | _NUMBER) != 0
    return Tally(
        words=count(in_word > after(in_word | joined)),
        unspaced=count(kind & _SPACELESS != 0),
        digits=count(kind & _DIGIT != 0),
        commas=count(kind & _COMMA != 0),
        brackets=count(kind & _BRACKET != 0),
        emphasis=count(kind & _EMPHASIS != 0),
        capitals=count(capital),
        capitalised=_capitalised(characters, capital, token),
        short_words=_short_words(characters, letter, token),
        long_words=_long_words(characters, letter),
        capital=_opens_with(characters, letter, kind & (_CAPITAL | _CASELESS) != 0),
        signs=_any_of(characters, kind),
    )


def _any_of(characters: Characters, kind: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    """The bits that any code point of each text has."""
    out = np.zeros(len(characters), np.uint16)
    if len(kind):
        out[np.diff(characters.offsets) > 0] = np.bitwise_or.reduceat(kind, characters.firsts)
    return out


def _capitalised(characters: Characters, capital: Bools, token: Bools) -> Ints:
    starts, stops = characters.runs(capital)
    begins = ~characters.after(token)[starts]
    total = prefix_sums((stops - starts)[begins])
    return np.diff(total[np.searchsorted(starts[begins], characters.offsets)])


def _short_words(characters: Characters, letter: Bools, token: Bools) -> Ints:
    starts, stops = characters.runs(token)
    short = stops - starts <= _SHORT_WORD
    starts, stops = starts.compress(short), stops.compress(short)
    for i in range(_SHORT_WORD):
        all_letters = letter.take(np.minimum(starts + i, stops - 1))
        starts, stops = starts.compress(all_letters), stops.compress(all_letters)
    return np.diff(np.searchsorted(starts, characters.offsets))


def _long_words(characters: Characters, letter: Bools) -> Ints:
    starts, stops = characters.runs(letter)
    long = starts[stops - starts >= _LONG_WORD]
    return np.diff(np.searchsorted(long, characters.offsets))


def _opens_with(characters: Characters, letter: Bools, mask: Bools) -> Bools:
    """Whether the first letter of each text is under the mask."""
    letters = np.append(np.flatnonzero(letter), len(letter))
    first = letters[np.searchsorted(letters, characters.offsets[:-1])]
    return np.append(mask, False)[first] & (first < characters.offsets[1:])


@functools.cache
def _kinds() -> npt.NDArray[np.uint16]:
    """Of each code point, the bits of what it is."""
    kinds = np.zeros(CODE_POINTS, np.uint16)
    for bit, where in (
        (_LETTER, matching(r"\pL")),
        (_NUMBER, matching(r"\pN")),
        (_MARK, matching(r"\pM")),
        (_CAPITAL, matching(r"\p{Lu}")),
        (_CASELESS, matching(r"[\p{Lo}\p{Lt}]")),
        (_DIGIT, matching(r"\p{Nd}")),
        (_SPACELESS, matching(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")),
        (_JOINER, named("'’.,-")),
        (_COMMA, named(",，、،")),
        (_BRACKET, named("()[]{}")),
        (_EMPHASIS, named("!?")),
        (DIVIDER, named("|·•/>»→\t")),
        (DASH, named("–—-")),
        (MONEY, matching(r"\p{Sc}")),
        (LEGAL, named("©®™")),
        (QUOTE, named("\"“”„«»「」『』'‘’")),
    ):
        kinds[where] |= bit
    return kinds
