"""Writes the database of views, in the place of the one that is there."""

import os
import re
import tempfile
from collections.abc import Iterable
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from schemas import DATASETS

#: The database's name in the output folder.
DATABASE = "corpus.duckdb"


#: What every run publishes; the other data sets are there where a run had something to put into them.
_PUBLISHED = ("records", "removals", "rejects", "sources")


class ViewsError(RuntimeError):
    """The views could not be written; the message says why and what would help."""


def refresh_views(out: Path) -> dict[str, int]:
    """Write `OUT/corpus.duckdb` and return how many rows each data set has.

    The file appears whole, by a rename: who has the old one open goes on reading the same Parquet through it.
    Views name the Parquet by its absolute path, so that the database answers from wherever it is opened.

    Raises ViewsError when DuckDB is not installed or nothing has been published yet.
    """
    try:
        duckdb: Any = import_module("duckdb")
    except ImportError as error:
        raise ViewsError("the views need an extra: pip install 'wirebrush[analytics]'") from error
    there = [name for name in DATASETS if any((out / name).glob("*.parquet"))]
    if not set(_PUBLISHED) <= set(there):
        raise ViewsError(
            f"{out}: there is no Parquet in {_PUBLISHED[0]}/; nothing has been published there yet"
        )

    handle, unfinished = tempfile.mkstemp(suffix=".duckdb", prefix=".views-", dir=out)
    os.close(handle)
    os.unlink(unfinished)  # DuckDB takes an empty file for a damaged database
    try:
        with duckdb.connect(unfinished) as database:
            for statement in statements(out.absolute(), there):
                database.execute(statement)
            counts = {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in there}
        os.chmod(unfinished, 0o644)
        os.replace(unfinished, out / DATABASE)
    finally:
        for left in (unfinished, f"{unfinished}.wal"):
            Path(left).unlink(missing_ok=True)
    return counts


def statements(out: Path, datasets: Iterable[str]) -> list[str]:
    """A view for each data set that is there, and those of views.sql on top of them."""
    # Files of an older minor version lack the columns that came later: they read as NULL.
    views = [
        f"CREATE VIEW {name} AS SELECT * FROM read_parquet({_literal(_glob(out, name))}, union_by_name = true)"
        for name in datasets
    ]
    text = files("tasks.views").joinpath("views.sql").read_text(encoding="utf-8")
    return views + [statement.strip() for statement in text.split(";\n") if statement.strip()]


def _glob(out: Path, dataset: str) -> str:
    """A glob of the data set's files; what could be taken for a wildcard in the folder's own name is none."""
    folder = re.sub(r"([*?\[])", r"[\1]", str(out))
    return f"{folder}/{dataset}/*.parquet"


def _literal(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"
