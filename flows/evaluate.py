"""`wirebrush evaluate`: cleaned records scored against labelled pages, as tables, as JSON, and as pages to look at."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from flows.printable import printable
from tasks.evaluate import (
    BODY,
    RECORDS,
    CategoryCounts,
    Estimate,
    Evaluation,
    Figures,
    GoldPage,
    LineFigures,
    WorstPage,
    evaluate,
    extracted,
    installed_extractors,
    read_gold,
    read_html,
    read_records,
    read_removals,
    select,
)

_COLUMNS = ("pages", "missing", "F1", "95 %", "precision", "recall", "kept", "dropped")
#: Columns of names, which stand at the left; figures stand at the right.
_NAMES = ("data set", "system", "language", "category")
_PLAIN: dict[str, Any] = {"markup": False, "soft_wrap": True}

_Table = tuple[str, Sequence[str], list[tuple[str, ...]]]

#: Characters of a line, and right lines on either side of a wrong one, that a diff shows.
_LINE, _CONTEXT = 300, 1
_MARKS = {"same": "  ", "lost": "- ", "extra": "+ "}
_STYLES = {"same": "dim", "lost": "red", "extra": "yellow"}


def evaluate_records(
    records: Path,
    gold: Path,
    *,
    html: Path | None = None,
    split: str | None = None,
    page_type: str | None = None,
    datasets: Sequence[str] = (),
    worst: int = 0,
    as_json: bool = False,
) -> int:
    """Print how well `records` agree with the labelled pages of `gold`. Returns the exit status.

    Raises EvaluationError for files that are not as they should be.
    """
    pages = select(read_gold(gold), split, page_type, datasets)
    ids = {page.id for page in pages}
    cleaned, removals = read_records(records, ids), read_removals(records, ids)
    if html:
        found = read_html(html, ids)
        pages = [replace(page, html=found.get(page.id)) for page in pages]
    evaluation = evaluate(pages, cleaned, removals, extract_others(pages), worst)
    if as_json:
        print(json.dumps(asdict(evaluation), ensure_ascii=True, indent=2))
        return 0
    console = Console(file=sys.stdout, highlight=False)
    show(evaluation, console)
    if removals is None and any(page.lines for page in pages):
        console.print(f"\nNo removals/ beside {printable(str(records))}: lines are not judged.", markup=False)
    return 0


def extract_others(pages: Sequence[GoldPage]) -> dict[str, list[str]]:
    """What other extractors find on the same pages, where all of them come with their HTML."""
    if not all(page.html for page in pages):
        return {}
    console = Console(stderr=True)
    found = {}
    for name, work in installed_extractors().items():
        texts = list(
            track(
                extracted(pages, work, os.cpu_count() or 1),
                description=name,
                total=len(pages),
                console=console,
                transient=True,
                disable=not console.is_terminal,
            )
        )
        failed = sum(text is None for text in texts)
        if failed:
            console.print(f"{name} failed or took too long on {failed:,} pages: they count as empty")
        found[name] = [text or "" for text in texts]
    return found


def show(evaluation: Evaluation, console: Console) -> None:
    """Print all figures, as tables on a terminal and with tabs between columns in a pipe; then the worst pages."""
    pages = f"{evaluation.pages:,} labelled pages, {evaluation.missing:,} of them without a record"
    console.print(pages, markup=False, soft_wrap=True)
    for title, columns, rows in tables(evaluation):
        console.print()
        if console.is_terminal:
            console.print(_drawn(title, columns, rows))
        else:
            for row in ((title,), columns, *rows):
                print("\t".join(map(printable, row)), file=console.file)  # rich would make blanks of tabs
    for page in evaluation.worst:
        _show_page(page, console)


def tables(evaluation: Evaluation) -> Iterator[_Table]:
    """Title, column names and rows of each table that says something."""
    yield "By data set", ("data set", "system", *_COLUMNS), list(_by_dataset(evaluation))
    if len({figures.group for figures in evaluation.languages}) > 1:
        systems = list(dict.fromkeys(f.system for f in evaluation.languages if f.system != RECORDS))
        columns = ("language", "pages", "missing", "F1", "95 %", *systems)
        yield "F1 by language", columns, list(_by_language(evaluation.languages, systems))
    columns = ("pages", "body kept", "95 %", "others removed", "95 %", "rightly named", "95 %")
    if evaluation.line_datasets:
        yield "Lines by data set", ("data set", *columns), [_lines(f) for f in evaluation.line_datasets]
    if len(evaluation.line_languages) > 1:
        yield "Lines by language", ("language", *columns), [_lines(f) for f in evaluation.line_languages]
    if evaluation.categories:
        columns = ("category", "labelled", "removed", "recall", "given", "precision")
        rows = [_category(name, counts) for name, counts in evaluation.categories.items()]
        yield "Lines by category", columns, rows


def _by_dataset(evaluation: Evaluation) -> Iterator[tuple[str, ...]]:
    for f in evaluation.datasets:
        counts = (f"{f.pages:,}", f"{f.missing:,}" if f.system == RECORDS else "")
        single = (f.precision, f.recall, f.snippets_kept, f.snippets_dropped)
        yield (f.group, f.system, *counts, *_with_interval(f.f1), *(_value(figure) for figure in single))
    for system, (mean, sets) in evaluation.macro.items():
        if sets > 1:
            yield (f"mean of {sets} data sets", system, "", "", *_with_interval(mean), "", "", "", "")


def _by_language(figures: Sequence[Figures], systems: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for group, members in groupby(figures, key=lambda f: f.group):
        by_system = {f.system: f for f in members}
        ours = by_system[RECORDS]
        others = (_value(by_system[name].f1 if name in by_system else None) for name in systems)
        yield (group, f"{ours.pages:,}", f"{ours.missing:,}", *_with_interval(ours.f1), *others)


def _lines(f: LineFigures) -> tuple[str, ...]:
    figures = (f.body_kept, f.others_removed, f.named)
    return (f.group, f"{f.pages:,}", *(cell for figure in figures for cell in _with_interval(figure)))


def _category(name: str, c: CategoryCounts) -> tuple[str, ...]:
    recall = f"{c.named / c.labelled:.3f}" if c.labelled else ""
    precision = f"{c.right / c.given:.3f}" if c.given else ""
    if name == BODY:  # is never given: what counts is that it stays
        recall = ""
    return (name, f"{c.labelled:,}", f"{c.removed:,}", recall, f"{c.given:,}", precision)


def _value(figure: Estimate | None) -> str:
    return f"{figure.value:.3f}" if figure else ""


def _with_interval(figure: Estimate | None) -> tuple[str, str]:
    # One page, or pages that are all alike, give none.
    spread = figure is not None and figure.low < figure.high
    return _value(figure), f"{figure.low:.3f}–{figure.high:.3f}" if figure and spread else ""


def _drawn(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, justify="left" if column in _NAMES else "right", overflow="fold")
    before = ""
    for name, *cells in rows:
        shown = [_shown(cell) for cell in (name if name != before else "", *cells)]
        table.add_row(*shown, style="bold" if RECORDS in cells else "")
        before = name
    return table


def _show_page(page: WorstPage, console: Console) -> None:
    """A page's lost lines (-), lines that should have gone (+), and the right lines next to them."""
    measured = f"F1 {page.score:.3f}, precision {page.precision:.3f}, recall {page.recall:.3f}"
    figure = measured if page.recall is not None else f"snippets right {page.score:.3f}"
    console.print(f"\n{printable(page.id)} ({printable(page.dataset)}): {figure}", style="bold", **_PLAIN)
    wrong = [number for number, line in enumerate(page.diff) if line.kind != "same"]
    near = {number + step for number in wrong for step in range(-_CONTEXT, _CONTEXT + 1)}
    for is_shown, group in groupby(enumerate(page.diff), key=lambda numbered: numbered[0] in near):
        if not is_shown:
            console.print(f"  ... {len(list(group)):,} right lines", style="dim", **_PLAIN)
            continue
        for _, line in group:
            text = line.text if len(line.text) <= _LINE else line.text[:_LINE] + " ..."
            label = f"  [{line.label}]" if line.label else ""
            console.print(_MARKS[line.kind] + printable(text) + label, style=_STYLES[line.kind], **_PLAIN)


def _shown(text: str) -> str:
    """Text for a table's cell: no control characters, and no brackets that rich would take for markup."""
    return escape(printable(text))
