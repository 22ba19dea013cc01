"""HTML to text and metadata, and what happens to pages that hang, kill or overflow their worker."""

import multiprocessing.forkserver
import os
import signal
import sys
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from schemas import DOCUMENTS, HINT_MAIN, HINT_OCTETS, REJECTS
from tasks.extract import ExtractOptions, extract, workers
from tasks.extract.page import extract_page
from tests.extract.extract_workers import misbehaving

BODY = [
    "The lighthouse on the northern cape will be lit again in spring, the harbour board said on Tuesday.",
    "It had stood dark since a storm broke its lens eleven years ago, and boats had kept far from the rocks.",
    "A glassmaker from the valley spent two winters on the new lens, which weighs as much as a small car.",
    "Visitors may climb the tower from May on, but no more than twelve at a time, and not in high winds.",
]


def page(*paragraphs: str, head: str = "") -> str:
    blocks = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html><head><title>Lighthouse returns</title>{head}</head><body>"
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
        f"<article><h1>Lighthouse returns</h1>{blocks}</article>"
        "<footer><p><a href='/imprint'>Imprint</a></p></footer></body></html>"
    )


METADATA = (
    '<meta name="author" content="Ragna Vik">'
    '<meta property="article:published_time" content="2024-03-05T08:30:00Z">'
    '<link rel="canonical" href="https://www.cape-news.co.uk/lighthouse">'
)


def table(*rows: dict) -> pa.Table:
    defaults = {"source": "a.html", "site": "in"}
    full = [{**defaults, "source_index": i, "doc_id": f"d{i}", **row} for i, row in enumerate(rows)]
    return pa.Table.from_pylist(full, schema=DOCUMENTS)


@pytest.mark.parametrize("extractor", ["trafilatura", "resiliparse"])
def test_text_one_block_a_line_and_metadata(extractor):
    documents, rejects = extract(table({"html": page(*BODY, head=METADATA)}), ExtractOptions(extractor))
    assert rejects.num_rows == 0
    assert documents.schema == DOCUMENTS
    (row,) = documents.to_pylist()
    lines = row["text"].split("\n")
    assert lines == ["• Home", "• Sport", "Lighthouse returns", *BODY, "Imprint"]
    assert len(row["hints"]) == HINT_OCTETS * len(lines)
    main = [line for line, hint in zip(lines, row["hints"][::HINT_OCTETS], strict=True) if hint & HINT_MAIN]
    assert [line for line in main if line != "Lighthouse returns"] == BODY
    assert row["html"] is None
    assert (row["title"], row["byline"]) == ("Lighthouse returns", "Ragna Vik")
    assert row["published"] == datetime(2024, 3, 5, 8, 30, tzinfo=UTC)
    assert (row["url"], row["site"]) == ("https://www.cape-news.co.uk/lighthouse", "cape-news.co.uk")


@pytest.mark.parametrize("extractor", ["trafilatura", "resiliparse"])
def test_the_inputs_own_metadata_wins(extractor):
    own = {
        "title": "Mine",
        "byline": "Me",
        "published": datetime(2001, 1, 1, tzinfo=UTC),
        "url": "https://own.example/x",
        "site": "own.example",
    }
    documents, _ = extract(table({"html": page(*BODY, head=METADATA), **own}), ExtractOptions(extractor))
    assert {name: documents[name][0].as_py() for name in own} == own


def test_text_rows_pass_untouched_and_in_order():
    text = "  As it was.\r\n\r\n\tAnd\u2028 blanks \x85"
    given = table({"text": text}, {"html": page(*BODY)}, {"text": "Third."}, {"html": "<html></html>"})
    documents, rejects = extract(given)
    assert documents["doc_id"].to_pylist() == ["d0", "d1", "d2"]
    assert documents["text"][0].as_py() == text
    assert documents.slice(2).equals(given.slice(2, 1))
    assert rejects.schema == REJECTS
    assert rejects.select(["source_index", "doc_id", "reason"]).to_pylist() == [
        {"source_index": 3, "doc_id": "d3", "reason": "extraction_failed"}
    ]
    assert rejects["raw"][0].as_py() == b"<html></html>"


