"""However the input is cut, the shards together give every document once, in order."""

import gzip
import pickle
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.ingest import IngestOptions, Source, list_sources, plan_units, read_shard
from tasks.ingest import streams as streams_module
from tests.ingest.ingest_inputs import (
    COMPRESSIONS,
    json_array,
    json_lines,
    parquet_bytes,
    read_all,
    wet_records,
    write,
)

# the characters of any script; a WET record of control characters would not be text
_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(
    lambda text: text.strip() and not text.startswith("\ufeff")
)
_records = st.lists(st.fixed_dictionaries({"text": _texts}), max_size=40).map(
    lambda rows: [{"id": f"<d{i}>", "url": "https://a.example/", **row} for i, row in enumerate(rows)]
)
_sizes = st.integers(1, 3000)


def _texts_of(documents: list[dict]) -> list[tuple[int, str, str]]:
    return [(d["source_index"], d["doc_id"], d["text"]) for d in documents]


@settings(max_examples=60, deadline=None)
@given(
    records=_records,
    name=st.sampled_from(["a.jsonl", "a.json", "a.wet", "a.parquet"]),
    compression=st.sampled_from(list(COMPRESSIONS)),
    shard_bytes=_sizes,
    batch_documents=st.integers(1, 50),
    batch_bytes=_sizes,
    step=st.sampled_from([7, 512]),
    piece=st.sampled_from([1, 100, 256 << 10]),
)
def test_the_shards_give_every_document_once_and_in_order(
    records, name, compression, shard_bytes, batch_documents, batch_bytes, step, piece
):
    if name == "a.parquet":
        data = parquet_bytes(records)
    else:
        lay_out = {"a.jsonl": json_lines, "a.json": json_array, "a.wet": wet_records}[name]
        data = COMPRESSIONS[compression](lay_out(records))
    options = IngestOptions(format="auto", batch_documents=batch_documents, batch_bytes=batch_bytes)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams_module, "STEP", step)
        patch.setattr(streams_module, "_GZIP_STEP", step)
        patch.setattr(streams_module, "PIECE", piece)
        documents, rejects = read_all([write(Path(folder) / name, data)], options, shard_bytes)
    assert rejects == []
    assert _texts_of(documents) == [(i, r["id"], r["text"]) for i, r in enumerate(records)]


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(st.binary(max_size=60), max_size=40),
    shard_bytes=st.integers(1, 200),
    limit=st.integers(1, 80),
)
def test_cuts_change_nothing_about_arbitrary_bytes(lines, shard_bytes, limit):
    options = IngestOptions(format="jsonl", max_document_bytes=limit)
    with tempfile.TemporaryDirectory() as folder:
        source = write(Path(folder) / "a", gzip.compress(b"\n".join(lines)))
        assert read_all([source], options, shard_bytes) == read_all([source], options)


@settings(max_examples=200, deadline=None)
@given(
    marks=st.lists(st.sampled_from([b"[", b"{", b'"', b"\\", b",", b"}", b"]", b"\n", b'{"text": "a"}'])),
    shard_bytes=st.integers(1, 30),
    limit=st.integers(12, 80),
    piece=st.sampled_from([1, 3, 256 << 10]),
)
def test_cuts_change_nothing_about_json_with_brackets_and_quotes_anywhere(marks, shard_bytes, limit, piece):
    options = IngestOptions(max_document_bytes=limit)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        source = write(Path(folder) / "a.json", gzip.compress(b'[{"text": "a"}' + b"".join(marks)))
        whole = read_all([source], options)
        patch.setattr(streams_module, "PIECE", piece)
        patch.setattr(streams_module, "_GZIP_STEP", piece)
        assert read_all([source], options, shard_bytes) == whole
    indices = sorted(row["source_index"] for rows in whole for row in rows)
    assert indices == list(range(len(indices)))


def _records_of_size(count: int) -> list[dict]:
    return [
        {"id": f"<{i}>", "url": "https://a.example/", "text": f"{i} " + "word " * (i % 50)}
        for i in range(count)
    ]


