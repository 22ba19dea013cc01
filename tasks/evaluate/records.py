"""Cleaned records: a folder of Parquet, ours or another tool's, and what ours says of the removals."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tasks.evaluate.errors import EvaluationError

_RECORDS, _REMOVALS = ("doc_id", "text", "title"), ("doc_id", "start", "end", "category", "text")


@dataclass(frozen=True, slots=True)
class Record:
    """What became of a page."""

    text: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """A stretch taken out of a page's text: half-open code point offsets."""

    start: int
    end: int
    category: str
    text: str


def read_records(folder: Path, ids: set[str]) -> dict[str, Record]:
    """The records of those `ids` that have one, from OUT or OUT/records. Of two with one id the last counts.

    Raises EvaluationError where there is no record, or a column is missing or of another type.
    """
    files = _files(folder / "records" if (folder / "records").is_dir() else folder)
    table = _read(files, _RECORDS, {"doc_id": pa.string(), "text": pa.string(), "title": pa.string()}, ids)
    columns = [table[name].to_pylist() for name in _RECORDS]
    found = {doc_id: Record(text or "", title) for doc_id, text, title in zip(*columns, strict=True)}
    if not found:
        raise EvaluationError(
            f"{folder}: none of its records has the id of a labelled page, such as {min(ids)!r}"
        )
    return found


def read_removals(folder: Path, ids: set[str]) -> dict[str, list[Removal]] | None:
    """The removals of each of `ids`, in order, from OUT (or from beside OUT/records); None where there are none kept.

    Raises EvaluationError where a column is missing or of another type.
    """
    out = folder if (folder / "removals").is_dir() else folder.parent
    if not (out / "removals").is_dir():
        return None
    types = {"start": pa.int64(), "end": pa.int64()} | dict.fromkeys(
        ("doc_id", "category", "text"), pa.string()
    )
    table = _read(_files(out / "removals"), _REMOVALS, types, ids)
    removals: dict[str, list[Removal]] = defaultdict(list)
    for doc_id, *values in zip(*(table[name].to_pylist() for name in _REMOVALS), strict=True):
        removals[doc_id].append(Removal(*values))
    return {doc_id: sorted(spans, key=lambda span: span.start) for doc_id, spans in removals.items()}


def _files(folder: Path) -> list[Path]:
    if not folder.exists():
        raise EvaluationError(f"{folder}: no such folder")
    files = [folder] if folder.is_file() else sorted(folder.rglob("*.parquet"))
    if not files:
        raise EvaluationError(f"{folder}: no .parquet file is in it")
    return files


def _read(
    files: list[Path], columns: tuple[str, ...], types: dict[str, pa.DataType], ids: set[str]
) -> pa.Table:
    """The rows of `ids`. A title is optional."""
    wanted = pa.array(sorted(ids))
    tables = []
    for file in files:
        try:
            with pq.ParquetFile(file) as parquet:
                there = parquet.schema_arrow.names
                missing = [name for name in columns if name not in there and name != "title"]
                if missing:
                    raise EvaluationError(f"{file}: no column '{missing[0]}'; there are: {', '.join(there)}")
                batches = parquet.iter_batches(8192, columns=[name for name in columns if name in there])
                tables += [
                    _rows(pa.Table.from_batches([batch]), columns, types, wanted, file) for batch in batches
                ]
        except (OSError, pa.ArrowException) as error:
            raise EvaluationError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    return pa.concat_tables(tables) if tables else pa.schema(types).empty_table()


def _rows(
    batch: pa.Table, columns: tuple[str, ...], types: dict[str, pa.DataType], wanted: pa.Array, file: Path
) -> pa.Table:
    cast = {}
    for name in columns:
        if name in batch.column_names:
            try:
                cast[name] = batch[name].cast(types[name])
            except pa.ArrowException as error:
                raise EvaluationError(f"{file}: '{name}' is {batch[name].type}, not {types[name]}") from error
        else:
            cast[name] = pa.nulls(len(batch), types[name])
    rows = pa.table(cast)
    return rows.filter(pc.is_in(rows["doc_id"], wanted))
