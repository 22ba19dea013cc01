"""Imports go one way, as docs/architecture.md says that data does."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: None of these imports what stands to its right.
ORDER = (
    *("schemas", "tasks.site", "tasks.place", "tasks.instant", "tasks.blanks", "tasks.hashing"),
    *("tasks.ingest", "tasks.extract", "tasks.strip", "tasks.language", "tasks.quality"),
    *("tasks.site_memory", "tasks.copies", "tasks.write", "tasks.views", "tasks.evaluate", "flows"),
)
STRIP = tuple(
    f"tasks.strip.{name}" for name in ("lines", "rules", "structure", "model", "verdict", "apply", "strip")
)


def modules() -> Iterator[tuple[str, Path]]:
    for folder in ("schemas", "tasks", "flows"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def imported(path: Path) -> Iterator[str]:
    """The full name of all that a file imports, wherever in it that is done."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def place(name: str, order: tuple[str, ...]) -> int | None:
    """The place in the order of the package or module that a name is of."""
    found = (at for at, one in enumerate(order) if f"{name}.".startswith(f"{one}."))
    return next(found, None)


def test_each_package_has_its_place() -> None:
    assert [name for name, _ in modules() if place(name, ORDER) is None] == ["tasks"]


@pytest.mark.parametrize("order", [ORDER, STRIP], ids=["packages", "within strip"])
def test_nothing_imports_what_stands_to_its_right(order: tuple[str, ...]) -> None:
    backwards = [
        f"{module} imports {name}"
        for module, path in modules()
        if (own := place(module, order)) is not None
        for name in imported(path)
        if (other := place(name, order)) is not None and other > own
    ]
    assert backwards == []


def test_only_flows_imports_prefect() -> None:
    names = {module for module, path in modules() for name in imported(path) if name.startswith("prefect")}
    assert names
    assert [name for name in sorted(names) if not name.startswith("flows.")] == []


def test_what_is_private_to_a_module_stays_in_it() -> None:
    private = [
        f"{module} imports {name}"
        for module, path in modules()
        for name in imported(path)
        if name.partition(".")[0] in ("schemas", "tasks", "flows") and "._" in name
    ]
    assert private == []
