"""One rule: what it looks for in a folded line."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from tasks.strip.lines.fold import fold
from tasks.strip.rules.patterns import Search, compile_search, plain, regex_of


class RuleError(ValueError):
    """A rule file that cannot be used; the message names file, rule and what is wrong."""


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule: what it looks for in a folded line, and what a match means.

    `patterns`, `also` and `unless` are in the alphabet of folded lines; `signs` are those of `tasks.strip.rules.signs`. Regexes
    are compiled when a line first asks for them: of a thousand rules a run uses some.
    """

    id: str
    category: str
    language: str
    at: str
    max_chars: int
    score: float
    opens: str | None
    patterns: Sequence[str]
    also: Sequence[str]
    unless: Sequence[str]
    yes: Sequence[str]
    no: Sequence[str]
    signs: pa.StructArray

    @functools.cached_property
    def searches(self) -> tuple[Search, ...]:
        """Find `patterns`, and each of `also`."""
        regexes = [regex_of(self.patterns, self.at, self.language)]
        regexes += [regex_of([pattern], "anywhere", self.language) for pattern in self.also]
        return tuple(map(compile_search, regexes))

    @functools.cached_property
    def exception(self) -> Search | None:
        """Finds `unless`; one and the same for all rules with these."""
        return compile_search(regex_of(self.unless, "anywhere", self.language)) if self.unless else None

    def check(self) -> None:
        """Compile now; raises PatternError where that fails."""
        _ = self.searches, self.exception

    def matches(self, folded: str) -> bool:
        """Whether a folded line matches."""
        line = plain(folded).encode()
        found = len(folded) <= self.max_chars and all(search(line) for search in self.searches)
        return found and not (self.exception and self.exception(line))

    def broken_examples(self) -> list[str]:
        """What its own examples say against the rule; empty where all is well."""
        said = [f"should match: {line}" for line in self.yes if not self.matches(_fold_one(line))]
        return said + [f"should not match: {line}" for line in self.no if self.matches(_fold_one(line))]


def _fold_one(line: str) -> str:
    folded: str = fold(pa.array([line], pa.large_string()))[0].as_py()
    return folded
