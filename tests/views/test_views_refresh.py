"""The database of views over an output folder."""

import shutil
import sys
from pathlib import Path

import pytest

duckdb = pytest.importorskip("duckdb")

from tasks.views import DATABASE, ViewsError, refresh_views  # noqa: E402

VERSIONS = sorted(Path(__file__).parent.glob("output-*"))


@pytest.fixture(params=VERSIONS, ids=lambda version: version.name)
def out(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An output folder of each version of the schema, whose name means harm to globs and to SQL."""
    folder = tmp_path / "it's [an] o*ut"
    shutil.copytree(request.param, folder)
    return folder


def test_each_view_answers(out: Path) -> None:
    counts = refresh_views(out)
    with duckdb.connect(str(out / DATABASE), read_only=True) as database:
        names = [
            row[0]
            for row in database.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        ]
        assert set(names) == {
            *(path.name for path in out.iterdir() if path.is_dir()),
            *("documents", "removed_by_category", "daily", "by_site", "by_language", "by_day"),
        }
        for name in names:
            assert database.execute(f"SELECT * FROM {name}").fetchall()
        documents = database.execute("SELECT count(*), sum(removed_spans) FROM documents").fetchone()
        assert documents == (counts["records"], counts["removals"])
        assert database.execute("SELECT sum(spans) FROM removed_by_category").fetchone() == (
            counts["removals"],
        )
        by_site = database.execute("SELECT sum(documents) FROM by_site").fetchone()
        assert by_site == (counts["records"],)


def test_the_views_hold_no_copies_and_see_what_comes_later(out: Path) -> None:
    before = refresh_views(out)["records"]
    shutil.copy(next((out / "records").glob("*.parquet")), out / "records" / "later.parquet")
    with duckdb.connect(str(out / DATABASE), read_only=True) as database:
        assert database.execute("SELECT count(*) FROM records").fetchone() > (before,)


def test_what_was_removed_counts_once_where_records_share_an_id(out: Path) -> None:
    """As where one file was cleaned under two names: the same ids, and everything twice."""
    sums = "SELECT sum(removed_chars), sum(removed_spans) FROM documents"
    parts = "SELECT site, removed_share FROM by_site"
    categories = "SELECT sum(chars), sum(spans) FROM removed_by_category"
    removed = "SELECT sum(length(text)), count(*) FROM removals"
    refresh_views(out)
    with duckdb.connect(str(out / DATABASE), read_only=True) as database:
        before = dict(database.execute(parts).fetchall())
    for dataset in ("records", "removals"):
        shutil.copy(next((out / dataset).glob("*.parquet")), out / dataset / "again.parquet")
    with duckdb.connect(str(out / DATABASE), read_only=True) as database:
        assert dict(database.execute(parts).fetchall()) == pytest.approx(before)
        assert database.execute(sums).fetchone() == database.execute(removed).fetchone()
        assert database.execute(categories).fetchone() == database.execute(removed).fetchone()


def test_a_reader_does_not_keep_the_views_from_being_refreshed(out: Path) -> None:
    refresh_views(out)
    with duckdb.connect(str(out / DATABASE), read_only=True) as reader:
        counts = refresh_views(out)
        assert reader.execute("SELECT count(*) FROM records").fetchone() == (counts["records"],)
    assert [
        path.name for path in out.iterdir() if "duckdb" in path.name or path.name.startswith(".views")
    ] == [DATABASE]


def test_nothing_published_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ViewsError, match="nothing has been published there yet"):
        refresh_views(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_duckdb_the_extra_is_named(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(ViewsError, match=r"pip install 'wirebrush\[analytics\]'"):
        refresh_views(out)
