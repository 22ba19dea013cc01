"""What the markup says of each line of a page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from resiliparse.parse.html import HTMLTree

from schemas import HINT_HEADING, HINT_IMAGE, HINT_ITEM, HINT_LINKS, HINT_MAIN, HINT_PARAGRAPH
from tasks.extract.containers import Boxes
from tasks.extract.hints import _half_found, _letters, mark_images, mark_main, page_lines

PAGE = """<html><body>
<h2>Tides &amp; times</h2>
<p>The <a href="/ferry">ferry</a> leaves at seven &#8232; in the morning, whatever the weather may be.</p>
<ul><li><a href="/a">Harbour opens</a></li><li>Bring a coat</li></ul>
<p><a href="/more">Read all about the ferry</a></p>
<div>1 &lt; 2</div><div>\u200b</div>
</body></html>"""


def lines_of(html: str) -> dict[str, int]:
    lines = page_lines(HTMLTree.parse(html), Boxes())
    return dict(zip(lines.text, lines.hints, strict=True))


def test_lines_carry_what_the_markup_says() -> None:
    found = lines_of(PAGE)
    assert found["Tides & times"] == HINT_HEADING
    assert (
        found["The ferry leaves at seven in the morning, whatever the weather may be."] == HINT_PARAGRAPH
    )  # one word in twelve is a link
    assert found["• Harbour opens"] == HINT_ITEM | 3 * HINT_LINKS
    assert found["• Bring a coat"] == HINT_ITEM
    assert found["Read all about the ferry"] == HINT_PARAGRAPH | 3 * HINT_LINKS
    assert found["1 < 2"] == 0


def test_no_line_is_blank_or_broken() -> None:
    lines, hints = page_lines(HTMLTree.parse(PAGE), Boxes())[:2]
    assert len(lines) == len(hints) == len("\n".join(lines).splitlines())
    assert all(line.strip() for line in lines)


def test_lines_of_the_main_text_are_marked_whatever_their_bullets_and_quotes() -> None:
    lines = ["• Harbour opens", '"It leaves at seven," she said.', "seven", "Seven"]
    hints = [0, 0, 0, 0]
    mark_main(lines, hints, "- Harbour opens\nAt noon “It leaves at seven,” she said. And so it did.")
    # "seven" stands in the main text too, but any short word may
    assert hints == [HINT_MAIN, HINT_MAIN, 0, 0]


def test_nothing_is_marked_for_want_of_main_text() -> None:
    hints = [0, 0]
    mark_main(["A line of some length.", "…"], hints, "")
    assert hints == [0, 0]


def test_what_is_said_in_place_of_an_image_is_marked() -> None:
    page = """<img src="a" alt="The mole &amp;  the buoy"><p>The mole</p>
<ul><li><IMG src='b'alt='A ferry'/></li></ul><img alt=""><img alt=Fog><imgs alt="Seven"><p>Seven</p>"""
    lines = page_lines(HTMLTree.parse(page), Boxes())
    mark_images(lines, page)
    marked = [text for text, hint in zip(lines.text, lines.hints, strict=True) if hint & HINT_IMAGE]
    assert marked == ["The mole & the buoy", "• A ferry", "Fog"]


@pytest.mark.parametrize(
    "flood", ["<img '<img \"", "<img alt=", "<img " + "alt " * 50_000, "<img " + '"' * 50_000]
)
def test_floods_of_images(flood: str) -> None:
    # Each is done in the blink of an eye.
    lines = page_lines(HTMLTree.parse("<p>Fog</p>"), Boxes())
    mark_images(lines, flood * (1 if len(flood) > 20 else 20_000))
    assert lines.hints == [HINT_PARAGRAPH]


@given(st.text())
def test_letters_are_what_no_sign_is(text: str) -> None:
    assert _letters(text) == re.sub(r"[^\w\n]|_", "", text.lower())


@given(st.text("ab", max_size=200), st.text("ab", max_size=400))
def test_half_of_a_lines_stretches_are_found(letters: str, whole: str) -> None:
    stretches = [letters[at : at + 16] for at in range(0, len(letters) - 15, 16)]
    found = sum(stretch in whole for stretch in stretches)
    assert _half_found(letters, whole) == (bool(stretches) and 2 * found >= len(stretches))
