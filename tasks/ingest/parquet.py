"""Parquet: rows are documents, cut by row groups."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import IO, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tasks.ingest.batch import Batch
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
        rows = _plain(rows)
        ends = np.cumsum(np.sum(_all_sizes(rows), axis=0))
        start = 0
        while start < rows.num_rows:
            before = int(ends[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, before + options.batch_bytes, side="right")))
            given += int(ends[stop - 1]) - before
            if given > most:
                raise _Bomb(f"{stored:,} bytes stand for over {given:,}")
            yield rows.slice(start, stop - start)
            start = stop


def _plain(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with strings of the usual kinds alone, since not every kernel knows the others."""
    for place, column in enumerate(rows.columns):
        if pa.types.is_string_view(column.type):
            rows = rows.set_column(place, rows.schema.names[place], column.cast(pa.large_string()))
        elif pa.types.is_binary_view(column.type) or pa.types.is_fixed_size_binary(column.type):
            rows = rows.set_column(place, rows.schema.names[place], column.cast(pa.large_binary()))
    return rows


def _batch_rows(group: pq.RowGroupMetaData, options: IngestOptions) -> int:
    """As many rows as fit a batch's bytes, on the average of the group."""
    row_bytes: int = group.total_byte_size // max(1, group.num_rows)
    return max(1, min(options.batch_documents, options.batch_bytes // max(1, row_bytes)))


def _add_rows(source: Source, first: int, rows: pa.RecordBatch, batch: Batch) -> None:
    limit = batch.options.max_document_bytes
    names = rows.schema.names
    largest = np.max(_all_sizes(rows), axis=0)
    too_large = pa.array(largest > limit)
    columns = [_python(column, too_large) for column in rows.columns]
    for offset in range(rows.num_rows):
        if too_large[offset].as_py():
            detail = f"a field has {largest[offset]:,} bytes, the limit is {limit:,}"
            batch.reject(source, first + offset, "too_large", detail)
        else:
            fields = {name: column[offset] for name, column in zip(names, columns, strict=True)}
            batch.add_fields(source, first + offset, fields)


def _all_sizes(rows: pa.RecordBatch) -> np.ndarray:
    """Bytes of each value: a row for each column, and one of zeros."""
    return np.stack([np.zeros(rows.num_rows, np.int64), *(_sizes(column) for column in rows.columns)])


def _sizes(column: pa.Array) -> np.ndarray:
    """Bytes of each value of a column of strings; 0 for others, which are never large."""
    values = column.dictionary if pa.types.is_dictionary(column.type) else column
    if not _is_text(values.type):
        return np.zeros(len(column), np.int64)
    lengths = pc.binary_length(values)
    if values is not column:
        lengths = lengths.take(column.indices)
    return pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False).astype(np.int64)


def _is_text(kind: pa.DataType) -> bool:
    checks = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(check(kind) for check in checks)


def _python(column: pa.Array, left_out: pa.Array) -> list[object]:
    """Values for Python, None for those `left_out`; what the file calls a string and is not UTF-8 stays bytes."""
    if pa.types.is_dictionary(column.type):
        indices = pc.if_else(left_out, pa.scalar(None, column.indices.type), column.indices)
        column = column.dictionary.take(indices)
    elif left_out.true_count and _is_text(column.type):
        column = pc.if_else(left_out, pa.scalar(None, column.type), column)
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return [_text(value) for value in pc.cast(column, pa.large_binary()).to_pylist()]
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        column = _instants(column)
    try:
        values: list[object] = column.to_pylist()
    except _BEYOND_PYTHON:
        values = [_value(scalar) for scalar in column]
    return values


#: What values of types that no field should have raise where Python has nothing of that size or name.
_BEYOND_PYTHON = (OverflowError, ValueError, LookupError)


def _value(scalar: pa.Scalar) -> object:
    try:
        return scalar.as_py()
    except _BEYOND_PYTHON:
        return None


def _instants(column: pa.Array) -> pa.Array:
    """Dates and times as microseconds in UTC, which is how Parquet counts whatever zone it names; null where the year
    is none that Python has."""
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("s"), safe=False)
    count = column.view(pa.int64())
    seconds = pc.divide(count, _A_SECOND[column.type.unit])
    sound = pc.and_(pc.greater(seconds, _FIRST_SECOND), pc.less(seconds, _LAST_SECOND))
    count = pc.if_else(sound, count, pa.scalar(None, pa.int64()))
    return count.view(pa.timestamp(column.type.unit, "UTC")).cast(pa.timestamp("us", "UTC"), safe=False)


_A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_FIRST_SECOND, _LAST_SECOND = (
    int(year.replace(tzinfo=UTC).timestamp()) for year in (datetime.min, datetime.max)
)


def _text(value: bytes | None) -> str | bytes | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return value
