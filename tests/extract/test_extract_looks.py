"""What the lines of one look are like, taken together."""

from resiliparse.parse.html import HTMLTree

from schemas import HINT_MAIN
from tasks.extract.containers import with_signs
from tasks.extract.hints import page_lines
from tasks.extract.looks import looks

PROSE = "The keeper of the lighthouse counts the ships that pass, every night and in any weather."
CARDS = "".join(f'<div class="card card-{n}"><p>The {n} harbours</p></div>' for n in range(9))
PAGE = f"""<div class="story"><p>{PROSE}</p><h2>Ships</h2></div><div class="story"><p>{PROSE} Twice.</p></div>
<div class="teasers">{CARDS}<div class="card"><p><a href="/b">Buoys</a></p></div></div>"""


def looks_of(html: str) -> dict[str, list[list[int]]]:
    """For each line the three ways to tell its look, of each the seven octets."""
    signed, boxes = with_signs(html)
    lines = page_lines(HTMLTree.parse(signed), boxes)
    hints = [
        hint | HINT_MAIN * line.startswith("The keeper")
        for line, hint in zip(lines.text, lines.hints, strict=True)
    ]
    told = looks(boxes, lines._replace(hints=hints))
    return {
        line: [list(octets[first : first + 7]) for first in (0, 7, 14)]
        for line, octets in zip(lines.text, told, strict=True)
    }


def test_lines_in_boxes_of_one_name_look_alike() -> None:
    found = looks_of(PAGE)
    assert found[PROSE] == found[f"{PROSE} Twice."]
    prose, main, links, of_prose, _, boxes, _ = found[PROSE][0]
    assert (prose, main, links, of_prose) == (255, 255, 0, 255)
    assert boxes == 16 + 8  # two boxes


def test_a_heading_looks_otherwise_but_for_its_boxes() -> None:
    found = looks_of(PAGE)
    assert found["Ships"][0][:2] == found["Ships"][2][:2] == [0, 0]
    assert found["Ships"][1] == found[PROSE][1]


def test_numbers_in_names_tell_no_look_apart() -> None:
    found = looks_of(PAGE)
    alike = looks_of(PAGE.replace("card-", "lot-"))
    assert found["The 1 harbours"] == found["The 8 harbours"] != found["Buoys"]
    # What is left of "card-1" is "card-".
    assert found["Buoys"][0][4:6] == [16, 16]
    assert alike["The 1 harbours"] == found["The 1 harbours"]
    assert found["The 1 harbours"][0][5] == 16 * 3 + 4  # nine boxes


def test_sizes_grow_with_the_halvings() -> None:
    sizes = [looks_of("<p>x</p>" * number)["x"][0][4] for number in (1, 3, 7, 15)]
    assert sizes == [16, 32, 48, 64]
    longest = looks_of(f"<p>{'x' * 300_000}</p>")
    assert max(max(way) for ways in longest.values() for way in ways) == 255


def test_a_page_without_prose_shares_none() -> None:
    assert looks_of("<p>x</p>")["x"][0][:4] == [0, 0, 0, 0]
