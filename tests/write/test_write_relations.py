"""Clusters and passages on disk, and the columns of records that tell of them."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.copies import relate, sketch
from tasks.write import refresh_relations, relations_outdated, units


@pytest.fixture(autouse=True)
def content_hashes(world) -> None:
    """Records of this world have a content hash, as real ones do."""
    tables_of = world.tables_of

    def hashed(*arguments):  # type: ignore[no-untyped-def]
        records, *others = tables_of(*arguments)
        place = records.schema.get_field_index("content_hash")
        return records.set_column(place, "content_hash", records["text"]), *others

    world.tables_of = hashed


def marks(world) -> dict[str, tuple[str | None, str | None]]:
    files = sorted((world.layout.out / "records").glob("*.parquet"))
    rows = [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]
    return {row["doc_id"]: (row["duplicate_of"], row["cluster_id"]) for row in rows}


SAME = (
    "the harbour committee met on tuesday evening and put off its decision on the ferry landing until spring "
    * 2
)


def words(first: int) -> str:
    return " ".join(f"{chr(97 + (first + n) % 26)}word{chr(97 + (first * n) % 26)}{n}" for n in range(60))


def test_copies_are_marked_and_nothing_else_changes(world) -> None:
    world.put("a", words(1) + " " + SAME, words(2))
    world.put("b", words(1) + " " + SAME + " indeed")
    world.run()
    before = world.published()
    refresh_relations(world.layout, sketch, relate)
    assert marks(world) == {"a:0": (None, "a:0"), "a:1": (None, None), "b:0": ("a:0", "a:0")}
    after = world.published()
    for name in before.keys() - {".sketches/uncompared"}:
        assert name.startswith("records/") or after[name] == before[name]
    refresh_relations(world.layout, sketch, relate)
    assert world.published() == after


def test_threads_change_nothing(world) -> None:
    for number in range(5):
        world.put(f"a{number}", words(number // 2), words(number + 10))
    world.run()
    files = sorted((world.layout.out / "records").glob("*.parquet"))
    assert len(files) > 1
    refresh_relations(world.layout, sketch, relate, threads=3)
    together, found = world.published(), marks(world)
    assert found["a1:0"] == ("a0:0", "a0:0")
    for file in world.layout.sketches.glob("*.arrow"):
        file.unlink()
    refresh_relations(world.layout, sketch, relate)
    assert world.published() == together


def test_a_copy_that_comes_later_is_marked_and_one_that_goes_is_forgotten(world) -> None:
    world.put("a", words(1))
    world.run()
    refresh_relations(world.layout, sketch, relate)
    assert marks(world) == {"a:0": (None, None)}
    world.put("b", words(1) + " indeed")
    world.run()
    refresh_relations(world.layout, sketch, relate)
    assert marks(world) == {"a:0": (None, "a:0"), "b:0": ("a:0", "a:0")}
    world.put("b", words(5))
    world.run()
    refresh_relations(world.layout, sketch, relate)
    assert marks(world) == {"a:0": (None, None), "b:0": (None, None)}
    clusters = pq.ParquetFile(world.layout.published("clusters", "all")).read()
    assert clusters.num_rows == 0


def test_the_text_of_known_records_is_not_read_again(world) -> None:
    world.put("a", words(1))
    world.put("big", *(words(n) for n in range(2, 8)))
    world.run()
    refresh_relations(world.layout, sketch, relate)
    seen: list[str] = []

    def watched(records: pa.Table) -> pa.Table:
        seen.extend(records["doc_id"].to_pylist())
        return sketch(records)

    world.put("z", words(9))
    world.run()
    refresh_relations(world.layout, watched, relate)
    assert seen == ["z:0"]


@pytest.mark.parametrize("column", ["text", "site", "published"])
def test_a_record_that_says_the_same_otherwise_is_compared_anew(world, column) -> None:
    tables_of = world.tables_of
    before = {"text": SAME, "site": "a.example", "published": datetime(2024, 5, 6, tzinfo=UTC)}
    after = {"text": f"  {SAME}", "site": "c.example", "published": datetime(2024, 7, 1, tzinfo=UTC)}
    own = before

    def related(source, *arguments):  # type: ignore[no-untyped-def]
        records, *others = tables_of(source, *arguments)
        told = {"text": SAME, "site": "b.example", "published": datetime(2024, 6, 1, tzinfo=UTC)}
        told |= {"content_hash": "equal"} | (own if source.path.endswith("a.txt") else {})
        for name, value in told.items():
            place = records.schema.get_field_index(name)
            column = pa.array([value] * records.num_rows, records.schema.field(name).type)
            records = records.set_column(place, name, column)
        return records, *others

    def found() -> dict[str, list[dict[str, Any]]]:
        tables = {
            name: pq.ParquetFile(world.layout.published(name, "all")) for name in ("clusters", "passages")
        }
        return {name: table.read().to_pylist() for name, table in tables.items()}

    world.tables_of = related
    world.put("a", "first")
    world.run()
    world.put("b", "first")
    world.run()
    refresh_relations(world.layout, sketch, relate)
    own = before | {column: after[column]}
    world.put("a", "second")
    world.run()
    refresh_relations(world.layout, sketch, relate)
    at_last = found()
    shutil.rmtree(world.layout.sketches)
    refresh_relations(world.layout, sketch, relate)
    assert at_last == found()


def test_records_of_an_older_version_are_read(world) -> None:
    world.put("a", words(1))
    world.put("b", words(1))
    world.run()
    for file in (world.layout.out / "records").glob("*.parquet"):
        rows = pq.ParquetFile(file).read()
        pq.write_table(rows.drop_columns(["duplicate_of", "cluster_id", "shared_share"]), file)
    refresh_relations(world.layout, sketch, relate)
    assert marks(world)["b:0"] == ("a:0", "a:0")


def test_an_output_without_records_has_no_relations(world) -> None:
    refresh_relations(world.layout, sketch, relate)
    assert not (world.layout.out / "clusters").exists()


def test_each_record_is_told_of_its_own_copies_however_files_are_cut(world, monkeypatch) -> None:
    monkeypatch.setattr("tasks.write.tables.ROW_GROUP_ROWS", 2)
    world.put("a", *(words(n) for n in range(1, 5)))
    world.put("big", words(9), words(3), words(10), words(1), words(11), words(2))
    world.run()
    refresh_relations(world.layout, sketch, relate)
    assert {name: mark for name, mark in marks(world).items() if mark[1]} == {
        **{f"a:{n}": (None, f"a:{n}") for n in (0, 1, 2)},
        "big:1": ("a:2", "a:2"),
        "big:3": ("a:0", "a:0"),
        "big:5": ("a:1", "a:1"),
    }


def test_of_records_with_the_same_id_one_is_the_earliest(world) -> None:
    world.put("a", words(1))
    world.put("b", words(1), words(1), *(words(n) for n in range(2, 6)))
    world.run()
    for file in (world.layout.out / "records").glob("*.parquet"):
        rows = pq.ParquetFile(file).read()
        same = pa.array(["same"] * rows.num_rows)
        pq.write_table(rows.set_column(0, rows.schema.field(0), same), file)
    refresh_relations(world.layout, sketch, relate)
    rows = [pq.ParquetFile(file).read() for file in sorted((world.layout.out / "records").glob("*.parquet"))]
    told = pa.concat_tables(rows)
    assert sorted(told["duplicate_of"].to_pylist(), key=str) == [None] * 5 + ["same"] * 2
    assert told["cluster_id"].drop_null().to_pylist() == ["same"] * 3


def test_a_run_that_breaks_off_leaves_nothing_of_the_comparison(world) -> None:
    world.put("a", words(1))
    world.put("b", words(1))
    world.run()

    def broken(sketches, folder):  # type: ignore[no-untyped-def]
        def breaking():  # type: ignore[no-untyped-def]
            yield from sketches
            assert list(folder.iterdir()) == []  # not even now
            raise KeyboardInterrupt

        return relate(breaking(), folder, 1)

    with pytest.raises(KeyboardInterrupt):
        refresh_relations(world.layout, sketch, broken)
    assert relations_outdated(world.layout)
    assert list(world.layout.temporary.iterdir()) == []
    refresh_relations(world.layout, sketch, relate)
    assert marks(world) == {"a:0": (None, "a:0"), "b:0": ("a:0", "a:0")}


@pytest.mark.parametrize("marked", [True, False])
def test_a_power_cut_does_not_bring_back_what_is_known_of_older_records(world, monkeypatch, marked) -> None:
    world.put("a", words(1))
    world.run()
    refresh_relations(world.layout, sketch, relate)
    if marked:  # by a unit that was published before
        world.layout.uncompared.touch()
    (outdated,) = world.layout.sketches.glob("*.arrow")
    on_the_disk, found = {outdated.name}, []

    def sync(path: Path) -> None:
        if path == world.layout.sketches:
            on_the_disk.clear()
            on_the_disk.update(file.name for file in path.iterdir())

    def move(*given: Any) -> None:
        found.append(set(on_the_disk))
        real(*given)

    real = units._move
    monkeypatch.setattr(units, "sync", sync)
    monkeypatch.setattr(units, "_move", move)
    world.put("a", words(2))
    world.run()
    assert found == [{world.layout.uncompared.name}]
