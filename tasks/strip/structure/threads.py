"""Threads of readers' comments: below their heading who says what and when, again and again.

Readers write whole sentences, and often more of them than the article has. What tells a thread is what stands between:
names and dates, answers and buttons, the same word under each comment.
"""

import numpy as np

from tasks.strip.findings import NONE
from tasks.strip.lines import Bools, Ints, Lines
from tasks.strip.lines.sequence import cover, next_true, prefix_sums, previous
from tasks.strip.rules.claims import Claims

# Prose that stands above a thread: its heading may be said at the top of a page, too, as a link.
_WORDS_ABOVE, _LINES_ABOVE = 40, 2
# Lines from the heading to the first signature, and between two signatures; words of one; so often said, a short line is one.
_FIRST, _APART, _SIGNATURE_WORDS, _SAID_AGAIN = 6, 8, 16, 3
# Comments that stand between signatures, and words from which on a line that nobody claims is one.
_COMMENTS, _COMMENT_WORDS = 2, 9


def comment_threads(lines: Lines, claims: Claims) -> Bools:
    """The lines of threads, without their headings."""
    if not len(lines):
        return np.zeros(0, np.bool_)
    s, free = lines.shape, claims.category == NONE
    of_comments = claims.certain & claims.of("comment_section")
    prose = lines.prose & ~of_comments
    signed = claims.of("comment_section", "byline", "dateline") | (lines.repetition[0] >= _SAID_AGAIN)
    signature = np.flatnonzero(signed & ~prose & (s.words <= _SIGNATURE_WORDS))
    talk = prose | (free & (s.words >= _COMMENT_WORDS))

    heading = of_comments & (claims.opens_thread | claims.opens_end)
    heading &= _above(lines, prose & free) >= _LINES_ABOVE
    at = np.flatnonzero(heading & (_above(lines, np.where(prose & free, s.words, 0)) >= _WORDS_ABOVE))
    first = np.searchsorted(signature, at, side="right")
    at, first = at[first < len(signature)], first[first < len(signature)]
    near = signature[first] - at <= _FIRST
    near &= lines.doc[signature[first]] == lines.doc[at]
    at, first = at[near], first[near]
    last, widest = _chain(lines.doc, signature, first)

    begins = prefix_sums(talk & ~previous(talk, lines.doc, False))
    told = begins[last + 1] - begins[at + 1] >= _COMMENTS
    at, last, widest = at[told], last[told], widest[told]
    # Where names stand above what is said, the last comment has none below it.
    ends = np.append(next_true(~(talk & free) | lines.first), len(lines))[last + 1]
    return cover(at + 1, np.minimum(ends, last + 1 + widest), len(lines))


def _above(lines: Lines, values: Bools | Ints) -> Ints:
    """The sum of the values of each line and those above it in its document."""
    sums = prefix_sums(values)
    out: Ints = sums[1:] - sums[lines.doc_begin]
    return out


def _chain(doc: Ints, signature: Ints, first: Ints) -> tuple[Ints, Ints]:
    """For the signatures `first` the last line of the chain that each begins, and how many lines lie between two of its
    signatures at most."""
    between = np.append(np.diff(signature) - 1, 0)
    breaks = np.append((between[:-1] >= _APART) | (np.diff(doc[signature]) != 0), True)
    between[breaks] = 0
    last = next_true(breaks)[first]
    # Of each pair of bounds the first is of a chain, the second of what stands between two of them.
    bounds = np.column_stack((first, last + 1)).ravel()
    widest = np.maximum.reduceat(np.append(between, 0), bounds)[::2] if len(bounds) else first
    return signature[last], np.maximum(widest, 1)
