"""How input is cut: a unit is published together, a shard is done in one go, a slice is part of a file."""

from dataclasses import dataclass

from tasks.ingest.options import Reader
from tasks.ingest.sources import Source


@dataclass(frozen=True, slots=True)
class Slice:
    """The documents of a file that start in [start, stop): decompressed bytes, or row groups of Parquet.

    `first_index` is the source_index of the first of them. `entry` is where decompression can begin to reach
    `start`: (offset in the stored file, offset in the decompressed stream). `reader` is the file's
    format, where the plan has looked at it.
    """

    source: Source
    start: int = 0
    stop: int | None = None
    first_index: int = 0
    entry: tuple[int, int] = (0, 0)
    reader: Reader | None = None


@dataclass(frozen=True, slots=True)
class Shard:
    """`size` estimates the decompressed bytes; `id` changes when the files, the cut or the unit change."""

    id: str
    unit: str
    number: int
    slices: tuple[Slice, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One big file cut into shards, or a pack of small files in one shard."""

    key: str
    shards: tuple[Shard, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where a file can be cut: the start of document `index` at `offset`, reachable from `entry`."""

    offset: int
    index: int
    entry: tuple[int, int] = (0, 0)
