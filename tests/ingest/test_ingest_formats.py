"""Each format, plain and compressed, under true and false names: which documents come out."""

import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from schemas import DOCUMENTS, REJECT_REASONS, REJECTS
from tasks.ingest import IngestOptions, list_sources, plan_units, read_shard
from tests.ingest.ingest_inputs import (
    COMPRESSIONS,
    http,
    json_lines,
    parquet_bytes,
    read_all,
    warc_record,
    write,
)

STORY = "The ferry to the outer islands was cancelled on Friday.\nA storm had damaged the pier.\n"
PAGE = f"<!doctype html><html><head><title>Ferry</title></head><body><p>{STORY}</p></body></html>"
RECORDS = [
    {"id": f"d{i}", "url": f"https://www.isle{i}.co.uk/a", "text": f"Story number {i}."} for i in range(5)
]


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
@pytest.mark.parametrize("shard_bytes", [64 << 20, 100])
@pytest.mark.parametrize("form", ["auto", "parquet"])
def test_parquet_that_is_compressed_as_a_whole(tmp_path, compress, shard_bytes, form):
    source = write(tmp_path / "a.parquet.gz", compress(parquet_bytes(RECORDS, row_group_size=2)))
    documents, rejects = read_all([source], IngestOptions(format=form), shard_bytes)
    assert rejects == []
    assert [(d["source_index"], d["doc_id"]) for d in documents] == [(i, f"d{i}") for i in range(5)]


@pytest.mark.parametrize(
    ("name", "data", "form", "reason", "detail"),
    [
        ("a.txt", STORY.encode(), "parquet", "malformed", "this is no Parquet file: it begins with b'The '"),
        ("a.parquet", STORY.encode(), "auto", "malformed", "this is no Parquet file: it begins with b'The '"),
        ("a.parquet.gz", gzip.compress(parquet_bytes(RECORDS))[:-9], "auto", "truncated", "ends early"),
        (
            "a.parquet.gz",
            gzip.compress(parquet_bytes(RECORDS)[:-9]),
            "auto",
            "truncated",
            "no readable Parquet footer",
        ),
        (
            "a.jsonl.gz",
            gzip.compress(gzip.compress(b"{}\n")),
            "auto",
            "unsupported",
            "gzip-compressed, where it",
        ),
        (
            "a.warc.gz",
            gzip.compress(gzip.compress(b"WARC/1.0")),
            "auto",
            "unsupported",
            "gzip-compressed, where it",
        ),
        (
            "a.txt.zst",
            zstandard.compress(zstandard.compress(b"x")),
            "auto",
            "unsupported",
            "zstd-compressed, where",
        ),
        (
            "a.txt.gz",
            gzip.compress(b"\x1f\x8b\x08" + b"x" * 9000),
            "auto",
            "unsupported",
            "gzip-compressed, where",
        ),
    ],
    ids=["text-as-parquet", "text-named-parquet", "cut", "cut-inside", "jsonl", "warc", "zstd", "large"],
)
def test_a_file_that_is_not_what_it_should_be_is_told_plainly(tmp_path, name, data, form, reason, detail):
    options = IngestOptions(format=form, max_document_bytes=8000)
    documents, (reject,) = read_all([write(tmp_path / name, data)], options)
    assert documents == []
    assert reject["reason"] == reason
    assert detail in reject["detail"]


def test_a_number_without_end_costs_nothing(tmp_path):
    data = b'{"text": "a", "views": ' + b"9" * 5000 + b', "date": -' + b"9" * 5000 + b"}"
    documents, rejects = read_all([write(tmp_path / "a.jsonl", data)])
    assert rejects == []
    assert [(d["text"], d["published"]) for d in documents] == [("a", None)]


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.jsonl", "a.warc", "a.wet"])
def test_plain_and_compressed_files_read_alike(tmp_path, name, compress):
    parts = {
        "a.txt": [STORY.encode()],
        "a.html": [PAGE.encode()],
        "a.jsonl": json_lines(RECORDS),
        "a.warc": [warc_record("warcinfo", b"by: test"), warc_record("response", http(PAGE.encode()))],
        "a.wet": [
            warc_record("warcinfo", b"by: test"),
            warc_record("conversion", STORY.encode(), content_type="text/plain"),
        ],
    }[name]
    expected, _ = read_all([write(tmp_path / "plain" / name, b"".join(parts))])
    found, rejects = read_all([write(tmp_path / "plain" / name, compress(parts))])
    assert rejects == []
    assert found == expected
    assert len(found) == (5 if name == "a.jsonl" else 1)


