"""What is wrong with one page, to look at: lines of the main text that are lost, and lines that should have gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tasks.evaluate.gold import GoldPage
from tasks.evaluate.labels import WIDTH, from_gold, tokens
from tasks.evaluate.measure import holds, spoken
from tasks.evaluate.records import Record

Kind = Literal["same", "lost", "extra"]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`lost`: main text that the record has not; `extra`: text of the record that is not main text. `label` is what
    the labelled page calls the line, where it says."""

    kind: Kind
    text: str
    label: str = ""


def page_diff(page: GoldPage, record: Record | None) -> list[DiffLine]:
    """The record's lines in order, lost lines of the main text where they should stand; of a page that has snippets
    alone, the snippets that are wrong. Blank lines are left out."""
    text, title = (record.text, record.title) if record else ("", None)
    if not page.gold:
        return list(_snippets(page, f"{title or page.title or ''}\n{text}"))
    heading = tokens(title or page.title or "")
    ours = [line for line in text.split("\n") if tokens(line) not in ([], heading)]
    gold = [line for line in page.gold.split("\n") if tokens(line) not in ([], heading)]
    labels = {line.strip(): label for line, label in page.lines}
    return list(_merged(ours, gold, labels))


def _merged(ours: list[str], gold: list[str], labels: dict[str, str]) -> Iterator[DiffLine]:
    right = from_gold(ours, "\n".join(gold))[0] > 0
    found = from_gold(gold, "\n".join(ours))[0] > 0
    places = _places(gold)
    lost = [number for number in range(len(gold)) if not found[number]]
    for line, is_right in zip(ours, right, strict=True):
        if is_right:
            place = min((places[word] for word in _marks(line) if word in places), default=-1)
            while lost and lost[0] < place:
                yield DiffLine("lost", gold[lost.pop(0)].strip())
        yield DiffLine(
            "same" if is_right else "extra", line.strip(), "" if is_right else labels.get(line.strip(), "")
        )
    for number in lost:
        yield DiffLine("lost", gold[number].strip())


def _places(lines: list[str]) -> dict[tuple[str, ...], int]:
    """Of each stretch of words the line it is in, for those that are in one line alone."""
    places: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(lines):
        for mark in _marks(line):
            places[mark] = -1 if places.get(mark, number) != number else number
    return {mark: number for mark, number in places.items() if number >= 0}


def _marks(line: str) -> set[tuple[str, ...]]:
    words = tokens(line)
    return {tuple(words[start : start + WIDTH]) for start in range(max(1, len(words) - WIDTH + 1))}


def _snippets(page: GoldPage, text: str) -> Iterator[DiffLine]:
    lines = spoken(text)
    for snippet in page.must_keep:
        if holds(lines, [snippet]) == (0, 1):
            yield DiffLine("lost", " ".join(snippet.split()))
    for snippet in page.must_drop:
        if holds(lines, [snippet]) == (1, 1):
            yield DiffLine("extra", " ".join(snippet.split()))
