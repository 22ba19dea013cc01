"""Text in which a line begins wherever the page had a tag."""

import pyarrow as pa
import pytest

from tasks.strip import strip_text
from tasks.strip.lines import Lines

PARTS = [
    [
        "The council voted on Tuesday to rebuild the",
        "old tide mill",
        ", which has stood empty since the flood.",
    ],
    ["Nobody had expected the vote to be so clear", ", said the mayor, who had opposed the plan."],
    ["In a letter to the", "Harbour Courier", "she wrote that she had changed her mind", "."],
    ["Work is to begin in March, after the ice has gone, and to take two years in all."],
]
WHOLE = [
    "The council voted on Tuesday to rebuild the old tide mill, which has stood empty since the flood.",
    "Nobody had expected the vote to be so clear, said the mayor, who had opposed the plan.",
    "In a letter to the Harbour Courier she wrote that she had changed her mind.",
    "Work is to begin in March, after the ice has gone, and to take two years in all.",
]
MENU = ["Home", "News", "about us", "Sport", "contact"]


def lines_of(text: str) -> list[str]:
    lines = Lines(pa.array([text], pa.large_string()))
    said: list[str] = lines.text.to_pylist()
    return said


@pytest.mark.parametrize("blanks", ["", "\n"])
def test_sentences_that_were_cut_at_tags_are_whole_again(blanks: str) -> None:
    text = f"\n{blanks}".join("\n".join(part) for part in PARTS)
    assert lines_of(text) == WHOLE


def test_a_kept_sentence_is_one_line_and_a_removed_one_a_row_for_each_of_its_lines() -> None:
    cookies = [
        "We use cookies to give you the best experience. Read our",
        "privacy policy",
        "or accept all cookies.",
    ]
    raw = "\n\n".join("\n".join(part) for part in [MENU, ["Tide mill to be rebuilt"], *PARTS, cookies])
    stripped = strip_text(raw)
    assert stripped.text.split("\n") == WHOLE
    removed = [raw[span.start : span.end] for span in stripped.spans]
    assert removed[-3:] == cookies
    assert "Tide mill to be rebuilt" in removed


def test_lines_that_do_not_give_themselves_away_stay_apart() -> None:
    assert lines_of("\n".join(MENU)) == MENU
    once = ["The council has voted for the", "tide mill", ", which has stood empty for years.", *MENU]
    assert lines_of("\n".join(once)) == once
    code = ["def mill(tide,", "    height):", "    return [", "        tide,", "    ]", ");", "), (", ", x"]
    assert len(lines_of("\n".join(code))) == len(code)


def test_blank_lines_and_ended_sentences_keep_lines_apart() -> None:
    given_away = [" ".join(PARTS[0][:2]), PARTS[0][2], *PARTS[1]]
    text = "\n".join([*given_away, "", "and", "", "The end.", "of it", "2 mills"])
    assert lines_of(text)[2:] == ["and", "The end.", "of it", "2 mills"]


def test_each_document_is_judged_by_itself() -> None:
    cut, menu = "\n".join(line for part in PARTS for line in part), "\n".join(MENU)
    lines = Lines(pa.array([menu, cut, menu], pa.large_string()))
    assert lines.text.to_pylist() == [*MENU, *WHOLE, *MENU]


def test_what_is_in_lower_case_but_no_part_of_a_sentence_stays_apart() -> None:
    head = ["Tide mill to be rebuilt", "by Ines Calloway", "on 3 March 2024"]
    menu = ["Sign up", "about us", "contact"]
    assert lines_of("\n\n".join("\n".join(part) for part in [menu, head, *PARTS])) == [*menu, *head, *WHOLE]


@pytest.mark.parametrize("blank", ["\u00a0", "\u3000", "\x1f", " \t"])
def test_a_line_of_any_blanks_is_blank(blank: str) -> None:
    raw = f"\n{blank}\n".join("\n".join(part) for part in [*PARTS, ["Read more:", blank, "about us."]])
    assert lines_of(raw) == [*WHOLE, "Read more:", "about us."]
    assert all(span.start < span.end for span in strip_text(raw).spans)
