"""From pages to figures: groups, intervals, labelled lines, other extractors, and the worst pages."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.evaluate import (
    Evaluation,
    EvaluationError,
    GoldPage,
    Record,
    Removal,
    evaluate,
    extracted,
    installed_extractors,
    read_gold,
    read_records,
    read_removals,
)
from tasks.evaluate.bootstrap import draw_sums, estimate, share
from tasks.evaluate.diff import page_diff
from tasks.evaluate.lines import outcomes

RECORD = Record("kept")


@pytest.fixture
def evaluation(labelled: Path, output: Path) -> Evaluation:
    pages = read_gold(labelled)
    ids = {page.id for page in pages}
    return evaluate(pages, read_records(output, ids), read_removals(output, ids), worst=9)


def test_figures_are_by_data_set_and_language(evaluation: Evaluation) -> None:
    assert (evaluation.pages, evaluation.missing) == (4, 1)
    by_group = {(f.group, f.system): f for f in evaluation.datasets}
    assert list(by_group) == [
        ("boats", "records"),
        *(("lines", system) for system in ("records", "keep all", "C4 lines")),
        *(("mills", system) for system in ("records", "keep all", "C4 lines")),
    ]
    mills = by_group["mills", "records"]
    assert (mills.pages, mills.missing) == (2, 1)
    # Page b has no record: it counts with precision and recall 0.
    assert mills.precision and mills.recall and mills.precision.value < 0.5 and mills.recall.value < 0.5
    keep_all = by_group["mills", "keep all"]
    assert keep_all.recall and keep_all.recall.value > 0.9
    assert mills.snippets_kept is None
    boats = by_group["boats", "records"]
    assert (boats.pages, boats.f1) == (0, None)
    assert boats.snippets_kept and boats.snippets_kept.value == 0.5
    assert boats.snippets_dropped and boats.snippets_dropped.value == 0.5
    assert {f.group for f in evaluation.languages} == {"de", "en"}


def test_the_mean_is_over_the_data_sets_that_have_a_main_text(evaluation: Evaluation) -> None:
    mean, sets = evaluation.macro["records"]
    ours = [f.f1.value for f in evaluation.datasets if f.system == "records" and f.f1]
    assert (mean.value, sets) == (pytest.approx(np.mean(ours)), 2)


def test_labelled_lines_become_shares_and_categories(evaluation: Evaluation) -> None:
    (lines,) = evaluation.line_datasets
    # Of three body lines one went; of five others four, of them three under a category that is accepted.
    assert lines.body_kept and lines.body_kept.value == pytest.approx(2 / 3)
    assert lines.others_removed and lines.others_removed.value == pytest.approx(4 / 5)
    assert lines.named and lines.named.value == pytest.approx(3 / 5)
    counts = {
        name: (c.labelled, c.removed, c.named, c.given, c.right) for name, c in evaluation.categories.items()
    }
    assert counts == {
        "body": (3, 1, 0, 0, 0),
        "boilerplate": (0, 0, 0, 1, 0),
        "caption": (1, 1, 1, 0, 0),
        "link_list": (0, 0, 0, 2, 1),
        "navigation": (1, 1, 1, 1, 1),
        "newsletter_signup": (1, 0, 0, 0, 0),
        "read_more": (1, 1, 0, 0, 0),
        "title": (1, 1, 1, 1, 1),
    }


def test_without_removals_lines_are_not_judged_but_the_text_is(labelled: Path, output: Path) -> None:
    pages = read_gold(labelled)
    found = evaluate(pages, read_records(output, {"d"}))
    assert (found.line_datasets, found.line_languages, found.categories) == ([], [], {})
    assert any(f.group == "lines" and f.f1 for f in found.datasets)


def test_a_page_without_a_record_has_lost_all_its_lines(labelled: Path) -> None:
    page = read_gold(labelled)[3]
    (lines,) = evaluate([page], {}, {}).line_datasets
    figures = (lines.body_kept, lines.others_removed, lines.named)
    assert [figure and figure.value for figure in figures] == [0, 1, 0]


def test_half_a_line_or_more_is_a_line_and_blanks_do_not_count() -> None:
    page = GoldPage(
        "p", "d", raw_text="a  b\n\ncd ef", lines=(("a  b", "body"), ("", "blank"), ("cd ef", "body"))
    )
    cut = [Removal(0, 3, "caption", "a  "), Removal(6, 7, "byline", "c")]
    assert outcomes(page, cut, RECORD) == ["caption", None, None]
    assert outcomes(page, [Removal(2, 9, "contact", " b\n\ncd ")], RECORD) == ["contact", None, "contact"]
    assert outcomes(page, [], RECORD) == [None, None, None]


def test_what_a_label_accepts_is_right() -> None:
    page = GoldPage("p", "d", raw_text="a\nb", lines=(("a", "body|caption"), ("b", "caption|body")))
    (lines,) = evaluate([page], {"p": RECORD}, {"p": [Removal(0, 1, "caption", "a")]}).line_datasets
    figures = (lines.body_kept, lines.others_removed, lines.named)
    assert [figure and figure.value for figure in figures] == [1, 1, 0]


def test_removals_of_another_text_are_refused() -> None:
    page = GoldPage("p", "d", raw_text="mill", lines=(("mill", "body"),))
    with pytest.raises(EvaluationError, match="removals of 'p' are not of the labelled lines: at 1 is 'at'"):
        outcomes(page, [Removal(1, 3, "caption", "at")], RECORD)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), min_size=1, max_size=30), st.integers(0, 9))
def test_intervals_are_repeatable_and_hold_what_pages_show(pairs: list[tuple[int, int]], seed: int) -> None:
    rows = np.array([(min(pair), pair[1]) for pair in pairs], float)
    drawn = draw_sums(rows, seed)
    assert (drawn == draw_sums(rows, seed)).all()
    found = estimate(share(*drawn.T))
    assert found and found.value == rows[:, 0].sum() / rows[:, 1].sum()
    shares = rows[:, 0] / rows[:, 1]
    assert shares.min() - 1e-9 <= found.low <= found.high <= shares.max() + 1e-9


def test_intervals_narrow_with_more_pages() -> None:
    rows = np.array([[1, 1], [0, 1]] * 8, float)
    few, many = (estimate(share(*draw_sums(np.tile(rows, (times, 1)), 1).T)) for times in (1, 25))
    assert few and many
    # The root of 25 times as many, and what 1,000 draws leave to chance.
    assert (few.high - few.low) / (many.high - many.low) == pytest.approx(5, rel=0.2)


def test_a_figure_that_no_page_bears_on_is_none() -> None:
    assert estimate(share(*draw_sums(np.zeros((3, 2)), 1).T)) is None


def test_the_worst_page_comes_first_with_what_is_wrong(evaluation: Evaluation) -> None:
    assert [page.id for page in evaluation.worst] == ["b", "c", "d", "a"]
    missing, snippets, lined, gold = (
        [(line.kind, line.text[:20], line.label) for line in page.diff] for page in evaluation.worst
    )
    assert missing == [("lost", "Its new wheel was bu", "")]
    assert snippets == [("lost", "um acht Uhr", ""), ("extra", "Mehr Boote", "")]
    assert lined == [
        ("same", "The tide mill at Ost", ""),
        ("lost", "Its new wheel was bu", ""),
        ("same", "“We read the old mil", ""),
        ("extra", "Sign up for the Oste", "newsletter_signup"),
    ]
    assert gold == [
        ("extra", "Home | Coast | Mills", ""),
        ("same", "The tide mill at Ost", ""),
        ("same", "Its new wheel was bu", ""),
        ("lost", "“We read the old mil", ""),
    ]


LINE = st.sampled_from(["one two three four five", "six seven eight nine", "ten", "one two three four", ""])


@settings(deadline=None)
@given(st.lists(LINE, max_size=8), st.lists(LINE, min_size=1, max_size=8).filter(any))
def test_a_diff_shows_every_line_of_the_record_and_no_other_but_lost_ones(
    ours: list[str], gold: list[str]
) -> None:
    page = GoldPage("p", "d", gold="\n".join(gold))
    diff = page_diff(page, Record("\n".join(ours)))
    assert [line.text for line in diff if line.kind != "lost"] == [line for line in ours if line]
    lost = [line.text for line in diff if line.kind == "lost"]
    assert lost == [line for line in gold if line in lost]  # in their order, all copies alike
    assert not set(lost) & set(ours)


LONG = ", and ".join(
    f"on the {day} the trust said to the crowd that it would turn again" for day in ("tenth", "last", "next")
)
HTML = (
    "<html><head><title>Mill</title></head><body><nav><a href='/'>Home</a></nav><article><h1>Mill</h1>"
    + "".join(f"<p>The old tide mill turned {n} times on Saturday, {LONG}.</p>" for n in range(9))
    + "</article></body></html>"
)


def test_other_extractors_are_scored_on_the_same_pages() -> None:
    assert list(installed_extractors()) == ["trafilatura", "jusText", "resiliparse"]
    pages = [GoldPage("a", "d", gold="The old tide mill", html=HTML), GoldPage("b", "d", gold="x", html=" ")]
    texts = {
        name: [text or "" for text in extracted(pages, work)] for name, work in installed_extractors().items()
    }
    for name, found in texts.items():
        assert "turned 3 times" in found[0], name
        assert found[1] == "", name
    figures = {f.system: f for f in evaluate(pages, {}, extracted=texts).datasets}
    assert list(figures) == ["records", "trafilatura", "jusText", "resiliparse"]
    assert figures["trafilatura"].recall and figures["trafilatura"].recall.value == 0.5
