"""From a shard to batches of documents and rejects."""

from collections.abc import Iterator

import pyarrow as pa

from tasks.ingest import files, json_values, jsonl, parquet, warc
from tasks.ingest.batch import Batch
from tasks.ingest.formats import reader_for
from tasks.ingest.options import IngestOptions
from tasks.ingest.slices import Shard, Slice
from tasks.ingest.storage import is_url
from tasks.ingest.streams import Damage, stream_of


def read_shard(shard: Shard, options: IngestOptions | None = None) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Batches (DOCUMENTS, REJECTS) of a shard in the order of its input.

    Bad input becomes a reject. Raises OSError only where an object store fails in a way that may pass.
    """
    batch = Batch(options or IngestOptions())
    for part in shard.slices:
        try:
            yield from _read_slice(part, batch)
        except Damage as damage:
            batch.reject(part.source, None, damage.reason, damage.detail)
        except OSError as error:
            if is_url(part.source.path) and not isinstance(error, (FileNotFoundError, PermissionError)):
                raise
            detail = f"{type(error).__name__}: {error.strerror or error}"
            batch.reject(part.source, None, "unreadable", detail)
        if batch.full:
            yield batch.take()
    if batch:
        yield batch.take()


def _read_slice(part: Slice, batch: Batch) -> Iterator[tuple[pa.Table, pa.Table]]:
    if part.reader == "parquet":
        yield from parquet.read(part, batch)
        return
    with stream_of(part, batch.options) as stream:
        reader = part.reader or reader_for(stream, part.source.path, batch.options)
        if reader == "jsonl":
            yield from jsonl.read(part, stream, batch)
        elif reader == "json":
            yield from json_values.read(part, stream, batch)
        elif reader == "warc":
            yield from warc.read(part, stream, batch)
        elif reader == "parquet":
            yield from parquet.read(part, batch, stream if stream.compressed else None)
        else:
            yield from files.read(part, stream, batch, html=reader == "html")
