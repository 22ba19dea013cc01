"""How words are spread over a page, and what a line's neighbours in a batch have to do with it: nothing."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.strip.lines import Lines
from tasks.strip.structure import words
from tasks.strip.structure.words import function_word_hashes, shipped_function_words, split_words, spread

STORY = [
    "Ferry to the islands runs again",
    "The ferry to the northern islands will run again from Monday, the harbour office said.",
    "The harbour had been closed since the storm, and the islands had no ferry for a week.",
    "Bakers prepare for record pumpkin season",
    "Islands without bread for a week were glad of the ferry, the harbour office said on Friday.",
]


def measured(*texts: str, title: int = 0):
    lines = Lines(pa.array(texts, pa.large_string()))
    titles = np.where(np.diff(lines.offsets) > 0, lines.offsets[:-1] + title, -1)
    found = spread(lines, lines.shape.full_stop)
    return found, *found.of_titles(lines, titles)


def columns(found) -> dict[str, np.ndarray]:
    """All that is told of each line."""
    told = {name: getattr(found[0], name) for name in found[0].__slots__ if not name.startswith("_")}
    return told | {"title_words": found[1], "title_share": found[2]}


def test_a_teaser_shares_no_words_with_the_article() -> None:
    found, title_words, title_share = measured("\n".join(STORY))
    assert found.shared[3] == 0
    assert min(found.shared[[1, 2, 4]]) >= 0.5
    assert title_words.tolist()[0] == 0
    assert title_share[3] == 0
    assert title_share[1] > 0.2
    assert found.near_above[0] == 0 and found.near_above[1] > 0


def test_a_line_may_say_again_what_another_line_of_its_document_says_if_they_share_words() -> None:
    again = "Northern islands: ferry will run again from Monday"
    lines = Lines(pa.array(["\n".join([*STORY, again]), STORY[1], "Yes or no\nAll of it"], pa.large_string()))
    found = spread(lines, lines.shape.full_stop)

    def sharing(*asked: int) -> list[int]:
        mask = np.isin(np.arange(len(lines)), asked)
        return np.flatnonzero(found.sharing(mask, lines.doc)).tolist()

    assert sharing(5) == [0, 1, 2, 4]  # neither the pumpkins nor the copy in another document
    assert sharing(3) == []
    # So few content words tell nothing: all of the document is to be looked at.
    assert sharing(7, 3) == [7, 8]
    assert sharing() == []


def test_a_document_of_the_same_words_over_and_over_is_looked_at_whole_and_no_other(monkeypatch) -> None:
    monkeypatch.setattr(words, "_PAIRS_A_LINE", 4)
    again = "Northern islands: ferry will run again from Monday"
    crowd = (
        "\n".join(f"Northern islands and the ferry of Monday, part {i}" for i in range(30))
        + "\nNothing alike"
    )
    lines = Lines(pa.array(["\n".join([*STORY, again]), crowd], pa.large_string()))
    found = spread(lines, lines.shape.full_stop)
    asked = np.ones(len(lines), np.bool_)
    asked[[0, 1, 2, 3, 4]] = False
    shared = found.sharing(asked, lines.doc)
    assert np.flatnonzero(shared[:6]).tolist() == [0, 1, 2, 4]
    assert shared[6:].all()


def test_running_text_is_full_of_function_words_in_many_languages() -> None:
    pairs = {
        "The harbour had been closed since the storm, and it was dark.": "Home News Sport Weather Travel",
        "Der Hafen war seit dem Sturm geschlossen, und es war dunkel.": "Politik Wirtschaft Sport Wetter Reise",
        "Порт был закрыт, и на улице было темно, но все ждали, как и мы.": "Политика Спорт Погода Культура",
        "港口从星期一就关了，我们都在等他来，这是不可能的。": "首页 体育 财经 娱乐 科技",
    }
    for sentence, menu in pairs.items():
        found, *_ = measured(f"{sentence}\n{menu}")
        assert found.function_share[0] > found.function_share[1], sentence


def test_stems_hold_inflected_forms_together_and_pairs_stand_for_words_in_scripts_without_spaces() -> None:
    words = split_words(
        pa.array(["harbours harbouring, port 12", "港口关了"], pa.large_string()), function_word_hashes([])
    )
    assert words.line.tolist() == [0, 0, 0, 1, 1, 1, 1]
    first, second, third = words.stem[:3]
    assert first == second != third >= 0
    assert words.stem[3:].tolist()[-1] == -1 and (words.stem[3:6] >= 0).all()


def test_function_words_are_known_by_their_whole_spelling() -> None:
    known = function_word_hashes(["the", "和", "interminably"])
    assert len(known) == 2  # a word of twelve letters is none
    words = split_words(pa.array(["the", "theory", "和", "them"], pa.large_string()), known)
    assert sorted(words.line[words.function].tolist()) == [0, 2]
    assert len(shipped_function_words()) > 1_000


@settings(deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_a_document_is_measured_alike_in_any_company(texts: list[str]) -> None:
    together = columns(measured(*texts))
    at = 0
    for text in texts:
        alone = columns(measured(text))
        size = len(alone["shared"])
        for name, values in alone.items():
            np.testing.assert_array_equal(together[name][at : at + size], values)
        at += size
