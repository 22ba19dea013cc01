"""`wirebrush clean`: the flow with a progress bar while it runs and a table when it is done."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from httpx import HTTPStatusError, TransportError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from flows.operate.options import PREFECT
from flows.printable import printable
from flows.report import Summary, tables
from flows.settings import Settings, SettingsError
from tasks.ingest import list_sources
from tasks.strip import strip_text
from tasks.write import output_lock, read_progress

#: Seconds between two looks at the progress files, and between two lines where there is no terminal.
_LOOK_EVERY, _LINE_EVERY = 0.5, 10.0

#: What Prefect is told besides, before it is imported for a run. What the user has set stands.
RUN_PREFECT = PREFECT | {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    # The run's page has every line; on the terminal they would tear the progress bar apart.
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
}


_SERVER_GONE = "failed: the Prefect server is gone ({}). What is done stays; run it again for what is not."
_SERVER_REFUSES = "failed: the Prefect server at {} answers with status {}. {}"
#: What to do about a status that a server answers with.
_REFUSED = {
    401: "Is PREFECT_API_AUTH_STRING set to what it asks for?",
    403: "Is PREFECT_API_AUTH_STRING set to what it asks for?",
    404: "Is PREFECT_API_URL the address of its API, which ends in /api?",
}
_UNWELL = "Its log may tell why. What is done stays; run it again for what is not."


def run_clean(sources: list[str], output: Path, settings: Settings) -> int:
    """Run the flow over the sources; return the exit status: 0, or 1 when a part of it failed.

    What is wrong with the call itself is found before any work starts: raises SourceNotFound, SettingsError,
    RuleError or OutputBusy.
    """
    check_call(sources, output, settings)
    for name, value in RUN_PREFECT.items():
        os.environ.setdefault(name, value)
    from flows.clean_corpus import clean_corpus
    from flows.local_server import NoServer, local_server

    console = Console(stderr=True)
    try:
        with show_progress(output, console), local_server(told=not settings.dask_address):
            state = clean_corpus(sources, str(output), **settings.model_dump(), return_state=True)
    except NoServer as error:
        console.print(f"failed: {printable(str(error))}", markup=False, soft_wrap=True)
        return 1
    except TransportError as error:
        console.print(_SERVER_GONE.format(error), markup=False, soft_wrap=True)
        return 1
    except HTTPStatusError as error:
        where = error.request.url.netloc.decode()  # without credentials
        code = error.response.status_code
        said = _SERVER_REFUSES.format(where, code, _REFUSED.get(code, _UNWELL))
        console.print(said, markup=False, soft_wrap=True)
        return 1
    summary = state.result(raise_on_failure=False)
    if not isinstance(summary, Summary):
        console.print(f"failed: {printable(state.message or str(summary))}", markup=False, soft_wrap=True)
        return 1
    print_summary(summary, output)
    return 1 if summary.failed else 0


def check_call(sources: list[str], output: Path, settings: Settings) -> None:
    """Raise what makes a run pointless, before a server is started for it."""
    settings.digest()
    strip_text("", settings=settings.strip())  # loads the rules
    list_sources(sources, output=output)
    if settings.runner == "dask":
        from flows.runners import task_runner

        task_runner(settings)
    try:
        with output_lock(output):
            pass
    except OSError as error:
        raise SettingsError(f"output: {output} cannot be written to: {error.strerror or error}") from error


@contextmanager
def show_progress(output: Path, console: Console) -> Iterator[None]:
    """Show how far the run is, until the block is left: a bar on a terminal, else a line now and then."""
    stop = threading.Event()
    follow = _draw_bar if console.is_terminal else _print_lines
    watcher = threading.Thread(target=follow, args=(output, console, stop), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()


def _draw_bar(output: Path, console: Console, stop: threading.Event) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[counts]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        row: TaskID = bar.add_task("starting", total=None, counts="")
        while not stop.wait(_LOOK_EVERY):
            now = read_progress(output)
            if not now.total_bytes:
                continue
            counts = f"{now.documents:,} documents" if now.documents else f"{now.read_bytes / 1e6:,.0f} MB"
            bar.update(
                row,
                description="cleaning" if now.documents else "reading",
                completed=now.done_bytes,
                total=now.total_bytes,
                counts=counts,
            )


def _print_lines(output: Path, console: Console, stop: threading.Event) -> None:
    while not stop.wait(_LINE_EVERY):
        now = read_progress(output)
        if now.read_bytes and now.total_bytes:
            share = 100 * now.done_bytes / now.total_bytes
            read = f"{now.read_bytes / 1e6:,.0f} MB of text read"
            console.print(
                f"{share:.0f} %: " + (f"{now.documents:,} documents cleaned" if now.documents else read)
            )


def print_summary(summary: Summary, output: Path) -> None:
    """Print what a run did and where its output lies. Plain lines in a pipe, tables on a terminal."""
    console = Console(file=sys.stdout)
    console.print(printable(summary.message), markup=False, highlight=False, soft_wrap=True)
    for title, columns, rows in tables(summary):
        if not rows or not summary.shards:
            continue
        if console.is_terminal:
            table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
            for column in columns:
                table.add_column(column)
            for cells in rows[:_SHOWN]:
                table.add_row(*(_plain(cell) for cell in cells))
            console.print()
            console.print(table)
        else:
            console.print(f"\n{title}", markup=False, highlight=False)
            for cells in rows[:_SHOWN]:
                print("\t".join(map(printable, cells)), file=console.file)  # rich would make blanks of tabs
        if len(rows) > _SHOWN:
            console.print(f"... {len(rows) - _SHOWN:,} more in the report", markup=False, highlight=False)
    out = printable(str(output))
    console.print(
        f"\nParquet: {out}/records/*.parquet (and removals, rejects, sources)", markup=False, soft_wrap=True
    )
    if summary.shards:
        console.print(f"Report:  {out}/runs/{summary.run_id}/report.html", markup=False, soft_wrap=True)


#: Rows of a table that are printed.
_SHOWN = 12


def _plain(text: str) -> str:
    """Text for a table's cell: no control characters, and no brackets that rich would take for markup."""
    return escape(printable(text))
