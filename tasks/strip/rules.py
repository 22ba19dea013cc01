"""Rules as data: read from TOML, checked when read, compiled once."""

import dataclasses
import functools
import gzip
import hashlib
import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas import CATEGORIES
from tasks.strip.fold import fold, fold_patterns
from tasks.strip.patterns import (
    AT_END,
    AT_START,
    ENDS_WORD,
    STARTS_WORD,
    UNSPACED,
    Anchor,
    PatternError,
    anchors,
    compile_regex,
    needs_digit,
    parse,
    rarity,
    regex_of,
)

SHIPPED = Path(__file__).parent / "rules"
#: What `make rules` makes of the shipped rules, so that a start does not compile them; used while it is up to date.
COMPILED = SHIPPED / "compiled.json.gz"
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
    max_chars: int
    score: float
    opens: str | None
    yes: tuple[str, ...]
    no: tuple[str, ...]
    #: RE2 expressions of `patterns`, of each of `also`, and of `unless`.
    regex: str
    also_regex: tuple[str, ...]
    unless_regex: str | None
    #: Every match holds one of these: literal and what is known of its place. None: the rule is tried on every line.
    anchors: tuple[tuple[str, int], ...] | None
    #: Every match holds a digit.
    digit: bool

    @functools.cached_property
    def _conditions(self) -> tuple[Any, tuple[Any, ...], Any]:
        unless = compile_regex(self.unless_regex) if self.unless_regex else None
        return compile_regex(self.regex), tuple(map(compile_regex, self.also_regex)), unless

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
    return _load(tuple(Path(p) for p in paths), frozenset(disable))


@functools.lru_cache(maxsize=8)
def _load(files: tuple[Path, ...], disable: frozenset[str]) -> tuple[Rule, ...]:
    rules: dict[str, Rule] = {rule.id: rule for rule in _shipped()}
    for file in files:
        for rule in read_rules(file):
            if rule.id in rules:
                raise RuleError(f"{file}: {rule.id} exists already; give the rule another name")
            _check(file, rule)
            rules[rule.id] = rule
    unknown = disable - rules.keys()
    if unknown:
        raise RuleError(f"no rule has the id {min(unknown)!r}; `wirebrush explain` shows the ids that fire")
    return tuple(rule for rule in rules.values() if rule.id not in disable)


def _shipped() -> list[Rule]:
    """The shipped rules, as compiled earlier where the files are still the same."""
    digest = _digest()
    try:
        with gzip.open(COMPILED, "rt", encoding="utf-8") as f:
            kept = json.load(f)
        if kept["digest"] == digest:
            return [_from_json(rule) for rule in kept["rules"]]
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        pass  # made anew below
    return [rule for file in sorted(SHIPPED.glob("*.toml")) for rule in read_rules(file)]


def compile_shipped() -> int:
    """Write the compiled form of the shipped rules beside them; returns how many there are."""
    rules = [rule for file in sorted(SHIPPED.glob("*.toml")) for rule in read_rules(file)]
    for rule in rules:
        rule.check()
    data = {"digest": _digest(), "rules": [dataclasses.asdict(rule) for rule in rules]}
    COMPILED.write_bytes(gzip.compress(json.dumps(data, ensure_ascii=False).encode(), mtime=0))
    return len(rules)


def _from_json(fields: dict[str, Any]) -> Rule:
    for name in ("also_regex", "yes", "no"):
        fields[name] = tuple(fields[name])
    if fields["anchors"] is not None:
        fields["anchors"] = tuple((text, flags) for text, flags in fields["anchors"])
    return Rule(**fields)


def _digest() -> str:
    """Of what the compiled form is made of: the rule files, and the code that reads them."""
    parts = [
        *sorted(SHIPPED.glob("*.toml")),
        *(Path(__file__).with_name(n) for n in ("rules.py", "patterns.py", "fold.py")),
    ]
    return hashlib.blake2b(b"".join(part.read_bytes() for part in parts), digest_size=16).hexdigest()


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
    for p in patterns + also + unless:
        parse(p)  # refuses what is not linear-time
        if p != p.lower():
            raise RuleError(f"pattern {p!r} has capitals, and folded lines have none")
    return Rule(
        id=id_,
        category=category,
        language=language,
        max_chars=max_chars,
        score=float(score),
        opens=opens,
        yes=lists["yes"],
        no=lists["no"],
        regex=regex_of(patterns, at, language),
        also_regex=tuple(regex_of([p], "anywhere", language) for p in also),
        unless_regex=regex_of(unless, "anywhere", language) if unless else None,
        anchors=_rarest(patterns, also, at, language),
        digit=all(map(needs_digit, patterns)) or any(map(needs_digit, also)),
    )


def _rarest(
    patterns: list[str], also: list[str], at: str, language: str
) -> tuple[tuple[str, int], ...] | None:
    """Of the sets of literals that a match needs (its pattern's, each further condition's) the rarest."""
    sets = [_placed([anchors(p) for p in patterns], at, language)]
    sets += [_placed([anchors(p)], "anywhere", language) for p in also]
    known = [s for s in sets if s]
    return max(known, key=rarity, default=None)


def _placed(
    found: list[frozenset[Anchor] | None], at: str, language: str
) -> tuple[tuple[str, int], ...] | None:
    if not all(found):
        return None
    spaced = language not in UNSPACED
    out = set()
    for anchor in frozenset[Anchor]().union(*(f for f in found if f)):
        flags = 0
        if anchor.begins:
            flags |= AT_START if at in ("whole", "start") else STARTS_WORD * spaced
        if anchor.ends:
            flags |= AT_END if at in ("whole", "end") else ENDS_WORD * spaced
        out.add((anchor.text, flags))
    return tuple(sorted(out))


def _strings(body: dict[str, Any], key: str) -> tuple[str, ...]:
    value = body.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise RuleError(f"{key} is a list of non-empty strings")
    return tuple(value)


def _fold_one(line: str) -> str:
    folded: str = fold(pa.array([line], pa.large_string()))[0].as_py()
    return folded


if __name__ == "__main__":
    print(f"{compile_shipped():,} rules compiled")
