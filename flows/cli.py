"""The command line. What one command alone needs, it imports when it is called, so that the others answer at once."""

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Annotated

import pyarrow as pa
from cyclopts import App, CycloptsError, Parameter, Token
from cyclopts.validators import Number
from pydantic import ValidationError

from flows.operate.errors import OperateError
from flows.operate.options import HOME, UpOptions
from flows.printable import printable
from flows.settings import Settings, SettingsError, explain_errors, local_folder, read_settings

DONE, FAILED, WRONG_CALL = 0, 1, 2


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("wirebrush")
    except PackageNotFoundError:
        return "unknown: not installed"  # run from a checkout


def _folder(_type: type, tokens: Sequence[Token]) -> Path:
    """What stands on the command line for an output: as a Path, nothing would be the folder one is in."""
    return local_folder(tokens[0].value)


app = App(
    name="wirebrush",
    help="Raw scraped pages in, article text as Parquet out.",
    version=_version,
)


@app.command
def clean(
    *sources: str,
    output: Annotated[Path, Parameter(alias="-o", converter=_folder)],
    config: Path | None = None,
    options: Annotated[Settings | None, Parameter(name="*")] = None,
) -> int:
    """Clean files, folders, globs or object-store URLs into Parquet data sets.

    Files that an earlier run has cleaned are left alone. Exit status: 0 done, 1 some shard failed (the others
    are written), 2 the call itself was wrong.

    Parameters
    ----------
    sources
        what to read
    output
        folder that receives records/, removals/, rejects/ and sources/
    config
        TOML file with any of the options below; the command line wins over it
    """
    from flows.run import run_clean

    if not sources:
        raise SettingsError("no source given: name at least one file, folder, glob or URL")
    return run_clean(list(sources), output, read_settings(config, _given(options)))


@app.command
def explain(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    json: Annotated[bool, Parameter(negative="")] = False,
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    config: Path | None = None,
    options: Annotated[Settings | None, Parameter(name="*")] = None,
) -> int:
    """Print a document line by line: what is kept, what goes, under which category, by which rule and score.

    Options mean what they do to `clean`; those that say how a run is done change nothing. Exit status: 0 the document
    would be a record, 1 it would be rejected, which is said, 2 the call itself was wrong.

    Parameters
    ----------
    file
        a document in any format that `clean` reads (of several, the first is shown); - reads standard input
    json
        print JSON for machines
    output
        folder that `clean` wrote to: what it knows of the document's site is taken into account
    config
        TOML file with any of the options below; the command line wins over it
    """
    _leave_out_pandas()
    from flows.explain import explain_file

    return explain_file(file, read_settings(config, _given(options)), as_json=json, output=output)


@app.command(name="site")
def site_(
    name: str,
    *,
    output: Annotated[Path, Parameter(alias="-o")],
    lines: Annotated[int, Parameter(validator=Number(gte=1))] = 100,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Print the lines that a site repeats: on how many pages, where on them, and in which runs.

    Exit status: 0 done, 1 nothing is known of the site.

    Parameters
    ----------
    name
        the site, as in records: the registered domain, or the folder's name
    output
        folder that `clean` wrote to
    lines
        lines to print at most
    json
        print JSON for machines
    """
    from flows.site import show_site

    return show_site(name, output, json, lines)


@app.command(name="evaluate")
def evaluate_(
    records: Path,
    gold: Path,
    *,
    html: Path | None = None,
    split: str | None = None,
    page_type: str | None = None,
    dataset: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    worst: Annotated[int, Parameter(validator=Number(gte=0))] = 0,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Score cleaned records against labelled pages: by data set, by language, and where lines are labelled by category.

    Exit status: 0 done, 2 the call was wrong or a file is not as it should be.

    Parameters
    ----------
    records
        what `clean` wrote: OUT, or any folder of Parquet with the columns doc_id, text and title
    gold
        labelled pages: a Parquet or JSON Lines file, or a folder of them (docs/evaluation.md)
    html
        Parquet or JSON Lines with id and html of the same pages, to compare with other extractors
    split
        take pages of this split alone
    page_type
        take pages of this type, and those without a type, alone
    dataset
        take pages of this data set alone; can be given more than once
    worst
        show so many of the worst pages: what was lost (-) and what should have gone (+)
    json
        print JSON for machines
    """
    from flows.evaluate import evaluate_records

    return evaluate_records(
        records,
        gold,
        html=html,
        split=split,
        page_type=page_type,
        datasets=dataset,
        worst=worst,
        as_json=json,
    )


@app.command
def up(*, options: Annotated[UpOptions | None, Parameter(name="*")] = None) -> int:
    """Start server, work pool, deployments, automations and a worker on this machine, and keep them running.

    Prints the address of the UI and what is scheduled next. Ctrl-C ends it all. Called again on the same home
    folder, it renews the deployments of the one that runs. Exit status: 0 ended when asked to, 1 something did not
    stay up, 2 the call itself was wrong.
    """
    from flows.operate.up import up

    return up(options or UpOptions.model_validate({}))


@app.command
def status(
    *,
    output: Path | None = None,
    home: Path = HOME,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Print the last runs, the next ones, and whether all is well. Works without a server too.

    Exit status: 0 all is well, 1 the last run failed or something that should be running is not, 2 the call was wrong.

    Parameters
    ----------
    output
        folder of the data sets; by default that of the `wirebrush up` that is running, else prefect.yaml's
    home
        home folder of `wirebrush up`
    json
        print JSON for machines
    """
    from flows.operate.status import status

    return status(home, output, as_json=json)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its status."""
    try:
        code = app(
            sys.argv[1:] if arguments is None else arguments,
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except OperateError as error:
        print(f"wirebrush: {printable(str(error))}", file=sys.stderr)
        code = error.status
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # The reader of the pipe has seen enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    except _wrong_call() as error:
        print(f"wirebrush: {printable(_what(error))}", file=sys.stderr)
        code = WRONG_CALL
    sys.exit(code or DONE)


def _wrong_call() -> tuple[type[Exception], ...]:
    """What is raised where the caller can put it right; asked for only when something is raised."""
    from tasks.evaluate import EvaluationError
    from tasks.ingest import SourceNotFound
    from tasks.strip import RuleError
    from tasks.write import OutputBusy

    return CycloptsError, SettingsError, SourceNotFound, RuleError, OutputBusy, EvaluationError


def _leave_out_pandas() -> None:
    """Have pyarrow do without pandas, for as long as this process lasts.

    Given its first array, it imports pandas, where it is installed, to see whether the array is one of pandas' own. That
    takes longer than a document does, and no array here is.
    """
    absent = _Absent()
    sys.meta_path.insert(0, absent)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(absent)


class _Absent(MetaPathFinder):
    def find_spec(self, name: str, path: object, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name=name)


def _given(options: Settings | None) -> dict[str, object]:
    """Only what stands on the command line: the config file decides on the rest."""
    return {} if options is None else options.model_dump(include=options.model_fields_set)


def _what(error: Exception) -> str:
    """The error in words; where cyclopts hands on pydantic's list of problems, in ours."""
    cause = error.__cause__
    return explain_errors(cause) if isinstance(cause, ValidationError) else str(error)
