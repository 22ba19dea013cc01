"""Units as a reader sees them, and what a second run costs."""

import os
import threading
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

from schemas import DATASETS, SCHEMA_VERSION
from tasks.write import Layout, OutputBusy, load_ledger, output_lock

#: The data sets in which a unit has a file of its own.
_OF_A_UNIT = ("records", "removals", "rejects", "sources")


def rows(layout: Layout, dataset: str) -> list[dict[str, object]]:
    return pa.dataset.dataset(layout.out / dataset).to_table().to_pylist()


def texts(layout: Layout) -> dict[str, str]:
    found = [(row["doc_id"], row["text"]) for row in rows(layout, "records")]
    assert len(found) == len(dict(found)), "a document is there twice"
    return dict(found)


def test_every_document_ends_in_one_row(filled) -> None:
    filled.run()
    assert texts(filled.layout) == {
        "a:0": "alpha one", "a:1": "alpha two", "b:1": "beta", "b:2": "beta", "d:0": "delta",
        "big:0": "b0", "big:1": "b1", "big:3": "b3", "big:4": "b4",
    }  # fmt: skip
    assert {row["doc_id"] for row in rows(filled.layout, "rejects")} == {"b:0", "big:2"}
    assert sorted((row["doc_id"], row["text"]) for row in rows(filled.layout, "removals")) == [
        ("a:0", "#menu"), ("b:1", "#share"), ("b:2", "#tags"), ("big:0", "#x"), ("big:3", "#y"),
    ]  # fmt: skip


def test_the_ledger_counts_each_file(filled) -> None:
    filled.run()
    ledger = {Path(row["source"]).stem: row for row in rows(filled.layout, "sources")}
    assert {name: (row["documents"], row["records"], row["rejects"]) for name, row in ledger.items()} == {
        "a": (2, 2, 0), "b": (3, 2, 1), "c": (0, 0, 0), "d": (1, 1, 0), "big": (5, 4, 1),
    }  # fmt: skip
    assert ledger["b"]["removed_chars"] == len("#share#tags")
    assert all(row["status"] == "done" and row["detail"] is None for row in ledger.values())


def test_one_file_a_unit_in_every_data_set(filled) -> None:
    filled.run()
    for dataset in _OF_A_UNIT:
        names = sorted(path.name for path in (filled.layout.out / dataset).iterdir())
        assert names == ["big.parquet", "pack-a.parquet", "pack-d.parquet"]


def test_rows_keep_the_order_of_the_input(filled) -> None:
    filled.run()
    indices = pq.read_table(filled.layout.published("records", "big"))["source_index"].to_pylist()
    assert indices == [0, 1, 3, 4]


@pytest.mark.parametrize("dataset", _OF_A_UNIT)
def test_a_file_explains_itself(filled, dataset: str) -> None:
    filled.run()
    file = pq.ParquetFile(filled.layout.published(dataset, "big"))
    assert file.metadata.metadata[b"wirebrush.schema_version"].decode() == SCHEMA_VERSION
    assert all(field.metadata[b"description"] for field in file.schema_arrow)
    assert file.schema_arrow.equals(DATASETS[dataset])
    group = file.metadata.row_group(0)
    assert {group.column(number).compression for number in range(group.num_columns)} == {"ZSTD"}


@pytest.mark.parametrize("dataset", _OF_A_UNIT)
def test_a_plain_glob_is_enough(filled, dataset: str) -> None:
    filled.run()
    pattern = str(filled.layout.out / dataset / "*.parquet")
    expected = {"records": 9, "removals": 5, "rejects": 2, "sources": 5}[dataset]
    assert duckdb.sql(f"select count(*) from '{pattern}'").fetchall() == [(expected,)]
    assert len(pandas.read_parquet(filled.layout.out / dataset)) == expected
    assert polars.read_parquet(pattern).height == expected
    assert pa.dataset.dataset(filled.layout.out / dataset).count_rows() == expected


def test_a_unit_without_rows_is_readable(world) -> None:
    world.put("c")
    world.run()
    for dataset in ("records", "removals", "rejects"):
        pattern = str(world.layout.out / dataset / "*.parquet")
        assert duckdb.sql(f"select * from '{pattern}'").fetchall() == []
        assert polars.read_parquet(pattern).height == 0
        assert pandas.read_parquet(pattern.replace("*", "pack-c")).columns.tolist() == DATASETS[dataset].names


def _identity(path: Path) -> tuple[int, int]:
    return path.stat().st_ino, path.stat().st_mtime_ns


def test_nothing_new_writes_nothing(filled) -> None:
    filled.run()
    before = {path: _identity(path) for path in filled.layout.out.rglob("*.parquet")}
    everything = sorted(filled.layout.out.rglob("*"))
    assert filled.run() == []
    after = {path: _identity(path) for path in filled.layout.out.rglob("*.parquet")}
    assert after == before
    assert sorted(filled.layout.out.rglob("*")) == everything


def test_nothing_is_left_in_the_staging_area(filled) -> None:
    filled.run()
    assert [path.name for path in filled.layout.staging.iterdir()] == ["lock"]


def test_new_files_cost_work_for_themselves(filled) -> None:
    filled.run()
    before = filled.published()
    filled.put("e", "epsilon")
    assert filled.run() == ["e:0"]
    after = filled.published()
    assert {name for name in after if name not in before} == {f"{d}/pack-e.parquet" for d in _OF_A_UNIT}
    assert {name: after[name] for name in before} == before


