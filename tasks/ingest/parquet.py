"""Parquet: rows are documents, cut by row groups."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tasks.ingest.batch import Batch
from tasks.ingest.options import IngestOptions
from tasks.ingest.slices import Cut, Slice
from tasks.ingest.sources import Source
from tasks.ingest.storage import open_file
from tasks.ingest.streams import Damage

_METADATA_FIELDS = ("published", "date", "author", "byline")


def read(part: Slice, batch: Batch) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Batches of the slice's row groups. A damaged row group is one reject, those after it are read."""
    options, source = batch.options, part.source
    with open_file(source.path) as raw:
        file = _open(raw, source)
        wanted = {*options.fields, *_METADATA_FIELDS}
        columns = [name for name in file.schema_arrow.names if name in wanted]
        index = part.first_index
        stop = file.num_row_groups if part.stop is None else min(part.stop, file.num_row_groups)
        for group in range(part.start, stop):
            metadata = file.metadata.row_group(group)
            done = 0
            size = _batch_rows(metadata, options)
            try:
                for rows in file.iter_batches(size, [group], columns, use_threads=False):
                    _add_rows(source, index + done, rows, batch)
                    done += rows.num_rows
                    if batch.full:
                        yield batch.take()
            except (pa.ArrowException, OSError, ValueError) as error:
                detail = f"row group {group} cannot be read beyond its row {done:,}: {error}"
                batch.reject(source, None, "malformed", detail)
            index += metadata.num_rows


def cuts(source: Source, size: int) -> Iterator[Cut]:
    """The row groups at which to cut, one after about each `size` bytes; none if the file is damaged."""
    try:
        with open_file(source.path) as raw:
            metadata = _open(raw, source).metadata
    except Damage:
        return
    index = seen = 0
    for group in range(metadata.num_row_groups):
        if seen >= size:
            yield Cut(group, index)
            seen = 0
        index += metadata.row_group(group).num_rows
        seen += metadata.row_group(group).total_byte_size


def _open(raw: object, source: Source) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(raw, pre_buffer=False, buffer_size=1 << 20, page_checksum_verification=True)
    except (pa.ArrowException, ValueError) as error:
        reason = "truncated" if "magic bytes not found in footer" in str(error) else "malformed"
        raise Damage(reason, f"no readable Parquet footer in {source.size:,} bytes: {error}") from error


def _batch_rows(group: pq.RowGroupMetaData, options: IngestOptions) -> int:
    """As many rows as fit a batch's bytes, on the average of the group."""
    row_bytes: int = group.total_byte_size // max(1, group.num_rows)
    return max(1, min(options.batch_documents, options.batch_bytes // max(1, row_bytes)))


def _add_rows(source: Source, first: int, rows: pa.RecordBatch, batch: Batch) -> None:
    limit = batch.options.max_document_bytes
    names = rows.schema.names
    columns = [_python(column) for column in rows.columns]
    for offset in range(rows.num_rows):
        fields = {name: column[offset] for name, column in zip(names, columns, strict=True)}
        largest = max((len(value) for value in fields.values() if isinstance(value, (bytes, str))), default=0)
        if largest > limit:
            detail = f"a field has {largest:,} bytes, the limit is {limit:,}"
            batch.reject(source, first + offset, "too_large", detail)
        else:
            batch.add_fields(source, first + offset, fields)


def _python(column: pa.Array) -> list[object]:
    """Values for Python; what the file calls a string and is not UTF-8 stays bytes."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return [_text(value) for value in pc.cast(column, pa.large_binary()).to_pylist()]
    values: list[object] = column.to_pylist()
    return values


def _text(value: bytes | None) -> str | bytes | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return value
