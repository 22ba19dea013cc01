"""The stage as a whole: labelled pages and cleaned records to figures by data set, language and category."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.evaluate.bootstrap import Estimate
from tasks.evaluate.diff import DiffLine, page_diff
from tasks.evaluate.gold import GoldPage
from tasks.evaluate.lines import CategoryCounts, LineCounts, by_category, count, outcomes
from tasks.evaluate.records import Record, Removal
from tasks.evaluate.scores import Figures, LineFigures, Scores, figures, line_figures, macro, score_page
from tasks.evaluate.systems import RECORDS

#: Of the bootstrap samples: the same pages and records give the same intervals.
SEED = 1
_NO_LANGUAGE = "und"


@dataclass(frozen=True, slots=True)
class WorstPage:
    """A page and its record's figure: F1, or where there are snippets alone the share of them that is right."""

    id: str
    dataset: str
    score: float
    precision: float | None
    recall: float | None
    diff: list[DiffLine]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures. Those of labelled lines are empty where no page has any; `macro` is each system's mean F1 over
    data sets, and how many they are."""

    pages: int
    missing: int
    datasets: list[Figures]
    languages: list[Figures]
    macro: dict[str, tuple[Estimate, int]]
    line_datasets: list[LineFigures]
    line_languages: list[LineFigures]
    categories: dict[str, CategoryCounts]
    worst: list[WorstPage]


@dataclass(frozen=True, slots=True)
class _Judged:
    page: GoldPage
    record: Record | None
    scores: Scores
    found: list[str | None] | None = None
    lines: LineCounts | None = None


def evaluate(
    pages: Sequence[GoldPage],
    records: Mapping[str, Record],
    removals: Mapping[str, Sequence[Removal]] | None = None,
    extracted: Mapping[str, Sequence[str]] | None = None,
    worst: int = 0,
) -> Evaluation:
    """Score `records` (by id) against `pages`.

    `removals` (by id) are needed for labelled lines; `extracted` has other systems' texts, by name and one a page;
    `worst` is the number of worst pages that are looked at. Raises EvaluationError where removals and labelled lines
    are not of the same text.
    """
    others = extracted or {}
    judged = [
        _judge(page, records.get(page.id), removals, {name: texts[number] for name, texts in others.items()})
        for number, page in enumerate(pages)
    ]
    datasets = _groups(judged, lambda page: page.dataset)
    languages = _groups(judged, lambda page: page.lang or _NO_LANGUAGE)
    with_lines = [(one.page, one.found) for one in judged if one.found is not None]
    return Evaluation(
        len(judged),
        sum(one.record is None for one in judged),
        _figures(datasets),
        _figures(languages),
        macro({name: [one.scores for one in members] for name, members in datasets.items()}, SEED),
        _line_figures(datasets),
        _line_figures(languages),
        by_category(with_lines),
        [_worst(one) for one in sorted(judged, key=_order)[:worst]],
    )


def _judge(
    page: GoldPage,
    record: Record | None,
    removals: Mapping[str, Sequence[Removal]] | None,
    extracted: Mapping[str, str],
) -> _Judged:
    scores = score_page(page, record, extracted)
    if removals is None or not page.lines:
        return _Judged(page, record, scores)
    found = outcomes(page, removals.get(page.id, ()), record)
    return _Judged(page, record, scores, found, count(page, found))


def _groups(judged: Iterable[_Judged], name: Callable[[GoldPage], str]) -> dict[str, list[_Judged]]:
    groups: dict[str, list[_Judged]] = {}
    for one in judged:
        groups.setdefault(name(one.page), []).append(one)
    return dict(sorted(groups.items()))


def _figures(groups: Mapping[str, Sequence[_Judged]]) -> list[Figures]:
    return [
        found
        for name, members in groups.items()
        for found in figures(
            name, [one.scores for one in members], sum(one.record is None for one in members), SEED
        )
    ]


def _line_figures(groups: Mapping[str, Sequence[_Judged]]) -> list[LineFigures]:
    counted = {name: [one.lines for one in members if one.lines] for name, members in groups.items()}
    return [line_figures(name, counts, SEED) for name, counts in counted.items() if counts]


def _order(one: _Judged) -> tuple[float, str]:
    return _score(one), one.page.id


def _score(one: _Judged) -> float:
    score = one.scores[RECORDS]
    if score.measured:
        return score.f1
    return (score.kept + score.dropped) / max(1, score.keep + score.drop)


def _worst(one: _Judged) -> WorstPage:
    score = one.scores[RECORDS]
    precision, recall = (score.precision, score.recall) if score.measured else (None, None)
    diff = page_diff(one.page, one.record)
    return WorstPage(one.page.id, one.page.dataset, _score(one), precision, recall, diff)