@pytest.mark.parametrize("suffix", [".txt", ".gz", "", ".html", ".dat"])
@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"".join(json_lines(RECORDS)), "text"),
        (parquet_bytes(RECORDS), "text"),
        (warc_record("response", http(PAGE.encode())), "html"),
        (PAGE.encode(), "html"),
    ],
    ids=["jsonl", "parquet", "warc", "html"],
)
def test_content_decides_where_the_name_lies(tmp_path, content, field, suffix):
    documents, rejects = read_all([write(tmp_path / f"lie{suffix}", content)])
    assert rejects == []
    assert all(document[field] for document in documents)
    assert all(document["html" if field == "text" else "text"] is None for document in documents)


@pytest.mark.parametrize("shard_bytes", [64 << 20, 10], ids=["whole", "cut"])
@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.csv", b"id,text\n1,Rain.\n", "a table"),
        ("a.TSV.gz", gzip.compress(b"id\ttext\n1\tRain.\n", mtime=0), "a table"),
        ("style.css", b"body { color: red }", "a style sheet"),
        ("sitemap.xml", b"<?xml version='1.0'?><urlset><url/></urlset>", "XML"),
        ("saved.mhtml", b"From: <Saved by Blink>\nMIME-Version: 1.0\n", "a browser's archive"),
    ],
)
def test_text_that_is_no_page_by_its_name_is_refused_unless_asked_for(
    tmp_path, name, data, kind, shard_bytes
):
    source = write(tmp_path / name, data)
    documents, (reject,) = read_all([source], None, shard_bytes)
    assert documents == []
    assert (reject["reason"], reject["source_index"]) == ("unsupported", None)
    assert reject["detail"] == f"by its name this is {kind}; --format text reads it as one text"
    documents, rejects = read_all([source], IngestOptions(format="text"), shard_bytes)
    assert (len(documents), rejects) == (1, [])


@pytest.mark.parametrize("name", ["a.csv", "a.xml", "a.css"])
def test_pages_and_records_under_such_a_name_are_read(tmp_path, name):
    for content in (PAGE.encode(), b"".join(json_lines(RECORDS)), parquet_bytes(RECORDS)):
        documents, rejects = read_all([write(tmp_path / name, content)])
        assert documents
        assert rejects == []


@pytest.mark.parametrize("name", ["page", "page.php", "page.xml", "page.txt"])
def test_a_page_that_declares_itself_xml_is_a_page(tmp_path, name):
    head = "<?xml version='1.0' encoding='windows-1251'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN'>\n"
    page = head + "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>Снег и ветер.</p></body></html>"
    documents, rejects = read_all([write(tmp_path / name, page.encode("cp1251"))])
    assert rejects == []
    assert [document["html"] for document in documents] == [page]


def test_an_article_that_begins_with_a_brace_is_text(tmp_path):
    documents, _ = read_all([write(tmp_path / "a.txt", b"{sic} was what the editor wrote.\n{And again.}")])
    assert [document["text"] for document in documents] == ["{sic} was what the editor wrote.\n{And again.}"]


def test_format_option_overrides(tmp_path):
    source = write(tmp_path / "a.txt", PAGE.encode())
    documents, _ = read_all([source], IngestOptions(format="text"))
    assert documents[0]["text"] == PAGE
    documents, rejects = read_all([source], IngestOptions(format="jsonl"))
    assert documents == []
    assert {reject["reason"] for reject in rejects} == {"malformed"}


def test_tables_have_the_schemas_of_the_contract(tmp_path):
    write(tmp_path / "a.jsonl", b'{"text": "Rain."}\nnot json\n')
    (unit,) = plan_units(list_sources([str(tmp_path)]))
    ((documents, rejects),) = read_shard(unit.shards[0])
    assert documents.schema == DOCUMENTS
    assert rejects.schema == REJECTS
    assert set(rejects["reason"].to_pylist()) <= REJECT_REASONS.keys()


