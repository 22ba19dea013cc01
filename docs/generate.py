"""Writes what the code decides into the documentation: tables of columns and options, `explain`'s output.

    python docs/generate.py            (make docs)

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`. The tests fail where one is out of date.
"""

import contextlib
import io
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from flows.explain import explain_file
from flows.operate.options import UpOptions
from flows.settings import MIB, Settings
from schemas import CATEGORIES, DATASETS, METADATA_CATEGORIES, REJECT_REASONS

ROOT = Path(__file__).parent.parent
FILES = ("README.md", "docs/configuration.md", "docs/guarantees.md", "docs/operations.md", "docs/output.md")
EXPLAINED = "examples/pages/harbour-courier.example/cookie-law.txt"
_PART = re.compile(r"(<!-- generated: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def refreshed(text: str) -> str:
    """The text with its generated parts brought up to date. Raises KeyError for a part that is not known."""
    return _PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n\n{found[3]}", text)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def columns(fields: Iterable[pa.Field]) -> str:
    """Name, type and meaning of each field, from the schema."""
    return table(
        ("column", "type", "meaning"),
        (
            (
                f"`{field.name}`",
                f"`{kind(field.type)}`" + ("" if field.nullable else ", not null"),
                field.metadata[b"description"].decode(),
            )
            for field in fields
        ),
    )


def kind(type_: pa.DataType) -> str:
    """The type as it is usually written. A struct within a struct does not occur."""
    if pa.types.is_list(type_):
        return f"list<{kind(type_.value_type)}>"
    if pa.types.is_struct(type_) and type_.num_fields < 4:
        return f"struct<{', '.join(f'{field.name}: {kind(field.type)}' for field in type_)}>"
    return (
        "struct" if pa.types.is_struct(type_) else str(type_).replace("tz=", "").replace("float", "float32")
    )


def options(model: type[BaseModel] = Settings) -> str:
    """Every option with what it accepts and its default, from the settings."""
    schema = model.model_json_schema()
    rows = []
    for name, field in model.model_fields.items():
        flag = "--" + name.replace("_", "-")
        rows.append(
            (
                f"`{flag}`",
                accepts(schema["properties"][name]),
                default(field.default),
                field.description or "",
            )
        )
    return table(("option", "accepts", "default", "meaning"), rows)


def accepts(schema: dict[str, Any]) -> str:
    """The kind of value in words, from its JSON schema."""
    match schema:
        case {"anyOf": [first, *_]}:
            return accepts(first)
        case {"enum": values}:
            return ", ".join(f"`{value}`" for value in values)
        case {"items": items}:
            return f"list: {accepts(items)}"
        case {"type": "integer" | "number" as number}:
            low = (
                f"from {schema['minimum']}" if "minimum" in schema else f"above {schema['exclusiveMinimum']}"
            )
            high = f" to {schema['maximum']:g}" if "maximum" in schema else ""
            return f"{'whole number' if number == 'integer' else number} {low}{high}"
        case {"type": "boolean"}:
            return "yes or no"
        case {"pattern": _}:
            return "language tag"
        case {"format": "uri"}:
            return "address"
        case {"format": "path"}:
            return "path"
    return "text"


def default(value: object) -> str:
    """A default as it would stand in the config file."""
    if value is None:
        return "none"
    if value == ():
        return "`[]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, Path):
        return f"`{value.relative_to(ROOT)}` in the checkout"
    if isinstance(value, int) and value % MIB == 0:
        return f"`{value}` ({value // MIB} MiB)"
    return f"`{value}`"


def explained() -> str:
    """What `wirebrush explain` prints on an example page."""
    printed = io.StringIO()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(printed):
        explain_file(EXPLAINED, Settings())
    lines = "\n".join(line.rstrip() for line in printed.getvalue().splitlines())
    return f"```\n$ wirebrush explain {EXPLAINED}\n{lines}\n```"


def protections() -> str:
    """What is taken out, where, and which test fails then."""
    sys.path.insert(0, str(ROOT))  # the tests are no package that is installed
    from tests.faults.protections import PROTECTIONS

    rows = ((p.without, f"`{p.file}`", f"`{p.test}`") for p in PROTECTIONS)
    return table(("without the protection", "changed in", "failing test"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "options": options,
    "up-options": lambda: options(UpOptions),
    "explain": explained,
    "protections": protections,
    "quality": lambda: columns(DATASETS["records"].field("quality").type),
    "categories": lambda: table(
        ("category", "what it is"), ((f"`{name}`", meaning) for name, meaning in CATEGORIES.items())
    ),
    "category-names": lambda: (
        f"Moved to columns: {', '.join(METADATA_CATEGORIES)}.\n\n"
        f"Taken out: {', '.join(name for name in CATEGORIES if name not in METADATA_CATEGORIES)}."
    ),
    "reasons": lambda: table(
        ("reason", "meaning"), ((f"`{name}`", meaning) for name, meaning in REJECT_REASONS.items())
    ),
    **{name: (lambda schema=schema: columns(schema)) for name, schema in DATASETS.items()},
}


if __name__ == "__main__":
    for name in FILES:
        path = ROOT / name
        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
