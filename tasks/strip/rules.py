"""Rules as data: read from TOML, checked when read, compiled once."""

import dataclasses
import functools
import gzip
import hashlib
import tomllib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from schemas import CATEGORIES
from tasks.strip.anchors import AT_END, AT_START, ENDS_WORD, STARTS_WORD, Literals, Way, rarity, ways
from tasks.strip.fold import fold, fold_patterns
from tasks.strip.patterns import UNSPACED, PatternError, Search, compile_search, parse, plain, regex_of

SHIPPED = Path(__file__).parent / "rules"
#: What `make rules` makes of the shipped rules, so that a start does not compile them; used while it is up to date.
COMPILED = SHIPPED / "compiled.json.gz"
_POSITIONS = ("whole", "start", "end", "anywhere")
_OPENS = ("list", "form", "end")
_KEYS = {"at", "patterns", "also", "unless", "max_chars", "score", "opens", "yes", "no"}
_PATTERN_CHARS_AT_MOST = 20_000


class RuleError(ValueError):
    """A rule file that cannot be used; the message names file, rule and what is wrong."""


Placed = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """What a line has that one alternative of a rule's patterns matches; for all of them together, the rule's signs.

    `chars`, `digits`: how many it holds at least. `literals`: it holds one of these, where their flags say (empty:
    none is known). `first`: it begins with one of these characters, "0" for any digit (None: with any).
    """

    chars: int
    digits: int
    literals: Placed
    first: str | None


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
    signs: tuple[Sign, ...]

    @functools.cached_property
    def search(self) -> Search:
        """Finds `patterns`."""
        return compile_search(self.regex)

    @functools.cached_property
    def also(self) -> tuple[Search, ...]:
        """Find each of `also`."""
        return tuple(map(compile_search, self.also_regex))

    @functools.cached_property
    def unless(self) -> Search | None:
        """Finds `unless`."""
        return compile_search(self.unless_regex) if self.unless_regex else None

    def check(self) -> None:
        """Compile now; raises PatternError where that fails."""
        _ = self.search, self.also, self.unless

    def matches(self, folded: str) -> bool:
        """Whether a folded line matches."""
        line = plain(folded).encode()
        found = len(folded) <= self.max_chars and self.search(line) and all(also(line) for also in self.also)
        return found and not (self.unless and self.unless(line))

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
        kept = orjson.loads(gzip.decompress(COMPILED.read_bytes()))
        if kept["digest"] == digest:
            return [_from_json(rule) for rule in kept["rules"]]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
        pass  # made anew below
    return [rule for file in sorted(SHIPPED.glob("*.toml")) for rule in read_rules(file)]


def compile_shipped() -> int:
    """Write the compiled form of the shipped rules beside them; returns how many there are."""
    rules = [rule for file in sorted(SHIPPED.glob("*.toml")) for rule in read_rules(file)]
    for rule in rules:
        rule.check()
    data = {"digest": _digest(), "rules": [_to_json(rule) for rule in rules]}
    COMPILED.write_bytes(gzip.compress(orjson.dumps(data), mtime=0))
    return len(rules)


def _from_json(fields: dict[str, Any]) -> Rule:
    for name in ("also_regex", "yes", "no"):
        fields[name] = tuple(fields[name])
    fields["signs"] = tuple(
        Sign(chars, digits, tuple((text, flags) for text, flags in literals), first)
        for chars, digits, literals, first in fields["signs"]
    )
    return Rule(**fields)


def _to_json(rule: Rule) -> dict[str, Any]:
    fields = {f.name: getattr(rule, f.name) for f in dataclasses.fields(rule)}
    fields["signs"] = [dataclasses.astuple(sign) for sign in rule.signs]
    return fields


def _digest() -> str:
    """Of what the compiled form is made of: the rule files, and the code that reads them."""
    parts = [
        *sorted(SHIPPED.glob("*.toml")),
        *(Path(__file__).with_name(n) for n in ("rules.py", "anchors.py", "patterns.py", "fold.py")),
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
        signs=_signs(patterns, also, at, language),
    )


def _signs(patterns: list[str], also: list[str], at: str, language: str) -> tuple[Sign, ...]:
    """One for each alternative of the patterns; what further conditions ask for counts as well."""
    spaced = language not in UNSPACED
    besides = [way for p in also for way in _alone(p, spaced)]
    out = []
    for pattern in patterns:
        for way in ways(parse(pattern), at in ("whole", "start") or spaced, at in ("whole", "end") or spaced):
            sets = [_placed(s, at, spaced) for s in way.sets]
            sets += [_placed(s, "anywhere", spaced) for b in besides for s in b.sets]
            out.append(
                Sign(
                    way.chars,
                    max(way.digits, *(b.digits for b in besides)) if besides else way.digits,
                    max(sets, key=rarity, default=()),
                    way.first if at in ("whole", "start") else None,
                )
            )
    return tuple(dict.fromkeys(out))


def _alone(pattern: str, spaced: bool) -> list[Way]:
    """What a condition asks for, if it has one alternative only."""
    found = ways(parse(pattern), spaced, spaced)
    return found if len(found) == 1 else []


def _placed(found: Literals, at: str, spaced: bool) -> Placed:
    out = set()
    for anchor in found:
        flags = 0
        if anchor.begins and at in ("whole", "start"):
            flags |= AT_START
        elif anchor.word_before:
            flags |= STARTS_WORD
        if anchor.ends and at in ("whole", "end"):
            flags |= AT_END
        elif anchor.word_after:
            flags |= ENDS_WORD
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
