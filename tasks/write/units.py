"""Whole units: put together from staged shards, committed in one rename, moved into the data sets."""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from schemas import SOURCES
from tasks.write.counts import ShardCounts, SourceCounts, Totals
from tasks.write.durable import link_or_copy, make_folder, move_file, new_folder, sync
from tasks.write.layout import Layout
from tasks.write.ledger import PLACES, REMOVAL_ROWS, published_counts
from tasks.write.memory import memory_folder, move_memory
from tasks.write.planning import UnitPlan
from tasks.write.stage import staged_counts
from tasks.write.tables import RowReader, TableWriter

if TYPE_CHECKING:
    from tasks.ingest import Shard

#: The data sets that hold documents' rows.
_ROWS = ("records", "removals", "rejects")

#: The ledger comes last: a source stands there only once its rows can be read.
_MOVES = (*_ROWS, "sources")


@dataclass(frozen=True, slots=True)
class _Part:
    """Where the rows of one source, or of a part of it, lie: in which files, and from which row on."""

    files: dict[str, Path]
    start: dict[str, int]
    counts: SourceCounts


def publish(layout: Layout, unit: UnitPlan, digest: str) -> Totals:
    """Publish a unit whose shards are all staged, and return the sums over its shards.

    The rename into `ready/` commits it: from there on it will be published, by this run or by the next.
    Raises FileNotFoundError when a shard is not staged.
    """
    totals = Totals()
    parts: dict[str, list[_Part]] = {source: [] for source in unit.order}
    for shard, counts in _counts(layout, unit, digest):
        totals.add(counts.totals)
        folder = layout.staged(shard, digest)
        for part in _parts({name: folder / f"{name}.parquet" for name in _ROWS}, counts.sources):
            parts[part.counts.source].append(part)
    if unit.carried:
        files = {name: layout.published(name, unit.key) for name in _ROWS}
        for part in _parts(files, published_counts(layout, unit.key).values()):
            if part.counts.source in unit.carried:
                parts[part.counts.source].append(part)

    outdated = layout.sketch(unit.key)
    if outdated.exists() or not layout.uncompared.exists():
        make_folder(layout.sketches)
        layout.uncompared.touch()
        # It knows records by their ids and their letters; where a site, a date or a comma has changed it is outdated, too.
        outdated.unlink(missing_ok=True)
        # A power cut must not bring it back once the new records are there: it would be taken for theirs.
        sync(layout.sketches)
    in_order = [part for source in unit.order for part in parts[source]]
    with new_folder(layout.ready / unit.key, layout.temporary) as folder:
        for dataset in _ROWS:
            target = folder / f"{dataset}.parquet"
            if len(unit.shards) == 1 and not unit.carried:
                # Its rows are the unit's, written as the unit would be. The staged file keeps its name until
                # the unit is committed, so that a crash here does not cost the shard.
                link_or_copy(layout.staged(unit.shards[0], digest) / f"{dataset}.parquet", target)
            else:
                _copy_rows(in_order, dataset, target)
        _write_ledger(parts, folder / "sources.parquet")
    _move(layout, layout.ready / unit.key)
    return totals


def unit_totals(layout: Layout, unit: UnitPlan, digest: str) -> Totals:
    """The sums over a unit's shards, which are all staged: what `publish` would return."""
    totals = Totals()
    for _, counts in _counts(layout, unit, digest):
        totals.add(counts.totals)
    return totals


def _counts(layout: Layout, unit: UnitPlan, digest: str) -> "Iterator[tuple[Shard, ShardCounts]]":
    for shard in unit.shards:
        counts = staged_counts(layout, shard, digest)
        if counts is None:
            raise FileNotFoundError(f"shard {shard.number} of unit {unit.key} is not staged")
        yield shard, counts


def finish_ready(layout: Layout) -> int:
    """Publish what an earlier run had committed but not moved yet; return the number of units."""
    folders = sorted(layout.ready.iterdir()) if layout.ready.is_dir() else []
    for folder in folders:
        if folder == memory_folder(layout):
            move_memory(layout)
        else:
            _move(layout, folder)
    return len(folders)


def clear_staging(layout: Layout) -> None:
    """Remove staged shards and unfinished work. Not to be called while anything is running."""
    done = (
        layout.shards,
        layout.pages,
        layout.pending_memory,
        layout.temporary,
        layout.progress,
        layout.ready,
    )
    for folder in done:
        shutil.rmtree(folder, ignore_errors=True)


def _parts(files: dict[str, Path], sources: Iterable[SourceCounts]) -> Iterator[_Part]:
    """The stretch of each source in files that hold the rows of one source after the other."""
    start = dict.fromkeys(_ROWS, 0)
    for source in sources:
        yield _Part(files, dict(start), source)
        for dataset in _ROWS:
            start[dataset] += getattr(source, dataset)


def _copy_rows(parts: Iterable[_Part], dataset: str, target: Path) -> None:
    readers: dict[Path, RowReader] = {}
    try:
        with TableWriter(target, dataset) as writer:
            for part in parts:
                file, start = part.files[dataset], part.start[dataset]
                reader = readers.get(file)
                if reader is None:
                    # Shards come one after the other: keeping more than two files' row groups helps nobody.
                    while len(readers) > 1:
                        readers.pop(next(iter(readers))).close()
                    reader = readers[file] = RowReader(file, dataset)
                for rows in reader.read(start, start + getattr(part.counts, dataset)):
                    writer.write(rows)
    finally:
        for reader in readers.values():
            reader.close()


def _write_ledger(parts: dict[str, list[_Part]], target: Path) -> None:
    sources = []
    for pieces in parts.values():
        total, *others = (part.counts for part in pieces)
        for other in others:
            total.add(other)
        sources.append(total)
    columns = [pa.array([getattr(source, field.name) for source in sources], field.type) for field in SOURCES]
    with TableWriter(target, "sources") as writer:
        writer.write(pa.table(columns, schema=SOURCES))
        writer.describe(REMOVAL_ROWS, " ".join(str(source.removals) for source in sources))
        writer.describe(PLACES, " ".join(source.place or "-" for source in sources))


def _move(layout: Layout, folder: Path) -> None:
    """Move a committed unit's files to their data sets. What an interrupted move left is simply moved on."""
    for dataset in _MOVES:
        file = folder / f"{dataset}.parquet"
        if file.exists():
            move_file(file, layout.published(dataset, folder.name))
    folder.rmdir()
    sync(folder.parent)
