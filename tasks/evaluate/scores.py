"""From pages to figures: what each page scores, and the figures of a group of pages with their intervals."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import compress

import numpy as np

from tasks.evaluate.bootstrap import Estimate, Floats, Seed, draw_sums, estimate, share
from tasks.evaluate.gold import GoldPage
from tasks.evaluate.labels import tokens
from tasks.evaluate.lines import LineCounts
from tasks.evaluate.measure import Words, c4_keeps, f1, holds, precision_recall, spoken, without_title
from tasks.evaluate.records import Record
from tasks.evaluate.systems import C4_LINES, KEEP_ALL, RECORDS


@dataclass(frozen=True, slots=True)
class PageScore:
    """One system on one page. `measured` is 1 where the page has a main text to compare with, else 0, and so are
    precision and recall. Of `keep` snippets `kept` are in the text, of `drop` snippets `dropped` are not."""

    measured: int = 0
    precision: float = 0.0
    recall: float = 0.0
    kept: int = 0
    keep: int = 0
    dropped: int = 0
    drop: int = 0

    @property
    def f1(self) -> float:
        """Of this page alone."""
        return float(f1(self.precision, self.recall))


@dataclass(frozen=True, slots=True)
class Figures:
    """A system on a group of pages, of which `pages` have a main text and `missing` no record. A figure that no page
    bears on is None."""

    group: str
    system: str
    pages: int
    missing: int
    f1: Estimate | None
    precision: Estimate | None
    recall: Estimate | None
    snippets_kept: Estimate | None
    snippets_dropped: Estimate | None


@dataclass(frozen=True, slots=True)
class LineFigures:
    """Labelled lines of a group of pages: shares of body lines kept, and of others removed and rightly named."""

    group: str
    pages: int
    body_kept: Estimate | None
    others_removed: Estimate | None
    named: Estimate | None


Scores = dict[str, PageScore]


def score_page(page: GoldPage, record: Record | None, extracted: Mapping[str, str]) -> Scores:
    """Each system's score on a page: the records', the two simple ways' where the whole text is known, and those of
    the texts `extracted` by others. A page without a record counts as one without text."""
    title = (record.title if record else None) or page.title or ""
    systems = {RECORDS: spoken(record.text if record else "")}
    if page.raw_text:
        systems[KEEP_ALL] = spoken(page.raw_text)
        kept = map(c4_keeps, page.raw_text.split("\n"))
        systems[C4_LINES] = list(compress(systems[KEEP_ALL], kept))
    systems |= {name: spoken(text) for name, text in extracted.items()}
    gold = without_title(spoken(page.gold), title) if page.gold else None
    return {name: _score(page, lines, gold, title) for name, lines in systems.items()}


def _score(page: GoldPage, lines: list[Words], gold: list[Words] | None, title: str) -> PageScore:
    kept, keep = holds([tokens(title), *lines], page.must_keep)
    there, drop = holds([tokens(title), *lines], page.must_drop)
    snippets = {"kept": kept, "keep": keep, "dropped": drop - there, "drop": drop}
    if gold is None:
        return PageScore(**snippets)
    precision, recall = precision_recall(without_title(lines, title), gold)
    return PageScore(1, precision, recall, **snippets)


def figures(group: str, scores: Sequence[Scores], missing: int, seed: Seed) -> list[Figures]:
    """The figures of each system that has a score on some page of the group, the records first."""
    return [_figures(group, system, mine, missing, seed) for system, mine in _by_system(scores).items()]


def _figures(group: str, system: str, scores: Sequence[PageScore], missing: int, seed: Seed) -> Figures:
    pages, precision, recall, kept, keep, dropped, drop = _drawn(scores, seed).T
    precision, recall = share(precision, pages), share(recall, pages)
    return Figures(
        group,
        system,
        int(pages[0]),
        missing,
        estimate(f1(precision, recall)),
        estimate(precision),
        estimate(recall),
        estimate(share(kept, keep)),
        estimate(share(dropped, drop)),
    )


def macro(groups: Mapping[str, Sequence[Scores]], seed: int) -> dict[str, tuple[Estimate, int]]:
    """For each system the mean F1 of the groups, each counting the same, and how many groups have one."""
    drawn: dict[str, list[Floats]] = defaultdict(list)
    for number, scores in enumerate(groups.values()):
        for system, mine in _by_system(scores).items():
            pages, precision, recall, *_ = _drawn(mine, (seed, number)).T
            if pages[0]:
                drawn[system].append(f1(share(precision, pages), share(recall, pages)))
    means = {system: (estimate(np.mean(f1s, axis=0)), len(f1s)) for system, f1s in drawn.items()}
    return {system: (mean, groups) for system, (mean, groups) in means.items() if mean}


def line_figures(group: str, counts: Sequence[LineCounts], seed: Seed) -> LineFigures:
    """The figures of the labelled lines of a group of pages."""
    body, kept, other, removed, named = draw_sums(np.array([astuple(c) for c in counts], float), seed).T
    return LineFigures(
        group,
        len(counts),
        estimate(share(kept, body)),
        estimate(share(removed, other)),
        estimate(share(named, other)),
    )


def _by_system(scores: Sequence[Scores]) -> dict[str, list[PageScore]]:
    found: dict[str, list[PageScore]] = defaultdict(list)
    for page in scores:
        for system, score in page.items():
            found[system].append(score)
    return found


def _drawn(scores: Sequence[PageScore], seed: Seed) -> Floats:
    """Sums of the fields over all pages and over each sample."""
    return draw_sums(np.array([astuple(score) for score in scores], float), seed)
