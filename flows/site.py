"""`wirebrush site`: what is known of a site, as a person reads it or a machine."""

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.printable import printable
from tasks.write import Layout, SiteView, site_view


def show_site(name: str, output: Path, as_json: bool, lines: int) -> int:
    """Print the lines that a site repeats, from the top of its pages to their end. Returns the exit status."""
    view = site_view(Layout(output), name)
    if view is None:
        print(
            f"wirebrush: nothing is known of {printable(name)} in {printable(str(output))}", file=sys.stderr
        )
        return 1
    if as_json:
        print(json.dumps(view.as_dict(), ensure_ascii=True, indent=2))
    else:
        _print(view, lines, Console(file=sys.stdout, highlight=False))
    return 0


def _print(view: SiteView, most: int, console: Console) -> None:
    counted = f"{view.pages:,.0f} pages, seen in runs {view.first_seen:,} to {view.last_seen:,}"
    console.print(f"{printable(view.site)}: {counted}", markup=False, soft_wrap=True)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("pages", "share", "where", "runs", "line"):
        table.add_column(column, overflow="fold")
    for line in view.lines[:most]:
        runs = f"{line.first_seen}-{line.last_seen}"
        share = f"{100 * line.pages / view.pages:.0f} %" if view.pages else ""
        table.add_row(f"{line.pages:,.0f}", share, line.where, runs, escape(printable(line.text)))
    console.print(table)
    if len(view.lines) > most:
        console.print(f"... {len(view.lines) - most:,} more", markup=False)
