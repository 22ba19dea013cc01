"""What holds for every input, stage by stage and for the stages in a row: whatever characters, whatever neighbours."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from flows.clean_shard import clean_batch, clean_shard
from flows.settings import Settings
from schemas import DOCUMENTS, REJECT_REASONS
from tasks.ingest import IngestOptions, list_sources, plan_units
from tasks.language import detect_language
from tasks.quality import measure
from tasks.strip import strip_text
from tasks.write import Layout, publish
from tests.ingest.ingest_inputs import read_all
from tests.strip.test_strip_properties import TEXT

#: Any code point, lone surrogates and unassigned ones included, and those that text tricks are made of.
TRICKS = st.sampled_from(
    "\u202e\u2066\u2069\u200b\u200d\ufeff\x00\x1b\x07\x85\u2028\ud800\udfff\U000e0041\u0301ﷺ"
)
ANY = st.text(st.one_of(st.characters(), TRICKS), max_size=400)
VALID = ANY.map(lambda text: text.encode("utf-8", "replace").decode())
SENTENCE = st.sampled_from(
    [
        "The harbour council met on Tuesday evening to settle the matter of the old ferry landing.",
        "Der Rat der Stadt hat am Dienstag über die alte Fähre beraten und nichts entschieden.",
        "Le conseil du port s'est réuni mardi soir pour régler la question de l'ancien embarcadère.",
        "Городской совет во вторник вечером решил вопрос о старой паромной пристани.",
    ]
)
PROSE = st.lists(SENTENCE, min_size=1, max_size=12).map("\n".join)
PAGES = Path(__file__).parents[2] / "examples" / "pages"
#: A finding is told at once: making it small takes minutes where each attempt is a run of all stages.
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@given(ANY)
@settings(max_examples=150, deadline=None, phases=NO_SHRINKING, suppress_health_check=SLOW)
def test_any_text_has_a_language_and_the_same_one_again(text: str) -> None:
    found = detect_language(text)
    assert found == detect_language(text)
    assert found.language
    assert found.confidence in ("high", "low", "none")
    assert all(0.1 <= share <= 1.0001 for _, share in found.shares)
    assert sum(share for _, share in found.shares) <= 1.0001


@given(SENTENCE, st.integers(2, 40))
@settings(max_examples=30, deadline=None, phases=NO_SHRINKING, suppress_health_check=SLOW)
def test_a_sentence_has_one_language_however_often_it_is_said(sentence: str, times: int) -> None:
    assert detect_language("\n".join([sentence] * times)).language == detect_language(sentence).language


@given(st.lists(VALID, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None, phases=NO_SHRINKING, suppress_health_check=SLOW)
def test_signals_of_a_text_do_not_depend_on_its_neighbours(texts: list[str]) -> None:
    together = measure(pa.chunked_array([texts], pa.large_string())).to_pylist()
    alone = [measure(pa.chunked_array([[text]], pa.large_string())).to_pylist()[0] for text in texts]
    assert repr(together) == repr(alone)  # a nan is no less the same


@given(st.lists(ANY, min_size=1, max_size=8), st.integers(1, 5), st.integers(40, 400))
@settings(max_examples=60, deadline=None, phases=NO_SHRINKING, suppress_health_check=SLOW)
def test_what_is_read_does_not_depend_on_batches_and_shards(
    tmp_path: Path, texts: list[str], batch: int, shard: int
) -> None:
    lines = [json.dumps({"id": f"d{n}", "text": text}) for n, text in enumerate(texts)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    whole = read_all(tmp_path / "a.jsonl")
    assert read_all(tmp_path / "a.jsonl", IngestOptions(batch_documents=batch), shard) == whole
    documents, rejects = whole
    assert sorted(row["source_index"] for row in documents + rejects) == list(range(len(texts)))
    assert {row["reason"] for row in rejects} <= REJECT_REASONS.keys()
    for row in documents:
        given = texts[row["source_index"]].replace("\0", "\ufffd")
        assert len(row["text"]) <= len(given)


def table(texts: list[str]) -> pa.Table:
    rows = [
        {"source": "a", "source_index": n, "doc_id": f"d{n}", "site": "in", "text": text}
        for n, text in enumerate(texts)
    ]
    return pa.Table.from_pylist(rows, DOCUMENTS)


@given(st.lists(st.one_of(VALID, TEXT, PROSE), min_size=2, max_size=5))
@settings(max_examples=15, deadline=None, phases=NO_SHRINKING, suppress_health_check=SLOW)
def test_the_stages_in_a_row_judge_a_document_alike_alone_and_beside_others(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]

    def cleaned(batch: pa.Table) -> dict[str, tuple[object, ...]]:
        records, removals, rejects = clean_batch(batch, Settings())
        assert records.num_rows + rejects.num_rows == batch.num_rows
        gone: dict[str, list[object]] = {}
        for row in removals.drop_columns(["document"]).to_pylist():
            gone.setdefault(row["doc_id"], []).append(row)
        found = {row["doc_id"]: (row, gone.get(row["doc_id"])) for row in records.to_pylist()}
        return found | {row["doc_id"]: (row["reason"],) for row in rejects.to_pylist()}

    whole = table(texts)
    alone: dict[str, object] = {}
    for n in range(len(texts)):
        alone |= cleaned(whole.slice(n, 1))
    assert repr(cleaned(whole)) == repr({name: alone[name] for name in cleaned(whole)})


@given(st.one_of(TEXT, PROSE, VALID))
@settings(max_examples=60, deadline=None, phases=NO_SHRINKING, suppress_health_check=SLOW)
def test_cleaning_again_only_ever_takes_away_whole_lines(text: str) -> None:
    once = strip_text(text).text
    again = strip_text(once).text
    kept = iter(once.split("\n"))
    assert all(line in kept for line in again.split("\n") if line)  # in order, and none of them new


def test_cleaning_cleaned_pages_changes_almost_nothing() -> None:
    pages = [page.read_text(encoding="utf-8") for page in sorted(PAGES.rglob("*.txt"))]
    once = [strip_text(page).text for page in pages]
    again = [strip_text(text).text for text in once]
    assert sum(map(len, again)) >= 0.98 * sum(map(len, once)) > 0


@given(st.lists(st.lists(st.one_of(ANY, PROSE), min_size=1, max_size=6), min_size=1, max_size=3))
@settings(max_examples=15, deadline=None, phases=NO_SHRINKING, suppress_health_check=SLOW)
def test_every_document_read_is_one_row_on_the_disk(tmp_path_factory, files: list[list[str]]) -> None:
    folder = tmp_path_factory.mktemp("any")
    for n, texts in enumerate(files):
        (folder / f"{n}.jsonl").write_text("\n".join(json.dumps({"text": text}) for text in texts))
    layout, options = Layout(folder / "out"), Settings()
    digest = options.digest()
    from tasks.write import load_ledger, plan

    sources = list_sources([str(folder)])
    for unit in plan(sources, load_ledger(layout), digest, lambda s: plan_units(s, shard_bytes=300)):
        for shard in unit.shards:
            clean_shard(shard, options, layout, digest)
        publish(layout, unit, digest)
    rows = [
        (Path(row["source"]).name, row["source_index"])
        for dataset in ("records", "rejects")
        for file in (layout.out / dataset).glob("*.parquet")
        for row in pq.ParquetFile(file).read(columns=["source", "source_index"]).to_pylist()
    ]
    assert sorted(rows) == [(f"{n}.jsonl", i) for n, texts in enumerate(files) for i in range(len(texts))]
