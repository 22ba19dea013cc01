"""The queries and calls of docs/analytics.md, run on a published corpus."""

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.views import DATABASE, refresh_views

duckdb = pytest.importorskip("duckdb")

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/analytics.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^([^\n]*)\n\n```sql\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
CALLS = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)

#: Questions to which the small corpora have no row for an answer.
NONE = {"Which line does a site repeat on most of its pages?", "Which documents mix languages?"}


@pytest.fixture(scope="module", params=["1.1", "1.0 1.1"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Output of today's schema, and the same beside output of an older one."""
    folder = tmp_path_factory.mktemp("analytics")
    for version in request.param.split():
        shutil.copytree(ROOT / f"tests/views/output-{version}", folder / "out", dirs_exist_ok=True)
    refresh_views(folder / "out")
    with contextlib.chdir(folder):
        yield folder


def test_there_are_ten() -> None:
    assert len(QUERIES) == 10
    assert len(CALLS) == 3


@pytest.mark.parametrize(("question", "query"), QUERIES, ids=[question[:50] for question, _ in QUERIES])
def test_each_question_is_answered(folder: Path, question: str, query: str) -> None:
    with duckdb.connect(str(folder / "out" / DATABASE), read_only=True) as database:
        rows = database.execute(query).fetchall()
    assert bool(rows) is (question not in NONE), rows


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.split()[1])
def test_each_tool_opens_the_table(folder: Path, call: str) -> None:
    names: dict[str, object] = {}
    exec(call, names)
    if "records" in names:
        assert "words" in (
            names["records"].collect_schema()
            if hasattr(names["records"], "collect_schema")
            else names["records"]
        )
    else:
        assert names["batch"].num_rows


def test_the_figures_of_the_first_question(folder: Path) -> None:
    with duckdb.connect(str(folder / "out" / DATABASE), read_only=True) as database:
        ((documents, words, share),) = database.execute(QUERIES[0][1]).fetchall()
        assert documents == database.execute("SELECT count(*) FROM records").fetchone()[0] > 0
        assert words == database.execute("SELECT sum(words) FROM records").fetchone()[0]
    assert 0.2 < share < 0.6
