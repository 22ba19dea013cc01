"""What a run says about itself, with names from the input that mean harm."""

import re
from base64 import b64decode
from datetime import UTC, datetime
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from flows import report
from flows.drift import Drift
from flows.printable import printable
from tasks.write import Piece, Sample, SiteCounts, Totals

HOSTILE = '<script>alert(1)</script>|[x](javascript:alert(1))`"\x1b[2J\u202e&amp;'


def summary(**changes) -> report.Summary:  # type: ignore[no-untyped-def]
    totals = Totals(records=7976, rejects=24, raw_chars=1000, removed_chars=310)
    totals.categories.update({"link_list": 300, "title": 10})
    totals.reasons.update({"empty": 24})
    totals.languages.update({"en": 7976})
    totals.add_site("news.example", SiteCounts(7976, 1000, 310))
    filled = report.Summary(run_id="r", started=datetime.now(UTC), sources=3, shards=2, totals=totals)
    for name, value in changes.items():
        setattr(filled, name, value)
    return filled


def told(filled=None, **others) -> report.Report:  # type: ignore[no-untyped-def]
    return report.Report(filled or summary(), **others)


def sample(text: str = HOSTILE, category: str | None = "link_list") -> Sample:
    pieces = (Piece("Kept\nlines."), Piece(text, category, rule=text, score=0.91))
    return Sample(text, text, text, "en", 100, 60, pieces)


def test_the_message_counts() -> None:
    assert summary().message == "8,000 documents: 7,976 records, 24 rejects, 31 % of the text removed"


def test_the_message_of_a_run_with_nothing_to_do() -> None:
    idle = report.Summary(run_id="r", started=datetime.now(UTC), sources=3)
    assert idle.message == "nothing new: 3 files have been cleaned already"


def test_the_message_names_what_failed_first() -> None:
    failed = summary(failures=["a.warc 2/9: OSError: gone"])
    assert failed.message.startswith(
        "1 of 2 shards failed, the first: a.warc 2/9: OSError: gone. Published: 8,000"
    )


def test_the_markdown_has_a_table_for_each_question() -> None:
    text = report.markdown(told())
    for title in ("Documents", "Removed, by category", "Removed, by site", "Languages", "Rejects, by reason"):
        assert f"### {title}" in text
    assert r"| news\.example | 7,976 | 1,000 | 31\.0 % |" in text
    assert "Failed shards" not in text


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.text = ""
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.scripts += tag == "script"

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("render", [report.page, report.markdown])
def test_hostile_names_stay_text(render) -> None:
    hostile = summary(failures=[HOSTILE])
    hostile.totals.add_site(HOSTILE, SiteCounts(1, 1, 1))
    text = render(told(hostile, samples=[sample()]))
    parser = Tags()
    parser.feed(text)
    assert parser.scripts == (1 if render is report.page else 0), "the page's own, and no other"
    assert not parser.seen & {"a", "img", "iframe", "object", "form"}
    assert "\x1b" not in text and "\u202e" not in text
    assert '<script>alert(1)</script>|[x](javascript:alert(1))`"\\x1b[2J\\u202e&amp;' in parser.text


def test_hostile_names_do_not_add_a_column() -> None:
    hostile = summary()
    hostile.totals.add_site(HOSTILE, SiteCounts(1, 1, 1))
    (line,) = [line for line in report.markdown(told(hostile)).splitlines() if "alert" in line]
    bare = re.sub(r"\\.", "", line)  # without what a backslash has made plain text
    assert bare.count("|") == 5
    assert not set("[]`<\\*_") & set(bare)


def test_the_page_needs_nothing_else() -> None:
    page = report.page(told())
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_refused_run_says_that_nothing_was_published() -> None:
    refused = summary(refused="90.0 % of the documents rejected, and no more than 10.0 % is allowed")
    assert refused.failed
    assert refused.message.startswith("nothing was published: 90.0 % of the documents rejected")


def test_drift_is_told_everywhere() -> None:
    drifted = summary(drift=[Drift("news.example", "removed share", 0.9, 0.3)])
    assert drifted.message.endswith("; 1 site unlike before")
    assert "removed share 90 %, usually 30 %" in report.page(told(drifted))
    assert "### Unlike before" in report.markdown(told(drifted))


def test_the_last_run_stands_beside_this_one() -> None:
    before = summary(totals=Totals(records=90, rejects=10, raw_chars=1000, removed_chars=500))
    (table,) = [t for t in report.tables(summary(), before) if t.title == "Change against the last run"]
    assert ("rejected", "0.3 %", "10.0 %") in table.rows
    assert ("text removed", "31.0 %", "50.0 %") in table.rows
    assert not [t for t in report.tables(summary()) if t.title == table.title and t.rows]


def test_the_markdown_shows_three_documents_before_and_after() -> None:
    samples = [sample(f"Menu {number}") for number in range(5)]
    text = report.markdown(told(samples=samples))
    assert text.count("<details>") == text.count("</details>") == 3
    assert "<tr><td>link_list by Menu 0, 0.91</td><td>Menu 0</td></tr>" in text
    assert "<tr><td></td><td>lines.</td></tr>" in text


def test_the_chart_is_an_image_in_the_markdown_itself() -> None:
    (address,) = re.findall(r"!\[[^]]*\]\(([^)]*)\)", report.markdown(told()))
    head, _, data = address.partition(",")
    assert head == "data:image/svg+xml;base64"
    drawing = ElementTree.fromstring(b64decode(data))
    assert "link_list" in "".join(drawing.itertext())


def test_a_run_reads_the_summaries_of_those_before_it(tmp_path) -> None:
    for number in range(4):
        folder = tmp_path / "runs" / f"2024010{number}"
        folder.mkdir(parents=True)
        (folder / "summary.json").write_text(summary(run_id=f"r{number}").to_json())
    (tmp_path / "runs" / "20240102" / "summary.json").write_text("{half")
    (tmp_path / "runs" / "20240109").mkdir()
    assert [run.run_id for run in report.read_summaries(tmp_path, 2)] == ["r1", "r3"]
    assert report.read_summaries(tmp_path / "none", 2) == []


def test_samples_are_taken_from_the_same_units_in_whichever_order_they_were_published() -> None:
    keys = [f"unit{number}" for number in range(50)]
    one, other = summary(), summary()
    for key in keys:
        one.add(key, Totals())
    for key in reversed(keys):
        other.add(key, Totals())
    assert one.sampled == other.sampled
    assert len(one.sampled) == 8


def test_long_tables_end_in_a_sum() -> None:
    many = summary()
    for number in range(200):
        many.totals.add_site(f"s{number}.example", SiteCounts(1, 10, 5))
    rows = {
        row[0]: row for title, _, table in report.tables(many) if title == "Removed, by site" for row in table
    }
    assert len(rows) == 51
    assert rows["151 others"] == ("151 others", "151", "1,510", "50.0 %")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ä 漢 \U0001f600", "plain ä 漢 \U0001f600"),
        ("\x1b]0;x\x07", r"\x1b]0;x\x07"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202eevil\u2066", r"\u202eevil\u2066"),
        ("\ud800", r"\ud800"),
        ("نمی\u200cدانم", "نمی\u200cدانم"),
    ],
)
def test_what_steers_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown
