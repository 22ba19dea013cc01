"""A batch through the stages, without Prefect and without files."""

import gzip
import json

import pyarrow as pa
import pytest

from flows.clean_shard import clean_batch, clean_shard, read_and_count
from flows.settings import Settings, check
from schemas import DOCUMENTS
from tasks.ingest import IngestOptions, list_sources, plan_units
from tasks.write import Layout, Progress, ProgressFile, announce, read_progress

ENGLISH = (
    "The harbour council met on Tuesday evening to settle the matter of the old ferry landing.\n"
    "Residents had asked for a crossing that runs until midnight, at least during the summer months.\n"
    "The mayor said that the money had been found, and that work would begin before the autumn.\n"
)
GERMAN = (
    "Der Rat der Hafenstadt hat am Dienstagabend über den alten Anleger der Fähre entschieden.\n"
    "Die Anwohner hatten eine Verbindung gefordert, die im Sommer bis Mitternacht fährt.\n"
    "Der Bürgermeister sagte, das Geld sei gefunden und die Arbeiten begännen vor dem Herbst.\n"
)
CHINESE = (
    "市议会星期二晚上开会讨论旧渡口的问题。\n"
    "居民要求夏季渡轮运行到午夜。\n"
    "市长说资金已经到位，秋天之前就会开工。\n"
)
COOKIES = "We use cookies to improve your experience on our website.\nAccept all cookies\n"


def batch(*texts: str) -> pa.Table:
    rows = [
        {"source": "pages.jsonl", "source_index": number, "doc_id": f"d{number}", "text": text}
        for number, text in enumerate(texts)
    ]
    return pa.Table.from_pylist(rows, DOCUMENTS)


def test_a_document_without_an_article_is_rejected_with_its_text() -> None:
    records, removals, rejects = clean_batch(batch(COOKIES + ENGLISH, COOKIES, COOKIES + ENGLISH), Settings())
    assert records["doc_id"].to_pylist() == ["d0", "d2"]
    (reject,) = rejects.to_pylist()
    assert (reject["doc_id"], reject["reason"], reject["raw"]) == ("d1", "all_boilerplate", COOKIES.encode())
    owners = [records["doc_id"][row].as_py() for row in removals["document"].to_pylist()]
    assert owners == removals["doc_id"].to_pylist()
    assert set(owners) == {"d0", "d2"}


def test_a_reject_keeps_the_first_64_kib() -> None:
    noise = "Accept all cookies\n" * 10_000
    _, _, rejects = clean_batch(batch(noise), Settings())
    (reject,) = rejects.to_pylist()
    assert reject["raw"] == noise.encode()[: 64 * 1024]


@pytest.mark.parametrize(
    ("languages", "kept"),
    [
        ("", "d0 d1 d2"),
        ("en", "d0"),
        ("de,en", "d0 d1"),
        ("zh", "d2"),
        ("zh-Hans", "d2"),
        ("zh-Hant", ""),
    ],
)
def test_only_the_languages_asked_for_are_kept(languages, kept) -> None:
    settings = check({"languages": languages}) if languages else Settings()
    records, _, rejects = clean_batch(batch(ENGLISH, GERMAN, CHINESE), settings)
    assert records["doc_id"].to_pylist() == kept.split()
    assert set(rejects["reason"].to_pylist()) <= {"language"}
    details = dict(zip(rejects["doc_id"].to_pylist(), rejects["detail"].to_pylist(), strict=True))
    if "d1" in details:
        assert details["d1"] == "the text is in de"


def test_a_document_comes_out_the_same_whatever_lies_beside_it() -> None:
    texts = (COOKIES + ENGLISH, COOKIES, GERMAN, CHINESE, ENGLISH)
    wanted = Settings(languages=("en", "zh"))
    together = clean_batch(batch(*texts), wanted)
    apart = [clean_batch(batch(*texts).slice(number, 1), wanted) for number in range(len(texts))]
    for number in (0, 2):
        alone = [row for results in apart for row in results[number].to_pylist()]
        assert sorted(together[number].to_pylist(), key=_id) == sorted(alone, key=_id)


def _id(row: dict[str, str]) -> str:
    return row["doc_id"]


def test_an_empty_batch_is_no_trouble() -> None:
    records, removals, rejects = clean_batch(batch(), Settings())
    assert (records.num_rows, removals.num_rows, rejects.num_rows) == (0, 0, 0)


def test_the_bytes_do_not_depend_on_how_a_shard_is_read_in_batches(tmp_path, monkeypatch) -> None:
    texts = [f"{COOKIES}{number}. {text}" for number in range(9) for text in (ENGLISH, GERMAN, CHINESE * 9)]
    pages = tmp_path / "pages.jsonl"
    pages.write_text("\n".join(json.dumps({"id": f"d{i}", "text": text}) for i, text in enumerate(texts)))
    written = []
    for size in (1, 4, 512):
        monkeypatch.setattr(Settings, "ingest", lambda _, size=size: IngestOptions(batch_documents=size))
        layout = Layout(tmp_path / str(size))
        (unit,) = plan_units(list_sources([str(pages)]))
        (shard,) = unit.shards
        read_and_count(shard, Settings(), layout, "digest")
        clean_shard(shard, Settings(), layout, "digest")
        files = layout.staged(shard, "digest").glob("*.parquet")
        written.append({file.name: file.read_bytes() for file in files})
    assert set(written[0]) >= {"records.parquet", "removals.parquet", "rejects.parquet"}
    assert written[0] == written[1] == written[2]


def test_progress_runs_through_both_passes_of_a_compressed_file(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,500 pages that are alike compress to almost nothing: by the bytes read, all would be done at once."""
    source = tmp_path / "pages.jsonl.gz"
    with gzip.open(source, "wt", encoding="utf-8") as file:
        for number in range(1_500):
            file.write(json.dumps({"id": str(number), "text": ENGLISH + COOKIES}) + "\n")
    monkeypatch.setattr("tasks.write.progress._EVERY", 0)
    seen: list[Progress] = []
    report = ProgressFile.report

    def watched(self: ProgressFile, *args: int, **options: float) -> None:
        report(self, *args, **options)
        seen.append(read_progress(layout.out))

    monkeypatch.setattr(ProgressFile, "report", watched)
    settings, layout = Settings(), Layout(tmp_path / "out")
    ((shard,),) = (unit.shards for unit in plan_units(list_sources([str(source)]), settings.ingest()))
    announce(layout, shard.size)
    read_and_count(shard, settings, layout, "digest")
    reading = len(seen)
    clean_shard(shard, settings, layout, "digest")
    shares = [now.done_bytes / now.total_bytes for now in seen]
    assert shares == sorted(shares)
    assert 0 < shares[reading - 1] < 0.2 and {now.documents for now in seen[:reading]} == {0}
    assert shares[reading] < 0.9 and shares[-1] == 1 and seen[-1].documents == 1_500