def test_fields_of_json_lines(tmp_path):
    rows = [
        {
            "id": 7,
            "text": "A.",
            "url": "https://sub.paper.co.uk/1",
            "title": "T",
            "author": "Ida Holm",
            "date": "2024-05-06",
        },
        {
            "text": "B.",
            "published": "2024-05-06T10:00:00+02:00",
            "byline": "By O. Lund",
            "url": "http://10.0.0.1/x",
        },
        {"text": "C.", "published": "yesterday", "author": ["a", "b"], "url": "http://localhost:8080/x"},
        {"html": "<p>D.</p>", "text": " \n ", "url": "http://a.b.unknownsuffix/"},
        {"html": "<p>E.</p>", "text": "E."},
    ]
    documents, rejects = read_all([write(tmp_path / "wire" / "a.jsonl", b"".join(json_lines(rows)))])
    assert rejects == []
    a, b, c, d, e = documents
    assert (a["doc_id"], a["site"], a["title"], a["byline"]) == ("7", "paper.co.uk", "T", "Ida Holm")
    assert a["published"] == datetime(2024, 5, 6, tzinfo=UTC)
    assert (b["site"], b["byline"], b["published"]) == (
        "10.0.0.1",
        "By O. Lund",
        datetime(2024, 5, 6, 8, tzinfo=UTC),
    )
    assert (c["site"], c["byline"], c["published"]) == ("localhost", None, None)
    assert (d["site"], d["text"], d["html"]) == ("b.unknownsuffix", None, "<p>D.</p>")
    assert (e["site"], e["text"], e["html"]) == ("wire", "E.", None)
    assert [document["source_index"] for document in documents] == [0, 1, 2, 3, 4]
    assert len({document["doc_id"] for document in documents}) == 5
    assert len(b["doc_id"]) == 16


def test_field_names_are_configurable(tmp_path):
    options = IngestOptions(text_field="body", id_field="key", url_field="link", title_field="head")
    row = {"body": "Snow.", "key": "k", "link": "https://a.example/", "head": "H", "text": 5, "id": []}
    parquet = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row]), parquet)
    for name, data in {"a.jsonl": b"".join(json_lines([row])), "a.parquet": parquet.getvalue()}.items():
        documents, rejects = read_all([write(tmp_path / name, data)], options)
        assert rejects == []
        assert [documents[0][key] for key in ("text", "doc_id", "url", "title")] == [
            "Snow.",
            "k",
            "https://a.example/",
            "H",
        ]


