"""The measure, against a plain count of tuples and by what must hold for any text."""

import importlib.util
import random
from collections import Counter
from pathlib import Path
from types import ModuleType

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.evaluate.gold import GoldPage
from tasks.evaluate.labels import tokens
from tasks.evaluate.measure import c4_keeps, f1, holds, precision_recall, spoken, without_title
from tasks.evaluate.records import Record
from tasks.evaluate.scores import PageScore, score_page

SHARED = Path(__file__).parents[3] / "shared"

#: Few words, so that texts have some in common; many kinds of them, so that every branch of the tokens is met.
WORDS = st.sampled_from(
    ["mill", "Mill", "the", "ΟΔΟΣ", "wheel.", "水", "車が", "ไม้", "1953", "_", "—", "don't", "\n"]
)
TEXTS = st.lists(WORDS, max_size=25).map(" ".join) | st.text(max_size=40)


def plain_grams(text: str) -> Counter[tuple[str, ...]]:
    words = tokens(text)
    if len(words) < 4:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(words, words[1:], words[2:], words[3:], strict=False))


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_grams_are_counted_as_bags(found: str, wanted: str) -> None:
    a, b = plain_grams(found), plain_grams(wanted)
    common = (a & b).total()
    precision = common / a.total() if a else float(not b)
    recall = common / b.total() if b else 1.0
    assert precision_recall(spoken(found), spoken(wanted)) == (precision, recall)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_precision_and_recall_change_places_with_the_texts(found: str, wanted: str) -> None:
    there, back = (precision_recall(spoken(x), spoken(y)) for x, y in ((found, wanted), (wanted, found)))
    if tokens(found) and tokens(wanted):
        assert there == back[::-1]
    assert all(0 <= share <= 1 for share in there + back)


@settings(deadline=None)
@given(TEXTS)
def test_a_text_agrees_with_itself_whatever_its_case_and_spacing(text: str) -> None:
    assert precision_recall(spoken(text.replace(" ", "  ")), spoken(text)) == (1, 1)


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=6), TEXTS)
def test_words_do_not_depend_on_where_lines_end(lines: list[str], title: str) -> None:
    text = "\n".join(lines)
    assert [word for line in spoken(text) for word in line] == tokens(text)
    kept = without_title(spoken(text), title)
    if tokens(title):
        assert tokens(title) not in kept
    else:
        assert kept == spoken(text)


def test_more_words_than_fit_squared_into_64_bits_are_still_told_apart() -> None:
    many = [str(number) for number in range(70_000)]
    assert precision_recall([many], [many[:35_000]]) == (pytest.approx(34_997 / 69_997), 1)


def test_a_title_counts_on_neither_side() -> None:
    lines = spoken("MILL TURNS, again!\nIts wheel is made of larch.")
    assert without_title(lines, "Mill turns again") == lines[1:]
    assert without_title(lines, None) == without_title(lines, "—") == lines


def test_nothing_found_is_right_only_where_nothing_is_wanted() -> None:
    assert precision_recall([], []) == (1, 1)
    assert precision_recall([], [["mill"]]) == (0, 0)
    assert precision_recall([["mill"]], []) == (0, 1)


def test_snippets_are_found_by_their_words() -> None:
    lines = spoken("The tide-mill\nturned “again”.")
    assert holds(lines, ["tide mill turned", "AGAIN!", "never", "—"]) == (2, 3)


@pytest.mark.parametrize(
    ("line", "keeps"),
    [
        ("The wheel turned again on Saturday.", True),
        ("  The wheel turned again on Saturday.  ", True),
        ("The wheel turned again on Saturday", False),
        ("It turned.", False),
        ("We use cookies to make this site work.", False),
        ("水車は土曜日にふたたび回りはじめた。", True),
        ("水車は回った。", False),
    ],
)
def test_c4_lines(line: str, keeps: bool) -> None:
    assert c4_keeps(line) is keeps


def test_f1_is_of_the_means() -> None:
    assert f1([1, 0, 0.5], [0.5, 0, 0.5]).tolist() == [pytest.approx(2 / 3), 0, 0.5]
    assert str(f1(float("nan"), 0.5)) == "nan"


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    path = SHARED / "tools/score.py"
    if not path.exists():
        pytest.skip("the shared scorer is not here")
    spec = importlib.util.spec_from_file_location("shared_score", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_same_as(reference: ModuleType, pages: list[dict], records: dict[str, dict]) -> None:
    """Page by page and system by system the reference's figures."""
    for row in pages:
        fields = {k: row.get(k) for k in ("id", "dataset", "title", "raw_text", "gold")}
        page = GoldPage(
            **fields, must_keep=tuple(row["must_keep"] or ()), must_drop=tuple(row["must_drop"] or ())
        )
        record = records.get(row["id"])
        ours = score_page(page, record and Record(record["text"], record["title"]), {})
        theirs = reference.score(records, [row])[row["dataset"]]
        for name, mine in (("ours", "records"), ("keep all", "keep all"), ("C4 lines", "C4 lines")):
            score = ours.get(mine, PageScore())
            assert ([(score.precision, score.recall)] if score.measured else []) == theirs[name], (
                row["id"],
                name,
            )
        mine = ours["records"]
        assert [[mine.kept, mine.keep], [mine.dropped, mine.drop]] == [theirs["kept"], theirs["dropped"]]


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS, TEXTS | st.none(), TEXTS | st.none(), st.lists(TEXTS, max_size=3))
def test_invented_pages_score_as_the_shared_scorer_says(
    reference: ModuleType,
    text: str,
    raw: str,
    gold: str,
    title: str | None,
    own: str | None,
    snippets: list[str],
) -> None:
    page = {"id": "p", "dataset": "d", "title": title, "raw_text": raw, "gold": gold}
    page |= {"must_keep": snippets, "must_drop": snippets[:1]}
    assert_same_as(reference, [page], {"p": {"text": text, "title": own}})
    assert_same_as(reference, [page], {})


def test_shared_pages_score_as_the_shared_scorer_says(reference: ModuleType) -> None:
    rows = pq.read_table(SHARED / "data/pages_text.parquet").to_pylist()
    rows = random.Random(3).sample([row for row in rows if len(row["raw_text"]) < 10_000], 60)
    half = {
        row["id"]: {"text": row["raw_text"][: len(row["raw_text"]) // 2], "title": None} for row in rows[:50]
    }
    assert_same_as(reference, rows, half)
