"""Writing systems: which script a character belongs to, and which languages a script can mean.

Most scripts serve one language; where that is so the script decides, and no statistics are asked. Scripts
that serve several name those that langdetect has profiles for; the rest is left to the detectors.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

#: Script to its letters (inclusive ranges of code points). Blocks of historic letters are left out.
RANGES: dict[str, tuple[tuple[int, int], ...]] = {
    "Latn": (
        (0x41, 0x5A),
        (0x61, 0x7A),
        (0xAA, 0xAA),
        (0xBA, 0xBA),
        (0xC0, 0x24F),
        (0x250, 0x2AF),
        (0x1E00, 0x1EFF),
        (0x2C60, 0x2C7F),
        (0xA720, 0xA7FF),
        (0xAB30, 0xAB6F),
        (0xFB00, 0xFB06),
        (0xFF21, 0xFF3A),
        (0xFF41, 0xFF5A),
    ),
    "Grek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
    "Cyrl": ((0x400, 0x52F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)),
    "Armn": ((0x531, 0x58F), (0xFB13, 0xFB17)),
    "Hebr": ((0x590, 0x5FF), (0xFB1D, 0xFB4F)),
    "Arab": ((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    "Thaa": ((0x780, 0x7BF),),
    "Deva": ((0x900, 0x97F), (0xA8E0, 0xA8FF)),
    "Beng": ((0x980, 0x9FF),),
    "Guru": ((0xA00, 0xA7F),),
    "Gujr": ((0xA80, 0xAFF),),
    "Orya": ((0xB00, 0xB7F),),
    "Taml": ((0xB80, 0xBFF),),
    "Telu": ((0xC00, 0xC7F),),
    "Knda": ((0xC80, 0xCFF),),
    "Mlym": ((0xD00, 0xD7F),),
    "Sinh": ((0xD80, 0xDFF),),
    "Thai": ((0xE00, 0xE7F),),
    "Laoo": ((0xE80, 0xEFF),),
    "Tibt": ((0xF00, 0xFFF),),
    "Mymr": ((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F)),
    "Geor": ((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F)),
    "Hang": ((0x1100, 0x11FF), (0x3131, 0x318E), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xFFA0, 0xFFDC)),
    "Ethi": ((0x1200, 0x139F), (0x2D80, 0x2DDF), (0xAB00, 0xAB2F)),
    "Cher": ((0x13A0, 0x13FF), (0xAB70, 0xABBF)),
    "Cans": ((0x1400, 0x167F), (0x18B0, 0x18FF)),
    "Khmr": ((0x1780, 0x17FF),),
    "Mong": ((0x1800, 0x18AF),),
    "Kana": ((0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)),
    "Hani": ((0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)),
}

#: Code of each script in arrays; 0 is any other character.
SCRIPTS: tuple[str, ...] = ("", *RANGES)
CODE: dict[str, int] = {name: code for code, name in enumerate(SCRIPTS)}

#: Script to the languages it can mean. Latin has every language that stands under no other script.
LANGUAGES: dict[str, tuple[str, ...]] = {
    "Grek": ("el",), "Cyrl": ("bg", "mk", "ru", "uk"), "Armn": ("hy",), "Hebr": ("he",),
    "Arab": ("ar", "fa", "ur"), "Thaa": ("dv",), "Deva": ("hi", "mr", "ne"), "Beng": ("bn",), "Guru": ("pa",),
    "Gujr": ("gu",), "Orya": ("or",), "Taml": ("ta",), "Telu": ("te",), "Knda": ("kn",), "Mlym": ("ml",),
    "Sinh": ("si",), "Thai": ("th",), "Laoo": ("lo",), "Tibt": ("bo",), "Mymr": ("my",), "Geor": ("ka",),
    "Hang": ("ko",), "Ethi": ("am",), "Cher": ("chr",), "Cans": ("iu",), "Khmr": ("km",),
    "Mong": ("mn-Mong",), "Kana": ("ja",), "Hani": ("zh",),
}  # fmt: skip

#: Languages that share a script with the one it stands for; only a detector can name them.
RARER: dict[str, tuple[str, ...]] = {
    "he": ("yi",),
    "bn": ("as",),
    "am": ("ti",),
    "bo": ("dz",),
    "iu": ("ik",),
}

#: Scripts in which a character is a syllable or a word. One of them weighs as much as this many letters,
#: so that Latin names inside do not outvote the text around them.
DENSE: tuple[str, ...] = ("Hani", "Kana", "Hang", "Ethi", "Cans")
DENSE_WEIGHT = 2.5

#: No letters lie above this code point.
CODE_POINTS = 0x32400


@cache
def script_table() -> npt.NDArray[np.uint8]:
    """Script code of each code point below CODE_POINTS.

    Characters that only the Japanese standard has (its own simplifications and inventions) count as kana:
    they show a list of names without kana to be Japanese.
    """
    table = np.zeros(CODE_POINTS, np.uint8)
    for name, ranges in RANGES.items():
        for first, last in ranges:
            table[first : last + 1] = CODE[name]
    for character in _han():
        if _in(character, "shift_jis") and not (_in(character, "gb2312") or _in(character, "big5")):
            table[ord(character)] = CODE["Kana"]
    return table


@cache
def han_table() -> npt.NDArray[np.int8]:
    """+1 for characters that are written in simplified Chinese alone, -1 in traditional alone, else 0.

    Told by the national standards: what GB 2312 (1980, mainland) encodes and Big5 (1984, Taiwan) does not,
    and the reverse. Big5 is the larger and has thousands of rare characters to itself; texts hold hardly any.
    """
    table = np.zeros(CODE_POINTS, np.int8)
    for character in _han():
        table[ord(character)] = int(_in(character, "gb2312")) - int(_in(character, "big5"))
    return table


def _han() -> list[str]:
    return [chr(code_point) for code_point in range(0x4E00, 0xA000)]


@cache
def _charset(codec: str) -> frozenset[str]:
    """The Han characters that a national standard encodes."""
    return frozenset("".join(_han()).encode(codec, "ignore").decode(codec))


def _in(character: str, codec: str) -> bool:
    return character in _charset(codec)
