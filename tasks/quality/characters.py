"""What each code point is, as tables: one look-up a character answers all questions of this stage."""

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

#: No letters or digits lie above this code point; the last row of each table stands for all beyond.
CODE_POINTS = 0x32400

LETTER = 1
DIGIT = 2
UPPER = 4
#: Letters of scripts that write no spaces between words: each is a word.
UNSPACED = 8
#: Belongs to a word: letters, digits and the marks on them.
WORD = 16
#: Ends a sentence when a blank or a closing mark follows, or (END_ALONE) in any case.
END = 32
END_ALONE = 64
#: White space and closing quotes or brackets.
CLOSE = 128

#: Han, kana, Bopomofo, Thai, Lao, Burmese, Khmer (inclusive ranges).
_UNSPACED_RANGES = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3041, 0x312F),
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),
    (0x20000, 0x323AF),
)

#: Full stops, question and exclamation marks that a blank follows ...
_ENDS = ".!?…؟۔։።፧"
#: ... and those of scripts in which no blank needs to follow.
_ENDS_ALONE = "。！？．｡।॥။"
TERMINAL = frozenset(_ENDS + _ENDS_ALONE)
#: Marks that may follow the terminal one in a sentence, or close it.
CLOSING = frozenset("\"'”’»«“‘)]）］】」』〉》›")

BULLETS = frozenset("•‣▶●○◦▪▫■□–—·*-")


@cache
def kinds() -> npt.NDArray[np.uint8]:
    """The flags above of each code point below CODE_POINTS."""
    by_category = {
        "Lu": LETTER | WORD | UPPER,
        "Lt": LETTER | WORD | UPPER,
        "Ll": LETTER | WORD,
        "Lm": LETTER | WORD,
        "Lo": LETTER | WORD,
        "Mn": WORD,
        "Mc": WORD,
        "Me": WORD,
        "Nd": DIGIT | WORD,
        "Nl": DIGIT | WORD,
        "No": DIGIT | WORD,
    }
    category = unicodedata.category
    table = np.array([by_category.get(category(chr(c)), 0) for c in range(CODE_POINTS)], np.uint8)
    for first, last in _UNSPACED_RANGES:
        letters = table[first : last + 1]
        letters[(letters & LETTER) > 0] |= UNSPACED
    for characters, flag in ((_ENDS, END), (_ENDS_ALONE, END | END_ALONE), (CLOSING, CLOSE)):
        table[[ord(character) for character in characters]] |= flag
    table[[c for c in range(0x3001) if chr(c).isspace()]] |= CLOSE
    return table


@cache
def folded() -> npt.NDArray[np.uint32]:
    """What each code point is in a content hash: compatible form in lower case, 0 for what does not count.

    Both Turkish i's are i, as a copy in capitals cannot tell; ß is itself and left to the caller.
    Rows of `unfoldable()` hold no answer.
    """
    table = np.zeros(CODE_POINTS, np.uint32)
    words = np.flatnonzero(kinds() & WORD).tolist()
    for code_point in words:
        form = fold(chr(code_point))
        if len(form) == 1 and kinds()[ord(form)] & WORD:
            table[code_point] = ord(form)
    table[[0x130, 0x131]] = ord("i")
    table[[0xDF, 0x1E9E]] = ord("ß")
    return table


@cache
def unfoldable() -> npt.NDArray[np.bool_]:
    """Code points whose folded form depends on their neighbours or is not one character: ligatures, and marks
    that compose with the letter before."""
    table = np.zeros(CODE_POINTS, np.bool_)
    table[np.flatnonzero(kinds() & WORD)] = folded()[np.flatnonzero(kinds() & WORD)] == 0
    for code_point in range(CODE_POINTS):
        parts = unicodedata.decomposition(chr(code_point)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            table[int(parts[1], 16)] = True
    table[0x1161:0x11C3] = True
    return table | table[folded()]


def fold(text: str) -> str:
    """Case-folded compatible form of a text."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
