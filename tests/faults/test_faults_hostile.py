"""Input that means harm: one reject that says what and where, and the rest of the file is cleaned."""

import gzip
import json
import os
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from flows.clean_shard import with_text
from flows.settings import Settings, SettingsError, local_folder
from schemas import DOCUMENTS
from tasks.extract.page import extract_page
from tasks.extract.tame import flattened, without_attribute_floods
from tasks.ingest import IngestOptions, list_sources, plan_units
from tasks.place import place_id
from tasks.strip import RuleError, StripSettings, strip, strip_batch, strip_text
from tasks.write import Ledger, plan
from tests.ingest.ingest_inputs import http, json_lines, read_all, warc_record, write

RECORDS = [{"id": f"d{i}", "text": f"{i}: {os.urandom(150).hex()}"} for i in range(60)]
LINES = json_lines(RECORDS)
BODY = "The harbour council met on Tuesday evening to settle the matter of the old ferry landing.\n"
PARAGRAPH = "<p>The harbour council met on Tuesday evening to settle the matter of the old ferry landing.</p>"


def damaged(data: bytes) -> bytes:
    broken = bytearray(data)
    broken[len(broken) // 2] ^= 0xFF
    broken[len(broken) // 2 + 1] ^= 0xFF
    return bytes(broken)


def checked_frame(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


@pytest.mark.parametrize("compress", [gzip.compress, checked_frame], ids=["gzip", "zstd"])
@pytest.mark.parametrize("at", [0, 2, 5])
def test_members_after_a_damaged_one_are_read(tmp_path, compress, at):
    members = [compress(b"".join(LINES[i : i + 10])) for i in range(0, 60, 10)]
    members[at] = damaged(members[at])
    documents, rejects = read_all([write(tmp_path / "a.jsonl", b"".join(members))])
    sound = {f"d{i}" for i in range(60) if i // 10 != at}
    assert sound <= {d["doc_id"] for d in documents}
    file_rejects = [r for r in rejects if r["source_index"] is None]
    assert [r["reason"] for r in file_rejects] == ["malformed"]
    assert "damaged compression near byte" in file_rejects[0]["detail"]
    indices = [row["source_index"] for row in documents + rejects if row["source_index"] is not None]
    assert len(indices) == len(set(indices))


def test_a_file_that_is_nothing_but_damage_ends(tmp_path):
    data = gzip.compress(b"x")[:10] * 3000
    documents, rejects = read_all([write(tmp_path / "a.jsonl", data)])
    assert documents == []
    assert 1 <= len(rejects) <= 1001
    assert {r["reason"] for r in rejects} <= {"malformed", "truncated"}


def _warc() -> list[bytes]:
    return [warc_record("response", http(PARAGRAPH.encode()), f"<{i}>") for i in range(6)]


@pytest.mark.parametrize(
    "break_it",
    [
        lambda record: b"junk\r\n\r\nmore junk\n",
        lambda record: record.replace(b"Content-Length: ", b"Content-Length: 9"),
        lambda record: record.replace(b"Content-Length: ", b"Content-Length: 99999999999"),
        lambda record: record.replace(b"Content-Length: ", b"Content-Length: some "),
        lambda record: record[: len(record) // 3],
    ],
    ids=["junk", "long", "endless", "no number", "cut"],
)
def test_records_after_a_damaged_one_are_read(tmp_path, break_it):
    records = _warc()
    records[2] = break_it(records[2])
    documents, rejects = read_all([write(tmp_path / "a.warc", b"".join(records))])
    assert {"<0>", "<1>", "<4>", "<5>"} <= {d["doc_id"] for d in documents}
    assert {"malformed", "truncated"} & {r["reason"] for r in rejects if r["source_index"] is None}


def test_records_after_a_damaged_member_are_read(tmp_path):
    members = [gzip.compress(record) for record in _warc()]
    members[2] = damaged(members[2])
    documents, rejects = read_all([write(tmp_path / "a.warc.gz", b"".join(members))])
    assert [d["doc_id"] for d in documents] == ["<0>", "<1>", "<3>", "<4>", "<5>"]
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(None, "malformed")]


def test_a_dictionary_that_stands_for_gigabytes_is_a_bomb(tmp_path):
    """409 bytes would become 2,000 documents of a megabyte each."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), pa.array(["x" * (1 << 20)]))
    pq.write_table(pa.table({"text": column}), tmp_path / "a.parquet", compression="zstd")
    documents, rejects = read_all(tmp_path / "a.parquet", IngestOptions(max_document_bytes=2 << 20))
    assert 0 < len(documents) <= 8
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(None, "too_large")]
    assert "row group 0: a bomb?" in rejects[0]["detail"]
    assert f"{2000 - len(documents):,} rows are not read" in rejects[0]["detail"]


def test_a_page_that_is_nothing_but_zeros_is_a_bomb(tmp_path):
    pq.write_table(pa.table({"text": ["\0" * (9 << 20)]}), tmp_path / "a.parquet", compression="zstd")
    documents, rejects = read_all(tmp_path / "a.parquet", IngestOptions(max_document_bytes=1 << 20))
    assert documents == []
    assert "decompress to" in rejects[0]["detail"]


@pytest.mark.parametrize("extractor", ["trafilatura", "resiliparse"])
@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + PARAGRAPH * 5 + "</div>" * 100_000,
        "<table><tr><td>" * 30_000 + PARAGRAPH * 5,
        "<p " + " ".join(f"a{i}=1" for i in range(200_000)) + ">" + PARAGRAPH * 5,
    ],
    ids=["nested", "tables", "attributes"],
)
def test_markup_that_no_extractor_bears_still_gives_its_text(extractor, page):
    """Without tame.py each of these takes minutes."""
    assert "old ferry landing" in extract_page(f"<html><body>{page}", None, extractor).text


def test_ordinary_markup_is_left_as_it_is():
    page = "<ul>" + "<li><a href=x>one</a>" * 500 + "</ul>" + "<div>" * 150 + PARAGRAPH + "</div>" * 150
    assert flattened(page) == page
    assert without_attribute_floods(page) == page
    picture = f'<img src="data:image/png;base64,{"A" * 90_000}" alt="a boat">'
    assert without_attribute_floods(picture) == picture


def test_only_what_lies_too_deep_loses_its_tags():
    page = "<div>" * 3_000 + "inside" + "</div>" * 3_000 + "<p>after</p>"
    flat = flattened(page)
    assert flat.count("<div>") == flat.count("</div>") == 200
    assert "inside" in flat and flat.endswith("<p>after</p>")


def test_nesting_in_json_is_a_reject_that_names_the_line(tmp_path):
    deep = b'{"text": ' + b"[" * 10_000 + b"]" * 10_000 + b"}\n"
    documents, rejects = read_all([write(tmp_path / "a.jsonl", LINES[0] + deep + LINES[1])])
    assert [d["doc_id"] for d in documents] == ["d0", "d1"]
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(1, "malformed")]
    assert rejects[0]["detail"] == "line 2: nested too deep"


@pytest.mark.parametrize(
    "fields",
    [{"text": 1}, {"text": ["a"]}, {"text": {}}, {"text": "x", "url": 5}, {"text": "x", "title": []},
     {"text": "x", "id": 1.5}, {"text": "x", "id": True}, {"other": "x"}, [1], "x", 3, None],
    ids=repr,
)  # fmt: skip
def test_a_wrong_type_costs_its_line_alone(tmp_path, fields):
    line = json.dumps(fields).encode() + b"\n"
    documents, rejects = read_all([write(tmp_path / "a.jsonl", LINES[0] + line + LINES[1])])
    assert [d["doc_id"] for d in documents] == ["d0", "d1"]
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(1, "malformed")]


def test_ids_that_repeat_are_kept_and_positions_tell_the_documents_apart(tmp_path):
    line = json.dumps({"id": "same", "text": "One of two."}).encode() + b"\n"
    documents, rejects = read_all([write(tmp_path / "a.jsonl", line * 2)])
    assert [(d["doc_id"], d["source_index"]) for d in documents] == [("same", 0), ("same", 1)]
    assert rejects == []


@pytest.mark.parametrize(
    "name", ["-rf.txt", "new\nline.txt", "\x1b[31mred.txt", "%2e%2e%2fetc.txt", "‮gpj.txt"]
)
def test_a_name_is_only_a_name(tmp_path, name):
    documents, rejects = read_all([write(tmp_path / name, b"Some words in a file.")])
    assert [d["source"] for d in documents] == [str(tmp_path / name)]
    assert rejects == []


@pytest.mark.parametrize("output", ["s3://bucket/corpus", "s3:/bucket/corpus", "gs://b", "file:///tmp/x"])
def test_an_output_on_an_object_store_is_refused(output):
    with pytest.raises(SettingsError, match="is a URL; the output is a folder on a disk"):
        local_folder(output)


def test_two_spellings_of_a_folder_are_one(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Words.")
    (tmp_path / "link").symlink_to("in")
    monkeypatch.chdir(tmp_path)
    spellings = ["in", "./in/", str(tmp_path / "in"), "link", "in/../in/a.txt"]
    assert len(list_sources(spellings)) == 1
    assert len({place_id(list_sources([spelling])[0].path) for spelling in spellings}) == 1

    ledger = Ledger(
        {"in/a.txt": "?"}, {"in/a.txt": "k"}, {"k": ("in/a.txt",)}, {place_id("in/a.txt"): "in/a.txt"}
    )
    (unit,) = plan(list_sources([str(tmp_path / "in")]), ledger, "d", plan_units)
    assert (unit.key, unit.order, unit.carried) == ("k", (str(tmp_path / "in" / "a.txt"),), frozenset())


def test_new_rules_or_weights_clean_everything_again(monkeypatch):
    before = Settings().digest()
    monkeypatch.setattr("flows.settings.knowledge_digest", lambda: "others")
    assert Settings().digest() != before


def test_a_source_that_vanishes_is_a_reject_and_is_tried_again(tmp_path):
    sources = [write(tmp_path / name, b"Some words.") for name in ("a.txt", "b.txt")]
    Path(sources[0].path).unlink()
    documents, rejects = read_all(sources)
    assert [d["source"] for d in documents] == [sources[1].path]
    assert [(r["source"], r["reason"]) for r in rejects] == [(sources[0].path, "unreadable")]


def test_a_source_that_grows_while_it_is_read_is_read_again_next_time(tmp_path):
    source = write(tmp_path / "a.jsonl", LINES[0])
    Path(source.path).write_bytes(LINES[0] + LINES[1])
    documents, rejects = read_all([source])
    assert (len(documents), rejects) == (2, [])
    assert list_sources([source.path])[0].fingerprint != source.fingerprint


def test_a_line_of_two_gigabytes_is_one_reject_in_bounded_memory(tmp_path):
    """The file has a hole where the line is: it takes no room on the disk."""
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(LINES[0] + b'{"text": "')
        file.seek(2 << 30, os.SEEK_CUR)
        file.write(b'"}\n' + LINES[1])
    tracemalloc.start()
    documents, rejects = read_all(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [d["doc_id"] for d in documents] == ["d0", "d1"]
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(1, "too_large")]
    assert rejects[0]["detail"] == "line 2 has 2,147,483,660 bytes, the limit is 16,777,216"
    assert peak < 256 << 20


def test_a_million_lines_are_one_reject_and_judged_by_nobody():
    texts = pa.array(["x\n" * 1_000_000, "It was\r\na short one."], pa.large_string())
    rows = [{"source": "a", "source_index": i, "doc_id": f"d{i}", "site": "in"} for i in range(2)]
    documents = pa.Table.from_pylist(rows, DOCUMENTS)
    documents = documents.set_column(DOCUMENTS.get_field_index("text"), DOCUMENTS.field("text"), texts)
    kept, rejects = with_text(documents, Settings())
    assert kept["doc_id"].to_pylist() == ["d1"]
    (reject,) = rejects.to_pylist()
    assert (reject["source_index"], reject["reason"]) == (0, "too_large")
    assert reject["detail"] == "1000001 lines, the limit is 200,000"


def test_many_lines_are_judged_portion_by_portion(monkeypatch):
    """As the batch as a whole would be; so memory does not grow with the lines of a batch."""
    texts = [f"Read more: the ferry\n{n}. {BODY}" * (1 + n % 5) for n in range(9)] + [""]
    rows = [
        {"source": "a", "source_index": n, "doc_id": f"d{n}", "text": text} for n, text in enumerate(texts)
    ]
    documents = pa.Table.from_pylist(rows, DOCUMENTS)
    whole = strip_batch(documents)
    sizes = []
    real = strip.Lines
    monkeypatch.setattr(strip, "Lines", lambda part: sizes.append(len(part)) or real(part))
    monkeypatch.setattr(strip, "_LINES", 12)
    for given, expected in zip(strip_batch(documents), whole, strict=True):
        assert given.to_pylist() == expected.to_pylist()
    assert len(sizes) > 3 and sum(sizes) == len(texts)


@pytest.mark.parametrize("extractor", ["trafilatura", "resiliparse"])
def test_entities_are_not_expanded_and_nothing_is_fetched(extractor, tmp_path):
    (tmp_path / "secret").write_text("the secret of this machine")
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    page = f"""<?xml version="1.0"?><!DOCTYPE html [<!ENTITY l0 "ha">{levels}
        <!ENTITY file SYSTEM "file://{tmp_path}/secret">]>
        <html><body><article>{PARAGRAPH * 5}<p>&l11; and &file; here.</p></article></body></html>"""
    text = extract_page(page, None, extractor).text
    assert "old ferry landing" in text
    assert len(text) < 5_000
    assert "the secret of" not in text


RULE = 'category = "legal_notice"\n[en.own]\nat = "anywhere"\npatterns = [{}]\nyes = ["aa"]\nno = ["b"]\n'


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        ("'(?:a{1,1000}){1,1000}'", "not a linear-time regex"),
        (f"'{'(?:' * 5000}a{')' * 5000}'", "more than 20000 characters"),
        (",".join(f"'pattern {n}'" for n in range(50_000)), "more than 20000 characters"),
    ],
    ids=["repeats", "nested", "many"],
)
def test_enormous_patterns_are_refused_by_name(tmp_path, patterns, said):
    (tmp_path / "own.toml").write_text(RULE.format(patterns))
    with pytest.raises(RuleError, match=r"own\.toml: legal_notice\.en\.own: ") as caught:
        strip_text("A line.", settings=StripSettings(rules=(tmp_path / "own.toml",)))
    assert said in str(caught.value)


def test_a_pattern_that_would_backtrack_for_ever_elsewhere_is_harmless(tmp_path):
    (tmp_path / "own.toml").write_text(RULE.format("'(?:a*)*(?:a*)*aa'"))
    rules = StripSettings(rules=(tmp_path / "own.toml",))
    assert strip_text("a" * 20_000 + "!", settings=rules).text
