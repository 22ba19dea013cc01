"""Links and images of Markdown."""

import pyarrow as pa
import pytest

from tasks.strip import strip_text
from tasks.strip.lines import Lines
from tasks.strip.lines.links import without_links

SEEN = {
    "See [the plan](https://a.example/plan) of 2024.": "See the plan of 2024.",
    "[News](/news) | [Sport](/sport)": "News | Sport",
    'in [Mill](https://a.example/Mill_(river) "The mill") Road': "in Mill Road",
    "[![A mill](https://a.example/m.jpg)](https://a.example/m) below": " below",
    "![A mill by the river](data:image/png;base64,iVBOR)": "",
    "that ends here](https://a.example/x), and goes on": "that ends here, and goes on",
    "an array a[1](2) of [three] (four) ]( five": "an array a1 of [three] (four) ]( five",
    "no link": "no link",
}


def test_of_a_link_a_reader_sees_its_text_and_of_an_image_nothing() -> None:
    seen = without_links(pa.array(list(SEEN), pa.large_string()))
    assert dict(zip(SEEN, seen.to_pylist(), strict=True)) == SEEN


def test_lines_without_links_are_handed_back() -> None:
    lines = pa.array(["[a] (b)", "c"], pa.large_string())
    assert without_links(lines) is lines


def test_offsets_and_the_kept_text_are_those_of_the_raw_text() -> None:
    raw = (
        "[Home](/)\n\nThe council voted on [Tuesday](https://a.example/t) to rebuild the mill, after years.\n"
    )
    stripped = strip_text(raw)
    assert stripped.text == raw.split("\n")[2]
    assert [raw[span.start : span.end] for span in stripped.spans] == ["[Home](/)"]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (
            ["a [link](https://a.example/tide-", "mill) goes on", "here"],
            "a [link](https://a.example/tide-mill) goes on",
        ),
        (
            ["see [the whole", "plan](https://a.example/p) now", "here"],
            "see [the whole plan](https://a.example/p) now",
        ),
    ],
    ids=["address", "text"],
)
def test_a_link_that_was_cut_is_one_line(parts: list[str], text: str) -> None:
    lines = Lines(pa.array(["\n".join(parts)], pa.large_string()))
    assert lines.text.to_pylist() == [text, "here"]
    assert lines.parts.tolist() == [2, 1]


def test_a_link_that_is_cut_at_the_end_of_a_document_leaves_the_next_document_alone() -> None:
    lines = Lines(
        pa.array(["a [link](https://a.example/tide-", "plan](https://a.example/p) now"], pa.large_string())
    )
    assert lines.text.to_pylist() == ["a [link](https://a.example/tide-", "plan](https://a.example/p) now"]
    assert lines.doc.tolist() == [0, 1]


def test_a_page_in_markdown_loses_what_the_plain_page_loses() -> None:
    body = [
        "The council voted on Tuesday to rebuild the old tide mill, which has stood empty since the flood.",
        "Nobody had expected the vote to be so clear, said the mayor, who had opposed the plan for years.",
        "Work is to begin in March and to take two years, if the money from the county comes in time.",
    ]
    menu = ["Home", "News", "Sport", "Weather", "Subscribe"]
    plain = strip_text("\n".join([*menu, "", "Tide mill to be rebuilt", "", *body, "", "Share on Facebook"]))
    linked = [f"[{name}](https://harbour.example/{name.lower()})" for name in menu]
    said = body[1].replace(
        "the mayor", "[the mayor](https://harbour.example/people/mayor-of-the-town-1234567890)"
    )
    raw = "\n".join(
        [
            *linked,
            "",
            "# Tide mill to be rebuilt",
            "",
            body[0],
            said,
            body[2],
            "",
            "[Share on Facebook](https://f.example/?u=1)",
        ]
    )
    markdown = strip_text(raw)
    assert markdown.text == "\n".join([body[0], said, body[2]])
    assert [span.category for span in markdown.spans] == [span.category for span in plain.spans]