@pytest.mark.parametrize(
    ("line", "reason", "detail"),
    [
        (b"{not json}", "malformed", "line 2"),
        (b"[1, 2]", "malformed", "line 2 is not an object"),
        (b'"text"', "malformed", "line 2 is not an object"),
        (b"null", "malformed", "line 2 is not an object"),
        (
            b'{"title": "no text"}',
            "malformed",
            "no field 'text' or 'html'; --text-field and --html-field name",
        ),
        (b'{"text": 5}', "malformed", "field 'text' is a number, not a string"),
        (b'{"text": ["a"]}', "malformed", "field 'text' is a list, not a string"),
        (b'{"text": "a", "url": {}}', "malformed", "field 'url' is an object, not a string"),
        (b'{"text": "a", "title": true}', "malformed", "field 'title' is a boolean, not a string"),
        (b'{"text": "a", "id": 1.5}', "malformed", "field 'id' is a number, not a string or a whole number"),
        (b'{"text": null}', "empty", "blank"),
        (b'{"text": " \\n\\t "}', "empty", "blank"),
        (b'{"text": null, "html": ""}', "empty", "blank"),
        (b'{"text": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "malformed", "nested too deep"),
        (b'{"text": "' + b"x" * 3000 + b'"}', "too_large", "line 2 has 3,012 bytes, the limit is 2,000"),
        (b"\x81\x8d\x01\x02\x03\xff" * 9, "undecodable", "line 2"),
    ],
)
def test_a_bad_line_is_one_reject_and_the_rest_goes_on(tmp_path, line, reason, detail):
    options = IngestOptions(max_document_bytes=1 << 20 if b"[[[" in line else 2000)
    data = b'{"text": "before"}\n' + line + b'\n{"text": "after"}\n'
    documents, rejects = read_all([write(tmp_path / "a.jsonl", data)], options)
    assert [(d["text"], d["source_index"]) for d in documents] == [("before", 0), ("after", 2)]
    (reject,) = rejects
    assert (reject["reason"], reject["source_index"]) == (reason, 1)
    assert detail in reject["detail"]
    assert line.startswith(reject["raw"]) and reject["raw"]


_SPREAD = {
    "compact": json.dumps(RECORDS),
    "indented": json.dumps(RECORDS, indent=2).replace("\n", "\r\n"),
    "a record a line": "\ufeff[\n" + ",\n".join(json.dumps(record) for record in RECORDS) + "\n]\n",
    "one after the other": "\n".join(json.dumps(record, indent=2) for record in RECORDS),
}


@pytest.mark.parametrize("layout", _SPREAD)
@pytest.mark.parametrize(
    ("name", "form"), [("a.json", "auto"), ("a", "auto"), ("a.txt", "jsonl"), ("a.jsonl", "auto")]
)
@pytest.mark.parametrize("shard_bytes", [64 << 20, 100], ids=["whole", "cut"])
def test_json_need_not_have_a_record_a_line(tmp_path, layout, name, form, shard_bytes):
    source = write(tmp_path / name, _SPREAD[layout].encode())
    documents, rejects = read_all([source], IngestOptions(format=form), shard_bytes)
    assert rejects == []
    assert [(d["source_index"], d["doc_id"], d["text"]) for d in documents] == [
        (i, r["id"], r["text"]) for i, r in enumerate(RECORDS)
    ]


@pytest.mark.parametrize("data", [b"[]", b" [\n\n]\n", b"[\n"])
def test_an_array_of_nothing_holds_no_document(tmp_path, data):
    assert read_all([write(tmp_path / "a.json", data)]) == ([], [])


@pytest.mark.parametrize("lines", [b"[1, 2]\n", b"{not json\n", b"{\n", b"[\n", b"]\n"])
def test_lines_are_lines_though_the_first_is_bad(tmp_path, lines):
    data = lines + b'{"text": "a"}\n{"text": "b}\n{"text": "c"}\n'
    documents, _ = read_all([write(tmp_path / "a.jsonl", data)])
    assert [d["text"] for d in documents][:2] == ["a", "c"] if lines != b"[\n" else ["a"]


def test_what_is_no_record_in_an_array_is_a_reject_and_the_rest_goes_on(tmp_path):
    big = b'{"text": "' + b"x" * 3000 + b'"}'
    data = (
        b'[{"text": "a, [b] {c} \\"d\\\\"}, 5, "x,y", [{}], '
        + big
        + b', {"title": "t"}, {"a" 1} {"text": "z"}] end'
    )
    documents, rejects = read_all([write(tmp_path / "a.json", data)], IngestOptions(max_document_bytes=2000))
    assert [(d["source_index"], d["text"]) for d in documents] == [(0, 'a, [b] {c} "d\\'), (7, "z")]
    assert [(r["source_index"], r["reason"]) for r in rejects] == [
        (1, "malformed"),
        (2, "malformed"),
        (3, "malformed"),
        (4, "too_large"),
        (5, "malformed"),
        (6, "malformed"),
        (8, "malformed"),
    ]
    assert [r["raw"][:9] for r in rejects][:4] == [b"5", b'"x,y"', b"[{}]", big[:9]]
    assert rejects[0]["detail"] == "record 2 is not an object"
    assert rejects[3]["detail"] == "record 5 has 3,012 bytes, the limit is 2,000"
    assert "no field 'text' or 'html'" in rejects[4]["detail"]


def test_raw_is_the_first_64_kib(tmp_path):
    _, rejects = read_all([write(tmp_path / "a.jsonl", b"{" + b"x" * 200_000)])
    assert rejects[0]["raw"] == b"{" + b"x" * (65536 - 1)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", '{"text": "a"}\n'.encode("utf-16")),
        ("a.jsonl.gz", gzip.compress(b'{"text": "a"}\n')[:-9]),
        ("a.warc.gz", gzip.compress(warc_record("response", http(b"<p>Rain.")))[:-30]),
        ("a.parquet", parquet_bytes(RECORDS)[:-9]),
        ("a.parquet", b"PAR1" + b"x" * 200_000),
    ],
    ids=["utf-16", "jsonl", "warc", "parquet", "parquet-damaged"],
)
def test_raw_of_a_whole_file_is_what_it_begins_with_as_stored(tmp_path, name, data):
    _, rejects = read_all([write(tmp_path / name, data)])
    assert [(r["source_index"], r["raw"]) for r in rejects] == [(None, data[:65536])]


def test_blank_lines_byte_order_mark_and_line_endings(tmp_path):
    data = b'\xef\xbb\xbf{"text": "a"}\r\n\r\n  \n{"text": "b"}\n\n\xef\xbb\xbf{"text": "c"}'
    documents, rejects = read_all([write(tmp_path / "a.jsonl", data)])
    assert rejects == []
    assert [(d["text"], d["source_index"]) for d in documents] == [("a", 0), ("b", 3), ("c", 5)]


