"""A shard's documents between the two passes: read and counted in the first, cleaned in the second.

They are kept as they were read (HTML as extracted text), so that no input is read and no page extracted twice.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from schemas import DOCUMENTS, REJECTS
from tasks.write.durable import new_folder
from tasks.write.layout import Layout

if TYPE_CHECKING:
    from tasks.ingest import Shard

#: The memory of sites is cut into so many parts, so that one at a time is in memory.
PARTS = 32
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


class PageStage:
    """Takes a shard's batches in the order in which they are read."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self._folder, self._opened = folder, opened
        self._writers: dict[str, pa.ipc.RecordBatchFileWriter] = {}

    def add(
        self,
        documents: pa.Table,
        rejects: pa.Table,
        counts: pa.Table,
        *,
        read_bytes: int,
        lost: dict[str, int],
    ) -> None:
        """Append a batch: schemas.DOCUMENTS with their texts, schemas.REJECTS, and what was counted in it.

        read_bytes: bytes that were read for it; lost: documents rejected, by site.
        """
        size = {"read_bytes": str(read_bytes), "lost": json.dumps(lost)}
        self._write("documents", documents.cast(DOCUMENTS), size)
        self._write("rejects", rejects.cast(REJECTS), {})
        for part, rows in _parts(counts):
            self._write(f"counts-{part:02}", rows, {})

    def _write(self, name: str, table: pa.Table, metadata: dict[str, str]) -> None:
        writer = self._writers.get(name)
        if writer is None:
            sink = self._opened.enter_context(pa.OSFile(str(self._folder / f"{name}.arrow"), "wb"))
            writer = self._opened.enter_context(pa.ipc.new_file(sink, table.schema, options=_OPTIONS))
            self._writers[name] = writer
        columns = [column.combine_chunks() for column in table.columns]
        writer.write_batch(pa.record_batch(columns, schema=table.schema), custom_metadata=metadata)


def _parts(counts: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each part; a site is in one part."""
    sites = counts["site"].dictionary_encode().combine_chunks()
    if not counts.num_rows:
        return
    numbers = pa.array([part_of(site) for site in sites.dictionary.to_pylist()], pa.int32())
    part = numbers.take(sites.indices)
    for number in pc.unique(part).to_pylist():
        yield number, counts.filter(pc.equal(part, number))


def part_of(site: str) -> int:
    """The part of the memory that holds a site: by its name alone, and about equally many sites in each."""
    number = 0
    for byte in site.encode():
        number = (number * 31 + byte) % 1_000_003
    return number % PARTS


@contextmanager
def stage_pages(layout: Layout, shard: "Shard", digest: str) -> Iterator[PageStage]:
    """Open a stage for a shard's documents; on leaving without an error they are staged, else nothing is."""
    with new_folder(layout.staged_pages(shard, digest), layout.temporary) as folder, ExitStack() as opened:
        yield PageStage(folder, opened)


def has_pages(layout: Layout, shard: "Shard", digest: str) -> bool:
    """Whether the shard has been read and counted."""
    return layout.staged_pages(shard, digest).is_dir()


def read_pages(
    layout: Layout, shard: "Shard", digest: str
) -> Iterator[tuple[pa.Table, pa.Table, int, dict[str, int], float]]:
    """The staged batches: DOCUMENTS, REJECTS, the `read_bytes` and `lost` that `add` was given, and the share of all
    batches that these and those before are."""
    folder = layout.staged_pages(shard, digest)
    if not (folder / "documents.arrow").exists():
        return
    with (
        pa.memory_map(str(folder / "documents.arrow")) as first,
        pa.memory_map(str(folder / "rejects.arrow")) as second,
    ):
        documents, rejects = pa.ipc.open_file(first), pa.ipc.open_file(second)
        for number in range(documents.num_record_batches):
            batch, metadata = documents.get_batch_with_custom_metadata(number)
            yield (
                pa.Table.from_batches([batch]),
                pa.Table.from_batches([rejects.get_batch(number)]),
                int(metadata[b"read_bytes"]),
                json.loads(metadata[b"lost"]),
                (number + 1) / documents.num_record_batches,
            )


def read_counts(folders: list[Path], part: int) -> pa.Table | None:
    """What several shards have counted of one part's sites; None where that is nothing."""
    tables = []
    for folder in folders:
        file = folder / f"counts-{part:02}.arrow"
        if file.exists():
            with pa.OSFile(str(file)) as source:
                tables.append(pa.ipc.open_file(source).read_all())
    return pa.concat_tables(tables) if tables else None
