"""What a stage may not hand over, and files that do not depend on how their rows were cut."""

from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import RECORDS
from tasks.write import OutputError, tables
from tasks.write.tables import RowReader, TableWriter


def stage_one(world, change):  # type: ignore[no-untyped-def]
    """Stage a file of two documents after `change` has been at their tables."""
    world.put("a", "first line #menu #more", "second line #share", "!")
    real = world.tables_of
    world.tables_of = lambda *arguments: change(*real(*arguments))
    world.run()


def put(table: pa.Table, name: str, values: list[object], type_: pa.DataType | None = None) -> pa.Table:
    return table.set_column(
        table.column_names.index(name), name, pa.array(values, type_ or table.schema.field(name).type)
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r, m, j: (put(r, "text", [None, "x"]), m, j), "records.text has a null in row 0"),
        (lambda r, m, j: (put(r, "language", ["en", None]), m, j), "records.language has a null in row 1"),
        (lambda r, m, j: (put(r, "text", ["x", " \n "]), m, j), "'a:1' has no text"),
        (lambda r, m, j: (put(r, "raw_chars", ["a", "b"], pa.string()), m, j), "records.raw_chars is string"),
        (lambda r, m, j: (put(r, "removed_chars", [99, 0]), m, j), "'a:0' lost more than it had"),
        (lambda r, m, j: (put(r, "removed_chars", [-1, 0]), m, j), "'a:0' has a negative removed_chars"),
        (
            lambda r, m, j: (put(r, "language_confidence", ["high", "sure"]), m, j),
            "'a:1' has an unknown",
        ),
        (lambda r, m, j: (r.drop_columns("url"), m, j), "records: the column url is missing"),
        (lambda r, m, j: (r.drop_columns("removed_chars"), m, j), "must give removed_chars"),
        (lambda r, m, j: (r.slice(1), m.slice(1), j), "3 documents were read, but 1 records and 1 rejects"),
        (lambda r, m, j: (pa.concat_tables([r.slice(1), r.slice(1)]), m.slice(0, 0), j), "comes twice"),
        (lambda r, m, j: (r.take([1, 0]), m.slice(0, 0), j), "document 0 of .* comes twice or out of order"),
        (lambda r, m, j: (put(r, "source", ["x", "x"]), m, j), "'x' is not a source of this shard"),
        (lambda r, m, j: (r, put(m, "category", ["link_list", "noise"]), j), "'a:1' has an unknown category"),
        (lambda r, m, j: (r, put(m, "end", [99, 18]), j), "'a:0' has a span past its raw text"),
        (lambda r, m, j: (r, put(m, "start", [-1, 12]), j), "'a:0' has an empty span"),
        (lambda r, m, j: (r, put(m, "end", [22, 12]), j), "'a:1' has an empty span"),
        (lambda r, m, j: (r, put(m, "document", [0, 2]), j), "points at a document that is not in the batch"),
        (lambda r, m, j: (r, put(m, "document", [1, 1]), j), "'a:0' has another's doc_id"),
        (lambda r, m, j: (r, m.take([1, 0]), j), "overlap or are out of order"),
        (lambda r, m, j: (r, m.take([0, 0, 1]), j), "'a:0' has spans that overlap"),
        (lambda r, m, j: (r, m, put(j, "reason", ["dull"])), "'a:2' has an unknown reason"),
    ],
)
def test_a_batch_that_breaks_the_schema_is_refused(world, change, message) -> None:
    with pytest.raises(OutputError, match=message):
        stage_one(world, change)
    assert not world.layout.shards.exists() or not list(world.layout.shards.iterdir())
    assert list(world.layout.temporary.iterdir()) == []


def test_the_message_shows_control_characters_escaped(world) -> None:
    with pytest.raises(OutputError) as error:
        stage_one(world, lambda r, m, j: (put(r, "language_confidence", ["\x1b[2J", "high"]), m, j))
    assert "\x1b" not in str(error.value)


def test_a_file_that_could_not_be_read_is_marked_and_tried_again(world) -> None:
    world.put("a", "!")
    real = world.tables_of

    def unreadable(*arguments: object) -> tuple[pa.Table, ...]:
        records, removals, rejects = real(*arguments)
        rejects = put(put(rejects, "reason", ["unreadable"]), "detail", ["permission denied"])
        return records, removals, put(rejects, "source_index", [None])

    world.tables_of = unreadable
    assert world.run() == ["a:0"]
    (row,) = pq.read_table(world.layout.published("sources", "pack-a")).to_pylist()
    assert (row["status"], row["detail"]) == ("partial", "unreadable: permission denied")
    inode = world.layout.published("rejects", "pack-a").stat().st_ino
    assert world.run() == ["a:0"]
    assert world.layout.published("rejects", "pack-a").stat().st_ino == inode
    world.tables_of = real
    assert world.run() == ["a:0"]
    assert world.run() == []


@settings(deadline=None, max_examples=25)
@given(cuts=st.lists(st.integers(0, 60), max_size=6), rows=st.integers(1, 20), size=st.integers(1, 200))
def test_bytes_do_not_depend_on_batches(tmp_path_factory, cuts, rows, size) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    lines = [
        {"doc_id": str(n), "source": "s", "source_index": n, "text": "x" * (n % 17), "language": "en"}
        for n in range(60)
    ]
    table = pa.Table.from_pylist(lines, RECORDS)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tables, "ROW_GROUP_ROWS", rows)
        patched.setattr(tables, "ROW_GROUP_BYTES", size)
        with TableWriter(folder / "whole.parquet", "records") as writer:
            writer.write(table)
        edges = sorted({0, 60, *cuts})
        with TableWriter(folder / "cut.parquet", "records") as writer:
            for start, stop in pairwise(edges):
                writer.write(table.slice(start, stop - start))
    assert (folder / "whole.parquet").read_bytes() == (folder / "cut.parquet").read_bytes()
    reader = RowReader(folder / "cut.parquet", "records")
    for start, stop in pairwise(edges):
        assert pa.concat_tables(reader.read(start, stop)).equals(table.slice(start, stop - start))
    with pytest.raises(ValueError, match="the file has 60"):
        list(reader.read(50, 61))
