"""Clusters and passages on disk, and the columns of records that tell of them."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.copies import relate, sketch
from tasks.write import refresh_relations


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
