"""Threads of readers' comments: found by who says what, and not by the comments' heading alone."""

import numpy as np
import pyarrow as pa
import pytest

from tasks.strip import StripSettings, strip_text
from tasks.strip.lines import Lines
from tasks.strip.rules import load_rules
from tasks.strip.rules.claims import claim
from tasks.strip.rules.match import matcher
from tasks.strip.structure.threads import comment_threads

TITLE = "Harbour dredging to start in spring"
ARTICLE = [
    "The council of Lowmere agreed on Monday to dredge the harbour for the first time in forty years.",
    "Engineers expect to move some 90,000 tonnes of silt before the first ferries of the season arrive.",
    "Fishermen have asked that the work stop during the herring run, which usually begins in late April.",
]
SAID = [
    "My grandfather dug that channel with a spade, and it took him less time than the council needs to read a letter.",
    "And who is going to pay for it in the end? Those of us who have never owned so much as a rowing boat, of course.",
    "The ferries have run aground twice since Easter, so I do not see what there is to argue about any longer.",
    "Nobody has said a word on where they mean to put all that mud, which is what I would like to know first.",
]
NAMES = ["Wilf", "Old Salt", "Marga", "A Ratepayer"]


def thread_of(*lines: str) -> list[str]:
    table = Lines(pa.array(["\n".join(lines)], pa.large_string()))
    found = comment_threads(table, claim(table, matcher(load_rules())))
    return [line for line, inside in zip(table.text.to_pylist(), found.tolist(), strict=True) if inside]


def signed_below(said: list[str]) -> list[str]:
    return [
        line
        for number, text in enumerate(said)
        for line in (text, f"Posted by: {NAMES[number]} | June {number + 3}, 2021, 7:28 am")
    ]


def signed_above(said: list[str]) -> list[str]:
    return [line for number, text in enumerate(said) for line in (NAMES[number], "said", text)]


def test_names_below_what_is_said() -> None:
    thread = signed_below(SAID)
    assert thread_of(TITLE, *ARTICLE, "User Comments", *thread, "About the harbour") == thread


def test_a_word_said_again_and_again_signs_as_well_and_the_last_comment_has_nothing_below_it() -> None:
    thread = signed_above(SAID)
    assert thread_of(TITLE, *ARTICLE, "4 comments", *thread) == thread


def test_what_is_said_goes_as_comments_and_the_names_are_not_the_authors() -> None:
    text = "\n".join([TITLE, "By Ada Lindqvist", *ARTICLE, "User Comments", *signed_below(SAID)])
    result = strip_text(text, settings=StripSettings(model=False))
    assert result.text == "\n".join(ARTICLE)
    rules = {text[s.start : s.end]: (s.category, s.rule) for s in result.spans}
    assert rules[SAID[0]] == ("comment_section", "structure.comment-thread")
    assert [t for t, (category, _) in rules.items() if category == "byline"] == ["By Ada Lindqvist"]


@pytest.mark.parametrize(
    "lines",
    [
        [TITLE, *ARTICLE, *signed_below(SAID)],  # no heading: it may be the minutes of a meeting
        [TITLE, "4 comments", "By Ada Lindqvist", *ARTICLE, "June 3, 2021", *SAID],  # at the top of the page
        [TITLE, *ARTICLE, "4 comments", *SAID],  # nobody signs
        [TITLE, *ARTICLE, "4 comments", SAID[0], "June 3, 2021"],  # one is no thread
    ],
)
def test_what_is_no_thread(lines: list[str]) -> None:
    assert thread_of(*lines) == []


def test_a_thread_ends_where_others_begin_and_in_its_document() -> None:
    thread = signed_below(SAID[:3])
    below = ["Most read", "Ferry fares to rise in autumn", "School wins choir prize"]
    first = "\n".join([TITLE, *ARTICLE, "User Comments", *thread, *below])
    second = "\n".join(signed_below(SAID))
    table = Lines(pa.array([first, second, ""], pa.large_string()))
    found = comment_threads(table, claim(table, matcher(load_rules())))
    assert np.flatnonzero(found).tolist() == [*range(5, 11)]


def test_without_lines_there_is_none() -> None:
    table = Lines(pa.array([""], pa.large_string()))
    assert not len(comment_threads(table, claim(table, matcher(load_rules()))))