@pytest.mark.parametrize("shard_bytes", [64 << 20, 20], ids=["whole", "cut"])
def test_json_lines_in_utf16_are_refused_as_a_whole(tmp_path, shard_bytes):
    source = write(tmp_path / "a.jsonl", '{"text": "a"}\n{"text": "b"}\n'.encode("utf-16"))
    documents, rejects = read_all([source], shard_bytes=shard_bytes)
    assert documents == []
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(None, "undecodable")]


def test_what_no_store_can_hold_is_replaced_one_for_one(tmp_path):
    odd = b'{"text": "a\\ud800b\\u0000c\\udfff", "id": "\\ud800", "title": "t\\u0000"}\n'
    data = odd + b'{"text": "fine", "x": NaN}\n'
    documents, rejects = read_all([write(tmp_path / "a.jsonl", data)])
    assert rejects == []
    assert documents[0]["text"] == "a\ufffdb\ufffdc\ufffd"
    assert (documents[0]["doc_id"], documents[0]["title"]) == ("\ufffd", "t\ufffd")
    assert documents[1]["text"] == "fine"


def test_unicode_is_not_normalised(tmp_path):
    text = "Cafe\u0301 \u212b \ufb01 \u200b\u202e \r\n\u2028x\x85y"
    documents, _ = read_all([write(tmp_path / "a.jsonl", b"".join(json_lines([{"text": text}])))])
    assert documents[0]["text"] == text


