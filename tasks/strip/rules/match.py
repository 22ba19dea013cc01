"""All rules against all distinct lines: one Aho-Corasick pass finds candidates, RE2 settles them."""

import functools
import itertools
from dataclasses import dataclass

import ahocorasick_rs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.findings import CATEGORY_CODES
from tasks.strip.lines import Bools, Ints, Octets
from tasks.strip.lines.characters import beyond_ascii, first_octets, matching, octets_of, ranges
from tasks.strip.lines.sequence import distinct, prefix_sums
from tasks.strip.rules.patterns import SIGN_RUNS, Search, plain
from tasks.strip.rules.rule import Rule
from tasks.strip.rules.signs import BETWEEN, SIGN, spaced_out

# Lines that are searched at once, as mostly none of them holds a match.
_TOGETHER = 16
# Lines of so many characters and more are searched for less: most rules look at short lines, and most text is long ones.
_LENGTHS = (0, 121, 251, 451)

# Where several categories claim a line with equal score, the more specific wins.
_PRECEDENCE = [
    "reading_time",
    "dateline",
    "byline",
    "attribution",
    "caption",
    "comment_section",
    "cookie_notice",
    "newsletter_signup",
    "app_promo",
    "donation_appeal",
    "paywall",
    "share_bar",
    "contact",
    "legal_notice",
    "advertisement",
    "tag_list",
    "language_menu",
    "read_more",
    "link_list",
    "navigation",
]


@dataclass(frozen=True, slots=True)
class Hits:
    """Which rule matched which line: parallel arrays, by line and from the best rule down.

    Of each line its best rule, and those of the same category that open something.
    """

    line: Ints
    rule: Ints


@dataclass(frozen=True, slots=True)
class _Texts:
    """Folded lines as octets, with what the conditions of signs ask about."""

    octets: Octets
    offsets: Ints
    chars: Ints
    digits: Ints
    first: Octets  # the first octet, 0 for an empty line
    odd: Ints  # lines that are not `plain`


class _Search:
    """Which signs have one of their literals in a text: one Aho-Corasick automaton for all literals."""

    def __init__(self, literals: pa.ListArray, signs: Ints) -> None:
        """literals: those of each of the `signs`."""
        found = literals.flatten().dictionary_encode()
        names, literal = found.dictionary.to_pylist(), found.indices.to_numpy()
        self._automaton = ahocorasick_rs.BytesAhoCorasick(names) if names else None
        # literal -> signs, as flat arrays with offsets
        self._offsets = prefix_sums(np.bincount(literal, minlength=len(names)))
        self._signs = signs[pc.list_parent_indices(literals).to_numpy()[np.argsort(literal, kind="stable")]]

    def __call__(self, text: bytes, starts: Ints) -> tuple[Ints, Ints]:
        """Pairs of sign and line, for lines that begin at `starts` (and reach into what stands between them)."""
        found = self._automaton.find_matches_as_indexes(text, overlapping=True) if self._automaton else []
        flat = itertools.chain.from_iterable(found)
        matches = np.fromiter(flat, np.int64, 3 * len(found)).reshape(-1, 3)
        literal, line = matches[:, 0], np.searchsorted(starts, matches[:, 2] - 1, side="right") - 1
        pairs = distinct(line * len(self._offsets) + literal)
        line, literal = pairs // len(self._offsets), pairs % len(self._offsets)
        start, stop = self._offsets[literal], self._offsets[literal + 1]
        return self._signs[ranges(start, stop)], np.repeat(line, stop - start)


