"""Broken and hostile files: what comes before the damage is kept, the damage is one reject."""

import gzip
import io
import random
import tracemalloc
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import REJECT_REASONS
from tasks.ingest import IngestOptions, plan_units, read_shard
from tests.ingest.ingest_inputs import (
    COMPRESSIONS,
    http,
    json_array,
    json_lines,
    parquet_bytes,
    read_all,
    warc_record,
    wet_records,
    write,
)

_random = random.Random(5)
RECORDS = [
    {
        "id": f"d{i}",
        "url": "https://a.example/",
        "text": f"{i}: " + "".join(_random.choices("abcdefgh ", k=400)),
    }
    for i in range(200)
]
LINES = b"".join(json_lines(RECORDS))


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.warc"])
def test_truncated_compression(tmp_path, compress, name):
    data = compress(LINES if name == "a.jsonl" else b"".join(wet_records(RECORDS)))
    documents, rejects = read_all([write(tmp_path / name, data[: len(data) // 2])])
    assert [d["doc_id"] for d in documents] == [f"d{i}" for i in range(len(documents))]
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(None, "truncated")]
    assert "ends early, at byte" in rejects[0]["detail"]
    if compress is gzip.compress:  # a zstd block is longer than half of this file
        assert len(documents) > 50


def test_damage_in_the_second_gzip_member(tmp_path):
    first, second = gzip.compress(LINES[:8000]), bytearray(gzip.compress(LINES[8000:]))
    second[len(second) // 2] ^= 0xFF
    documents, rejects = read_all([write(tmp_path / "a.jsonl.gz", first + bytes(second))])
    sound = LINES[:8000].count(b"\n")
    assert [d["text"] for d in documents[:sound]] == [r["text"] for r in RECORDS[:sound]]
    assert (rejects[-1]["source_index"], rejects[-1]["reason"]) == (None, "malformed")
    assert "damaged compression near byte" in rejects[-1]["detail"]


def test_junk_after_the_last_member_costs_nothing_before_it(tmp_path):
    documents, rejects = read_all([write(tmp_path / "a.jsonl.gz", gzip.compress(LINES) + b"not gzip")])
    assert len(documents) == 200
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(None, "malformed")]
    documents, rejects = read_all([write(tmp_path / "b.jsonl.gz", gzip.compress(LINES) + b"\0" * 3000)])
    assert (len(documents), rejects) == (200, [])


def test_skippable_zstd_frames_are_skipped(tmp_path):
    skippable = b"\x50\x2a\x4d\x18" + (3000).to_bytes(4, "little") + b"s" * 3000
    data = (
        skippable + zstandard.compress(LINES[:100]) + skippable + zstandard.compress(LINES[100:]) + skippable
    )
    documents, rejects = read_all([write(tmp_path / "a.jsonl.zst", data)])
    assert (len(documents), rejects) == (200, [])


def test_a_text_file_cut_short_is_no_text(tmp_path):
    data = gzip.compress(LINES)
    documents, rejects = read_all(
        [write(tmp_path / "a.txt.gz", b"" + data[:-500])], IngestOptions(format="text")
    )
    assert documents == []
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(0, "truncated")]


@pytest.mark.parametrize(
    "compress", [lambda d: gzip.compress(d, 9), zstandard.compress], ids=["gzip", "zstd"]
)
def test_bombs_stop_early_and_in_bounded_memory(tmp_path, compress):
    bomb = compress(b'{"text": "first"}\n' + b"\0" * (64 << 20))
    options = IngestOptions(max_document_bytes=1 << 20, max_ratio=100)
    source = write(tmp_path / "a.jsonl", bomb)
    tracemalloc.start()
    documents, rejects = read_all([source], options)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [d["text"] for d in documents] == ["first"]
    assert rejects[-1]["source_index"] is None
    assert rejects[-1]["reason"] == "too_large"
    assert "a bomb?" in rejects[-1]["detail"]
    assert peak < 64 << 20


def test_an_endless_line_is_read_past_in_bounded_memory(tmp_path):
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "before"}\n{"text": "')
        for _ in range(64):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n{"text": "after"}\n')
    tracemalloc.start()
    documents, rejects = read_all(path, IngestOptions(max_document_bytes=1 << 20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(d["text"], d["source_index"]) for d in documents] == [("before", 0), ("after", 2)]
    assert [(r["source_index"], r["reason"], len(r["raw"])) for r in rejects] == [(1, "too_large", 65536)]
    assert peak < 16 << 20


@pytest.mark.parametrize("closed", [True, False])
def test_an_endless_record_of_an_array_is_read_past_in_bounded_memory(tmp_path, closed):
    path = tmp_path / "a.json"
    with path.open("wb") as file:
        file.write(b'[{"text": "before"}, {"text": "')
        for _ in range(64):
            file.write(b"x\\n" * (1 << 18))
        file.write(b'"}, {"text": "after"}]' if closed else b', {"text": ')
    tracemalloc.start()
    documents, rejects = read_all(path, IngestOptions(max_document_bytes=1 << 20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    after = [("after", 2)] if closed else []
    assert [(d["text"], d["source_index"]) for d in documents] == [("before", 0), *after]
    assert [(r["source_index"], r["reason"], len(r["raw"])) for r in rejects] == [(1, "too_large", 65536)]
    assert peak < 16 << 20


@pytest.mark.parametrize("shard_bytes", [64 << 20, 5000], ids=["whole", "cut"])
def test_an_array_that_is_cut_short_gives_what_is_whole(tmp_path, shard_bytes):
    data = b"".join(json_array(RECORDS))[:-200]
    documents, rejects = read_all([write(tmp_path / "a.json", data)], shard_bytes=shard_bytes)
    assert [d["doc_id"] for d in documents] == [r["id"] for r in RECORDS[:-1]]
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(199, "malformed")]
    compressed = gzip.compress(data)
    source = write(tmp_path / "b.json.gz", compressed[: len(compressed) // 2])
    documents, rejects = read_all([source], shard_bytes=shard_bytes)
    assert [d["doc_id"] for d in documents] == [r["id"] for r in RECORDS[: len(documents)]]
    assert len(documents) > 50
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(None, "truncated")]


def test_parquet_with_a_damaged_row_group(tmp_path):
    data = bytearray(parquet_bytes(RECORDS, row_group_size=50))
    group = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(1).column(2)
    data[group.data_page_offset + 4 : group.data_page_offset + 400] = b"\xff" * 396
    documents, rejects = read_all([write(tmp_path / "a.parquet", bytes(data))])
    assert [d["source_index"] for d in documents] == [*range(50), *range(100, 200)]
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(None, "malformed")]
    assert "row group 1" in rejects[0]["detail"]


@pytest.mark.parametrize("keep", [4, 100, 0.5, 0.999])
def test_truncated_parquet(tmp_path, keep):
    data = parquet_bytes(RECORDS)
    end = keep if isinstance(keep, int) else int(len(data) * keep)
    documents, rejects = read_all([write(tmp_path / "a.parquet", data[:end])])
    assert documents == []
    assert [r["source_index"] for r in rejects] == [None]
    assert rejects[0]["reason"] in ("truncated", "malformed")


@pytest.mark.parametrize("dictionary", [True, False])
@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.binary_view()], ids=str
)
def test_a_giant_cell_of_parquet_is_one_reject(tmp_path, kind, dictionary):
    table = pa.table({"text": pa.array(["a", "x" * 5000, "c"]).cast(kind)})
    pq.write_table(table, tmp_path / "a.parquet", use_dictionary=dictionary)
    documents, rejects = read_all(tmp_path / "a.parquet", IngestOptions(max_document_bytes=4000))
    assert [d["text"] for d in documents] == ["a", "c"]
    assert [(r["source_index"], r["reason"]) for r in rejects] == [(1, "too_large")]


@pytest.mark.parametrize("cut", [10, 60, 150, 400])
def test_a_warc_that_ends_inside_a_record(tmp_path, cut):
    records = [warc_record("response", http(b"<p>" + b"w" * 500), f"<{i}>") for i in range(3)]
    data = b"".join(records[:2]) + records[2][:cut]
    documents, rejects = read_all([write(tmp_path / "a.warc", data)])
    assert [d["doc_id"] for d in documents] == ["<0>", "<1>"]
    assert [r["source_index"] for r in rejects] == [None]
    assert rejects[0]["reason"] in ("truncated", "malformed")


@pytest.mark.parametrize("compression", [".gz", ".members.gz", ".frames.zst"])
def test_a_document_that_a_cut_goes_through_is_one_reject(tmp_path, compression):
    words = _random.choices("abcdefgh ", k=900)
    records = [warc_record("response", http("".join(words).encode()), f"<{i}>") for i in range(3)]
    data = COMPRESSIONS[compression](records)
    begun = len(
        COMPRESSIONS[compression](records[:2])
    )  # of the frames; in one stream, somewhere in the last record
    for cut in range(begun + 5, len(data), 7):
        documents, rejects = read_all([write(tmp_path / "a.warc", data[:cut])])
        assert [d["doc_id"] for d in documents] == [f"<{i}>" for i in range(len(documents))]
        assert len(documents) >= 2
        assert [(r["source_index"], r["reason"]) for r in rejects] == [(None, "truncated")]


@pytest.mark.parametrize(
    "junk",
    [
        b"junk\r\n\r\n",
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: many\r\n\r\nxx\r\n\r\n",
        b"\0" * 200,
    ],
)
def test_junk_between_warc_records(tmp_path, junk):
    record = warc_record("conversion", b"Fine.", content_type="text/plain")
    documents, rejects = read_all([write(tmp_path / "a.warc", record + junk + record)])
    assert documents[0]["text"] == "Fine."
    assert [(r["source_index"], r["reason"]) for r in rejects if r["source_index"] is None] == [
        (None, "malformed")
    ]


def _seed_files() -> list[tuple[str, bytes]]:
    warc = [warc_record("response", http(b"<p>Words.</p>"), f"<{i}>") for i in range(9)]
    few = RECORDS[:9]
    plain = {
        "a.jsonl": json_lines(few),
        "a.json": json_array(few, indent=1),
        "a.warc": warc,
        "a.wet": wet_records(few),
        "a.txt": [b"Some words.\n" * 9],
        "a.html": [b"<html><body>Some words."],
    }
    files = [(name, compress(parts)) for name, parts in plain.items() for compress in COMPRESSIONS.values()]
    return [*files, ("a.parquet", parquet_bytes(few))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.sampled_from(_seed_files()),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    end=st.one_of(st.none(), st.floats(0, 1)),
)
def test_no_damage_raises_or_hangs(tmp_path, seed, flips, end):
    name, content = seed
    data = bytearray(content)
    for position, value in flips:
        data[int(position * len(data))] = value
    if end is not None:
        del data[int(end * len(data)) :]
    documents, rejects = read_all(
        [write(tmp_path / name, bytes(data))], IngestOptions(max_document_bytes=1 << 20)
    )
    assert {reject["reason"] for reject in rejects} <= REJECT_REASONS.keys()
    indices = [row["source_index"] for row in documents + rejects if row["source_index"] is not None]
    assert len(indices) == len(set(indices))


def test_damage_is_reported_once_however_the_file_is_cut(tmp_path):
    data = gzip.compress(LINES)
    source = write(tmp_path / "a.jsonl.gz", data[: len(data) * 3 // 4])
    whole, _ = read_all([source])
    (unit,) = plan_units([source], shard_bytes=5000)
    assert len(unit.shards) > 3
    tables = [pair for shard in unit.shards for pair in read_shard(shard)]
    assert [i for kept, _ in tables for i in kept["source_index"].to_pylist()] == [
        d["source_index"] for d in whole
    ]
    assert [reason for _, rejected in tables for reason in rejected["reason"].to_pylist()] == ["truncated"]


@pytest.mark.parametrize("shard_bytes", [64 << 20, 100], ids=["whole", "cut"])
@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.warc.gz", "a.txt.gz"])
def test_a_member_that_gives_nothing_before_its_damage_is_not_the_end_of_the_file(
    tmp_path, name, shard_bytes
):
    whole = LINES if "jsonl" in name else b"".join(wet_records(RECORDS))
    broken = bytearray(gzip.compress(whole[:300]))
    broken[-6] ^= 0xFF  # its checksum
    source = write(tmp_path / name, bytes(broken) + gzip.compress(whole[300:]))
    _, rejects = read_all([source], shard_bytes=shard_bytes)
    assert [reject["reason"] for reject in rejects][:1] == ["malformed"]
    assert "damaged compression" in rejects[0]["detail"]


def test_a_raw_deflate_error_names_the_byte(tmp_path):
    body = bytearray(gzip.compress(b""))[:10] + b"\x07" + zlib.compress(b"x")
    _, rejects = read_all([write(tmp_path / "a.jsonl", bytes(body))])
    assert (rejects[0]["reason"], rejects[0]["source_index"]) == ("malformed", None)
    assert "near byte" in rejects[0]["detail"]
