"""The tables of scripts, and the sample that the detectors see."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.language import scripts
from tasks.language.sample import FULL, GLANCE, Look, take_sample


def test_scripts_do_not_overlap() -> None:
    ranges = sorted(r for group in scripts.RANGES.values() for r in group)
    assert all(first <= last for first, last in ranges)
    assert all(left[1] < right[0] for left, right in pairwise(ranges))


def test_every_language_stands_under_a_known_script() -> None:
    assert set(scripts.LANGUAGES) < set(scripts.RANGES)
    assert "Latn" not in scripts.LANGUAGES


def test_characters_of_one_chinese_standard() -> None:
    table = scripts.han_table()
    assert all(table[ord(c)] == 1 for c in "国这对发经过说时长门间东车书")
    assert all(table[ord(c)] == -1 for c in "國這對發經過說時長門間東車書")
    assert all(table[ord(c)] == 0 for c in "的一是不了人我在有他中大上里后面")


def test_japanese_simplifications_count_as_kana() -> None:
    table = scripts.script_table()
    assert all(scripts.SCRIPTS[table[ord(c)]] == "Kana" for c in "気県円図駅働")
    assert all(scripts.SCRIPTS[table[ord(c)]] == "Hani" for c in "国中國人会學")


@pytest.mark.parametrize("look", [GLANCE, FULL])
def test_sample_of_a_long_text_reaches_from_start_to_end(look: Look) -> None:
    sample = take_sample(["alpha " + "middle " * 5000 + "omega"], look)
    (letters,) = sample.strings()
    assert len(sample.pieces) <= look.windows + 1
    assert letters.split()[0] == "alpha"
    assert letters.split()[-1] == "omega"


def test_sample_keeps_letters_alone() -> None:
    (letters,) = take_sample(["Tree (3) x@y.org, see https://a.b/c?d=é or WWW.x.yz: été!"]).strings()
    assert letters.split() == ["Tree", "see", "é", "or", "été"]


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=3000), min_size=1, max_size=5))
def test_sample_has_pieces_for_each_text(texts: list[str]) -> None:
    sample = take_sample(texts)
    assert sample.pieces.shape == (len(sample.owner), FULL.piece)
    assert np.array_equal(np.unique(sample.owner), np.arange(len(texts)))
    assert np.array_equal(sample.owner[sample.starts], np.arange(len(texts)))
    assert [letters.split() for letters in sample.strings()] == [
        letters.split() for text in texts for letters in take_sample([text]).strings()
    ]