class Matcher:
    """A compiled set of rules. `category` (a code), `score` and `opens`: those of each rule, in order."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        self.category = np.array([CATEGORY_CODES[rule.category] for rule in rules], np.int64)
        self.score = np.array([rule.score for rule in rules], np.float32)
        self.opens = np.array([rule.opens or "" for rule in rules], np.str_)
        self.longest = max((rule.max_chars for rule in rules), default=0)
        self._rank = _ranks(rules)
        signs = pa.concat_arrays([pa.array([], SIGN), *(rule.signs for rule in rules)])
        self._rule_of = np.repeat(np.arange(len(rules)), [len(rule.signs) for rule in rules])
        self._min_chars, self._min_digits = (signs.field(name).to_numpy() for name in ("chars", "digits"))
        self._max_chars = np.array([rule.max_chars for rule in rules], np.int64)[self._rule_of]
        beginnings = signs.field("first").dictionary_encode(null_encoding="encode")
        self._first = beginnings.indices.to_numpy()
        self._beginnings = np.array([_beginnings(first) for first in beginnings.dictionary.to_pylist()])
        words, symbols, short = literals = [signs.field(name) for name in ("words", "symbols", "short")]
        self._symbols = _Search(symbols, np.arange(len(signs)))
        self._words, self._short = self._by_length(words), self._by_length(short)
        # Signs without literals, which no search finds, and one of each kind of those that few lines are searched for.
        counts = np.array([pc.list_value_length(each).to_numpy() for each in literals])
        self._bare = np.flatnonzero(counts.sum(0) == 0).tolist()
        kinds = np.stack((self._min_chars, self._max_chars, self._min_digits, self._first))
        few = np.flatnonzero(counts[2])
        self._looks = few[np.unique(kinds[:, few], axis=1, return_index=True)[1]].tolist()

    def match(self, folded: pa.LargeStringArray, chars: Ints) -> Hits:
        """Hits among `folded` lines (distinct ones, by rights: each costs); `chars` are their lengths."""
        if not self.rules or not len(folded):
            return Hits(np.zeros(0, np.int64), np.zeros(0, np.int64))
        texts = _look(folded, chars)
        sign, line = self._candidates(folded, texts)
        asked = distinct(self._rule_of[sign] * len(folded) + line)
        rule, line = self._settle(_plain(folded, texts), asked // len(folded), asked % len(folded))
        # By line, and from the best rule down.
        order = np.lexsort((-self._rank[rule], line))
        rule, line = rule[order], line[order]
        first = np.diff(line, prepend=-1) != 0
        best = rule[first][np.cumsum(first) - 1]
        keep = (rule == best) | ((self.opens[rule] != "") & (self.category[rule] == self.category[best]))
        return Hits(line[keep], rule[keep])

    def _settle(self, lines: pa.LargeStringArray, rules: Ints, candidates: Ints) -> tuple[Ints, Ints]:
        """Which rules match which of their candidates: all candidates of a rule at once."""
        found: list[tuple[int, Ints]] = []
        # Which of `found` a condition may undo: rules share their conditions.
        unless: dict[Search, list[int]] = {}
        bounds = np.flatnonzero(np.diff(rules, prepend=-1, append=-1))
        for start, stop in itertools.pairwise(bounds.tolist()):
            rule, hit = self.rules[rules[start]], candidates[start:stop]
            for search in rule.searches:
                hit = _holding(search, lines, hit)
            if len(hit):
                if rule.exception:
                    unless.setdefault(rule.exception, []).append(len(found))
                found.append((int(rules[start]), hit))
        for search, places in unless.items():
            held = _holding(search, lines, distinct(np.concatenate([found[i][1] for i in places])))
            for i in places:
                found[i] = (found[i][0], np.setdiff1d(found[i][1], held, assume_unique=True))
        empty = np.zeros(0, np.int64)
        return (
            np.concatenate([empty, *(np.full(len(hit), rule) for rule, hit in found)]),
            np.concatenate([empty, *(hit for _, hit in found)]),
        )

    def _candidates(self, folded: pa.LargeStringArray, texts: _Texts) -> tuple[Ints, Ints]:
        """Pairs of sign and line that may match."""
        found = [self._symbols(texts.octets.tobytes(), texts.offsets[:-1])]
        few = np.zeros(len(folded), np.bool_)
        for looks in self._looks:
            few |= self._allowed(texts, looks, slice(None))
        length = np.searchsorted(_LENGTHS, texts.chars, side="right") - 1
        for number, (words, short) in enumerate(zip(self._words, self._short, strict=True)):
            among = length == number
            found += [_searched(words, folded, among), _searched(short, folded, among & few)]
        for number in self._bare:
            line = np.flatnonzero(self._allowed(texts, number, slice(None)))
            found.append((np.full(len(line), number), line))
        signs, lines = (np.concatenate(parts) for parts in zip(*found, strict=True))
        keep = self._allowed(texts, signs, lines)
        return signs[keep], lines[keep]

    def _by_length(self, literals: pa.ListArray) -> list[_Search]:
        """The searches of lines of each of `_LENGTHS`: for the literals of the signs that may stand in a line so long."""
        signs = [np.flatnonzero(self._max_chars >= least) for least in _LENGTHS]
        return [_Search(literals.take(pa.array(some)), some) for some in signs]

    def _allowed(self, texts: _Texts, sign: Ints | int, line: Ints | slice) -> Bools:
        chars = texts.chars[line]
        allowed: Bools = (
            (chars >= self._min_chars[sign])
            & (chars <= self._max_chars[sign])
            & (texts.digits[line] >= self._min_digits[sign])
            & self._beginnings[self._first[sign], texts.first[line]]
        )
        return allowed


def _look(folded: pa.LargeStringArray, chars: Ints) -> _Texts:
    octets, offsets = octets_of(folded)
    where, code_points = beyond_ascii(octets)
    digit = octets - np.uint8(48) < 10
    digit[where[matching(r"\p{Nd}")[code_points]]] = True
    digits = np.diff(np.searchsorted(np.flatnonzero(digit), offsets))
    odd = where[_odd_signs()[code_points]]
    odd_lines = distinct(np.searchsorted(offsets, odd, side="right") - 1)
    return _Texts(octets, offsets, chars, digits, first_octets(octets, offsets), odd_lines)


def _plain(folded: pa.LargeStringArray, texts: _Texts) -> pa.LargeStringArray:
    """The lines as the regexes read them, each with a line break at its end."""
    odd = pa.array(texts.odd)
    if len(odd):
        mask = np.zeros(len(folded), np.bool_)
        mask[texts.odd] = True
        read = pa.array([plain(line) for line in folded.take(odd).to_pylist()], pa.large_string())
        folded = pc.replace_with_mask(folded, pa.array(mask), read)
    end, joint = pa.scalar("\n", pa.large_string()), pa.scalar("", pa.large_string())
    return pc.binary_join_element_wise(folded, end, joint)


def _holding(search: Search, lines: pa.LargeStringArray, among: Ints) -> Ints:
    """Which of the lines `among` hold a match."""
    if not len(among):
        return among[:0]
    asked = lines.take(pa.array(among))
    _, offsets, text = asked.buffers()
    data, bounds = text.to_pybytes(), np.frombuffer(offsets, np.int64)[: len(among) + 1].tolist()
    found: list[int] = []
    for first in range(0, len(among), _TOGETHER):
        stop = min(first + _TOGETHER, len(among))
        if search(data[bounds[first] : bounds[stop] - 1]):
            found += [i for i in range(first, stop) if search(data[bounds[i] : bounds[i + 1] - 1])]
    return among[found]


@functools.cache
def _odd_signs() -> Bools:
    """Which code points `plain` replaces."""
    odd = ~matching(r"[\pL\pN\pM]")
    for start, stop in SIGN_RUNS:
        odd[start:stop] = False
    return odd


def _searched(search: _Search, folded: pa.LargeStringArray, among: Bools) -> tuple[Ints, Ints]:
    """Pairs of sign and line that a search finds `among` some lines."""
    sign, line = search(*_words(folded.filter(pa.array(among))))
    return sign, np.flatnonzero(among)[line]


def _words(folded: pa.LargeStringArray) -> tuple[bytes, Ints]:
    """The lines with a space for each octet that is part of no word, `BETWEEN` around each, and where they begin."""
    one = pa.LargeListArray.from_arrays(pa.array([0, len(folded)], pa.int64()), folded)
    text = pc.binary_join(one, pa.scalar(BETWEEN.decode(), pa.large_string()))[0].as_buffer()
    lengths = pc.binary_length(folded).to_numpy().astype(np.int64) + len(BETWEEN)
    starts = np.cumsum(lengths) - lengths + len(BETWEEN)
    return spaced_out(BETWEEN + text.to_pybytes() + BETWEEN), starts


def _beginnings(first: str | None) -> Bools:
    """Which octets may begin a line."""
    if first is None:
        return np.ones(256, np.bool_)
    out = np.zeros(256, np.bool_)
    out[[c.encode()[0] for c in first]] = True
    if "0" in first:
        out[[*range(48, 58), *range(0xC2, 256)]] = True  # digits of other scripts
    return out


def _ranks(rules: tuple[Rule, ...]) -> Ints:
    """The place of each rule among all from the least to the best: by score, then by category."""
    precedence = [-_PRECEDENCE.index(r.category) if r.category in _PRECEDENCE else -99 for r in rules]
    # Languages share words; of rules that say the same, one that holds everywhere or in English is named.
    common = [{"any": 2, "en": 1}.get(r.language, 0) for r in rules]
    scores = np.array([r.score for r in rules], np.float32)
    order = np.lexsort((np.array(common), np.array(precedence), scores))
    ranks = np.empty(len(rules), np.int64)
    ranks[order] = np.arange(len(rules))
    return ranks


@functools.lru_cache(maxsize=8)
def matcher(rules: tuple[Rule, ...]) -> Matcher:
    """The matcher of a set of rules, built once."""
    return Matcher(rules)
