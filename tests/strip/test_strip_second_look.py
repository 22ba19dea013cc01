"""The second look: what the first one found of a document, told of each of its lines."""

import itertools
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.line_model.judges import judged, looked_again
from benchmarks.line_model.samples import Page, samples
from tasks.strip.lines import Lines
from tasks.strip.model.main_text import shipped
from tasks.strip.model.second_look import second_look
from tasks.strip.structure.title import shipped as shipped_finder
from tasks.strip.structure.words import spread

PAGE = [
    "* Bakers prepare for pumpkin season",
    "The ferry to the northern islands will run again from Monday, the harbour office said.",
    "The harbour had been closed since the storm, and the islands had no ferry for a week.",
    "* Islands without bread: the ferry at last",
    "* Old bridge to be painted green",
]
MAIN = [0.1, 0.9, 0.8, 0.2, 0.3]
(PROBABILITY, NEXT, *_, SHARE, ABOVE, SINCE, UNTIL, RECURRENCE, SHARED, LAYOUT, OF_LAYOUT, LOOK, OF_LOOK) = (
    range(16)
)


def looked(*texts: list[str], main: list[float]) -> np.ndarray:
    lines = Lines(pa.array(["\n".join(text) for text in texts], pa.large_string()))
    return second_look(lines, spread(lines, lines.prose), np.array(main, np.float32))


def test_lines_stand_at_a_distance_from_what_is_surely_main_text() -> None:
    seen = looked(PAGE, main=MAIN)
    assert seen.shape == (5, 16)
    assert np.expm1(seen[:, SINCE] * 3).round().tolist() == [1, 2, 1, 1, 2]
    assert np.expm1(seen[:, UNTIL] * 3).round().tolist() == [1, 1, 3, 2, 1]
    assert seen[0, ABOVE] == 0 and 0.8 < seen[3, ABOVE] < seen[4, ABOVE] < 1


def test_words_that_come_back_in_the_main_text_speak_for_a_line() -> None:
    seen = looked(PAGE, main=MAIN)
    assert seen[3, SHARED] > 0 == seen[0, SHARED]
    # Once the first look thinks nothing of the paragraphs, their words count no more.
    assert not looked(PAGE, main=[0.1] * 5)[:, [RECURRENCE, SHARED]].any()


def test_lines_of_one_look_are_told_of_each_other() -> None:
    seen = looked(PAGE, main=MAIN)
    assert seen[[0, 3, 4], LAYOUT].tolist() == pytest.approx([0.25, 0.2, 0.15], abs=1e-3)
    assert seen[[1, 2], LAYOUT].tolist() == pytest.approx([0.8, 0.9], abs=1e-3)
    assert np.expm1(seen[:, OF_LAYOUT] * 4).round().tolist() == [2, 1, 1, 2, 2]
    alone = looked(PAGE[:1], main=[0.1])
    assert alone[0, [LAYOUT, OF_LAYOUT, LOOK, OF_LOOK]].tolist() == [0.5, 0, 0.5, 0]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.text(max_size=40), st.floats(0, 1, width=32)), max_size=6), max_size=5),
    st.data(),
)
def test_a_document_is_seen_alike_in_any_company(
    documents: list[list[tuple[str, float]]], data: st.DataObject
) -> None:
    lines = Lines(
        pa.array(["\n".join(line for line, _ in document) for document in documents], pa.large_string())
    )
    main = np.array(
        data.draw(st.lists(st.floats(0, 1, width=32), min_size=len(lines), max_size=len(lines))), np.float32
    )
    together = second_look(lines, spread(lines, lines.prose), main)
    for number, (first, last) in enumerate(itertools.pairwise(lines.offsets.tolist())):
        alone = Lines(pa.array(["\n".join(line for line, _ in documents[number])], pa.large_string()))
        assert len(alone) == last - first
        seen = second_look(alone, spread(alone, alone.prose), main[first:last])
        np.testing.assert_array_equal(together[first:last], seen)


def test_the_training_sees_what_the_verdict_sees() -> None:
    """Samples, batched otherwise than documents are, get the columns that `main_text` makes of the same first look."""
    texts = ["\n".join(PAGE), "", *(f"{line}\n\n{PAGE[1]}" for line in PAGE), "\n \n", PAGE[2]]
    pages = [
        Page(str(i), "invented", "raw", "train", "a.example", "article", text, _no_labels)
        for i, text in enumerate(texts * 40)
    ]
    seen = [*samples(pages, shipped_finder())]
    again = looked_again(seen, [judged(shipped().first, sample) for sample in seen])
    lines = Lines(pa.array([page.text for page in pages], pa.large_string()))
    main = shipped().first.probabilities(
        [np.concatenate([s.features for s in seen]).astype(np.float32)], lines.offsets
    )
    wanted = second_look(lines, spread(lines, lines.prose), main).astype(np.float16)
    width = len(shipped().first.dense)
    np.testing.assert_array_equal(np.concatenate([s.features[:, width:] for s in again]), wanted)
    np.testing.assert_array_equal(
        np.concatenate([s.features[:, :width] for s in again]), np.concatenate([s.features for s in seen])
    )


def _no_labels(lines: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(len(lines), np.float32), np.ones(len(lines), np.float32)