def test_a_batch_of_text_needs_no_worker(monkeypatch):
    monkeypatch.setattr("tasks.extract.batch.run_each", None)
    given = table({"text": "a"}, {"text": "b"})
    documents, rejects = extract(given)
    assert documents.equals(given)
    assert rejects.equals(REJECTS.empty_table())


def test_bad_pages_cost_themselves_alone():
    good = page(*BODY)
    html = [good, "HANG", good, "DIE", good, "RAISE", "HOARD", good]
    options = ExtractOptions(timeout_seconds=3)
    documents, rejects = extract(table(*({"html": each} for each in html)), options, work=misbehaving)
    assert documents["source_index"].to_pylist() == [0, 2, 4, 7]
    assert len(set(documents["text"].to_pylist())) == 1
    assert list(zip(rejects["source_index"].to_pylist(), rejects["reason"].to_pylist(), strict=True)) == [
        (1, "timeout"),
        (3, "extraction_failed"),
        (5, "extraction_failed"),
        (6, "extraction_failed"),
    ]
    hang, die, raised, hoard = rejects["detail"].to_pylist()
    assert hang == "longer than 3 s"
    assert "the worker process died" in die
    assert raised == "ValueError: the page said so"
    assert "MemoryError" in hoard


def test_a_page_whose_worker_was_killed_for_something_else_is_tried_again(tmp_path):
    (tmp_path / "once").touch()
    documents, rejects = extract(table({"html": f"ONCE{tmp_path / 'once'}"}), work=misbehaving)
    assert documents["text"].to_pylist() == ["It went well the second time."]
    assert rejects.num_rows == 0
    assert not (tmp_path / "once").exists()


def test_large_pages_are_rejected_unseen():
    html = page("ж" * 1000)
    size = len(html.encode())
    documents, rejects = extract(table({"html": html}, {"html": html}), ExtractOptions(max_html_bytes=size))
    assert (documents.num_rows, rejects.num_rows) == (2, 0)
    documents, rejects = extract(
        table({"html": html}, {"text": "x"}), ExtractOptions(max_html_bytes=size - 1)
    )
    assert documents["text"].to_pylist() == ["x"]
    assert rejects["reason"].to_pylist() == ["too_large"]
    assert f"{size:,} bytes, the limit is {size - 1:,}" in rejects["detail"][0].as_py()


@pytest.mark.parametrize("extractor", ["trafilatura", "resiliparse"])
@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "Deep words." + "</div>" * 100_000,
        "<b><i>" * 20_000 + "Deep words.",
        "<table><tr><td>" * 3_000 + "Deep words.",
        "Deep words." + "<a>" * 50_000,
    ],
    ids=["div", "inline", "table", "unclosed"],
)
def test_deep_nesting_does_no_harm(html, extractor):
    good = page(*BODY)
    given = table({"html": f"<html><body>{html}"}, {"html": good})
    documents, rejects = extract(given, ExtractOptions(extractor, timeout_seconds=3))
    assert documents["source_index"].to_pylist()[-1] == 1
    assert documents.num_rows + rejects.num_rows == 2
    assert set(rejects["reason"].to_pylist()) <= {"timeout", "extraction_failed"}
    if documents.num_rows == 2:
        assert "Deep words." in documents["text"][0].as_py()


def test_results_do_not_depend_on_order_or_company():
    pages = [page(*BODY[: 1 + i % 4], BODY[-1], BODY[-1], head=METADATA if i % 2 else "") for i in range(12)]
    rows = [{"html": html, "doc_id": str(i)} for i, html in enumerate(pages)]
    alone = [extract(table(row))[0]["text"].to_pylist() for row in rows]
    together = dict(zip(*_columns(extract(table(*rows))[0]), strict=True))
    backwards = dict(zip(*_columns(extract(table(*rows[::-1]), ExtractOptions(processes=2))[0]), strict=True))
    assert together == backwards == {str(i): texts[0] for i, texts in enumerate(alone)}


def _columns(documents: pa.Table) -> tuple[list, list]:
    return documents["doc_id"].to_pylist(), documents["text"].to_pylist()


@pytest.mark.parametrize("extractor", ["trafilatura", "resiliparse"])
def test_pages_without_an_article_still_give_their_text(extractor):
    found = extract_page("<html><body><span>Closed on Monday.</span></body></html>", None, extractor)
    assert found.text == "Closed on Monday."