def test_a_changed_file_replaces_its_own_rows_only(filled) -> None:
    filled.run()
    filled.put("b", "BETA #new", "!", "!")
    assert filled.run() == ["b:0"]
    assert {k: v for k, v in texts(filled.layout).items() if k[0] in "ab" and k[1] == ":"} == {
        "a:0": "alpha one", "a:1": "alpha two", "b:0": "BETA",
    }  # fmt: skip
    found = {(row["doc_id"], row["text"]) for row in rows(filled.layout, "removals")}
    assert found == {("a:0", "#menu"), ("b:0", "#new"), ("big:0", "#x"), ("big:3", "#y")}
    assert load_ledger(filled.layout).sources_of["pack-a"] == tuple(
        str(filled.source / f"{name}.txt") for name in "abc"
    )


def test_carried_rows_give_the_bytes_of_a_first_run(filled, tmp_path: Path) -> None:
    final = filled.source / "b.txt"
    content = final.read_text()
    filled.put("b", "something", "else #altogether")
    filled.run()
    final.write_text(content)
    filled.run()
    carried = filled.published()
    filled.run(full=True)
    assert filled.published() == carried


def test_removals_follow_their_own_document_when_ids_repeat(world) -> None:
    """Ids are the input's own: two files of a pack may use the same."""
    world.put("a", "first #mine")
    world.put("b", "second")
    tables_of = world.tables_of

    def same_ids(*arguments: object) -> tuple[pa.Table, ...]:
        return tuple(
            t.set_column(
                t.column_names.index("doc_id"),
                t.schema.field("doc_id"),
                pa.array(["same"] * t.num_rows, pa.string()),
            )
            for t in tables_of(*arguments)
        )

    world.tables_of = same_ids
    world.run()
    world.put("b", "second, changed")
    world.run()
    assert [row["text"] for row in rows(world.layout, "removals")] == ["#mine"]
    world.put("a", "first, without")
    world.run()
    assert rows(world.layout, "removals") == []


def test_a_changed_big_file_keeps_its_unit(filled) -> None:
    filled.run()
    filled.put("big", *"123456")
    assert filled.run() == ["big:0", "big:2", "big:4"]
    assert sorted(path.name for path in (filled.layout.out / "records").glob("big*")) == ["big.parquet"]
    assert texts(filled.layout)["big:5"] == "6"


def test_a_small_file_that_grows_big_stays_in_its_unit(filled) -> None:
    filled.run()
    filled.put("b", *(f"line {number}" for number in range(7)))
    assert filled.run() == ["b:0", "b:2", "b:4", "b:6"]
    assert load_ledger(filled.layout).sources_of["pack-a"] == tuple(
        str(filled.source / f"{name}.txt") for name in "abc"
    )
    kept = pq.read_table(filled.layout.published("records", "pack-a"))["doc_id"].to_pylist()
    assert kept == ["a:0", "a:1", *(f"b:{number}" for number in range(7))]


def test_a_file_that_is_gone_keeps_its_records(filled) -> None:
    filled.run()
    before = texts(filled.layout)
    (filled.source / "a.txt").unlink()
    filled.put("b", "beta again")
    filled.run()
    assert texts(filled.layout) == {
        **{key: text for key, text in before.items() if not key.startswith("b:")},
        "b:0": "beta again",
    }


def test_other_settings_clean_everything_again(filled) -> None:
    everything = filled.run()
    assert sorted(filled.run(digest="others")) == sorted(everything)
    assert filled.run(digest="others") == []


def test_full_cleans_everything_again_to_the_same_bytes(filled) -> None:
    everything = filled.run()
    before = filled.published()
    assert sorted(filled.run(full=True)) == sorted(everything)
    assert filled.published() == before


def test_a_new_unit_never_takes_the_place_of_another(filled) -> None:
    """The pack's key comes from its first file: 'a' taken away and put back must not overwrite b and c."""
    filled.run()
    ledger = load_ledger(filled.layout)
    del ledger.unit_of[str(filled.source / "a.txt")]
    assert [unit.key for unit in filled.plan(ledger)] == ["pack-a-2"]


def test_a_second_run_is_refused_while_one_is_going(filled) -> None:
    with output_lock(filled.layout.out), pytest.raises(OutputBusy, match="another run is writing"):
        filled.run()
    assert filled.run()


def test_a_run_in_another_process_is_refused_too(filled) -> None:
    with output_lock(filled.layout.out):
        child = os.fork()
        if child == 0:  # pragma: no cover
            from tasks.write import lock

            lock._held.clear()
            try:
                with output_lock(filled.layout.out):
                    os._exit(0)
            except OutputBusy:
                os._exit(3)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3


def test_a_reader_never_meets_a_broken_file_or_a_document_twice(filled) -> None:
    filled.run()
    known = set(texts(filled.layout))
    stop, seen, wrong = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            for dataset in DATASETS:
                # Opened once each: pq.read_table opens a file for its footer and again for its data.
                try:
                    files = (filled.layout.out / dataset).glob("*.parquet")
                    tables = [pq.ParquetFile(file).read() for file in files]
                except Exception as error:
                    wrong.append(error)
                    return
                if dataset == "records":
                    ids = [doc_id for table in tables for doc_id in table["doc_id"].to_pylist()]
                    seen.append(len(ids))
                    if len(ids) != len(set(ids)) or not known <= set(ids):
                        wrong.append(ids)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(12):
            filled.put(f"n{number}", f"new {number}")
            filled.put("a", f"alpha one {number}", "alpha two #x" * (number % 3 + 1))
            filled.run(full=number % 4 == 0)
    finally:
        stop.set()
        reader.join()
    assert wrong == []
    assert len(seen) > 3
