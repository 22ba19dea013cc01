"""Text that was cut into lines of a given width, as mail, plain-text books and many renderers have it.

Whoever wraps text puts into a line as many words as it holds. So there is a width at which nearly every line of the
document's running text is as long as it can be: with the next line's first word it would be too long.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.lines.arrays import Bools, Ints
from tasks.strip.lines.characters import BLANKS, code_points, matches

#: Widths that text is wrapped at, in code points.
NARROWEST, WIDEST = 50, 140
#: A document is wrapped where at least so many of its lines are full, that share of those that might be, and that
#: share of the full ones breaks off within a sentence. (German begins two words of five with a capital.)
_FULL, _SHARE, _WITHIN = 6, 0.8, 0.35
#: Words are no longer, mostly; and the share from which on it is worth a closer look.
_LONG_WORD, _PERHAPS = 20, 0.6
#: Full lines are of different lengths, but in tables that are filled up with blanks.
_LENGTHS = 3
#: The share of the width below which a line is short for another reason than that the next word is long.
_SHORT = 0.6
_BREAKS_OFF, _GOES_ON = r"[\pL\pM\pN,]\s*$", r"^\s*[\p{Ll}\p{Lo}]"
_WORDS, _FIRST_WORD = r"\S\s+\S", r"^\s*(\S*)(?s:.*)$"
#: What is no further line of a paragraph: blank ones, items, headings and quotes of Markdown, rows of a table.
_OPENS = BLANKS + r"(?:$|[•‣▪◦●○■□◆◇▲△▼▽▶►→➜✓✔★☆※·»>|]|[*#+–—-]+\s|\d{1,2}[.)]\s)"


def wraps(lines: pa.LargeStringArray, chars: Ints, doc: Ints) -> Bools:
    """After which lines there is a break that only keeps to a width.

    lines: every line of a batch of documents, blank ones too; chars: their code points; doc: their documents.
    """
    out: Bools = np.zeros(len(lines), np.bool_)
    above = np.flatnonzero((doc[1:] == doc[:-1]) & (chars[1:] > 0))
    above = above[(chars[above] >= _SHORT * NARROWEST) & (chars[above] <= WIDEST)]
    above = above[_likely(chars[above], doc[above])]
    if not len(above):
        return out
    first, second = (lines.take(pa.array(at)) for at in (above, above + 1))
    item = matches(first, _OPENS)
    indented = _indent(second) > _indent(first)  # as a new paragraph is, and the further lines of an item
    may = matches(first, _WORDS) & ~matches(second, _OPENS) & (item | ~indented)
    above, first, second = above[may], first.filter(pa.array(may)), second.filter(pa.array(may))

    length = code_points(pc.utf8_rtrim_whitespace(first))
    word = code_points(pc.replace_substring_regex(second, _FIRST_WORD, r"\1"))
    documents, owner = np.unique(doc[above], return_inverse=True)
    width = _width(length, word, owner, len(documents))[owner]
    near = code_points(pc.utf8_trim_whitespace(first)) >= _SHORT * width
    full = near & (length <= width) & (length + 1 + word > width)
    fulls, nears = (np.bincount(owner[mask], minlength=len(documents)) for mask in (full, near))
    lengths = np.bincount(
        np.unique(owner[full] * (WIDEST + 1) + length[full]) // (WIDEST + 1), minlength=len(documents)
    )
    full &= ((fulls >= _FULL) & (fulls >= _SHARE * nears) & (lengths >= _LENGTHS))[owner]
    above, owner = above[full], owner[full]
    within = matches(first.filter(pa.array(full)), _BREAKS_OFF)
    within &= matches(second.filter(pa.array(full)), _GOES_ON)
    out[above[(np.bincount(owner[within], minlength=len(documents)) >= _WITHIN * fulls)[owner]]] = True
    return out


def _likely(length: Ints, doc: Ints) -> Bools:
    """Lines of documents that may be wrapped, by their lengths alone: most documents are not, and soon done with."""
    documents, owner = np.unique(doc, return_inverse=True)
    width = _width(length, np.full(len(length), _LONG_WORD), owner, len(documents))[owner]
    near = length >= _SHORT * width
    full = near & (length <= width) & (length + _LONG_WORD >= width)
    fulls, nears = (np.bincount(owner[mask], minlength=len(documents)) for mask in (full, near))
    return ((fulls >= _FULL) & (fulls >= _PERHAPS * nears))[owner]


def _width(length: Ints, word: Ints, owner: Ints, documents: int) -> Ints:
    """The width at which most lines of each document are full."""
    size = WIDEST + 2
    begin = owner * size + np.clip(length, NARROWEST, WIDEST + 1)
    end = owner * size + np.clip(length + 1 + word, NARROWEST, WIDEST + 1)
    change = np.bincount(begin, minlength=documents * size) - np.bincount(end, minlength=documents * size)
    full: Ints = change.reshape(documents, size).cumsum(axis=1).argmax(axis=1)
    return full


def _indent(lines: pa.LargeStringArray) -> Ints:
    return code_points(lines) - code_points(pc.utf8_ltrim_whitespace(lines))
