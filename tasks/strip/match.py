"""All rules against all distinct lines: one Aho-Corasick pass finds candidates, RE2 settles them."""

import functools
from dataclasses import dataclass

import ahocorasick_rs
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tasks.strip.rules import Rule


@dataclass(frozen=True, slots=True)
class Hits:
    """Which rule matched which line: parallel arrays, ordered by line."""

    line: npt.NDArray[np.int64]
    rule: npt.NDArray[np.int64]


class Matcher:
    """A compiled set of rules."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules
        owners: dict[str, list[int]] = {}
        for index, rule in enumerate(rules):
            for literal in rule.literals or ():
                owners.setdefault(literal, []).append(index)
        self._unfiltered = np.array([i for i, rule in enumerate(rules) if rule.literals is None], np.int64)
        names = sorted(owners)
        self._automaton = ahocorasick_rs.BytesAhoCorasick([n.encode() for n in names]) if names else None
        # literal -> rules, as one flat array with offsets
        self._owner_offsets = np.cumsum([0, *(len(owners[n]) for n in names)], dtype=np.int64)
        self._owners = np.array([i for n in names for i in owners[n]], np.int64)
        self._max_chars = np.array([rule.max_chars for rule in rules], np.int64)

    def match(self, folded: pa.LargeStringArray, chars: npt.NDArray[np.int64]) -> Hits:
        """Hits among `folded` lines (distinct ones, by rights: each costs); `chars` are their lengths."""
        line, rule = self._candidates(folded)
        keep = chars[line] <= self._max_chars[rule]
        line, rule = line[keep], rule[keep]
        texts = folded.take(pa.array(line)).to_pylist()
        rules = self.rules
        found = np.fromiter(
            (rules[r].matches(t) for r, t in zip(rule.tolist(), texts, strict=True)), np.bool_, len(texts)
        )
        return Hits(line[found], rule[found])

    def _candidates(self, folded: pa.LargeStringArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        n = len(folded)
        lines = [np.repeat(np.arange(n), len(self._unfiltered))]
        rules = [np.tile(self._unfiltered, n)]
        if self._automaton is not None and n:
            _, offsets_buffer, data = folded.buffers()
            offsets = np.frombuffer(offsets_buffer, np.int64)[folded.offset : folded.offset + n + 1]
            base, stop = int(offsets[0]), int(offsets[-1])
            haystack = np.frombuffer(data, np.uint8)[base:stop] if data is not None else b""
            found = self._automaton.find_matches_as_indexes(haystack, overlapping=True)
            if found:
                matches = np.array(found, np.int64)
                literal, start, end = matches[:, 0], matches[:, 1] + base, matches[:, 2] + base
                line = np.searchsorted(offsets, start, side="right") - 1
                inside = end <= offsets[line + 1]
                literal, line = literal[inside], line[inside]
                counts = self._owner_offsets[literal + 1] - self._owner_offsets[literal]
                first = np.repeat(self._owner_offsets[literal], counts)
                step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
                lines.append(np.repeat(line, counts))
                rules.append(self._owners[first + step])
        pairs = np.unique(np.concatenate(lines) * max(len(self.rules), 1) + np.concatenate(rules))
        return pairs // max(len(self.rules), 1), pairs % max(len(self.rules), 1)


@functools.lru_cache(maxsize=8)
def matcher(rules: tuple[Rule, ...]) -> Matcher:
    """The matcher of a set of rules, built once."""
    return Matcher(rules)
