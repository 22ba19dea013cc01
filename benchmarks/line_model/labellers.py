"""What tells the labels of a page's lines, however a renderer has cut them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tasks.evaluate.labels import from_gold, tokens

#: Of each line: 1 for main text, 0 for other text; and how much it counts.
Labels = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
Labeller = Callable[[Sequence[str]], Labels]


def labeller(row: Mapping[str, Any], teacher: str | None) -> Labeller:
    """Labels by a page's `gold`; where there is none, by its `must_keep` and `must_drop` and a teacher's text."""
    gold, keep, drop = row["gold"], row["must_keep"] or [], row["must_drop"] or []
    return lambda lines: from_gold(lines, gold) if gold else from_snippets(lines, keep, drop, teacher)


def from_snippets(
    lines: Sequence[str], keep: Sequence[str], drop: Sequence[str], teacher: str | None
) -> Labels:
    """Labels of a page of which only snippets are known: an extractor's text is the teacher, the snippets correct it."""
    if teacher:
        label, weight = from_gold(lines, teacher)
        weight *= 0.5
    else:
        label, weight = np.zeros(len(lines), np.float32), np.zeros(len(lines), np.float32)
    spoken = [" ".join(tokens(line)) for line in lines]
    for snippets, value in ((keep, 1.0), (drop, 0.0)):
        for snippet in (" ".join(tokens(s)) for s in snippets):
            for i, words in enumerate(spoken):
                if snippet and words and (snippet in words or (len(words) > 12 and words in snippet)):
                    label[i], weight[i] = value, 1.0
    return label, weight


def given(categories: Sequence[str]) -> Labeller:
    """Labels by the category that people gave each line that is not blank; `body` is main text."""
    # A title is neither: it goes to a column of its own.
    known = known_labels(_floats(c == "body" for c in categories), _floats(c != "title" for c in categories))

    def labelled(lines: Sequence[str]) -> Labels:
        # They may be fewer, where cut sentences were put together.
        if len(lines) > len(categories):
            raise ValueError(
                f"{len(categories)} labels for {len(lines)} lines that are not blank: {lines[:1]}"
            )
        return known(lines)

    return labelled


def known_labels(label: npt.NDArray[np.float32], weight: npt.NDArray[np.float32]) -> Labeller:
    """Labels that are known; none where the lines turn out to be others."""

    def labelled(lines: Sequence[str]) -> Labels:
        none = np.zeros(len(lines), np.float32)
        return (label.copy(), weight.copy()) if len(lines) == len(label) else (none, none.copy())

    return labelled


def _floats(values: Iterable[bool]) -> npt.NDArray[np.float32]:
    return np.array(list(values), np.float32)