@pytest.mark.parametrize(
    "name",
    [
        "a.jsonl",
        "a.jsonl.gz",
        "a.jsonl.zst",
        "a.json",
        "a.json.members.gz",
        "a.wet",
        "a.wet.members.gz",
        "a.parquet",
    ],
)
def test_a_big_file_is_cut_into_shards_that_stand_alone(tmp_path, name):
    records = _records_of_size(300)
    lay_out = json_lines if "jsonl" in name else json_array if "json" in name else wet_records
    compression = next((c for c in reversed(COMPRESSIONS) if c and name.endswith(c)), "")
    data = parquet_bytes(records, 10) if name == "a.parquet" else COMPRESSIONS[compression](lay_out(records))
    source = write(tmp_path / name, data)
    (unit,) = plan_units([source], shard_bytes=2000)
    assert len(unit.shards) > 5
    assert [shard.number for shard in unit.shards] == list(range(len(unit.shards)))
    assert {shard.unit for shard in unit.shards} == {unit.key}
    assert len({shard.id for shard in unit.shards}) == len(unit.shards)
    for shard in reversed(unit.shards):  # in any order, by a worker that has nothing but the shard
        found = [d for kept, _ in read_shard(pickle.loads(pickle.dumps(shard))) for d in kept.to_pylist()]
        first = shard.slices[0].first_index
        assert _texts_of(found) == [
            (first + i, r["id"], r["text"]) for i, r in enumerate(records[first:][: len(found)])
        ]


def test_frames_let_a_shard_begin_in_the_middle_of_a_compressed_file(tmp_path):
    parts = wet_records(_records_of_size(300))
    source = write(tmp_path / "a.warc.gz", COMPRESSIONS[".members.gz"](parts))
    (unit,) = plan_units([source], shard_bytes=5000)
    slices = [shard.slices[0] for shard in unit.shards]
    assert all(part.entry[1] == part.start for part in slices)  # each record is a member
    assert [part.entry[0] for part in slices] == sorted({part.entry[0] for part in slices})


def test_shards_in_turn_decompress_a_file_once(tmp_path, monkeypatch):
    source = write(tmp_path / "a.jsonl.gz", gzip.compress(b"".join(json_lines(_records_of_size(300)))))
    (unit,) = plan_units([source], shard_bytes=4000)
    opened = []
    monkeypatch.setattr(
        streams_module,
        "open_file",
        lambda path, real=streams_module.open_file: opened.append(path) or real(path),
    )
    documents = [d for shard in unit.shards for kept, _ in read_shard(shard) for d in kept.to_pylist()]
    assert len(unit.shards) > 3
    assert len(documents) == 300
    assert len(opened) == 1


def test_small_files_are_packed_in_order(tmp_path):
    for number in range(30):
        write(tmp_path / f"{number:02}.txt", b"x" * 100)
    sources = list_sources([str(tmp_path)])
    units = plan_units(sources, shard_bytes=1000)
    assert [len(unit.sources) for unit in units] == [10, 10, 10]
    assert [source for unit in units for source in unit.sources] == sources
    assert [shard.size for unit in units for shard in unit.shards] == [1000, 1000, 1000]
    documents, _ = read_all(sources, shard_bytes=1000)
    assert [d["source"] for d in documents] == [source.path for source in sources]


def test_a_pack_holds_ten_thousand_files_and_opens_none():
    sources = [Source(f"nowhere/{i:06}.txt", 0, "0-0", "nowhere") for i in range(25_000)]
    assert [len(unit.sources) for unit in plan_units(sources)] == [10_000, 10_000, 5_000]


def test_a_changed_file_changes_the_shard_and_not_the_unit(tmp_path):
    before = plan_units([write(tmp_path / "a.txt", b"one")])[0]
    again = plan_units(list_sources([str(tmp_path)]))[0]
    after = plan_units([write(tmp_path / "a.txt", b"two and more")])[0]
    assert before == again
    assert after.key == before.key
    assert after.shards[0].id != before.shards[0].id


def test_a_big_file_that_cannot_be_opened_is_one_shard():
    (unit,) = plan_units([Source("nowhere/a.jsonl", 1 << 40, "1-1", "nowhere")])
    ((documents, rejects),) = read_shard(unit.shards[0])
    assert documents.num_rows == 0
    assert rejects["reason"].to_pylist() == ["unreadable"]


def test_ids_do_not_depend_on_the_cut(tmp_path):
    lines = b"".join(json_lines([{"text": f"Line {i}."} for i in range(100)]))
    source = write(tmp_path / "a.jsonl", lines)
    whole = [d["doc_id"] for d in read_all([source])[0]]
    assert whole == [d["doc_id"] for d in read_all([source], shard_bytes=300)[0]]
    assert len(set(whole)) == 100


def test_batches_are_bounded(tmp_path):
    lines = b"".join(json_lines([{"text": "x" * 1000}] * 100))
    source = write(tmp_path / "a.jsonl", lines)
    by_rows = list(read_shard(plan_units([source])[0].shards[0], IngestOptions(batch_documents=30)))
    assert [documents.num_rows for documents, _ in by_rows] == [30, 30, 30, 10]
    by_bytes = list(read_shard(plan_units([source])[0].shards[0], IngestOptions(batch_bytes=20_000)))
    assert max(documents.num_rows for documents, _ in by_bytes) <= 20
