"""Rules as data: read from TOML, checked when read, compiled once."""

import functools
import gzip
import hashlib
import itertools
import tomllib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas import CATEGORIES
from tasks.strip.lines.fold import fold, fold_patterns
from tasks.strip.rules.patterns import PatternError, Search, compile_search, parse, plain, regex_of
from tasks.strip.rules.signs import SIGN, signs_of

SHIPPED = Path(__file__).parent / "data"
#: What `make rules` makes of the shipped rules, so that a start does not compile them; used while it is up to date.
#: A row a rule, a column a field of `Rule`, as an Arrow stream; under gzip, which tells whether it is whole.
COMPILED = SHIPPED / "compiled.arrow.gz"
_POSITIONS = ("whole", "start", "end", "anywhere")
_OPENS = ("list", "form", "end")
_KEYS = {"at", "patterns", "also", "unless", "max_chars", "score", "opens", "yes", "no"}
_PATTERN_CHARS_AT_MOST = 20_000
_STRINGS = pa.list_(pa.string())
_COLUMNS = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "category", "language", "at")),
        ("max_chars", pa.int64()),
        ("score", pa.float64()),
        ("opens", pa.string()),
        *((name, _STRINGS) for name in ("patterns", "also", "unless", "yes", "no")),
        ("signs", pa.list_(SIGN)),
    ]
)


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
    try:
        kept = pa.ipc.open_stream(gzip.decompress(COMPILED.read_bytes())).read_all()
        if kept.schema == _COLUMNS and kept.schema.metadata[b"digest"] == _digest():
            return _from_table(kept)
    except (OSError, EOFError, zlib.error, pa.ArrowInvalid):
        pass  # made anew below
    return [rule for file in sorted(SHIPPED.glob("*.toml")) for rule in read_rules(file)]


def compile_shipped() -> int:
    """Write the compiled form of the shipped rules beside them; returns how many there are."""
    rules = [rule for file in sorted(SHIPPED.glob("*.toml")) for rule in read_rules(file)]
    for rule in rules:
        rule.check()
    table = _to_table(rules).replace_schema_metadata({"digest": _digest()})
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    COMPILED.write_bytes(gzip.compress(stream.getvalue(), mtime=0))
    return len(rules)


def _from_table(table: pa.Table) -> list[Rule]:
    columns = [table[name].to_pylist() for name in _COLUMNS.names[:-1]]
    signs = table["signs"].combine_chunks()
    bounds = signs.offsets.to_pylist()
    columns.append([signs.values[start:stop] for start, stop in itertools.pairwise(bounds)])
    return [Rule(*fields) for fields in zip(*columns, strict=True)]


def _to_table(rules: Sequence[Rule]) -> pa.Table:
    columns = [[getattr(rule, name) for rule in rules] for name in _COLUMNS.names]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, _COLUMNS.types, strict=True)]
    return pa.table(arrays, schema=_COLUMNS)


def _digest() -> bytes:
    """Of what the compiled form is made of: the rule files, and the code that reads them."""
    here = Path(__file__).parent
    code = [here / name for name in ("load.py", "signs.py", "anchors.py", "patterns.py")]
    code += [here.parent / "lines" / name for name in ("fold.py", "characters.py")]
    parts = [*sorted(SHIPPED.glob("*.toml")), *code]
    return hashlib.blake2b(b"".join(part.read_bytes() for part in parts), digest_size=16).hexdigest().encode()


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
        at=at,
        max_chars=max_chars,
        score=float(score),
        opens=opens,
        patterns=patterns,
        also=also,
        unless=unless,
        yes=lists["yes"],
        no=lists["no"],
        signs=signs_of(patterns, also, at, language),
    )


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
