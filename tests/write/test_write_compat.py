"""Output of an older version of the schema is still read, added to, and queried beside the new."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from schemas import DATASETS, SCHEMA_VERSION
from tasks.write import Layout, OutputError, load_ledger
from tasks.write.ledger import published_counts
from tasks.write.tables import RowReader

OLD = sorted((Path(__file__).parents[1] / "views").glob("output-*"))
OF_THIS_MAJOR = [old for old in OLD if old.name.startswith(f"output-{SCHEMA_VERSION.split('.')[0]}.")]


@pytest.mark.parametrize("old", OLD, ids=lambda old: old.name)
def test_rows_of_an_older_version_take_today_s_schema(old: Path) -> None:
    version = old.name.removeprefix("output-")
    for name, schema in DATASETS.items():
        for path in (old / name).glob("*.parquet"):
            reader = RowReader(path, name)
            assert reader.footer[b"wirebrush.schema_version"].decode() == version
            rows = pq.read_metadata(path).num_rows
            assert sum(table.num_rows for table in reader.read(0, rows) if table.schema == schema) == rows
            reader.close()


@pytest.mark.parametrize("old", OLD, ids=lambda old: old.name)
def test_the_ledger_of_an_older_version_is_taken_up(old: Path) -> None:
    ledger = load_ledger(Layout(old))
    assert (
        sum(len(published_counts(Layout(old), key)) for key in ledger.sources_of) == len(ledger.unit_of) == 5
    )


def test_output_of_each_version_is_kept() -> None:
    major, minor = map(int, SCHEMA_VERSION.split("."))
    kept = {old.name for old in OLD}
    assert {f"output-{major}.{number}" for number in range(minor + 1)} <= kept, "keep one of the new version"


@pytest.mark.parametrize("old", OF_THIS_MAJOR, ids=lambda old: old.name)
def test_within_a_major_version_columns_only_come_to_it(old: Path) -> None:
    for name in sorted(folder.name for folder in old.iterdir()):
        schema = DATASETS[name]
        for field in ds.dataset(old / name).schema:
            now = schema.field(field.name)
            assert (now.type, now.nullable) == (field.type, field.nullable) or pa.types.is_struct(field.type)
        added = set(schema.names) - set(ds.dataset(old / name).schema.names)
        assert all(schema.field(column).nullable for column in added), "older files read as null there"


def test_another_major_version_is_refused(tmp_path: Path) -> None:
    shutil.copytree(OLD[0] / "sources", tmp_path / "sources")
    path = next((tmp_path / "sources").glob("*.parquet"))
    rows = pq.read_table(path)
    pq.write_table(rows.replace_schema_metadata({"wirebrush.schema_version": "99.0"}), path)
    with pytest.raises(OutputError, match=r"written with schema 99\.0, and this version writes"):
        load_ledger(Layout(tmp_path))
