"""Which lines nearly all stand in one other line of their document: all pairs of a batch in a few sorts.

Lines are compared by the 4-grams of their letters: they forgive an ending or a comma, and need no spaces between words.
"""

import itertools

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.strip.lines import Bools, Doubles, Ints
from tasks.strip.lines.characters import Characters, blocks, looked_up, matching, ranges

# A line needs so many 4-grams to be compared, and another that is not much shorter.
_GRAMS = 10
_LONGER = 1.25
_SIZE = 4
_MIX, _MIX_PAIRS, _MIX_DOCUMENTS = map(
    np.uint64, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
# Bits of a gram by which most of the grams that no candidate has are told.
_SIEVE = 22
# Pairs of gram and line that are counted at a time, and for one document at all; beyond that it is left as it is.
_PAIRS, _PAIRS_OF_DOC = 1 << 22, 1 << 23

Keys = npt.NDArray[np.uint64]


def near_repeats(
    folded: pa.LargeStringArray,
    key: Ints,
    doc: Ints,
    candidate: Bools,
    kept: Bools,
    share: Doubles,
) -> Ints:
    """Candidates of which another line that is kept holds their `share` of 4-grams.

    `key` is the text of each line in `folded`, `doc` its document, in order. The other line is longer, or stands before.
    A document whose lines have more in common than can be counted has none.
    """
    asked = np.zeros(int(doc[-1]) + 1 if len(doc) else 0, np.bool_)
    asked[doc[candidate]] = True
    at = np.flatnonzero(candidate | (kept & asked[doc]))
    if not candidate.any():
        return at
    chars, line, gram = _grams(folded.take(pa.array(key[at])), doc[at])
    counts = np.bincount(line, minlength=len(at))
    # From here on lines are places in `at`.
    mine = np.flatnonzero((candidate[at] & (counts >= _GRAMS)).take(line))
    c_line, c_gram, c_times = _counted(line[mine], gram[mine])
    sieve = np.zeros(1 << _SIEVE, np.bool_)
    shift = np.uint64(64 - _SIEVE)
    sieve[c_gram >> shift] = True
    theirs = np.flatnonzero(looked_up(sieve, (gram >> shift).view(np.int64)))
    theirs = theirs[kept[at][line[theirs]]]
    k_line, k_gram, _ = _counted(line[theirs], gram[theirs])
    left = np.searchsorted(k_gram, c_gram, side="left")
    found = np.searchsorted(k_gram, c_gram, side="right") - left

    # A text made of the same few words over and over would have every line compared with every other.
    pairs_of_doc = np.bincount(doc[at][c_line], found)
    told = pairs_of_doc[doc[at][c_line]] <= _PAIRS_OF_DOC
    c_line, c_times, left, found = c_line[told], c_times[told], left[told], found[told]

    out = np.zeros(len(key), np.bool_)
    by_line = np.argsort(c_line, kind="stable")
    cost = np.bincount(c_line, found, len(at)).astype(np.int64)
    part = np.cumsum(cost) // _PAIRS
    edges = np.searchsorted(part[c_line[by_line]], np.arange(part[-1] + 2))
    for first, stop in itertools.pairwise(edges.tolist()):
        rows = by_line[first:stop]
        i = np.repeat(c_line[rows], found[rows])
        k = k_line[ranges(left[rows], left[rows] + found[rows])]
        pair, number = np.unique(i * len(at) + k, return_inverse=True)
        shared = np.bincount(number, np.repeat(c_times[rows], found[rows]), len(pair))
        i, k = pair // len(at), pair % len(at)
        holds = (shared >= share[at[i]] * counts[i]) & (k != i) & kept[at[k]]
        holds &= (chars[k] * _LONGER >= chars[i]) & ((chars[k] > chars[i]) | (k < i))
        out[at[i[holds]]] = True
    return np.flatnonzero(out)


def _grams(texts: pa.LargeStringArray, doc: Ints) -> tuple[Ints, Ints, Keys]:
    """Code points of each text, and the 4-grams of its letters: the text of each, and a key of gram and document. Those
    of a text stand together."""
    chars, lines, grams = np.zeros(len(texts), np.int64), [], []
    for places, block in blocks(texts):
        characters = Characters(block)
        chars[places] = np.diff(characters.offsets)
        letters = characters.of(matching(r"[\pL\pN]"))
        points = characters.points.compress(letters).astype(np.uint64)
        pair = points[:-1] * _MIX + points[1:]
        gram = pair[:-2] * _MIX_PAIRS + pair[2:]
        # None begins with one of the last three letters of its text.
        count = characters.count(letters)
        room = np.maximum(count - (_SIZE - 1), 0)
        line = np.repeat(places, room)
        begin = np.cumsum(count) - count
        gram = gram[ranges(begin, begin + room)] + doc[line].astype(np.uint64) * _MIX_DOCUMENTS
        lines.append(line)
        grams.append(_mixed(gram))
    return chars, np.concatenate(lines), np.concatenate(grams)


def _mixed(values: Keys) -> Keys:
    """Numbers in which every bit depends on all the bits of `values`, one to one."""
    values = values * _MIX
    return values ^ (values >> np.uint64(32))


def _counted(line: Ints, gram: Keys) -> tuple[Ints, Keys, Ints]:
    """Each gram of each line once, by gram, and how often the line has it; those of a line stand together."""
    order = np.argsort(gram, kind="stable")
    line, gram = line[order], gram[order]
    new = np.ones(len(line), np.bool_)
    new[1:] = (line[1:] != line[:-1]) | (gram[1:] != gram[:-1])
    first = np.flatnonzero(new)
    return line[first], gram[first], np.diff(first, append=len(line))
