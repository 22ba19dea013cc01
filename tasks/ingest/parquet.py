"""Parquet: rows are documents, cut by row groups."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tasks.ingest.batch import Batch
from tasks.ingest.columns import plain, sizes, values
from tasks.ingest.options import IngestOptions
from tasks.ingest.slices import Cut, Slice
from tasks.ingest.sources import Source
from tasks.ingest.storage import open_file
from tasks.ingest.streams import PIECE, Damage, Stream

#: What a file begins with; the second where its footer is encrypted.
_MAGIC = (b"PAR1", b"PARE")
_METADATA_FIELDS = ("published", "date", "author", "byline")


def read(part: Slice, batch: Batch, packed: Stream | None = None) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Batches of the slice's row groups. A damaged row group is one reject, those after it are read.

    packed: the stream of a file that is compressed as a whole.
    """
    options, source = batch.options, part.source
    with _unpacked(packed) if packed else open_file(source.path) as raw:
        file = _open(raw, source, options)
        wanted = {*options.fields, *_METADATA_FIELDS}
        columns = [name for name in file.schema_arrow.names if name in wanted]
        index = part.first_index
        stop = file.num_row_groups if part.stop is None else min(part.stop, file.num_row_groups)
        for group in range(part.start, stop):
            metadata = file.metadata.row_group(group)
            done = 0
            try:
                for rows in _honest(file, group, columns, options):
                    _add_rows(source, index + done, rows, batch)
                    done += rows.num_rows
                    if batch.full:
                        yield batch.take()
            except _Bomb as bomb:
                detail = f"row group {group}: a bomb? {bomb}; {metadata.num_rows - done:,} rows are not read"
                batch.reject(source, None, "too_large", detail)
            except (pa.ArrowException, OSError, ValueError) as error:
                detail = f"row group {group} cannot be read beyond its row {done:,}: {error}"
                batch.reject(source, None, "malformed", detail)
            index += metadata.num_rows


@contextmanager
def _unpacked(stream: Stream) -> Iterator[IO[bytes]]:
    """What is read from its end cannot be read from a stream: it goes to a file that has no name."""
    with TemporaryFile() as file:
        while piece := stream.read(PIECE):
            file.write(piece)
        yield file


def cuts(source: Source, size: int) -> Iterator[Cut]:
    """The row groups at which to cut, one after about each `size` bytes; none if the file is damaged."""
    try:
        with open_file(source.path) as raw:
            metadata = _open(raw, source, IngestOptions()).metadata
    except Damage:
        return
    index = seen = 0
    for group in range(metadata.num_row_groups):
        if seen >= size:
            yield Cut(group, index)
            seen = 0
        index += metadata.row_group(group).num_rows
        seen += metadata.row_group(group).total_byte_size


def _open(raw: BinaryIO | IO[bytes], source: Source, options: IngestOptions) -> pq.ParquetFile:
    """A file whose repeated strings stay in their dictionaries: a page of one value may stand for a million rows."""
    settings = {"pre_buffer": False, "buffer_size": 1 << 20, "page_checksum_verification": True}
    try:
        metadata = pq.ParquetFile(raw, **settings).metadata
        names = _in_dictionaries(metadata, options)
        return pq.ParquetFile(raw, metadata=metadata, read_dictionary=names, **settings)
    except (pa.ArrowException, ValueError) as error:
        raw.seek(0)
        head = raw.read(4)
        if head and head not in _MAGIC:
            raise Damage("malformed", f"this is no Parquet file: it begins with {head!r}") from error
        reason = "truncated" if "magic bytes not found in footer" in str(error) else "malformed"
        raise Damage(reason, f"no readable Parquet footer in {source.size:,} bytes: {error}") from error


def _in_dictionaries(metadata: pq.FileMetaData, options: IngestOptions) -> list[str]:
    """The wanted string columns that have a dictionary in any row group."""
    wanted = {*options.fields, *_METADATA_FIELDS}
    names = set()
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for number in range(row_group.num_columns):
            column = row_group.column(number)
            strings = column.physical_type == "BYTE_ARRAY" and column.has_dictionary_page
            if strings and column.path_in_schema in wanted:
                names.add(column.path_in_schema)
    return sorted(names)


class _Bomb(Exception):
    """A row group that is out of all proportion to the bytes it is stored in; the message says how far."""


def _honest(
    file: pq.ParquetFile, group: int, columns: list[str], options: IngestOptions
) -> Iterator[pa.RecordBatch]:
    """Stretches of a row group's rows of about a batch's bytes each, repeated strings counted in full.

    Raises _Bomb where they become too many for the bytes that are stored.
    """
    metadata = file.metadata.row_group(group)
    chunks = [metadata.column(number) for number in range(metadata.num_columns)]
    chunks = [chunk for chunk in chunks if chunk.path_in_schema.partition(".")[0] in columns]
    stored = sum(chunk.total_compressed_size for chunk in chunks)
    most = max(4 * options.max_document_bytes, options.max_ratio * stored)
    given = sum(chunk.total_uncompressed_size for chunk in chunks)
    if given > most:
        raise _Bomb(f"{stored:,} bytes decompress to {given:,}")
    given = 0
    for rows in file.iter_batches(_batch_rows(metadata, options), [group], columns, use_threads=False):
        rows = plain(rows)
        ends = np.cumsum(np.sum(sizes(rows), axis=0))
        start = 0
        while start < rows.num_rows:
            before = int(ends[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, before + options.batch_bytes, side="right")))
            given += int(ends[stop - 1]) - before
            if given > most:
                raise _Bomb(f"{stored:,} bytes stand for over {given:,}")
            yield rows.slice(start, stop - start)
            start = stop


def _batch_rows(group: pq.RowGroupMetaData, options: IngestOptions) -> int:
    """As many rows as fit a batch's bytes, on the average of the group."""
    row_bytes: int = group.total_byte_size // max(1, group.num_rows)
    return max(1, min(options.batch_documents, options.batch_bytes // max(1, row_bytes)))


def _add_rows(source: Source, first: int, rows: pa.RecordBatch, batch: Batch) -> None:
    limit = batch.options.max_document_bytes
    names = rows.schema.names
    largest = np.max(sizes(rows), axis=0)
    too_large = pa.array(largest > limit)
    columns = [values(column, too_large) for column in rows.columns]
    for offset in range(rows.num_rows):
        if too_large[offset].as_py():
            detail = f"a field has {largest[offset]:,} bytes, the limit is {limit:,}"
            batch.reject(source, first + offset, "too_large", detail)
        else:
            fields = {name: column[offset] for name, column in zip(names, columns, strict=True)}
            batch.add_fields(source, first + offset, fields)
