"""What a line shows that a rule may match: for each alternative of its patterns, in the form in which lines are searched.

Lines are searched in a copy in which every sign that is part of no word is a space, so that a literal's place (start or
end of a line or a word) is a part of what is searched for, and hits are few. What is searched for depends on a rule
alone: it is worked out when the rule is compiled.
"""

import functools
import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from tasks.strip.lines.characters import beyond_ascii, matching
from tasks.strip.rules.anchors import (
    AT_END,
    AT_START,
    ENDS_WORD,
    STARTS_WORD,
    Literals,
    Way,
    is_letter,
    rarity,
    ways,
)
from tasks.strip.rules.patterns import UNSPACED, parse

#: One for each alternative of a rule's patterns. A line that it matches has `chars` characters, and of them `digits`
#: digits, at least; it begins with one of the characters `first`, "0" for any digit (null: with any); and it holds
#: one of `words`, `symbols` and `short`, as octets of its copy (none in all three: nothing is known). `symbols` are
#: single signs, looked for in the line itself; `short` are so common that few lines are searched for them.
SIGN = pa.struct(
    [
        ("chars", pa.int64()),
        ("digits", pa.int64()),
        ("first", pa.string()),
        *((search, pa.list_(pa.binary())) for search in ("words", "symbols", "short")),
    ]
)

#: What stands between two lines in the copy.
BETWEEN = b" \n "
# How much of it belongs to a place.
_BEFORE = {AT_START: b"\n ", STARTS_WORD: b" ", 0: b""}
_AFTER = {AT_END: b" \n", ENDS_WORD: b" ", 0: b""}
# A literal commoner than this is looked for by a sign of its own that few lines hold, or in few lines.
_RARE = 3.0
_SELDOM = re.compile(r"[^\w\s.,:;'()-]|_")
_ASCII_WORDS = bytes(i if chr(i).isalnum() or i >= 0x80 or i == 10 else 32 for i in range(256))

Placed = tuple[tuple[str, int], ...]


def signs_of(patterns: Sequence[str], also: Sequence[str], at: str, language: str) -> pa.StructArray:
    """The `SIGN`s of a rule's patterns; what its further conditions `also` ask for counts as well."""
    spaced = language not in UNSPACED
    besides = [way for p in also for way in _alone(p, spaced)]
    out = []
    for pattern in patterns:
        for way in ways(parse(pattern), at in ("whole", "start") or spaced, at in ("whole", "end") or spaced):
            sets = [_placed(s, at, spaced) for s in way.sets]
            sets += [_placed(s, "anywhere", spaced) for b in besides for s in b.sets]
            digits = max([way.digits, *(b.digits for b in besides)])
            first = way.first if at in ("whole", "start") else None
            literals = max(sets, key=rarity, default=())
            out.append((way.chars, digits, first, *_searched(literals, bool(digits or first))))
    return pa.array(list(dict.fromkeys(out)), SIGN)


def spaced_out(text: bytes) -> bytes:
    """UTF-8 text with a space for each octet that is part of no word; line breaks stay."""
    octets = np.frombuffer(bytearray(text.translate(_ASCII_WORDS)), np.uint8)
    where, code_points = beyond_ascii(octets)
    other = ~matching(r"[\pL\pN\pM]")[code_points]
    where, code_points = where[other], code_points[other]
    for width, least in enumerate((0x80, 0x80, 0x800, 0x10000)):
        octets[where[code_points >= least] + width] = 32
    return octets.tobytes()


def _alone(pattern: str, spaced: bool) -> list[Way]:
    """What a condition asks for, if it has one alternative only."""
    found = ways(parse(pattern), spaced, spaced)
    return found if len(found) == 1 else []


def _placed(found: Literals, at: str, spaced: bool) -> Placed:
    out = set()
    for anchor in found:
        flags = 0
        if anchor.begins and at in ("whole", "start"):
            flags |= AT_START
        elif anchor.word_before:
            flags |= STARTS_WORD
        if anchor.ends and at in ("whole", "end"):
            flags |= AT_END
        elif anchor.word_after:
            flags |= ENDS_WORD
        out.add((anchor.text, flags))
    return tuple(sorted(out))


def _searched(literals: Placed, bound: bool) -> tuple[tuple[bytes, ...], ...]:
    """`words`, `symbols` and `short` of some literals. `bound`: few lines need be searched for short ones."""
    words, symbols, short = set(), set(), set()
    if all(_can_be_found(text) for text, _ in literals):
        for text, flags in literals:
            seldom = _SELDOM.search(text)
            if rarity([(text, flags)])[0] >= _RARE or not (seldom or bound):
                words.add(_wanted(text, flags))
            elif seldom:
                symbols.add(seldom[0].encode())
            else:
                short.add(_wanted(text, flags))
    return tuple(sorted(words)), tuple(sorted(symbols)), tuple(sorted(short))


def _can_be_found(literal: str) -> bool:
    return any(map(is_letter, literal)) or _SELDOM.search(literal) is not None


def _wanted(text: str, flags: int) -> bytes:
    """A literal in its place, as it looks in the copy."""
    bare = text.replace(" ", "").isalnum()
    return (
        _BEFORE[flags & AT_START or flags & STARTS_WORD]
        + (text.encode() if bare else b"".join(map(_spaced_sign, text)))
        + _AFTER[flags & AT_END or flags & ENDS_WORD]
    )


@functools.cache
def _spaced_sign(char: str) -> bytes:
    return spaced_out(char.encode())
