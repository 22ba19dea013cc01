"""From a list of files to units and shards of about equal size."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from hashlib import blake2b

from tasks.ingest import json_values, jsonl, parquet, warc
from tasks.ingest.formats import COMPRESSED, by_name, reader_for
from tasks.ingest.options import SHARD_BYTES, IngestOptions
from tasks.ingest.slices import Cut, Shard, Slice, Unit
from tasks.ingest.sources import Source
from tasks.ingest.streams import Damage, Stream

#: What a compressed byte of text comes to, about.
_EXPANSION = 4
_MAX_FILES = 10_000


def plan_units(
    sources: Sequence[Source], options: IngestOptions | None = None, shard_bytes: int = SHARD_BYTES
) -> list[Unit]:
    """Units in the order of `sources`: a file above `shard_bytes` cut into shards, smaller ones in packs.

    Only big files are opened, and read through once to find where to cut.
    """
    options = options or IngestOptions()
    units: list[Unit] = []
    pack: list[Source] = []
    weight = 0
    for source in sources:
        size = _weight(source)
        if pack and (weight + size > shard_bytes or len(pack) >= _MAX_FILES):
            units.append(_unit(pack, [[Slice(source) for source in pack]], [weight]))
            pack, weight = [], 0
        if size > shard_bytes:
            units.append(_cut(source, options, shard_bytes))
        else:
            pack.append(source)
            weight += size
    if pack:
        units.append(_unit(pack, [[Slice(source) for source in pack]], [weight]))
    return units


def _weight(source: Source) -> int:
    """An estimate of the decompressed bytes from the listing alone."""
    packed = source.path.lower().endswith(COMPRESSED) or by_name(source.path) == "parquet"
    return source.size * (_EXPANSION if packed else 1)


def _cut(source: Source, options: IngestOptions, shard_bytes: int) -> Unit:
    """The shards of one big file. One that cannot be cut or opened is one shard; reading it will tell why."""
    reader, found = None, []
    try:
        with closing(Stream(source, options)) as stream:
            reader = reader_for(stream, source.path, options)
            if reader == "jsonl":
                found = list(jsonl.cuts(stream, shard_bytes))
            elif reader == "json":
                found = list(json_values.cuts(stream, shard_bytes))
            elif reader == "warc":
                found = list(warc.cuts(stream, shard_bytes))
            elif reader == "parquet" and stream.compressed:
                reader = None  # it is unpacked to be read, which is done once
            elif reader == "parquet":
                found = list(parquet.cuts(source, shard_bytes))
    except (Damage, OSError):
        reader, found = None, []
    starts = [Cut(0, 0), *found]
    stops = [cut.offset for cut in found]
    slices = [
        Slice(source, start.offset, stop, start.index, start.entry, reader)
        for start, stop in zip(starts, [*stops, None], strict=True)
    ]
    sizes = [shard_bytes] * len(slices) if found else [_weight(source)]
    return _unit([source], [[part] for part in slices], sizes)


def _unit(sources: Sequence[Source], parts: Sequence[Sequence[Slice]], sizes: Sequence[int]) -> Unit:
    key = _hash(source.path for source in sources)
    shards = tuple(
        Shard(_shard_id(key, number, slices), key, number, tuple(slices), size)
        for number, (slices, size) in enumerate(zip(parts, sizes, strict=True))
    )
    return Unit(key, shards, tuple(sources))


def _shard_id(unit: str, number: int, slices: Sequence[Slice]) -> str:
    ranges = (f"{part.source.fingerprint} {part.start} {part.stop} {part.first_index}" for part in slices)
    return _hash((unit, str(number), *ranges))


def _hash(parts: Iterable[str]) -> str:
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\n")
    return digest.hexdigest()
