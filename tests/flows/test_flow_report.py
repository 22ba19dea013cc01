"""What a run says about itself, with names from the input that mean harm."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from flows import report
from tasks.write import SiteCounts, Totals

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
    text = report.markdown(summary())
    for title in ("Documents", "Removed, by category", "Removed, by site", "Languages", "Rejects, by reason"):
        assert f"### {title}" in text
    assert "| news&#46;example | 7,976 | 1,000 | 31&#46;0 % |" in text
    assert "Failed shards" not in text


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("render", [report.page, report.markdown])
def test_hostile_names_stay_text(render) -> None:
    hostile = summary(failures=[HOSTILE])
    hostile.totals.add_site(HOSTILE, SiteCounts(1, 1, 1))
    text = render(hostile)
    parser = Tags()
    parser.feed(text)
    assert not parser.seen & {"script", "a", "img"}
    assert "\x1b" not in text and "\u202e" not in text
    assert '<script>alert(1)</script>|[x](javascript:alert(1))`"\\x1b[2J\\u202e&amp;' in parser.text


def test_hostile_names_do_not_add_a_column() -> None:
    hostile = summary()
    hostile.totals.add_site(HOSTILE, SiteCounts(1, 1, 1))
    (line,) = [line for line in report.markdown(hostile).splitlines() if "alert" in line]
    assert line.count("|") == 5
    assert not set("[]`<\\") & set(line)


def test_the_page_needs_nothing_else() -> None:
    page = report.page(summary())
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")


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
    assert report.printable(text) == shown
