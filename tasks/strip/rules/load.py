"""The rules of a run: those that are shipped, compiled once, and those of own files."""

import functools
import gzip
import hashlib
import itertools
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from tasks.strip.rules.patterns import PatternError
from tasks.strip.rules.read import read_rules
from tasks.strip.rules.rule import Rule, RuleError
from tasks.strip.rules.signs import SIGN

SHIPPED = Path(__file__).parent / "data"
#: What `make rules` makes of the shipped rules, so that a start does not compile them; used while it is up to date.
#: A row a rule, a column a field of `Rule`, as an Arrow stream; under gzip, which tells whether it is whole.
COMPILED = SHIPPED / "compiled.arrow.gz"
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
    return _read_shipped()


def _read_shipped() -> list[Rule]:
    return [rule for file in sorted(SHIPPED.glob("*.toml")) for rule in read_rules(file)]


def compile_shipped() -> int:
    """Write the compiled form of the shipped rules beside them; returns how many there are."""
    rules = _read_shipped()
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
    code = [
        here / name for name in ("load.py", "read.py", "rule.py", "signs.py", "anchors.py", "patterns.py")
    ]
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
