"""What the words of a line tell without saying what it is about.

Two things carry over to sites and topics that nobody has seen: how many of a line's words are function words (running
text is full of them, menus are not), and whether its other words come back in the article (a teaser speaks of something
else than the page that it stands on). Words are hashed; which words they are is never looked at.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.strip.lines import Bools, Doubles, Ints, Lines
from tasks.strip.lines.characters import Characters, Points, blocks, matching, ranges
from tasks.strip.lines.sequence import prefix_sums
from tasks.strip.weights import FOLDER

#: Hashes of words that stand in many sentences of a language, whatever these are about; made by the training command.
FUNCTION_WORDS = FOLDER / "function_words.npz"
#: Characters of a word by which its inflected forms are held for the same word.
_STEM = 6
#: Longer words are no function words; shorter ones say nothing about a topic.
_LONGEST_FUNCTION_WORD, _SHORTEST_CONTENT_WORD = 8, 4
# Scripts without spaces: each character may be a function word, each pair of neighbours stands for a content word.
_UNSPACED = ((0x0E00, 0x0E7F), (0x3040, 0x30FF), (0x3400, 0x9FFF))
_NEAR = 6
# Fewer content words than this tell no line; for each line of a document so many pairs of lines are looked at at most.
_FEW, _PAIRS_A_LINE = 3, 64
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_STEM_BITS = np.int64(24)

Hashes = Ints


@dataclass(frozen=True, slots=True)
class Words:
    """The words of distinct lines: arrays with one entry a word, in no order."""

    line: Ints
    function: Bools
    #: Hash of the word's stem, -1 for words that say nothing about a topic.
    stem: Hashes


@dataclass(frozen=True, slots=True)
class Spread:
    """Per line, how its content words are spread over its document; shares run from 0 to 1."""

    function_share: Doubles
    function_words: Doubles
    #: In how many lines of running text a content word stands besides this line (at most 4), on average.
    recurrence: Doubles
    #: Share of the content words that any other line of running text holds.
    shared: Doubles
    #: The same over all lines, as the mean logarithm of their number.
    anywhere: Doubles
    #: Share of the content words that stand in one of the lines directly above, and below.
    near_above: Doubles
    near_below: Doubles
    content_words: Doubles
    #: The line of each place of a content word, and a number for the word in its document.
    _place: Ints
    _word: Ints

    def of_titles(self, lines: Lines, title: Ints) -> tuple[Doubles, Doubles]:
        """How many content words of its document's title each line holds, and their share; 0 for the title itself.

        `title`: line of each document's title or -1.
        """
        is_title = self._place == title[lines.doc[self._place]]
        held = (np.bincount(self._word, is_title)[self._word] > 0) & ~is_title
        words = np.bincount(self._place, held, minlength=len(lines)).astype(np.float64)
        return words, words / np.maximum(self.content_words, 1)

    def among(self, chosen: Bools) -> tuple[Doubles, Doubles]:
        """In how many of the lines `chosen` a content word of each line stands besides (at most 4), on average, and the
        share of its content words of which this is so."""
        return _besides(self._place, self._word, chosen, self.content_words)

    def sharing(self, asked: Bools, doc: Ints) -> Bools:
        """Which lines may say again what a line of their document says that is `asked`: with one word more, they would hold
        half of its content words. All lines of a document, where its words do not tell: one with fewer than three is
        asked, or all of its lines have words in common.

        A line that another one holds nearly whole shares far more words, unless these are cut otherwise there.
        """
        unsure = np.zeros(int(doc[-1]) + 1 if len(doc) else 0, np.bool_)
        unsure[doc[asked & (self.content_words < _FEW)]] = True
        # The lines of a word stand side by side.
        bounds = prefix_sums(np.bincount(self._word))
        mine = np.flatnonzero(asked[self._place])
        word = self._word[mine]
        start, stop = bounds[word], bounds[word + 1]
        pairs_of_doc = np.bincount(doc[self._place[mine]], stop - start, len(unsure))
        unsure |= pairs_of_doc > _PAIRS_A_LINE * np.bincount(doc, minlength=len(unsure))
        sure = ~unsure[doc[self._place[mine]]]
        mine, start, stop = mine[sure], start[sure], stop[sure]

        line, other = np.repeat(self._place[mine], stop - start), self._place[ranges(start, stop)]
        pairs = np.sort((line * len(asked) + other)[line != other])
        first = np.flatnonzero(np.diff(pairs, prepend=-1))
        line, other = np.divmod(pairs[first], max(len(asked), 1))
        words = np.diff(first, append=len(pairs))
        out: Bools = unsure[doc]
        out[other[(words + 1) * 2 >= self.content_words[line]]] = True
        return out


def _besides(place: Ints, word: Ints, chosen: Bools, content_words: npt.NDArray) -> tuple[Doubles, Doubles]:
    own = chosen[place]
    besides = np.bincount(word, own)[word] - own
    many = np.maximum(content_words, 1)
    return (
        np.bincount(place, np.minimum(besides, 4), minlength=len(chosen)) / many,
        np.bincount(place, besides > 0, minlength=len(chosen)) / many,
    )


def split_words(texts: pa.LargeStringArray, function_words: Hashes) -> Words:
    """The words of each text; `function_words`: sorted hashes as `function_word_hashes` gives them."""
    known = np.zeros(1 << _STEM_BITS, np.bool_)
    known[function_words] = True
    parts = [_split_words(Characters(block), places, known) for places, block in blocks(texts)]
    return Words(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Words)))


def _split_words(characters: Characters, places: Ints, function_words: Bools) -> Words:
    points = characters.points
    kind = characters.of(_kinds())
    start, stop = characters.runs(kind == 1)
    length, line = stop - start, characters.text_of(start)
    # The longest words first, so that those that have an i-th letter stand side by side.
    order = np.argsort(-np.minimum(length, _LONGEST_FUNCTION_WORD + 1).astype(np.int8), kind="stable")
    start, length, line = start.take(order), length.take(order), line.take(order)
    stem, whole = _hashes(points, start, length)
    function = function_words[whole] & (length <= _LONGEST_FUNCTION_WORD)
    stem[function | (length < _SHORTEST_CONTENT_WORD)] = -1

    unspaced = kind == 2
    single = np.flatnonzero(unspaced)
    if len(single):
        one = np.ones(len(single), np.int64)
        two, _ = _hashes(np.append(points, 0), single, one + 1)
        _, own = _hashes(points, single, one)
        two[~characters.before(unspaced)[single]] = -1
        line = np.concatenate((line, characters.text_of(single)))
        function, stem = np.concatenate((function, function_words[own])), np.concatenate((stem, two))
    return Words(places[line], function, stem)


def function_word_hashes(words: Iterable[str]) -> Hashes:
    """Sorted hashes of function words, folded as lines are; longer ones than a function word can be are left out."""
    hashes = []
    for word in words:
        if 0 < len(word) <= _LONGEST_FUNCTION_WORD:
            points = np.array([ord(character) for character in word])
            _, whole = _hashes(points, np.zeros(1, np.int64), np.array([len(word)]))
            hashes.append(int(whole[0]))
    return np.unique(np.array(hashes, np.int64))


@functools.cache
def shipped_function_words() -> Hashes:
    """The function words that the package ships."""
    with np.load(FUNCTION_WORDS, allow_pickle=False) as arrays:
        hashes: Hashes = arrays["hashes"].astype(np.int64)
    return hashes


def spread(lines: Lines, running: Bools) -> Spread:
    """How the words of each line are spread. `running`: lines of running text."""
    words = split_words(lines.folded, shipped_function_words())
    distinct = len(lines.folded)
    total = np.bincount(words.line, minlength=distinct)
    function = np.bincount(words.line[words.function], minlength=distinct)
    content = words.stem >= 0
    # Each distinct line's distinct stems, then those of each line where it stands.
    pairs = np.sort(words.line[content] << _STEM_BITS | words.stem[content])
    pairs = pairs[np.diff(pairs, prepend=-1) != 0]
    bounds = np.searchsorted(pairs >> _STEM_BITS, np.arange(distinct + 1))
    count = np.diff(bounds)[lines.key]
    n = len(lines)
    owner = np.repeat(np.arange(n), count)
    start = bounds[lines.key]
    stem = pairs[ranges(start, start + count)] & ((1 << _STEM_BITS) - 1)

    # Sorted by document, stem and line, the places of a stem in a document stand side by side.
    bits = np.int64(n.bit_length())
    packed = ((lines.doc[owner] << _STEM_BITS | stem) << bits) | owner
    packed.sort()
    line, key = packed & ((1 << bits) - 1), packed >> bits
    first = np.diff(key, prepend=-1) != 0
    group = np.cumsum(first) - 1
    above = ~first & (np.diff(line, prepend=-1) <= _NEAR)
    below = np.append(above[1:], False)[: len(above)]

    many = np.maximum(count, 1)

    def mean(values: npt.NDArray) -> Doubles:
        return np.bincount(line, values, minlength=n) / many

    spoken = np.maximum(total, 1)
    recurrence, shared = _besides(line, group, running, count)
    return Spread(
        function_share=(function / spoken)[lines.key],
        function_words=function[lines.key].astype(np.float64),
        recurrence=recurrence,
        shared=shared,
        anywhere=mean(np.log(np.bincount(group)[group])),
        near_above=mean(above),
        near_below=mean(below),
        content_words=count.astype(np.float64),
        _place=line,
        _word=group,
    )


@functools.cache
def _kinds() -> npt.NDArray[np.uint8]:
    """Of each code point: 1 a letter or a mark on one, 2 a character of a script without spaces, 0 anything else."""
    kinds = matching(r"[\pL\pM]").astype(np.uint8)
    for low, high in _UNSPACED:
        kinds[low : high + 1] *= 2
    return kinds


def _hashes(points: Points, start: Ints, length: Ints) -> tuple[Hashes, Hashes]:
    """Hashes of the first letters of the words at `start`: of the stem, and of the whole of a short word.

    Words of more letters stand before those of fewer, as far as these are hashed: those that have an i-th letter lead.
    """
    state = np.zeros(len(start), np.uint64)
    stem = state
    for i, words in enumerate(np.searchsorted(-length, -np.arange(_LONGEST_FUNCTION_WORD)).tolist()):
        mixed = state[:words]
        mixed ^= points.take(start[:words] + i).astype(np.int64, copy=False).view(np.uint64)
        mixed *= _MULTIPLIER
        mixed ^= mixed >> np.uint64(29)
        if i + 1 == _STEM:
            stem = state.copy()
    whole = (state + length.view(np.uint64)) * _MULTIPLIER
    shift = np.uint64(64) - _STEM_BITS.astype(np.uint64)
    return ((stem * _MULTIPLIER) >> shift).astype(np.int64), (whole >> shift).astype(np.int64)
