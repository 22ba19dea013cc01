"""Writes the database of views, in the place of the one that is there."""

import os
import re
import tempfile
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from schemas import DATASETS

#: The database's name in the output folder.
DATABASE = "corpus.duckdb"


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
    for name in DATASETS:
        if not any((out / name).glob("*.parquet")):
            raise ViewsError(f"{out}: there is no Parquet in {name}/; nothing has been published there yet")

    handle, unfinished = tempfile.mkstemp(suffix=".duckdb", prefix=".views-", dir=out)
    os.close(handle)
    os.unlink(unfinished)  # DuckDB takes an empty file for a damaged database
    try:
        with duckdb.connect(unfinished) as database:
            for statement in statements(out.absolute()):
                database.execute(statement)
            counts = {
                name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in DATASETS
            }
        os.chmod(unfinished, 0o644)
        os.replace(unfinished, out / DATABASE)
    finally:
        for left in (unfinished, f"{unfinished}.wal"):
            Path(left).unlink(missing_ok=True)
    return counts


def statements(out: Path) -> list[str]:
    """The statements of views.sql, with the data sets' globs in place of `:name`."""
    text = files("tasks.views").joinpath("views.sql").read_text(encoding="utf-8")
    for name in DATASETS:
        text = re.sub(rf":{name}\b", lambda _, name=name: _literal(_glob(out, name)), text)  # type: ignore[misc]
    return [statement.strip() for statement in re.split(r";\n", text) if statement.strip()]


def _glob(out: Path, dataset: str) -> str:
    """A glob of the data set's files; what could be taken for a wildcard in the folder's own name is none."""
    folder = re.sub(r"([*?\[])", r"[\1]", str(out))
    return f"{folder}/{dataset}/*.parquet"


def _literal(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"'{quoted}'"
