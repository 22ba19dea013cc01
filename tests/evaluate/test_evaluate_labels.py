"""Line labels, on pages small enough to label by eye."""

import pytest

from benchmarks.line_model.labellers import from_snippets, given
from tasks.evaluate.labels import from_gold, tokens

PAGE = [
    "Home | Ferries | Weather",
    "The old ferry returned to the harbour on Monday after a winter of repairs.",
    "A new engine",
    "Its captain said that the engine is quieter than the gulls are.",
    "More about ferries and other boats",
    "A new engine",
    "•••",
]
GOLD = "\n".join(PAGE[1:4])


def test_lines_of_the_gold_text_are_main_text_and_others_are_not() -> None:
    label, weight = from_gold(PAGE, GOLD)
    assert label.tolist() == [0, 1, 1, 1, 0, 1, 0]
    # Which of two copies gold means cannot be told, and a line without a word says nothing.
    assert [round(float(w), 1) for w in weight] == [1, 1, 1, 1, 1, 0.2, 0]


def test_a_line_that_gold_holds_in_part_has_no_weight() -> None:
    half = "The old ferry returned to the harbour on Monday, and then the band played on."
    label, weight = from_gold([half], GOLD)
    assert (label.tolist(), weight.tolist()) == ([1], [0])


def test_a_short_line_is_main_text_only_as_a_line_of_gold() -> None:
    label, weight = from_gold(["old ferry", "A NEW ENGINE!"], GOLD)
    assert (label.tolist(), weight.tolist()) == ([0, 1], [1, 1])


def test_scripts_without_spaces_are_counted_by_character() -> None:
    assert tokens("Die Fähre 渡船回来 2021") == ["die", "fähre", "渡", "船", "回", "来", "2021"]
    label, _ = from_gold(["渡船星期一回到港口", "欢迎订阅我们的报纸"], "旧渡船星期一回到港口。")
    assert label.tolist() == [1, 0]


def test_snippets_correct_the_teacher() -> None:
    teacher = "\n".join([PAGE[1], PAGE[4]])  # misses the captain, takes the teaser for text
    label, weight = from_snippets(PAGE, ["quieter than the gulls"], ["other boats"], teacher)
    assert label.tolist() == [0, 1, 0, 1, 0, 0, 0]
    assert weight.tolist() == [0.5, 0.5, 0.5, 1, 1, 0.5, 0]


def test_without_a_teacher_the_snippets_alone_have_weight() -> None:
    label, weight = from_snippets(PAGE, ["the old ferry returned"], ["more about ferries"], None)
    assert label.tolist() == [0, 1, 0, 0, 0, 0, 0]
    assert weight.tolist() == [0, 1, 0, 0, 1, 0, 0]


def test_a_short_line_within_a_sentence_of_gold_is_main_text() -> None:
    lines = [
        "The plan, which the",
        "Harbour Board",
        "has put off for years, is back.",
        "Harbour Board",
        "Read more",
    ]
    label, weight = from_gold(
        lines, "News of the day.\nThe plan, which the Harbour Board has put off for years, is back."
    )
    assert label.tolist() == [1, 1, 1, 0, 0]
    assert weight.tolist() == [1, 1, 1, 1, 1]


def test_labels_given_for_each_line_are_for_no_more_lines_and_none_where_some_were_put_together() -> None:
    label = given(["title", "body", "share_bar"])
    assert [part.tolist() for part in label(["a", "b", "c"])] == [[0, 1, 0], [0, 1, 1]]
    assert [part.tolist() for part in label(["a", "b c"])] == [[0, 0], [0, 0]]
    with pytest.raises(ValueError, match="3 labels for 4 lines"):
        label(["a", "b", "c", "d"])