def test_tables_and_lists_stay_and_comments_do_not():
    more = (
        "<ul><li>Height: thirty metres</li><li>Steps: one hundred and four</li></ul>"
        "<table><tr><td>May</td><td>20</td></tr></table>"
    )
    comments = "<div class='comments' id='comments'><p>What a waste of money, wrote a reader.</p></div>"
    html = page(*BODY).replace("</article>", more + "</article>" + comments)
    found = extract_page(html, None, "trafilatura")
    main = {
        line
        for line, hint in zip(found.text.split("\n"), found.hints[::HINT_OCTETS], strict=True)
        if hint & HINT_MAIN
    }  # fmt: skip
    assert "• Height: thirty metres" in main
    assert "May 20" in found.text
    assert "What a waste of money, wrote a reader." in found.text.split("\n")
    assert "What a waste of money, wrote a reader." not in main


@pytest.mark.parametrize("inner", ["The lens weighs 200 kg.", "<p>The lens weighs 200 kg.</p>"])
def test_what_folds_out_stands_below_its_heading(inner):
    details = f"<details><summary>Read <b>more</b></summary>{inner}</details>"
    found = extract_page(page(*BODY).replace("</article>", f"{details}</article>"), None, "trafilatura")
    assert found.text.split("\n")[3:-1] == [*BODY, "Read more", "The lens weighs 200 kg."]
    assert len(found.hints) == HINT_OCTETS * len(found.text.split("\n"))


def test_a_date_in_the_text_is_not_the_date_of_publication():
    html = page(*BODY, "The tower was first lit on 3 October 1871.").replace("Imprint", "© 2019 Cape News")
    assert extract_page(html, None, "trafilatura").published is None


LATE = "2024-03-04T23:30:00-05:00"


@pytest.mark.parametrize(
    ("head", "published"),
    [
        (
            f'<meta property="article:published_time" content="{LATE}">',
            datetime(2024, 3, 5, 4, 30, tzinfo=UTC),
        ),
        (
            f'<script type="application/ld+json">{{"datePublished": "{LATE}", "dateModified": "2024-03-06"}}</script>',
            datetime(2024, 3, 5, 4, 30, tzinfo=UTC),
        ),
        (
            '<meta name="date" content="Mon, 04 Mar 2024 23:30:00 -0500">',
            datetime(2024, 3, 5, 4, 30, tzinfo=UTC),
        ),
        (
            '<meta name="date" content="Mon, 04 Mar 2024 23:30:00 -0000">',  # of no zone
            datetime(2024, 3, 4, tzinfo=UTC),
        ),
        ('<meta property="article:published_time" content="2024-03-04">', datetime(2024, 3, 4, tzinfo=UTC)),
        ('<meta property="article:published_time" content="2024-02-30">', None),
        (
            '<meta property="article:published_time" content="2024-03-04">'
            '<meta name="date" content="Mon, 04 Mar 2024 10:00:00 +99999999999999">',
            datetime(2024, 3, 4, tzinfo=UTC),
        ),
        ('<meta property="article:published_time" content="2024-02-30T10:00:00Z">', None),
    ],
)
def test_a_time_with_its_zone_is_kept_and_no_day_is_made_up(head, published):
    other = "<time datetime='2024-03-05T08:30:00+02:00'>Tide tables</time>"
    assert extract_page(page(*BODY, other, head=head), None, "trafilatura").published == published


def test_an_empty_table_is_fine():
    documents, rejects = extract(table())
    assert (documents.num_rows, rejects.num_rows) == (0, 0)
    assert documents.schema == DOCUMENTS


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no server that forks the workers")
def test_pages_go_on_where_the_server_that_forks_the_workers_is_killed():
    extract(table({"html": page(*BODY)}))
    server = multiprocessing.forkserver._forkserver._forkserver_pid
    workers._pool(1).stop()  # its workers go, and cannot be replaced
    os.kill(server, signal.SIGKILL)
    documents, rejects = extract(table(*({"html": page(*BODY)} for _ in range(3))))
    assert (documents.num_rows, rejects.num_rows) == (3, 0)
