"""What structure sees: each case names the rule that has to fire, and what has to stay."""

import random

import numpy as np
import pyarrow as pa
import pytest

from tasks.strip import Stripped, StripSettings, strip_text
from tasks.strip.lines import Lines
from tasks.strip.rules import load_rules
from tasks.strip.rules.claims import claim
from tasks.strip.rules.match import matcher
from tasks.strip.structure.body import find_body
from tasks.strip.structure.judge import judge

PROSE = [
    "The council of Lowmere agreed on Monday to dredge the harbour for the first time in forty years.",
    "Engineers expect to move some 90,000 tonnes of silt before the first ferries of the season arrive.",
    "Fishermen have asked that the work stop during the herring run, which usually begins in late April.",
    'The harbour master, Edda Falk, said that nobody had to fear for a mooring. "We will move boats by hand," she said.',
    "The work is to cost 3.1 million crowns, a third of which the region has promised to pay.",
    "A first tender found no bidder last year, because the contract asked for a barge that nobody owns.",
]
TITLE = "Harbour dredging to start in spring"


def stripped(*lines: str) -> Stripped:
    return strip_text("\n".join(lines), settings=StripSettings(model=False))


def rules_of(result: Stripped, text: str, line: str) -> list[str]:
    start = text.index(line)
    return [s.rule for s in result.spans if s.start <= start < s.end]


def found(line: str, *lines: str) -> list[str]:
    text = "\n".join(lines)
    return rules_of(strip_text(text, settings=StripSettings(model=False)), text, line)


def test_the_headline_above_byline_and_date_is_the_title_and_the_second_time_a_duplicate() -> None:
    result = stripped(TITLE, "By Ada Lindqvist", "June 3, 2021", TITLE, *PROSE)
    assert result.title == TITLE
    assert next((s.category, s.rule) for s in result.spans) == ("title", "structure.title")
    assert [s.category for s in result.spans] == ["title", "byline", "dateline", "duplicate"]
    assert result.text == "\n".join(PROSE)


def test_headlines_under_a_heading_go_with_it() -> None:
    lines = [TITLE, *PROSE, "Most read", "Ferry fares to rise in autumn", "School wins choir prize"]
    assert found("Ferry fares", *lines) == ["structure.list-item"]
    assert stripped(*lines).text == "\n".join(PROSE)


def test_doubled_headlines_are_a_list_without_any_heading() -> None:
    double = ["Ferry fares to rise in autumn"] * 2 + ["School wins choir prize"] * 2
    assert found("School wins", TITLE, *PROSE[:3], *double, *PROSE[3:]) == ["structure.doubled-headlines"]


def test_a_quotation_that_the_article_holds_is_a_pull_quote() -> None:
    quote = '"We will move boats by hand"'
    assert found(quote, TITLE, *PROSE[:4], quote, *PROSE[4:]) == ["structure.pull-quote"]


def test_an_arrow_points_elsewhere_but_a_list_of_arrows_stays() -> None:
    pointer = "→ The year the harbour froze"
    assert found(pointer, TITLE, *PROSE[:3], pointer, *PROSE[3:]) == ["structure.arrow"]
    steps = ["→ Move the boats to the north quay", "→ Lay the pipe along the mole", "→ Pump for six weeks"]
    assert all("structure.arrow" not in found(step, TITLE, *PROSE[:3], *steps, *PROSE[3:]) for step in steps)


@pytest.mark.parametrize("sign", ["***", "• • •", "— — —", "~~~", "◆ ◆ ◆"])
def test_ornaments_are_separators(sign: str) -> None:
    assert found(sign, TITLE, *PROSE[:3], sign, *PROSE[3:]) == ["structure.separator"]


@pytest.mark.parametrize(
    "inside",
    [
        ["Details:", "Quote:"],
        ["- Two barges from Selwick", "- One tug, on loan"],
        ["Why now?"],
        ["What the fishermen say"],
        ["“Subscribe to our newsletter, they wrote, and I did.”"],
    ],
)
def test_what_belongs_to_the_story_stays(inside: list[str]) -> None:
    result = stripped(TITLE, *PROSE[:3], *inside, *PROSE[3:])
    assert result.text == "\n".join([*PROSE[:3], *inside, *PROSE[3:]])


def test_every_kind_of_line_break_ends_a_line_and_offsets_stay_true() -> None:
    text = f"{TITLE}\r\n{PROSE[0]}\u2028{PROSE[1]}\r{PROSE[2]}\nShare on Facebook"
    result = strip_text(text, settings=StripSettings(model=False))
    assert [text[s.start : s.end] for s in result.spans] == [TITLE, "Share on Facebook"]
    assert result.text == "\n".join(PROSE[:3])


