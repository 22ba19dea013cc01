"""The comparison of all lines at once finds what a comparison of one pair after the other finds."""

import sys
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.strip.lines.characters import matching
from tasks.strip.structure import near_repeats as module
from tasks.strip.structure.near_repeats import near_repeats

WORDS = st.sampled_from(
    ["harbour", "silt", "ferry", "Hafen", "港口", "疏浚", "سفن", "ab", "abab", "a", "𝒳𝒴", "90", "'-,"]
)
TEXT = st.lists(WORDS, max_size=9).map(" ".join) | st.text(max_size=20)
LINE = st.tuples(
    st.integers(0, 5), st.booleans(), st.booleans(), st.sampled_from([0.75, 0.9]), st.integers(0, 2)
)
Line = tuple[int, bool, bool, float, int]


def one_after_the_other(texts: list[str], lines: list[Line], doc: list[int]) -> list[int]:
    out = []
    for i, (text, candidate, _, share, _) in enumerate(lines):
        grams = _grams(texts[text])
        if not candidate or len(grams) < 10:
            continue
        for k, (other, _, kept, _, _) in enumerate(lines):
            if not kept or doc[k] != doc[i] or k == i or len(texts[other]) * 1.25 < len(texts[text]):
                continue
            if len(texts[other]) <= len(texts[text]) and k > i:
                continue
            bag = set(_grams(texts[other]))
            if sum(g in bag for g in grams) >= share * len(grams):
                out.append(i)
                break
    return out


def _grams(text: str) -> list[str]:
    letters = "".join(filter(str.isalnum, text))
    return [letters[i : i + 4] for i in range(len(letters) - 3)]


@pytest.mark.parametrize("pairs", [1, 1 << 22])
@given(texts=st.lists(TEXT, min_size=6, max_size=6), lines=st.lists(LINE, max_size=25))
@settings(max_examples=60, deadline=None)
def test_the_same_lines_are_found(pairs: int, texts: list[str], lines: list[Line]) -> None:
    # Of each text a variant with an ending, so that many lines nearly repeat each other.
    texts = texts + [text + " again" for text in texts] + [text[:-3] for text in texts]
    lines = [(text + 6 * variant, *rest, variant) for text, *rest, variant in lines]
    doc = [i // 12 * 2 for i in range(len(lines))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PAIRS", pairs)
        found = near_repeats(
            pa.array(texts, pa.large_string()),
            np.array([line[0] for line in lines], np.int64),
            np.array(doc, np.int64),
            np.array([line[1] for line in lines], np.bool_),
            np.array([line[2] for line in lines], np.bool_),
            np.array([line[3] for line in lines], np.float64),
        )
    assert found.tolist() == one_after_the_other(texts, lines, doc)


def test_a_line_that_stands_in_another_but_for_its_ending_is_found() -> None:
    texts = pa.array(
        ["we will move boats by hand", "we will move the boats by hand, she said", "no"], pa.large_string()
    )
    keys, yes = np.array([1, 0, 2]), np.ones(3, np.bool_)
    assert near_repeats(texts, keys, np.zeros(3, np.int64), yes, yes, np.full(3, 0.75)).tolist() == [1]


def test_letters_are_what_python_calls_alphanumeric() -> None:
    letters = matching(r"[\pL\pN]")
    # but for those that its version of Unicode does not know yet
    known = [i for i in range(sys.maxunicode + 1) if unicodedata.category(chr(i)) != "Cn"]
    assert [i for i in known if letters[i] != chr(i).isalnum()] == []


def test_a_document_that_would_take_too_long_is_left_alone_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = pa.array(
        ["we will move the boats by hand", "we will move the boats by hand, she said"], pa.large_string()
    )
    keys, doc, yes = np.array([0, 1] * 21), np.repeat([0, 1], [40, 2]), np.ones(42, np.bool_)
    everything = near_repeats(texts, keys, doc, yes, yes, np.full(42, 0.75))
    assert 0 in everything and 40 in everything
    monkeypatch.setattr(module, "_PAIRS_OF_DOC", 1_000)
    assert near_repeats(texts, keys, doc, yes, yes, np.full(42, 0.75)).tolist() == [40]
