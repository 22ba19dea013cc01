"""How records relate to each other: the data sets `clusters` and `passages`, and the columns that tell of them.

A record is published before it is known who copies it. Once a run has published its units, all records are compared,
and what a file of records says of copies is put right by writing the file anew in its place. All of it follows from
the records alone: a run that was interrupted here is put right by the next, for which a mark is left until all is done.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import RECORDS, RELATION_COLUMNS
from tasks.write.durable import make_folder, move_file, sync
from tasks.write.layout import Layout
from tasks.write.tables import TableWriter, as_today

#: A sketch's schema names the records it was made of.
_MADE_OF = b"records"
_USED = ["doc_id", "site", "published", "content_hash", "text"]
#: Records that are sketched at a time: a million characters, which a processor has at hand.
_BATCH = 128

Sketch = Callable[[pa.Table], pa.Table]


class Relations(Protocol):
    """Rows of the two data sets, and the columns of the records from number `first` up to, not including, `stop`."""

    @property
    def clusters(self) -> pa.Table: ...

    def passages(self) -> Iterator[pa.Table]: ...

    def marks(self, first: int, stop: int) -> pa.Table: ...


#: From the sketches of all records, and a folder for what does not fit into memory.
Relate = Callable[[Iterator[pa.RecordBatch], Path], Relations]


def refresh_relations(layout: Layout, sketch: Sketch, relate: Relate, threads: int = 1) -> None:
    """Compare all published records with each other, and bring the output up to date.

    Files that say already what they should are left alone.

    threads: how many files are sketched at a time, at most.
    """
    files = sorted((layout.out / "records").glob("*.parquet"))
    with ThreadPoolExecutor(threads) as pool:
        sketches = list(pool.map(lambda file: _sketched(layout, file, sketch), files))
    keys = {file.stem for file in files}
    for stale in layout.sketches.glob("*.arrow"):
        if stale.stem not in keys:
            stale.unlink()
    if sketches:
        make_folder(layout.temporary)
        _write(layout, files, relate(_batches(sketches), layout.temporary))
    layout.uncompared.unlink(missing_ok=True)


def relations_outdated(layout: Layout) -> bool:
    """Whether records have been published since they were last compared."""
    return layout.uncompared.exists()


def _write(layout: Layout, files: list[Path], found: Relations) -> None:
    for dataset, tables in (("clusters", [found.clusters]), ("passages", found.passages())):
        with (
            _replacing(layout, layout.whole(dataset)) as target,
            TableWriter(target, dataset) as writer,
        ):
            for table in tables:
                writer.write(table)
    first = 0
    for file in files:
        _mark(layout, file, found, first)
        first += pq.read_metadata(file).num_rows


def _sketched(layout: Layout, file: Path, sketch: Sketch) -> Path:
    """The file of the sketches of a file of records, made anew where they are not those of today's records."""
    records = pq.ParquetFile(file)
    digest = hashlib.blake2b(digest_size=16)
    for batch in records.iter_batches(columns=["doc_id", "content_hash"]):
        digest.update(batch.serialize())
    made_of = digest.hexdigest().encode()
    target = layout.sketch(file.stem)
    if target.exists():
        with pa.OSFile(str(target)) as source:
            if (pa.ipc.open_file(source).schema.metadata or {}).get(_MADE_OF) == made_of:
                return target
    with _replacing(layout, target) as path:
        writer = None
        with pa.OSFile(str(path), "wb") as sink:
            for batch in records.iter_batches(batch_size=_BATCH, columns=_USED):
                table = sketch(pa.Table.from_batches([batch])).replace_schema_metadata({_MADE_OF: made_of})
                writer = writer or pa.ipc.new_file(sink, table.schema)
                writer.write_table(table)
            if writer is None:
                empty = sketch(RECORDS.empty_table()).replace_schema_metadata({_MADE_OF: made_of})
                writer = pa.ipc.new_file(sink, empty.schema)
            writer.close()
    return target


def _batches(sketches: list[Path]) -> Iterator[pa.RecordBatch]:
    """All sketches, one batch in memory at a time: pages of a map would count as the process's own."""
    for file in sketches:
        with pa.OSFile(str(file)) as source:
            reader = pa.ipc.open_file(source)
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)


def _mark(layout: Layout, file: Path, found: Relations, first: int) -> None:
    """Write a file of records, the first of which is number `first`, anew where it says something else than was found."""
    records = pq.ParquetFile(file)
    known = [name for name in ("doc_id", *RELATION_COLUMNS) if name in records.schema_arrow.names]
    schema = pa.schema([RECORDS.field(name) for name in RELATION_COLUMNS])
    said = _row_groups(records, first, known)
    if all(as_today(rows, schema).equals(found.marks(start, stop)) for rows, start, stop in said):
        return
    with _replacing(layout, file) as target, TableWriter(target, "records") as writer:
        for rows, start, stop in _row_groups(records, first):
            rows, marks = as_today(rows, RECORDS), found.marks(start, stop)
            for name in RELATION_COLUMNS:
                rows = rows.set_column(RECORDS.get_field_index(name), RECORDS.field(name), marks[name])
            writer.write(rows)


def _row_groups(
    records: pq.ParquetFile, first: int, columns: list[str] | None = None
) -> Iterator[tuple[pa.Table, int, int]]:
    """The rows of each row group with the number of the first and one past the last."""
    for number in range(records.num_row_groups):
        rows = records.read_row_group(number, columns=columns)
        yield rows, first, first + rows.num_rows
        first += rows.num_rows


@contextmanager
def _replacing(layout: Layout, target: Path) -> Iterator[Path]:
    """A path to write to; on leaving without an error its file takes the place of `target`."""
    make_folder(layout.temporary)
    folder = Path(tempfile.mkdtemp(dir=layout.temporary))
    try:
        path = folder / target.name
        yield path
        sync(path)
        move_file(path, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
