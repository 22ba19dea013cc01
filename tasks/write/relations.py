"""How records relate to each other: the data sets `clusters` and `passages`, and the columns that tell of them.

A record is published before it is known who copies it. Once a run has published its units, all records are compared,
and what a file of records says of copies is put right by writing the file anew in its place. All of it follows from
the records alone: a run that was interrupted here is put right by the next, for which a mark is left until all is done.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas import RECORDS
from tasks.write.durable import make_folder, move_file, sync
from tasks.write.layout import Layout
from tasks.write.tables import TableWriter, as_today

#: The columns of a record that tell of others.
_MARKS = ("duplicate_of", "cluster_id", "shared_share")
#: A sketch's schema names the records it was made of.
_MADE_OF = b"records"
_USED = ["doc_id", "site", "published", "content_hash", "text"]
#: The one file of each data set.
_KEY = "all"

Sketch = Callable[[pa.Table], pa.Table]


class Relations(Protocol):
    """Rows of the two data sets, and doc_id with the columns of every record for which one of them is set."""

    @property
    def clusters(self) -> pa.Table: ...

    @property
    def passages(self) -> pa.Table: ...

    @property
    def marks(self) -> pa.Table: ...


Relate = Callable[[pa.Table], Relations]


def refresh_relations(layout: Layout, sketch: Sketch, relate: Relate) -> None:
    """Compare all published records with each other, and bring the output up to date.

    Files that say already what they should are left alone.
    """
    files = sorted((layout.out / "records").glob("*.parquet"))
    sketches = [_sketched(layout, file, sketch) for file in files]
    keys = {file.stem for file in files}
    for stale in layout.sketches.glob("*.arrow"):
        if stale.stem not in keys:
            stale.unlink()
    if sketches:
        _write(layout, files, relate(pa.concat_tables(sketches)))
    layout.uncompared.unlink(missing_ok=True)


def relations_outdated(layout: Layout) -> bool:
    """Whether records have been published since they were last compared."""
    return layout.uncompared.exists()


def _write(layout: Layout, files: list[Path], found: Relations) -> None:
    for dataset, table in (("clusters", found.clusters), ("passages", found.passages)):
        with (
            _replacing(layout, layout.published(dataset, _KEY)) as target,
            TableWriter(target, dataset) as writer,
        ):
            writer.write(table)
    for file in files:
        _mark(layout, file, found.marks)


def _sketched(layout: Layout, file: Path, sketch: Sketch) -> pa.Table:
    """The sketches of a file of records, from the disk where they are those of today's records."""
    records = pq.ParquetFile(file)
    digest = hashlib.blake2b(digest_size=16)
    for batch in records.iter_batches(columns=["doc_id", "content_hash"]):
        for value in (*batch["doc_id"].to_pylist(), *batch["content_hash"].to_pylist()):
            digest.update(f"{value}\0".encode())
    made_of = digest.hexdigest().encode()
    target = layout.sketches / f"{file.stem}.arrow"
    if target.exists():
        table = _mapped(target)
        if (table.schema.metadata or {}).get(_MADE_OF) == made_of:
            return table
    with _replacing(layout, target) as path:
        writer = None
        with pa.OSFile(str(path), "wb") as sink:
            for batch in records.iter_batches(batch_size=512, columns=_USED):
                table = sketch(pa.Table.from_batches([batch])).replace_schema_metadata({_MADE_OF: made_of})
                writer = writer or pa.ipc.new_file(sink, table.schema)
                writer.write_table(table)
            if writer is None:
                empty = sketch(RECORDS.empty_table()).replace_schema_metadata({_MADE_OF: made_of})
                writer = pa.ipc.new_file(sink, empty.schema)
            writer.close()
    return _mapped(target)


def _mapped(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _mark(layout: Layout, file: Path, marks: pa.Table) -> None:
    """Write a file of records anew where its columns say something else than `marks`."""
    records = pq.ParquetFile(file)
    known = [name for name in ("doc_id", *_MARKS) if name in records.schema_arrow.names]
    now = as_today(records.read(columns=known), pa.schema([RECORDS.field(n) for n in ("doc_id", *_MARKS)]))
    row = pc.index_in(now["doc_id"], value_set=marks["doc_id"].combine_chunks())
    columns = {name: marks[name].combine_chunks().take(row) for name in _MARKS}
    if all(columns[name].cast(now[name].type).equals(now[name]) for name in _MARKS):
        return
    with _replacing(layout, file) as target, TableWriter(target, "records") as writer:
        start = 0
        for number in range(records.num_row_groups):
            rows = as_today(records.read_row_group(number), RECORDS)
            for name in _MARKS:
                place = RECORDS.get_field_index(name)
                value = columns[name].slice(start, rows.num_rows).cast(RECORDS.field(name).type)
                rows = rows.set_column(place, RECORDS.field(name), value)
            writer.write(rows)
            start += rows.num_rows


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
