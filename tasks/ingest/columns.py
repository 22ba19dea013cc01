"""Columns of Parquet: how many bytes their values are, and what these are in Python."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def plain(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with strings of the usual kinds alone, since not every kernel knows the others."""
    for place, column in enumerate(rows.columns):
        if pa.types.is_string_view(column.type):
            rows = rows.set_column(place, rows.schema.names[place], column.cast(pa.large_string()))
        elif pa.types.is_binary_view(column.type) or pa.types.is_fixed_size_binary(column.type):
            rows = rows.set_column(place, rows.schema.names[place], column.cast(pa.large_binary()))
    return rows


def sizes(rows: pa.RecordBatch) -> np.ndarray:
    """Bytes of each value, (1 + columns, rows): the first row is of zeros, so that there is one where no column is."""
    return np.stack([np.zeros(rows.num_rows, np.int64), *(_column_sizes(column) for column in rows.columns)])


def _column_sizes(column: pa.Array) -> np.ndarray:
    """Bytes of each value of a column of strings; 0 for others, which are never large."""
    strings = column.dictionary if pa.types.is_dictionary(column.type) else column
    if not _is_text(strings.type):
        return np.zeros(len(column), np.int64)
    lengths = pc.binary_length(strings)
    if strings is not column:
        lengths = lengths.take(column.indices)
    return pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False).astype(np.int64)


def _is_text(kind: pa.DataType) -> bool:
    checks = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(check(kind) for check in checks)


def values(column: pa.Array, left_out: pa.Array) -> list[object]:
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
        found: list[object] = column.to_pylist()
    except _BEYOND_PYTHON:
        found = [_value(scalar) for scalar in column]
    return found


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
