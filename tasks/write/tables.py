"""Parquet files of the data sets: written with the same bytes for the same rows, read by row ranges."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas import DATASETS, SCHEMA_VERSION

#: Footer of every file: the version of the schema that it was written with.
VERSION = "wirebrush.schema_version"

#: A row group ends with the row that fills either limit, wherever the batches it came in ended.
ROW_GROUP_ROWS = 65_536
ROW_GROUP_BYTES = 32 * 2**20

#: Level 3 would save a tenth of the space and cost more time than detecting the language does.
_ZSTD_LEVEL = 1

#: The column that makes up nearly all of a data set's size.
_BULK = {
    "records": "text",
    "removals": "text",
    "rejects": "raw",
    "sources": "source",
    "sites": "site",
    "site_lines": "text",
    "clusters": "doc_id",
    "passages": "doc_id",
}

#: Columns whose values repeat. A dictionary on the others costs time and gains nothing.
_REPEATING = {
    "records": ["source", "site", "language", "language_confidence", "byline", "attribution"],
    "removals": ["doc_id", "category", "rule", "text"],
    "rejects": ["source", "reason", "detail"],
    "sources": ["status", "detail"],
    "sites": ["first_seen", "last_seen"],
    "site_lines": ["site", "pages", "top", "middle", "end", "first_page", "first_seen", "last_seen"],
    "clusters": ["cluster_id", "site"],
    "passages": False,
}


class TableWriter:
    """Writes the rows of one data set to one file, in bounded memory.

    Rows are gathered into row groups by their own number and size alone, so that the file's bytes do not
    depend on how the rows were cut into batches.
    """

    def __init__(self, path: Path, dataset: str) -> None:
        self._schema = DATASETS[dataset]
        self._bulk = _BULK[dataset]
        self._waiting = self._schema.empty_table()
        self._filled = 0
        self._parquet = pq.ParquetWriter(
            path,
            self._schema,
            compression="zstd",
            compression_level=_ZSTD_LEVEL,
            use_dictionary=_REPEATING[dataset],
        )
        self.describe(VERSION, SCHEMA_VERSION)

    def describe(self, key: str, value: str) -> None:
        """Put a word into the file's footer."""
        self._parquet.add_key_value_metadata({key: value})

    def write(self, rows: pa.Table) -> None:
        """Append rows, which have exactly the data set's schema."""
        while rows.num_rows:
            room = ROW_GROUP_ROWS - self._waiting.num_rows
            part = rows.slice(0, room)
            sizes = pc.fill_null(pc.binary_length(part[self._bulk]), 0).to_numpy()
            sizes = np.cumsum(sizes, dtype=np.int64) + self._filled
            take = min(int(np.searchsorted(sizes, ROW_GROUP_BYTES)) + 1, part.num_rows)
            self._waiting = pa.concat_tables([self._waiting, part.slice(0, take)])
            self._filled = int(sizes[take - 1])
            if take == room or self._filled >= ROW_GROUP_BYTES:
                self._flush()
            rows = rows.slice(take)

    def _flush(self) -> None:
        # One chunk a column: Parquet pages would otherwise end where the batches ended.
        self._parquet.write_table(self._waiting.combine_chunks(), row_group_size=ROW_GROUP_ROWS)
        self._waiting = self._schema.empty_table()
        self._filled = 0

    def close(self) -> None:
        if self._waiting.num_rows:
            self._flush()
        self._parquet.close()

    def __enter__(self) -> "TableWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self._parquet.close()


def as_today(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows that an older version wrote, with today's columns: those that came later are null.

    Names and types are what counts, and today's descriptions replace those read.
    """
    columns = [
        rows[field.name] if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, names=schema.names).cast(schema)


class RowReader:
    """Reads ranges of rows of a file, one row group in memory at a time."""

    def __init__(self, path: Path, dataset: str) -> None:
        self._schema = DATASETS[dataset]
        self._parquet = pq.ParquetFile(path)
        groups = self._parquet.metadata
        sizes = [groups.row_group(number).num_rows for number in range(groups.num_row_groups)]
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        self._group = -1
        self._table = self._schema.empty_table()

    @property
    def footer(self) -> dict[bytes, bytes]:
        return self._parquet.metadata.metadata or {}

    def read(self, start: int, stop: int) -> Iterator[pa.Table]:
        """The rows from `start` up to, not including, `stop`, in pieces."""
        if stop > self._starts[-1]:
            raise ValueError(f"rows {start} to {stop} asked for, but the file has {self._starts[-1]}")
        while start < stop:
            group = int(np.searchsorted(self._starts, start, side="right")) - 1
            if group != self._group:
                self._table = as_today(self._parquet.read_row_group(group), self._schema)
                self._group = group
            first = int(self._starts[group])
            end = min(stop, int(self._starts[group + 1]))
            yield self._table.slice(start - first, end - start)
            start = end

    def close(self) -> None:
        self._parquet.close()
