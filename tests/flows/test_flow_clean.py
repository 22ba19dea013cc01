"""The main flow on a server of its own, from files to published data sets."""

import json
import shutil
from pathlib import Path

import pyarrow.dataset as ds
import pytest

pytestmark = pytest.mark.usefixtures("prefect_server")


def run(corpus: Path, output: Path, **options):  # type: ignore[no-untyped-def]
    from flows.clean_corpus import clean_corpus

    return clean_corpus([str(corpus)], str(output), return_state=True, **options)


def test_pages_become_data_sets_and_a_second_run_does_nothing(corpus, tmp_path, published) -> None:
    out = tmp_path / "out"
    state = run(corpus, out)
    assert state.is_completed()
    assert state.message.startswith("23 documents: 21 records, 2 rejects, ")
    assert state.message.endswith(" % of the text removed")

    records = ds.dataset(out / "records").to_table().to_pylist()
    assert all("cookies" not in row["text"] and "ferry landing" in row["text"] for row in records)
    assert {row["site"] for row in records} == {"harbour.example", "news.example", "pages"}
    assert {row["language"] for row in records} == {"en"}
    rejects = ds.dataset(out / "rejects").to_table().to_pylist()
    assert sorted((Path(row["source"]).name, row["reason"]) for row in rejects) == [
        ("b.txt", "empty"),
        ("d.jsonl.gz", "malformed"),
    ]
    ledger = ds.dataset(out / "sources").to_table().to_pylist()
    assert {
        Path(row["source"]).name: (row["documents"], row["records"], row["rejects"]) for row in ledger
    } == {
        "a.txt": (1, 1, 0),
        "b.txt": (1, 0, 1),
        "c.html": (1, 1, 0),
        "d.jsonl.gz": (20, 19, 1),
    }

    (folder,) = (out / "runs").iterdir()
    summary = json.loads((folder / "summary.json").read_text())
    assert (summary["totals"]["records"], summary["totals"]["reasons"]) == (21, {"empty": 1, "malformed": 1})
    assert "21 records" in (folder / "report.html").read_text()
    assert [path.name for path in (out / ".staging").iterdir()] == ["lock"]

    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    state = run(corpus, out)
    assert state.message == "nothing new: 4 files have been cleaned already"
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()} == before


def test_an_output_below_the_sources_is_no_source(corpus) -> None:
    run(corpus, corpus / "out")
    assert run(corpus, corpus / "out").message == "nothing new: 4 files have been cleaned already"


def test_the_run_page_shows_the_report(corpus, tmp_path) -> None:
    from prefect.artifacts import Artifact

    run(corpus, tmp_path / "out")
    artifact = Artifact.get("run-report")
    assert artifact is not None
    assert "### Rejects, by reason" in artifact.data
    assert "### Removed, by site" in artifact.data


def test_a_shard_that_fails_leaves_the_others_in_place(corpus, tmp_path, published, monkeypatch) -> None:
    from flows import clean_corpus as module

    run(corpus, tmp_path / "undisturbed", shard_bytes=1500)
    real = module.clean_shard

    def failing(shard, *others):  # type: ignore[no-untyped-def]
        if any(piece.source.path.endswith("d.jsonl.gz") for piece in shard.slices) and shard.number == 1:
            raise RuntimeError("the disk \x1b[31mis red")
        return real(shard, *others)

    out = tmp_path / "out"
    with monkeypatch.context() as patched:
        patched.setattr(module, "clean_shard", failing)
        state = run(corpus, out, shard_bytes=1500)
    assert state.is_failed()
    assert "shards failed, the first: d.jsonl.gz 2/" in state.message
    assert r"RuntimeError: the disk \x1b[31mis red" in state.message
    names = {Path(row["source"]).name for row in ds.dataset(out / "sources").to_table().to_pylist()}
    assert names == {"a.txt", "b.txt", "c.html"}

    state = run(corpus, out, shard_bytes=1500)
    assert state.is_completed()
    assert published(out) == published(tmp_path / "undisturbed")


def test_trouble_with_a_disk_is_tried_again(corpus, tmp_path, monkeypatch) -> None:
    from flows import clean_corpus as module

    real, failures = module.clean_shard, [OSError("the store is busy"), OSError("still busy")]

    def flaky(*arguments):  # type: ignore[no-untyped-def]
        if failures:
            raise failures.pop()
        return real(*arguments)

    monkeypatch.setattr(module, "clean_shard", flaky)
    monkeypatch.setattr(
        module, "clean", module.clean.with_options(retry_delay_seconds=0, retry_jitter_factor=0)
    )
    assert run(corpus, tmp_path / "out").is_completed()
    assert failures == []


def test_other_errors_are_not_tried_again(corpus, tmp_path, monkeypatch) -> None:
    from flows import clean_corpus as module

    calls = []

    def broken(*arguments):  # type: ignore[no-untyped-def]
        calls.append(arguments)
        raise ValueError("a mistake")

    monkeypatch.setattr(module, "clean_shard", broken)
    assert run(corpus, tmp_path / "out").is_failed()
    assert len(calls) == 1


