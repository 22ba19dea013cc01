"""report.html in a real browser: light and dark, by mouse and keyboard, with pages in it that mean harm."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import report
from flows.drift import Drift
from tasks.write import Piece, Sample, SiteCounts, Totals

HOSTILE = '"><script>window.harmed = 1</script><img src=x onerror="window.harmed = 1">\u202e\'--></style>'


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    totals = Totals(records=30, rejects=3, raw_chars=9000, removed_chars=3000)
    totals.categories.update({"link_list": 2000, "cookie_notice": 1000})
    for number in range(12):
        totals.add_site(f"site{number}.example", SiteCounts(3, 900, 300))
    totals.add_site(HOSTILE, SiteCounts(1, 10, 5))
    pieces = (
        Piece("Accept all cookies", "cookie_notice", "cookie_notice.any.accept", 0.95),
        Piece(f"The council met.\n{HOSTILE}"),
        Piece(HOSTILE, "link_list", HOSTILE, 0.9),
    )
    summary = report.Summary(
        "r", datetime.now(UTC), totals=totals, shards=1, drift=[Drift(HOSTILE, "size", 9, 99)]
    )
    told = report.Report(summary, [summary], [Sample("d", HOSTILE, HOSTILE, "en", 300, 200, pieces)] * 2)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report.page(told), encoding="utf-8")
    return path


@pytest.fixture
def page(browser, file):  # type: ignore[no-untyped-def]
    browser.dark(False)
    browser.open(file.as_uri())
    return browser


def test_the_page_s_own_script_runs_and_no_other(page) -> None:
    assert page.run("getComputedStyle(document.querySelector('fieldset')).display") != "none"
    assert page.run("window.harmed === undefined && !document.querySelector('img')")
    assert page.errors() == []
    page.run(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.harmed = 1'}))"
    )
    assert page.run("window.harmed === undefined"), "the policy has to hold even for a script that got in"
    page.run("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.harmed = 1\">')")
    assert page.run("new Promise(done => setTimeout(() => done(window.harmed === undefined), 200))")


def test_nothing_is_loaded_from_elsewhere(page) -> None:
    assert page.run("performance.getEntriesByType('resource').length") == 0


def test_hostile_text_is_shown_as_it_is(page) -> None:
    shown = page.run("document.querySelector('.sample').textContent")
    assert "<script>window.harmed = 1</script>" in shown
    assert "\u202e" not in shown


def test_the_keyboard_reaches_each_removal_and_its_reason(page) -> None:
    why = "getComputedStyle(document.querySelector('.removed .why')).display"
    assert page.run(why) == "none"
    page.run("document.querySelector('.sample summary').focus()")
    page.press("Tab", 9)
    assert page.run("document.activeElement.className").startswith("removed")
    assert page.run(why) == "block"
    described = "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
    assert page.run(described) == "cookie_notice: cookie_notice.any.accept, score 0.95"
    page.press("Escape", 27)
    assert page.run(why) == "none"


def test_pointing_at_a_removal_shows_its_reason(page) -> None:
    x, y = page.run("(b => [b.x + 5, b.y + 5])(document.querySelector('.removed').getBoundingClientRect())")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    assert page.run("getComputedStyle(document.querySelector('.removed .why')).display") == "block"


def test_a_category_can_be_hidden_and_rows_can_be_searched(page) -> None:
    visible = "[...document.querySelectorAll('.removed')].filter(piece => !piece.hidden).length"
    assert page.run(visible) == 4
    page.run("document.querySelector('input[data-category=cookie_notice]').click()")
    assert page.run(visible) == 2
    page.run("document.querySelector('button[data-check=all]').click()")
    assert page.run(visible) == 4
    page.run(
        "(f => { f.value = 'SITE11'; f.dispatchEvent(new Event('input')) })(document.querySelector('input[type=search]'))"
    )
    assert page.run("document.querySelector('[role=status]').textContent") == "1 shown"


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_ground(page, dark) -> None:
    page.dark(dark)
    for selector in ("h1", ".dim", ".removed", "td", ".tiles dt", ".warning li"):
        ratio = page.run(CONTRAST.replace("SELECTOR", selector))
        assert ratio >= 4.5, f"{selector}: {ratio:.1f}"


def test_a_screen_reader_finds_its_way(page) -> None:
    tree = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = {node["role"]["value"] for node in tree if not node.get("ignored")}
    assert {"banner", "main", "heading", "table", "columnheader", "deletion", "note", "image"} <= roles
    unnamed = [
        node
        for node in tree
        if node["role"]["value"] in {"checkbox", "searchbox", "button", "image"} and not node["name"]["value"]
    ]
    assert unnamed == []


def test_a_narrow_screen_does_not_scroll_sideways(page, file) -> None:
    page.open(file.as_uri(), width=360)
    assert page.run("document.documentElement.scrollWidth") <= 360


#: The contrast of an element's colour with what it stands on, as the WCAG define it.
CONTRAST = """(() => {
  const parse = (c) => { const k = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    k.fillStyle = c; k.fillRect(0, 0, 1, 1); return [...k.getImageData(0, 0, 1, 1).data]; };
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  let node = document.querySelector('SELECTOR'), ground = null;
  const ink = parse(getComputedStyle(node).color);
  for (; node && !ground; node = node.parentElement) {
    const colour = parse(getComputedStyle(node).backgroundColor); if (colour[3] === 255) ground = colour; }
  const [one, other] = [light(ink), light(ground)].sort((a, b) => b - a);
  return (one + 0.05) / (other + 0.05);
})()"""
