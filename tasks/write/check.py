"""What must hold of a batch before it may go to the output."""

import pyarrow as pa
import pyarrow.compute as pc

from schemas import CATEGORIES, DATASETS, REJECT_REASONS, RELATION_COLUMNS


class OutputError(ValueError):
    """A stage handed over rows that break the output's schema; the message names the first such row."""


def conform(table: pa.Table, dataset: str) -> pa.Table:
    """The table with exactly the data set's columns, in order and in its types.

    Columns that the data set does not have are dropped. Raises OutputError on a missing column, a type that
    does not fit, or a null where none is allowed.
    """
    columns = []
    for field in DATASETS[dataset]:
        if field.name in RELATION_COLUMNS and field.name not in table.column_names:
            columns.append(pa.nulls(table.num_rows, field.type))
            continue
        if field.name not in table.column_names:
            raise OutputError(f"{dataset}: the column {field.name} is missing")
        column = table[field.name]
        if column.type != field.type:
            try:
                column = column.cast(field.type)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                message = f"{dataset}.{field.name} is {column.type} and does not fit {field.type}: {error}"
                raise OutputError(message) from error
        if not field.nullable and column.null_count:
            raise OutputError(f"{dataset}.{field.name} has a null in row {_first(pc.is_null(column))}")
        columns.append(column)
    return pa.table(columns, schema=DATASETS[dataset])


def check_records(records: pa.Table, removed_chars: pa.ChunkedArray) -> None:
    """Texts are not empty, sizes add up, confidence is a known word."""
    _refuse(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(records["text"])), 0), records, "has no text")
    _refuse(pc.greater(removed_chars, records["raw_chars"]), records, "lost more than it had (removed_chars)")
    _refuse(pc.less(removed_chars, 0), records, "has a negative removed_chars")
    known = pc.is_in(records["language_confidence"], value_set=pa.array(["high", "low", "none", None]))
    _refuse(pc.invert(known), records, "has an unknown language_confidence")


def check_removals(removals: pa.Table, row: pa.ChunkedArray, records: pa.Table) -> None:
    """Spans lie within their document's raw text, in order and apart; categories are those of the contract.

    `row` holds for each removal the row of its document in `records`.
    """
    if not removals.num_rows:
        return
    bounds = pc.min_max(row).as_py()
    if row.null_count or bounds["min"] < 0 or bounds["max"] >= records.num_rows:
        raise OutputError("removals: a span points at a document that is not in the batch")
    start, end = removals["start"], removals["end"]
    _refuse(pc.not_equal(removals["doc_id"], records["doc_id"].take(row)), removals, "has another's doc_id")
    _refuse(pc.or_(pc.less(start, 0), pc.greater_equal(start, end)), removals, "has an empty span")
    _refuse(pc.greater(end, records["raw_chars"].take(row)), removals, "has a span past its raw text")
    known = pc.is_in(removals["category"], value_set=pa.array(list(CATEGORIES)))
    _refuse(pc.invert(known), removals, "has an unknown category")
    if removals.num_rows > 1:
        same = pc.equal(row[1:], row[:-1])
        forward = pc.and_(same, pc.greater_equal(start[1:], end[:-1]))
        _refuse(
            pc.invert(pc.or_(forward, pc.greater(row[1:], row[:-1]))),
            removals.slice(1),
            "has spans that overlap or are out of order",
        )


def check_rejects(rejects: pa.Table) -> None:
    """Reasons are those of the fixed set."""
    known = pc.is_in(rejects["reason"], value_set=pa.array(list(REJECT_REASONS)))
    _refuse(pc.invert(known), rejects, "has an unknown reason")


def _first(mask: pa.ChunkedArray) -> int:
    return int(pc.index(mask, True).as_py())


def _refuse(wrong: pa.ChunkedArray, table: pa.Table, what: str) -> None:
    row = _first(pc.fill_null(wrong, False))
    if row >= 0:
        names = [name for name in table.column_names if name != "quality"]
        values = {name: str(table[name][row].as_py())[:80] for name in names}
        raise OutputError(f"document {values.get('doc_id')!r} {what}: {values}")
