"""Rules as data: read from TOML, checked when read, compiled once."""

import functools
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas import CATEGORIES
from tasks.strip.fold import fold, fold_patterns
from tasks.strip.patterns import PatternError, compile_patterns, literals

SHIPPED = Path(__file__).parent / "rules"
_POSITIONS = ("whole", "start", "end", "anywhere")
_OPENS = ("list", "form", "end")
_KEYS = {"at", "patterns", "also", "unless", "max_chars", "score", "opens", "yes", "no"}
_PATTERN_CHARS_AT_MOST = 20_000


class RuleError(ValueError):
    """A rule file that cannot be used; the message names file, rule and what is wrong."""


@dataclass(frozen=True)
class Rule:
    """One rule: what it looks for in a folded line, and what a match means.

    Its regexes are compiled when a line first asks for them: of a thousand rules a run uses some.
    """

    id: str
    category: str
    language: str
    at: str
    patterns: tuple[str, ...]
    also: tuple[str, ...]
    unless: tuple[str, ...]
    max_chars: int
    score: float
    opens: str | None
    yes: tuple[str, ...]
    no: tuple[str, ...]
    #: Every match holds one of these; None: the rule has to be tried on every line.
    literals: frozenset[str] | None

    @functools.cached_property
    def _conditions(self) -> tuple[Any, tuple[Any, ...], Any]:
        regex = compile_patterns(list(self.patterns), self.at, self.language)
        also = tuple(compile_patterns([p], "anywhere", self.language) for p in self.also)
        unless = compile_patterns(list(self.unless), "anywhere", self.language) if self.unless else None
        return regex, also, unless

    def check(self) -> None:
        """Compile now; raises PatternError where that fails."""
        _ = self._conditions

    def matches(self, folded: str) -> bool:
        """Whether a folded line matches."""
        regex, also, unless = self._conditions
        return (
            len(folded) <= self.max_chars
            and regex.search(folded) is not None
            and all(r.search(folded) is not None for r in also)
            and (unless is None or unless.search(folded) is None)
        )

    def broken_examples(self) -> list[str]:
        """What its own examples say against the rule; empty where all is well."""
        said = [f"should match: {line}" for line in self.yes if not self.matches(_fold_one(line))]
        return said + [f"should not match: {line}" for line in self.no if self.matches(_fold_one(line))]


def load_rules(paths: Sequence[Path] = (), disable: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The shipped rules and those of the files `paths`, without the ids in `disable`.

    Raises RuleError for a file that does not parse, a rule that lacks something, or an id that does not exist.
    """
    return _load(tuple(sorted(SHIPPED.glob("*.toml"))) + tuple(Path(p) for p in paths), frozenset(disable))


@functools.lru_cache(maxsize=8)
def _load(files: tuple[Path, ...], disable: frozenset[str]) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {}
    for file in files:
        for rule in read_rules(file):
            if file.parent != SHIPPED:
                _check(file, rule)  # the shipped ones are checked by the tests
            if rule.id in rules:
                raise RuleError(f"{file.name}: {rule.id} exists already; give the rule another name")
            rules[rule.id] = rule
    unknown = disable - rules.keys()
    if unknown:
        raise RuleError(f"no rule has the id {min(unknown)!r}; `wirebrush explain` shows the ids that fire")
    return tuple(rule for rule in rules.values() if rule.id not in disable)


def _check(file: Path, rule: Rule) -> None:
    try:
        rule.check()
    except PatternError as e:
        raise RuleError(f"{file}: {rule.id}: {e}") from None
    if said := rule.broken_examples():
        raise RuleError(f"{file}: {rule.id}: its own example {said[0]}")


def read_rules(file: Path) -> list[Rule]:
    """The rules of one file."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise RuleError(f"{file}: {e}") from None
    category = data.pop("category", None)
    if category not in CATEGORIES:
        raise RuleError(f"{file}: category = {category!r}; one of {', '.join(CATEGORIES)} is needed")
    rules = []
    for language, section in data.items():
        if not isinstance(section, dict):
            raise RuleError(f"{file}: {language!r} is no language section")
        for name, body in section.items():
            where = f"{category}.{language}.{name}"
            try:
                rules.append(_rule(where, category, language, body))
            except (PatternError, RuleError) as e:
                raise RuleError(f"{file}: {where}: {e}") from None
    return rules


def _rule(id_: str, category: str, language: str, body: Any) -> Rule:
    if not isinstance(body, dict):
        raise RuleError("a rule is a table")
    if unknown := body.keys() - _KEYS:
        raise RuleError(f"unknown key {min(unknown)!r}; known are {', '.join(sorted(_KEYS))}")
    lists = {key: _strings(body, key) for key in ("patterns", "also", "unless", "yes", "no")}
    for key in ("patterns", "yes", "no"):
        if not lists[key]:
            raise RuleError(f"{key} is missing or empty")
    at, opens = body.get("at", "whole"), body.get("opens")
    score, max_chars = body.get("score", 0.95), body.get("max_chars", 400)
    if at not in _POSITIONS:
        raise RuleError(f"at = {at!r}; one of {', '.join(_POSITIONS)} is needed")
    if opens is not None and opens not in _OPENS:
        raise RuleError(f"opens = {opens!r}; one of {', '.join(_OPENS)} is needed")
    if not isinstance(score, int | float) or not 0 < score <= 1:
        raise RuleError(f"score = {score!r}; a number above 0 and up to 1 is needed")
    if not isinstance(max_chars, int) or max_chars < 1:
        raise RuleError(f"max_chars = {max_chars!r}; a positive whole number is needed")
    if sum(map(len, lists["patterns"])) > _PATTERN_CHARS_AT_MOST:
        raise RuleError(f"the patterns have more than {_PATTERN_CHARS_AT_MOST} characters")
    patterns, also, unless = (fold_patterns(list(lists[key])) for key in ("patterns", "also", "unless"))
    needed = [literals(p) for p in patterns]
    for p in patterns + also + unless:
        if p != p.lower():
            raise RuleError(f"pattern {p!r} has capitals, and folded lines have none")
    for p in also + unless:
        literals(p)  # refuses what is not linear-time
    return Rule(
        id=id_,
        category=category,
        language=language,
        at=at,
        patterns=tuple(patterns),
        also=tuple(also),
        unless=tuple(unless),
        max_chars=max_chars,
        score=float(score),
        opens=opens,
        yes=lists["yes"],
        no=lists["no"],
        literals=frozenset[str]().union(*(n for n in needed if n)) if all(needed) else None,
    )


def _strings(body: dict[str, Any], key: str) -> tuple[str, ...]:
    value = body.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise RuleError(f"{key} is a list of non-empty strings")
    return tuple(value)


def _fold_one(line: str) -> str:
    folded: str = fold(pa.array([line], pa.large_string()))[0].as_py()
    return folded
