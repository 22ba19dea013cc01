"""All rules against all distinct lines: one Aho-Corasick pass finds candidates, RE2 settles them."""

import functools
from dataclasses import dataclass

import ahocorasick_rs
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.patterns import AT_END, AT_START, ENDS_WORD, STARTS_WORD, rarity
from tasks.strip.rules import Rule

# A rule whose literals are commoner than this is looked for in all lines by a kernel instead.
_RARE = 3.0
_ALNUM = np.zeros(256, np.bool_)
_ALNUM[[*range(ord("0"), ord("9") + 1), *range(ord("a"), ord("z") + 1)]] = True


@dataclass(frozen=True, slots=True)
class Hits:
    """Which rule matched which line: parallel arrays."""

    line: npt.NDArray[np.int64]
    rule: npt.NDArray[np.int64]


class Matcher:
    """A compiled set of rules."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        owners: dict[str, list[tuple[int, int]]] = {}
        everywhere = []
        for index, rule in enumerate(rules):
            if rule.anchors is None or rarity(rule.anchors)[0] < _RARE:
                everywhere.append(index)
                continue
            for literal, flags in rule.anchors:
                owners.setdefault(literal, []).append((index, flags))
        self._everywhere = everywhere
        names = sorted(owners)
        self._automaton = ahocorasick_rs.BytesAhoCorasick([n.encode() for n in names]) if names else None
        # literal -> (rule, flags), as flat arrays with offsets
        flat = [owner for n in names for owner in owners[n]]
        self._owner_offsets = np.cumsum([0, *(len(owners[n]) for n in names)], dtype=np.int64)
        self._owners = np.array([rule for rule, _ in flat], np.int64)
        self._flags = np.array([flags for _, flags in flat], np.int64)
        self._max_chars = np.array([rule.max_chars for rule in rules], np.int64)
        self._digit = np.array([rule.digit for rule in rules], np.bool_)

    def match(self, folded: pa.LargeStringArray, chars: npt.NDArray[np.int64]) -> Hits:
        """Hits among `folded` lines (distinct ones, by rights: each costs); `chars` are their lengths."""
        digit = pc.match_substring_regex(folded, r"\p{Nd}").to_numpy(zero_copy_only=False)
        line, rule = self._candidates(folded)
        keep = (chars[line] <= self._max_chars[rule]) & (digit[line] | ~self._digit[rule])
        line, rule = line[keep], rule[keep]
        order = np.argsort(rule, kind="stable")
        line, rule = line[order], rule[order]
        starts = np.flatnonzero(np.diff(rule, prepend=-1))
        found = []
        for index, lines in zip(rule[starts].tolist(), np.split(line, starts[1:]), strict=False):
            found.append((index, self._settle(self.rules[index], folded, lines)))
        for index in self._everywhere:
            allowed = (chars <= self._max_chars[index]) & (chars > 0)
            if self._digit[index]:
                allowed &= digit
            found.append((index, self._settle(self.rules[index], folded, np.flatnonzero(allowed))))
        lines_found = np.concatenate([np.zeros(0, np.int64), *(lines for _, lines in found)])
        return Hits(
            lines_found, np.repeat([i for i, _ in found], [len(lines) for _, lines in found]).astype(np.int64)
        )

    @staticmethod
    def _settle(
        rule: Rule, folded: pa.LargeStringArray, lines: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """Which of the candidate lines the rule matches."""
        texts = folded.take(pa.array(lines)).to_pylist()
        return lines[np.fromiter(map(rule.matches, texts), np.bool_, len(lines))]

    def _candidates(self, folded: pa.LargeStringArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Pairs of line and rule where the line holds one of the rule's literals in its place."""
        nothing = np.zeros(0, np.int64), np.zeros(0, np.int64)
        if self._automaton is None or not len(folded):
            return nothing
        _, offsets_buffer, data = folded.buffers()
        offsets = np.frombuffer(offsets_buffer, np.int64)[folded.offset : folded.offset + len(folded) + 1]
        base, stop = int(offsets[0]), int(offsets[-1])
        if data is None or base == stop:
            return nothing
        octets = np.frombuffer(data, np.uint8)[base:stop]
        found = self._automaton.find_matches_as_indexes(octets, overlapping=True)  # type: ignore[arg-type]  # any buffer of octets
        if not found:
            return nothing
        matches = np.array(found, np.int64)
        literal, start, end = matches[:, 0], matches[:, 1], matches[:, 2]
        offsets = offsets - base
        line = np.searchsorted(offsets, start, side="right") - 1
        inside = end <= offsets[line + 1]
        literal, start, end, line = literal[inside], start[inside], end[inside], line[inside]
        # What is true of the place of each match, as flags.
        at_start, at_end = start == offsets[line], end == offsets[line + 1]
        place = (
            AT_START * at_start
            + AT_END * at_end
            + STARTS_WORD * (at_start | ~_ALNUM[octets[np.maximum(start - 1, 0)]])
            + ENDS_WORD * (at_end | ~_ALNUM[octets[np.minimum(end, len(octets) - 1)]])
        )
        counts = self._owner_offsets[literal + 1] - self._owner_offsets[literal]
        step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        owner = np.repeat(self._owner_offsets[literal], counts) + step
        asked = self._flags[owner]
        fits = (np.repeat(place, counts) & asked) == asked
        line, rule = np.repeat(line, counts)[fits], self._owners[owner[fits]]
        pairs = np.unique(line * len(self.rules) + rule)
        return pairs // len(self.rules), pairs % len(self.rules)


@functools.lru_cache(maxsize=8)
def matcher(rules: tuple[Rule, ...]) -> Matcher:
    """The matcher of a set of rules, built once."""
    return Matcher(rules)
