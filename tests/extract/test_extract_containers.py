"""Which boxes of the page a line stands in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resiliparse.parse.html import HTMLTree

from schemas import HINT_MAIN, HINT_OCTETS
from tasks.extract.containers import SIGNS, with_signs
from tasks.extract.hints import page_lines
from tasks.extract.page import extract_page
from tasks.extract.places import places

PROSE = "The keeper of the lighthouse counts the ships that pass, every night and in any weather."
PAGE = f"""<html><body>
<nav class="main-menu"><ul><li><a href="/">Home</a></li><li>Harbour</li></ul></nav>
<script>document.write("<div class='ads'>")</script><!-- <aside> -->
<div class="page"><article class="story"><p>{PROSE}</p><p>{PROSE} Again.</p>
<div class="author-box"><p>Ada Renn writes about the sea.</p></div></article>
<aside><div class="related-posts">Older: <a href="/mole">The mole</a></div></aside></div>
<div id="comments">First!</div>
</body></html>"""


def places_of(html: str) -> dict[str, list[int]]:
    signed, boxes = with_signs(html)
    lines = page_lines(HTMLTree.parse(signed), boxes)
    main = [HINT_MAIN * line.startswith("The keeper") for line in lines.text]
    return dict(zip(lines.text, map(list, places(boxes, lines._replace(hints=main))), strict=True))


def test_lines_know_the_tags_and_names_of_their_boxes() -> None:
    found = places_of(PAGE)
    tags = {line: row[0] for line, row in found.items()}
    called = {line: row[1] for line, row in found.items()}
    article, aside, navigation = 1, 2, 16
    assert tags[PROSE] == article
    assert tags["• Home"] & navigation
    assert tags["Older: The mole"] == aside
    assert tags["First!"] == 0
    main_text, comments, related, author, furniture = 1, 2, 4, 16, 64
    assert called[PROSE] == main_text
    assert called["Ada Renn writes about the sea."] & author
    assert called["Older: The mole"] & related
    assert called["First!"] == comments
    assert called["• Harbour"] & furniture


def test_boxes_are_weighed_by_their_prose() -> None:
    found = places_of(PAGE)
    own, held = (found[PROSE][i] for i in (3, 4))
    assert own == held == 255
    assert found["First!"][3:5] == [0, 0]
    # The box beside the article holds none itself, the one around it all.
    assert found["Ada Renn writes about the sea."][4:6] == [0, 255]


def test_what_the_whole_page_is_called_says_nothing_of_its_lines() -> None:
    found = places_of(f'<div class="comments sidebar content"><p>{PROSE}</p></div><p>So.</p>')
    assert found[PROSE][1] == 1


def test_links_are_weighed_in_the_box() -> None:
    found = places_of("<div><a href='/a'>All of it</a></div><div>None of it</div>")
    assert found["All of it"][7] & 15 == 15
    assert found["None of it"][7] & 15 == 0


def test_boxes_share_what_the_extractor_chose_of_them() -> None:
    found = places_of(PAGE)
    assert found[PROSE][9] == found["Ada Renn writes about the sea."][10] > 150
    assert found["Ada Renn writes about the sea."][9] == 0
    assert found["First!"][9] == 0


def test_how_far_a_line_lies_from_the_one_before() -> None:
    found = places_of("<div><p>a</p><p>b</p></div><div><div>c</div></div>")
    assert [row[12] for row in found.values()] == [1, 0, 3]


@pytest.mark.parametrize(
    "html",
    [
        f"</div></div><p>{PROSE}</p></article>",
        f"<div><section><p>{PROSE}</p></div></section>",
        f"<div class=><p>{PROSE}</p>",
        f"<!-- <div> <p>{PROSE}</p>",
        f"<p>{PROSE}</p><script><div>",
    ],
)
def test_broken_markup_gives_a_place_for_each_line(html: str) -> None:
    assert all(len(row) == 13 for row in places_of(html).values())


def test_a_page_that_holds_the_signs_itself_is_left_alone() -> None:
    html = f"<div class='comments'>{SIGNS[0]}{PROSE}</div>"
    assert with_signs(html)[0] == html
    assert [row[1] for row in places_of(html).values()] == [0]


@pytest.mark.parametrize(
    ("html", "line", "called"),
    [
        (f'<div class="[&>p]:mt-4 comments"><p>{PROSE}</p></div><p>x</p>', "x", 0),
        ("<div class='[&>p]:mt-4 comments'><p>First!</p></div>", "First!", 2),
        ("<script>x</SCRIPT><div class=comments>First!</div><script>y</script>", "First!", 2),
        ("<!--><div class=comments>First!</div>", "First!", 2),
        ("<svg><style/></svg><div class=comments>First!</div>", "First!", 2),
        ("<style-guide><div class=comments>First!</div></style-guide>", "First!", 2),
        ("<iframe><div class=ads></iframe><div class=comments>First!</div>", "First!", 2),
    ],
)
def test_what_is_no_tag_and_what_is_one(html: str, line: str, called: int) -> None:
    assert places_of(html)[line][1] == called


def test_cells_whose_end_is_left_out() -> None:
    cell = 128
    found = places_of(f"<div><table><tr><td>a<td>b<tr><td>c</table><p>{PROSE}</p></div>")
    assert [row[0] & cell for row in found.values()][-1] == 0
    nested = places_of("<table><tr><td><table><tr><td>a</td></tr></table>b</td></tr></table>c")
    assert [row[0] for row in nested.values()][-1] == 0


@pytest.mark.parametrize("sign", ["\U00100185", "&#x100185;", "&#1048965;"])
def test_a_page_that_writes_the_signs_keeps_them(sign: str) -> None:
    page = extract_page(
        f"<div class='comments'><p>Press {sign} to share it with all who care.</p></div>", None, "resiliparse"
    )
    assert page.text == "Press \U00100185 to share it with all who care."


@pytest.mark.parametrize(
    ("html", "boxes"),
    [
        ("<script></SCRIPT>" * 20_000, 0),
        ('<div "<div" ' * 20_000, 0),
        ("<!--" * 20_000, 0),
        ("<td>" * 20_000, 20_000),
        (f"<div class='{'ad ' * 20_000}'>x", 1),
        ("<div>" + "</section>" * 20_000, 1),
    ],
)
def test_floods_of_markup(html: str, boxes: int) -> None:
    # Each is done in the blink of an eye; what looked back, or ahead, at every tag would not come to its end.
    assert len(with_signs(html)[1].parent) == 1 + boxes


def test_metadata_have_no_signs() -> None:
    page = extract_page(
        "<title>About the <div> tag</title><meta name=author content='<div>Ada Renn</div>'>"
        f"<h1><div>The gate</div></h1><div><p>{PROSE}</p></div>",
        None,
        "resiliparse",
    )
    assert page.title == "The gate"
    assert not any(c >= "\U00100000" for c in f"{page.title}{page.byline}{page.url}")


def test_more_boxes_than_signs() -> None:
    html = "<div></div>" * 40_000
    assert with_signs(html)[0] == html


@given(
    st.lists(
        st.sampled_from(
            ["<div class='x'>", "</div>", "<ul><li>", "</ul>", "<td>", "a b", "<p>", "\n", "<!--", "-->"]
        )
    )
)
@settings(max_examples=200, deadline=None)
def test_signs_never_reach_the_text(parts: list[str]) -> None:
    page = extract_page("".join(parts), None, "resiliparse")
    assert not any("\U00100000" <= c <= "\U0010fffd" for c in page.text)
    assert len(page.hints) == HINT_OCTETS * len(page.text.split("\n")) * bool(page.text)