def test_parquet_columns_of_every_string_type(tmp_path):
    table = pa.table(
        {
            "id": pa.array([1, 2, 3, None, 5]),
            "text": pa.array(
                ["één".encode(), "два".encode("cp1251") * 60, None, b"  ", b"\x89PNG\r\n\x1a\n\0\0"]
            ),
            "title": pa.array(["a", "b", "c", "d", "e"]).dictionary_encode(),
            "url": pa.array(["https://a.example/"] * 5, pa.string_view()),
            "date": pa.array([datetime(2024, 1, 2, 3)] * 5),
            "unread": pa.array([[1]] * 5),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=2)
    documents, rejects = read_all(tmp_path / "a.parquet")
    assert [(d["doc_id"], d["text"][:3], d["title"]) for d in documents] == [
        ("1", "één", "a"),
        ("2", "два", "b"),
    ]
    assert documents[0]["published"] == datetime(2024, 1, 2, 3, tzinfo=UTC)
    assert [(r["source_index"], r["reason"]) for r in rejects] == [
        (2, "empty"),
        (3, "empty"),
        (4, "unsupported"),
    ]


def test_parquet_with_wrong_types_or_no_text(tmp_path):
    pq.write_table(pa.table({"text": [["a"], ["b"]]}), tmp_path / "lists.parquet")
    pq.write_table(pa.table({"body": ["a", "b"]}), tmp_path / "other.parquet")
    documents, rejects = read_all(tmp_path)
    assert documents == []
    assert [r["reason"] for r in rejects] == ["malformed"] * 4
    assert "is a list" in rejects[0]["detail"]
    assert "no field 'text'" in rejects[2]["detail"]


def test_warc_documents_are_good_responses_with_text(tmp_path):
    page = "<html><body><p>Погода на завтра: снег и ветер.</p></body></html>"
    records = [
        warc_record("warcinfo", b"software: x", content_type="application/warc-fields"),
        warc_record("request", b"GET / HTTP/1.1\r\n\r\n"),
        warc_record(
            "response", http(page.encode("cp1251"), content_type="text/html; charset=windows-1251"), "<urn:1>"
        ),
        warc_record("response", http(b"gone", status="404 Not Found")),
        warc_record("response", http(b"\x89PNG", content_type="image/png")),
        warc_record("response", http(b"Just words.", content_type="text/plain"), "<urn:2>"),
        warc_record(
            "response", http(gzip.compress(page.encode()), more="Content-Encoding: gzip\r\n"), "<urn:3>"
        ),
        warc_record("response", http(page.encode(), more="Content-Encoding: gzip\r\n"), "<urn:4>"),
        warc_record(
            "response", http(b"5\r\nhello\r\n0\r\n\r\n", more="Transfer-Encoding: chunked\r\n"), "<urn:5>"
        ),
        warc_record("response", b"no http at all"),
        warc_record("resource", page.encode(), "<urn:6>", content_type="text/html"),
        warc_record(
            "conversion", "Straße.".encode(), "<urn:7>", "text/plain", url="https://zeitung.example.de/x"
        ),
        warc_record("metadata", b"fetchTimeMs: 5"),
    ]
    documents, rejects = read_all([write(tmp_path / "a.warc", b"".join(records))])
    assert rejects == []
    assert [(d["doc_id"], d["text"] or d["html"]) for d in documents] == [
        ("<urn:1>", page),
        ("<urn:2>", "Just words."),
        ("<urn:3>", page),
        ("<urn:4>", page),
        ("<urn:5>", "hello"),
        ("<urn:6>", page),
        ("<urn:7>", "Straße."),
    ]
    assert [d["source_index"] for d in documents] == list(range(7))
    assert (documents[0]["url"], documents[0]["site"]) == (
        "https://news.harbour.example/story",
        "harbour.example",
    )
    assert documents[6]["site"] == "example.de"


def test_what_wget_writes_of_itself_into_a_warc_is_no_document(tmp_path):
    own = "metadata://gnu.org/software/wget/warc/"
    records = [
        warc_record("response", http(b"<p>Words.</p>"), "<urn:1>", url="<http://a.example/>"),
        warc_record("resource", b'"-r" "http://a.example/"', "<urn:2>", "text/plain", f"{own}arguments.txt"),
        warc_record("resource", b"", "<urn:3>", "text/plain", f"<{own}wget.log>"),
    ]
    documents, rejects = read_all([write(tmp_path / "a.warc", b"".join(records))])
    assert [(d["doc_id"], d["url"]) for d in documents] == [("<urn:1>", "http://a.example/")]
    assert rejects == []


def test_a_large_warc_record_is_rejected_and_the_next_is_read(tmp_path):
    records = [
        warc_record("response", http(b"<p>" + b"x" * 9000), "<big>"),
        warc_record(
            "response", http(gzip.compress(b"y" * 9000), more="Content-Encoding: gzip\r\n"), "<bomb>"
        ),
        warc_record("conversion", b"Small.", "<small>", "text/plain"),
    ]
    documents, rejects = read_all(
        [write(tmp_path / "a.warc", b"".join(records))], IngestOptions(max_document_bytes=5000)
    )
    assert [(d["doc_id"], d["source_index"]) for d in documents] == [("<small>", 2)]
    assert [(r["doc_id"], r["source_index"], r["reason"]) for r in rejects] == [
        ("<big>", 0, "too_large"),
        ("<bomb>", 1, "too_large"),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"%PDF-1.7\n...", "unsupported"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "unsupported"),
        (b"PK\x03\x04\x14\0", "unsupported"),
        (bytes(range(256)) * 40, "undecodable"),
        (b"\0" * 5000, "undecodable"),
        (b"x" * 5001, "too_large"),
    ],
)
@pytest.mark.parametrize(
    "compress", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"]
)
def test_files_without_a_text_are_one_reject(tmp_path, data, reason, compress):
    source = write(tmp_path / "a.txt", compress(data))
    documents, rejects = read_all(
        [source], IngestOptions(max_document_bytes=10_500 if reason == "undecodable" else 5000)
    )
    assert documents == []
    assert [(r["source"], r["source_index"], r["reason"]) for r in rejects] == [(source.path, 0, reason)]


def test_files_that_cannot_be_opened_are_rejects(tmp_path):
    gone = write(tmp_path / "gone.txt", b"x")
    Path(gone.path).unlink()
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    write(tmp_path / "kept.txt", b"Kept.")
    documents, rejects = read_all([gone, *list_sources([str(tmp_path)])])
    assert [d["text"] for d in documents] == ["Kept."]
    assert [(Path(r["source"]).name, r["reason"]) for r in rejects] == [
        ("gone.txt", "unreadable"),
        ("dangling.txt", "unreadable"),
    ]


def test_an_html_file_declares_its_encoding(tmp_path):
    page = '<html><head><meta charset="koi8-r"></head><body>Дождь</body></html>'
    documents, _ = read_all([write(tmp_path / "a.html", page.encode("koi8-r"))])
    assert documents[0]["html"] == page


def test_json_with_an_id_beyond_64_bits_stays_exact(tmp_path):
    data = json.dumps({"id": 2**63 + 1, "text": "a"}).encode()
    documents, _ = read_all([write(tmp_path / "a.jsonl", data)])
    assert documents[0]["doc_id"] == str(2**63 + 1)
