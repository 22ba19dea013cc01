"""The memory of sites on disk: the data sets `sites` and `site_lines`, replaced as one.

A run counts, adds what it counted to the memory, and cleans with the result, which is pending until it is committed in
one rename: before the cleaning, or, where a limit may yet refuse the run, after it. The shards that were counted
are named beside the memory, so that a run that goes on after a crash does not count them again: it finds the memory
that the broken run had, or makes the same one, and so makes the same of what is left.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from schemas import DATASETS
from tasks.write.durable import make_folder, move_file, new_folder, sync
from tasks.write.layout import Layout
from tasks.write.pages import PARTS, part_of, read_counts
from tasks.write.tables import TableWriter

if TYPE_CHECKING:
    from tasks.ingest import Shard

#: Read by nobody but Wirebrush; the underscore hides it from readers of the data set.
_STATE = "_state.json"

Merge = Callable[[pa.Table, pa.Table, pa.Table, int, bool], tuple[pa.Table, pa.Table]]


@dataclass(slots=True)
class MemoryState:
    """How many runs have added to the memory, which shards the last one has counted, and the digest of each file."""

    run: int = 0
    counted: list[str] = field(default_factory=list)
    full: bool = False
    files: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Stands for the memory's content; empty where there is none."""
        if not self.files:
            return ""
        return hashlib.blake2b(json.dumps(self.files, sort_keys=True).encode(), digest_size=8).hexdigest()


_ADAPTER = TypeAdapter(MemoryState)


def memory_state(layout: Layout) -> MemoryState:
    """The state of the memory that the layout stands for."""
    try:
        return _ADAPTER.validate_json(_file(layout, _STATE, layout.out / "sites" / _STATE).read_bytes())
    except FileNotFoundError:
        return MemoryState()


def counted_already(layout: Layout, shards: "list[Shard]", digest: str, full: bool) -> bool:
    """Whether the memory holds what these shards, and with `full` no others, count up to."""
    state, names = memory_state(layout), {layout.staged_pages(shard, digest).name for shard in shards}
    return state.full and names == set(state.counted) if full else names <= set(state.counted)


def remember(layout: Layout, shards: "list[Shard]", digest: str, full: bool, merge: Merge) -> str:
    """Add to the memory what the shards, all read and counted, have counted; return the digest of the outcome.

    Until `commit_memory` it is seen by none but those whose layout names a memory.

    merge: makes new (sites, site_lines) of the old ones, counted rows, the run's number and `full`.
    """
    shutil.rmtree(layout.pending_memory, ignore_errors=True)  # of a run that was refused or broke off
    state = memory_state(layout)
    if counted_already(layout, shards, digest, full):
        return state.digest
    # They come as they were done. Where a site has an id in two of them, which comes first tells what is remembered.
    shards = sorted(shards, key=lambda shard: (shard.slices[0].source.path, shard.slices[0].first_index))
    folders = [layout.staged_pages(shard, digest) for shard in shards]
    known = set() if full else set(state.counted)
    new = MemoryState(state.run + 1, sorted(folder.name for folder in folders), full, dict(state.files))
    with new_folder(layout.pending_memory, layout.temporary) as target:
        for part in range(PARTS):
            counted = read_counts([folder for folder in folders if folder.name not in known], part)
            if counted is None:
                continue
            sites, lines = _read(layout, "sites", part), _read(layout, "site_lines", part)
            sites, lines = merge(sites, lines, counted, new.run, full)
            for dataset, table in (("site_lines", lines), ("sites", sites)):
                name = f"{dataset}-{part:02}.parquet"
                with TableWriter(target / name, dataset) as writer:
                    writer.write(table)
                new.files[name] = hashlib.blake2b((target / name).read_bytes(), digest_size=8).hexdigest()
        (target / _STATE).write_bytes(_ADAPTER.dump_json(new))
    return new.digest


def commit_memory(layout: Layout) -> None:
    """Let what `remember` has made be the memory; nothing where it has made nothing. Not while shards are cleaned."""
    if layout.pending_memory.is_dir():
        make_folder(layout.ready)
        layout.pending_memory.rename(memory_folder(layout))
        sync(layout.ready)
        move_memory(layout)


def memory_folder(layout: Layout) -> Path:
    """Where a memory that is committed lies until it has been moved; the dot keeps it apart from units."""
    return layout.ready / ".memory"


def move_memory(layout: Layout) -> None:
    """Put a committed memory in the place of the old one, its state last."""
    folder = memory_folder(layout)
    for file in sorted(folder.glob("*.parquet")):
        dataset, part = file.stem.rsplit("-", 1)
        move_file(file, layout.published(dataset, part))
    if (folder / _STATE).exists():
        move_file(folder / _STATE, layout.out / "sites" / _STATE)
    folder.rmdir()
    sync(folder.parent)


def load_sites(layout: Layout, least_pages: float, site: str | None = None) -> tuple[pa.Table, pa.Table]:
    """(sites without their page hashes, site_lines on at least so many pages), of all sites or of one."""
    parts = range(PARTS) if site is None else [part_of(site)]
    wanted = pc.greater_equal(pc.field("pages"), least_pages)
    one = None if site is None else pc.equal(pc.field("site"), site)
    sites = [
        _read(layout, "sites", part, one, ["site", "pages", "first_seen", "last_seen"]) for part in parts
    ]
    lines = [_read(layout, "site_lines", part, wanted if one is None else wanted & one) for part in parts]
    return pa.concat_tables(sites), pa.concat_tables(lines)


def _read(
    layout: Layout,
    dataset: str,
    part: int,
    where: "pc.Expression | None" = None,
    columns: list[str] | None = None,
) -> pa.Table:
    """A part of a data set, empty where there is none."""
    schema = DATASETS[dataset]
    if columns:
        schema = pa.schema([schema.field(name) for name in columns])
    path = _file(layout, f"{dataset}-{part:02}.parquet", layout.published(dataset, f"{part:02}"))
    if not path.exists():
        return schema.empty_table()
    return pq.read_table(path, columns=columns, filters=where, partitioning=None).cast(schema)


def _file(layout: Layout, name: str, committed: Path) -> Path:
    """A file of the memory: the pending one for the run that has made it, whose layout names it."""
    pending = layout.pending_memory / name
    return pending if layout.memory and pending.exists() else committed