@pytest.mark.parametrize(
    "end",
    [
        ["What to bring", "- 2 pairs of boots", "- one lamp", "- 3 litres of water"],
        ["Lowmere – Selwick 3:1", "Hollin – Easter Bay 0:0"],
        ["The work in figures", "Length: 400 metres", "Depth: 6 metres"],
    ],
)
def test_a_list_that_closes_the_article_stays(end: list[str]) -> None:
    result = stripped(TITLE, *PROSE, *end, "Share on Facebook", "Most read", "Ferry fares to rise in autumn")
    assert result.text == "\n".join([*PROSE, *end])


def test_rows_of_figures_are_no_run_of_headlines() -> None:
    rows = ["Shots on goal 6 to 4", "Corners won 9 to 2", "Fouls 11 to 14", "Spectators 2,310"]
    assert stripped(TITLE, *PROSE[:3], *rows, *PROSE[3:]).text == "\n".join([*PROSE[:3], *rows, *PROSE[3:]])


def test_labels_in_a_row_under_a_list_are_a_menu() -> None:
    menu = ["Harbour", "Fishing", "Choirs", "Tides"]
    lines = [TITLE, *PROSE, "Most read", "Ferry fares to rise in autumn", *menu]
    assert found("Fishing", *lines) == ["structure.section-names"]
    assert found("Ferry fares", *lines) == ["structure.list-item"]


def test_what_follows_the_comments_heading_is_a_comment() -> None:
    lines = [TITLE, *PROSE, "3 comments", "Otto: My boat still leans on the mole and nobody comes"]
    assert next(s.category for s in stripped(*lines).spans[::-1]) == "comment_section"


def test_a_heading_stays_above_its_section_though_the_table_of_contents_says_it_first() -> None:
    contents = ["How the landing was chosen", "What the crossing will cost"]
    lines = [TITLE, PROSE[0], *contents, contents[0], *PROSE[1:3], contents[1], *PROSE[3:]]
    result = stripped(*lines)
    assert result.text.split("\n")[-len(PROSE) - 1 :] == [contents[0], *PROSE[1:3], contents[1], *PROSE[3:]]
    assert [s.rule for s in result.spans if s.category == "duplicate"] == ["structure.repeated-line"] * 2


def test_a_row_of_headlines_is_judged_by_its_own_words_whatever_stands_before_in_the_batch() -> None:
    """A third of the words of three of four headlines come back: the row shares a quarter, which is enough."""
    known, new = ["quelmoti", "drastupo", "plimvera"], [f"wx{letter}jqizola" for letter in "abcdefgh"]
    prose = [f"{sentence[:-1]}, said {' '.join(known)}." for sentence in PROSE[:4]]
    row = [f"{known[i].capitalize()} to {new[2 * i]} in {new[2 * i + 1]}" for i in range(3)]
    row.append("Bzomaxil to bzomatur in bzomakeg")
    text = "\n".join([*prose, *row, *PROSE[4:], *prose])
    rules = load_rules()

    def rules_behind(before: list[str]) -> list[str | None]:
        lines = Lines(pa.array([*before, text], pa.large_string()))
        claims = claim(lines, matcher(rules))
        body = find_body(lines, claims, [None] * (len(before) + 1))
        found = judge(lines, claims, body, [rule.id for rule in rules])
        own = np.flatnonzero(lines.doc == len(before))
        shared = body.spread.shared[own][len(prose) : len(prose) + 4]
        assert shared.tolist() == pytest.approx([1 / 3] * 3 + [0])
        return [found.rules[i] if i >= 0 else None for i in found.rule[own]]

    dice = random.Random(3)
    words = [
        "".join(dice.choice("bdfgklmnprst") + dice.choice("aeiou") for _ in range(4)) for _ in range(400)
    ]
    alone = rules_behind([])
    for _ in range(20):
        lines = [
            " ".join(dice.choices(words, k=dice.randint(5, 25))) + "." for _ in range(dice.randint(3, 30))
        ]
        assert rules_behind(["\n".join(lines)]) == alone


def test_a_page_that_says_itself_over_and_over_keeps_itself_once() -> None:
    story = [
        "The harbour council met on Tuesday evening to settle the matter of the old ferry landing.",
        "Residents had asked for a crossing that runs until midnight, at least during the summer months.",
        "The mayor said that the money was there, and that work on the quay would begin in spring.",
    ]
    text = strip_text("Page 7.\n" + "\n".join(story * 9)).text
    assert text.split("\n") == story
