"""Plain text and HTML files: one document a file."""

from collections.abc import Iterator

import pyarrow as pa

from tasks.ingest.batch import Batch
from tasks.ingest.decode import binary_kind
from tasks.ingest.slices import Slice
from tasks.ingest.streams import Damage, Stream


def read(part: Slice, stream: Stream, batch: Batch, html: bool) -> Iterator[tuple[pa.Table, pa.Table]]:
    """At most one batch. A damaged file is one reject: half a text is not the text."""
    limit = batch.options.max_document_bytes
    data = bytearray()
    try:
        while len(data) <= limit and (piece := stream.read(limit)):
            data += piece
    except Damage as damage:
        batch.reject(part.source, 0, damage.reason, damage.detail, bytes(data))
    else:
        if len(data) > limit and not binary_kind(data):  # of which no more than the beginning matters
            batch.reject(part.source, 0, "too_large", f"over {limit:,} bytes, the limit", bytes(data))
        else:
            batch.add_bytes(part.source, 0, bytes(data), html=html)
    if batch.full:
        yield batch.take()