def test_the_output_does_not_depend_on_runner_workers_or_shards(corpus, tmp_path, published) -> None:
    run(corpus, tmp_path / "one", workers=1, shard_bytes=1500)
    run(corpus, tmp_path / "two", workers=2, runner="process", shard_bytes=1500)
    assert published(tmp_path / "one") == published(tmp_path / "two")
    run(corpus, tmp_path / "three", shard_bytes=900)
    rows = [
        sorted(ds.dataset(tmp_path / out / "records").to_table().to_pylist(), key=lambda row: row["doc_id"])
        for out in ("one", "three")
    ]
    assert rows[0] == rows[1]


def test_a_changed_file_is_cleaned_again_alone(corpus, tmp_path) -> None:
    out = tmp_path / "out"
    run(corpus, out)
    shutil.copy(corpus / "harbour.example" / "a.txt", corpus / "harbour.example" / "b.txt")
    state = run(corpus, out)
    assert state.message.startswith("1 documents: 1 records, 0 rejects")
    assert ds.dataset(out / "records").count_rows() == 22


@pytest.mark.parametrize(("option", "value"), [("workers", 0), ("format", "pdf"), ("languages", ["English"])])
def test_the_flow_refuses_bad_parameters_before_any_work(corpus, tmp_path, option, value) -> None:
    state = run(corpus, tmp_path / "out", **{option: value})
    assert state.is_failed()
    assert option in state.message
    assert not (tmp_path / "out").exists()


def test_a_second_run_on_the_same_output_is_refused(corpus, tmp_path) -> None:
    from tasks.write import output_lock

    with output_lock(tmp_path / "out"):
        state = run(corpus, tmp_path / "out")
    assert state.is_failed()
    assert "another run is writing to" in state.message


def test_beyond_a_limit_nothing_is_published_and_nothing_is_lost(corpus, tmp_path, published) -> None:
    out = tmp_path / "out"
    state = run(corpus, out, max_reject_share=0.05)
    assert state.is_failed()
    assert state.message.startswith(
        "nothing was published: 8.7 % of the documents rejected, and no more than 5.0 % is allowed. Cleaned: 23 documents"
    )
    assert published(out) == {}, "not even in the memory of sites"
    staged = {path: path.stat().st_mtime_ns for path in (out / ".staging" / "shards").iterdir()}
    (folder,) = (out / "runs").iterdir()
    assert json.loads((folder / "summary.json").read_text())["refused"].startswith("8.7 %")

    state = run(corpus, out, max_reject_share=0.1)
    assert state.is_completed()
    run(corpus, tmp_path / "undisturbed")
    assert staged
    assert published(out) == published(tmp_path / "undisturbed")


def test_a_site_unlike_before_is_told_and_is_an_event(corpus, tmp_path, monkeypatch) -> None:
    from flows import run_page

    told = []
    monkeypatch.setattr(run_page, "emit_event", lambda event, **others: told.append((event, others)))
    out, pages = tmp_path / "out", tmp_path / "more"
    body = (corpus / "harbour.example" / "a.txt").read_text()
    for number in range(5):
        folder = pages / f"{number}" / "tide.example"
        folder.mkdir(parents=True)
        for page in range(6):
            # the last time the scraper brings consent pages
            (folder / f"{page}.txt").write_text(body if number < 4 else body[:77])
        state = run(pages / f"{number}", out)
    assert state.message.endswith("; 1 site unlike before")
    assert [event for event, _ in told] == ["wirebrush.corpus.published"] * 4 + ["wirebrush.site.drift"] + [
        "wirebrush.corpus.published"
    ]
    drift, published = told[-2][1], told[-1][1]
    assert drift["resource"]["prefect.resource.id"] == "wirebrush.site.tide.example"
    assert (drift["payload"]["measure"], drift["payload"]["value"]) == ("empty share", 1.0)
    assert published["payload"]["output"] == str(out)
    assert published["payload"]["documents"] == 6
    assert published["payload"]["schema_version"]


def test_an_inbox_that_is_still_empty_is_no_failure(tmp_path) -> None:
    (tmp_path / "inbox").mkdir()
    state = run(tmp_path / "inbox", tmp_path / "out")
    assert state.is_completed()
    assert state.message == "nothing new: 0 files have been cleaned already"


def test_copies_are_told_by_the_next_run_where_one_was_killed_before_it_compared(
    corpus, tmp_path, published, monkeypatch
) -> None:
    from flows import clean_corpus as module

    class Killed(BaseException):
        pass

    def killed(*_arguments):  # type: ignore[no-untyped-def]
        raise Killed

    (corpus / "e.txt").write_text((corpus / "harbour.example" / "a.txt").read_text())
    run(corpus, tmp_path / "undisturbed")
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(module, "refresh_relations", killed)
        run(corpus, tmp_path / "out")
    assert published(tmp_path / "out") != published(tmp_path / "undisturbed")
    run(corpus, tmp_path / "out")
    assert published(tmp_path / "out") == published(tmp_path / "undisturbed")
