"""What became of each labelled line: kept, or taken out and under which category."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from tasks.evaluate.errors import EvaluationError
from tasks.evaluate.gold import BLANK, BODY, GoldPage
from tasks.evaluate.records import Record, Removal

#: The category of a line of a page that gave no record: it is gone, and nothing says why.
UNNAMED = ""


@dataclass(frozen=True, slots=True)
class LineCounts:
    """Of one page: body lines and how many stayed; other lines, how many went, and under an accepted category."""

    body: int = 0
    kept: int = 0
    other: int = 0
    removed: int = 0
    named: int = 0

    def __add__(self, other: "LineCounts") -> "LineCounts":
        return LineCounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(slots=True)
class CategoryCounts:
    """Of one category: lines labelled so, of them removed, and removed under an accepted category; lines removed
    under it, and of them those whose label accepts it."""

    labelled: int = 0
    removed: int = 0
    named: int = 0
    given: int = 0
    right: int = 0


def outcomes(page: GoldPage, removals: Sequence[Removal], record: Record | None) -> list[str | None]:
    """For each line of a labelled page None where it stayed, else the category under which most of it went. Of a page
    without a record all lines have gone, unnamed.

    A line has gone when at least half of its characters have, blanks not counted. Raises EvaluationError where the
    removals are not of this text.
    """
    if record is None:
        return [UNNAMED] * len(page.lines)
    raw = page.raw_text or ""
    taken = np.full(len(raw), -1)
    for number, removal in enumerate(removals):
        if raw[removal.start : removal.end] != removal.text:
            raise EvaluationError(
                f"removals of {page.id!r} are not of the labelled lines: at {removal.start} is "
                f"{removal.text[:40]!r}, in the lines {raw[removal.start : removal.end][:40]!r}"
            )
        taken[removal.start : removal.end] = number
    blank = np.array([character.isspace() for character in raw], bool)
    found: list[str | None] = []
    start = 0
    for line, _ in page.lines:
        numbers = taken[start : start + len(line)][~blank[start : start + len(line)]]
        gone = numbers[numbers >= 0]
        if len(numbers) and 2 * len(gone) >= len(numbers):
            found.append(removals[int(np.bincount(gone).argmax())].category)
        else:
            found.append(None)
        start += len(line) + 1
    return found


def count(page: GoldPage, found: Sequence[str | None]) -> LineCounts:
    """The counts of one page. What a line's label accepts is right, whatever it is."""
    judged = list(_judged(page, found))
    body = [(label, outcome) for label, outcome in judged if label[0] == BODY]
    other = [(label, outcome) for label, outcome in judged if label[0] != BODY]
    return LineCounts(
        len(body),
        sum(outcome is None or outcome in label for label, outcome in body),
        len(other),
        sum(outcome is not None or BODY in label for label, outcome in other),
        sum(outcome in label for label, outcome in other),
    )


def by_category(pages: Iterable[tuple[GoldPage, Sequence[str | None]]]) -> dict[str, CategoryCounts]:
    """The counts of each category that is a label or was given, by name. A label of several counts for its first."""
    counts: dict[str, CategoryCounts] = defaultdict(CategoryCounts)
    for page, found in pages:
        for label, outcome in _judged(page, found):
            mine = counts[label[0]]
            mine.labelled += 1
            mine.removed += outcome is not None
            mine.named += outcome in label
            if outcome:
                counts[outcome].given += 1
                counts[outcome].right += outcome in label
    return dict(sorted(counts.items()))


def _judged(page: GoldPage, found: Sequence[str | None]) -> Iterable[tuple[list[str], str | None]]:
    """(accepted labels, outcome) of each line that is not blank."""
    for (line, label), outcome in zip(page.lines, found, strict=True):
        if line.strip() and label != BLANK:
            yield label.split("|"), outcome
