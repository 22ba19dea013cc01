"""What the line model learns from: which labels count, and the brief texts that teach where titles stand."""

import random
from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.line_model.judges import doubted
from benchmarks.line_model.labellers import Labels
from benchmarks.line_model.samples import Page, Sample, _brief

LABEL = [1, 1, 0, 0, 0.5]
SAYS = np.array([0.05, 0.2, 0.9, 0.89, 0.04], np.float32)


def sample(*, split: str = "train", marked: bool = False) -> Sample:
    own = np.ones(len(LABEL), np.bool_)
    page = Page("id", "set", "raw", split, "site.example", "article", "", lambda _: (own, own), marked=marked)
    label, weight = np.array(LABEL, np.float32), np.array([1, 1, 1, 0.5, 1], np.float32)
    return Sample(page, np.zeros((len(LABEL), 1), np.float16), label, weight, weight, own, own, ())


def test_a_label_counts_little_where_a_network_is_sure_of_the_contrary() -> None:
    given = sample()
    (found,) = doubted([given], [SAYS])
    assert found.weight.tolist() == pytest.approx([0.2, 1, 0.2, 0.5, 0.2])
    assert found.label is given.label
    assert given.weight.tolist() == [1, 1, 1, 0.5, 1]


def test_hand_made_labels_and_those_that_figures_are_taken_by_are_not_doubted() -> None:
    given = [sample(marked=True), sample(split="test")]
    assert [s.weight.tolist() for s in doubted(given, [SAYS, SAYS])] == [s.weight.tolist() for s in given]


MENU, TITLE = ["Harbour News", "Home", "We use cookies."], "Tide mill to be rebuilt by spring"
MAIN = ["The mill on the quay has stood still for years.", "Now it will turn again.", "Work starts in May."]


def labelled(lines: Sequence[str]) -> Labels:
    return np.array([line in MAIN for line in lines], np.float32), np.ones(len(lines), np.float32)


def test_brief_texts_begin_with_their_headline_or_below_other_lines_or_with_what_is_said() -> None:
    text = "\n".join([*MENU, TITLE, *MAIN, "Contact"])
    seen = set()
    for seed in range(200):
        headline, brief = _brief(text, f"{TITLE} | Harbour News", labelled, random.Random(seed))
        said = [line for line in brief if line in MAIN]
        top = brief[: len(brief) - len(said) - len(headline)]
        assert headline in ([], [TITLE]) and said == MAIN[: len(said)] and said
        assert brief == [*top, *headline, *said]
        # What says the title in part is no line of other things.
        assert set(top) <= {"Home", "We use cookies."}
        seen.add((bool(top), bool(headline)))
    assert seen == {(False, False), (False, True), (True, False), (True, True)}


def test_a_page_without_main_text_has_no_brief_text() -> None:
    assert _brief("\n".join(MENU), TITLE, labelled, random.Random(1)) == ([], [])
