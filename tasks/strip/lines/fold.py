"""The folded form of a line, in which rules are matched and repetitions are found.

Folding evens out what differs between sites and renderers but not in meaning: case, composed and decomposed
letters, kinds of spaces, quotes, dashes and apostrophes, zero-width and bidi marks, Arabic vowel signs and letter
variants, Arabic-Indic digits, and the bullets and punctuation around a line. All of it by tables over code points.
"""

import functools
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.lines.arrays import Bools, Ints
from tasks.strip.lines.characters import (
    CODE_POINTS,
    Characters,
    Points,
    assigned,
    blocks,
    looked_up,
    matching,
    ranges,
    strings,
)

# Zero-width, bidi, soft hyphen, Arabic tatweel and vowel signs, variation selectors: invisible, or optional in writing.
_NOTHING = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u0640\u064b-\u0652\ufe0f"
_SPACES = "\\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\\x00-\\x1f\\x7f-\\x9f"
# What stands for each of several signs. One a line, since each names its reason.
_INSTEAD = (
    ("'", "’‘ʼ`´ʹ＇"),
    ('"', "“”„‟«»「」『』＂‹›"),
    ("-", "‐‑‒–—―−－"),
    (":", "："),
    ("!", "！"),
    ("?", "？"),
    (",", "，"),
    # Arabic and Persian keyboards write the same letters differently.
    ("ی", "ىي"),
    ("ک", "ك"),
    ("ا", "أإآ"),
    # Capitals lose what the small letters have: the dot of the Turkish i, Greek accents, the dots of ё.
    ("i", "ı"),
    ("α", "άὰᾶ"),
    ("ε", "έὲ"),
    ("η", "ήὴῆ"),
    ("ι", "ίὶῖϊΐ"),
    ("ο", "όὸ"),
    ("υ", "ύὺῦϋΰ"),
    ("ω", "ώὼῶ"),
    ("σ", "ς"),
    ("е", "ё"),
)
_TRANSLATION = str.maketrans({other: sign for sign, others in _INSTEAD for other in others})
_DOT_ABOVE, _SMALL_I, _SPACE, _PERCENT = 0x307, ord("i"), ord(" "), ord("%")
# So many signs that say nothing stand at the edge of a line, as a rule.
_STEPS = 6
# Lines that may have another composed form: marks, conjoining jamo, and where single signs stand for others.
_UNCOMPOSED = (
    r"[\pM\x{1100}-\x{11FF}\x{A960}-\x{A97F}\x{D7B0}-\x{D7FF}\x{0340}-\x{0387}\x{0958}-\x{095F}\x{09DC}-\x{09DF}"
    r"\x{0A33}-\x{0A5E}\x{0B5C}\x{0B5D}\x{0F43}-\x{0FB9}\x{1F00}-\x{2001}\x{2126}-\x{212B}\x{2329}\x{232A}\x{2ADC}"
    r"\x{F900}-\x{FB4F}\x{11000}-\x{16FFF}\x{1D15E}-\x{1D1C0}\x{2F800}-\x{2FA1D}]"
)


def fold(lines: pa.LargeStringArray) -> pa.LargeStringArray:
    """Folded form of each line, with single spaces; bullets and punctuation at the edges are gone. Null stays null."""
    places, parts = zip(*((at, _fold(block)) for at, block in blocks(pc.fill_null(lines, ""))), strict=True)
    folded = pa.concat_arrays(parts).take(pa.array(np.argsort(np.concatenate(places))))
    return pc.if_else(pc.is_null(lines), pa.scalar(None, folded.type), folded) if lines.null_count else folded


def _fold(lines: pa.LargeStringArray) -> pa.LargeStringArray:
    characters = _composed(lines)
    points, offsets = characters.of(_instead()), characters.offsets
    points, offsets = _without(points, offsets, np.flatnonzero(points == 0))
    # The Turkish capital İ in two signs, and of several spaces all but the first.
    space = points == _SPACE
    twice = space[1:] & space[:-1]
    dots = np.flatnonzero(points[1:] == _DOT_ABOVE)
    twice[dots] = points[dots] == _SMALL_I
    at = np.flatnonzero(twice) + 1
    begins = np.zeros(len(points) + 1, np.bool_)
    begins[offsets] = True
    points, offsets = _without(points, offsets, at[~begins[at]])

    # Of a line there is left what lies between the first sign that says something and the last one.
    begin, end = offsets[:-1], offsets[1:]
    says = looked_up(_says_something(), points)
    first = _first(says, begin, end)
    stop = len(points) - _first((says | (points == _PERCENT))[::-1], len(points) - end, len(points) - first)
    keep = np.ones(len(points), np.bool_)
    keep[ranges(begin, first)] = False
    keep[ranges(stop, end)] = False
    return strings(points.compress(keep), np.append(0, np.cumsum(stop - first)))


def _first(mask: Bools, begin: Ints, end: Ints) -> Ints:
    """The first place of each range that is under the mask; its end where there is none."""
    at = begin.copy()
    # Most begin under the mask, or a few places before it.
    left = np.arange(len(at))
    for _ in range(_STEPS):
        left = left[at[left] < end[left]]
        left = left[~mask[at[left]]]
        if not len(left):
            return at
        at[left] += 1
    places = np.append(np.flatnonzero(mask), len(mask))
    at[left] = np.minimum(places[np.searchsorted(places, at[left])], end[left])
    return at


def _without(points: Points, offsets: Ints, at: Ints) -> tuple[Points, Ints]:
    """Texts without the code points at these places, which are sorted."""
    if not len(at):
        return points, offsets
    keep = np.ones(len(points), np.bool_)
    keep[at] = False
    return points.compress(keep), offsets - np.searchsorted(at, offsets)


def fold_patterns(patterns: list[str]) -> list[str]:
    """Patterns of rules in the alphabet of folded lines; their edges and their regex syntax stay as they are."""
    composed = pc.utf8_normalize(pa.array(patterns, pa.large_string()), form="NFC").to_pylist()
    single = [re.sub(f"[{_SPACES}]+", " ", re.sub(f"[{_NOTHING}]+", "", pattern)) for pattern in composed]
    return [pattern.translate(_TRANSLATION).replace("i\u0307", "i") for pattern in single]


def _composed(lines: pa.LargeStringArray) -> Characters:
    """The lines' code points, composed."""
    characters = Characters(lines)
    uncomposed = characters.of(matching(_UNCOMPOSED))
    if not uncomposed.any():
        return characters
    mask = pa.array(characters.count(uncomposed) > 0)
    return Characters(pc.replace_with_mask(lines, mask, pc.utf8_normalize(lines.filter(mask), form="NFC")))


@functools.cache
def _instead() -> Points:
    """What stands for each code point in a folded line; 0 for nothing."""
    points, texts = assigned()
    out = np.arange(CODE_POINTS)
    out[points] = Characters(pc.utf8_lower(texts)).points
    small = out.copy()
    for sign, others in _INSTEAD:
        for other in others:
            out[small == ord(other)] = ord(sign)
    for signs, instead in ((_SPACES, _SPACE), (_NOTHING, 0)):
        out[[ord(sign) for sign in re.findall(f"[{signs}]", "".join(map(chr, range(0x10000))))]] = instead
    return out


@functools.cache
def _says_something() -> Bools:
    return matching(r"[\pL\pN\pM\p{Sc}]")
