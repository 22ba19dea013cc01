"""The command line: its exit status, its words, and what it does in a pipe."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import call

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
PAGE = (
    "We use cookies to improve your experience on our website.\n"
    "Ferry landing settled\n"
    "The harbour council met on Tuesday evening to settle the matter of the old ferry landing.\n"
    "Residents had asked for a crossing \x1b[2Jthat runs until midnight during the summer months.\n"
    "The mayor said that the money had been found, and that work would begin before the autumn.\n"
)

#: A call that would be right; the first two words are folders that the test makes.
CALL = ["clean", "PAGES", "--output", "OUT"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["clean", "PAGES"], "--output"),
        (["clean", "--output", "OUT"], "no source given"),
        (
            [*CALL, "--workers", "0"],
            "workers: '0' is not accepted; it should be",
        ),
        (
            [*CALL, "--format", "pdf"],
            "it should be 'auto', 'text', 'html', 'jsonl'",
        ),
        (
            [*CALL, "--languages", "en,English"],
            "'English' is not a language tag",
        ),
        ([*CALL, "--wokers", "2"], "Unknown option: --wokers"),
        (["clean", "nowhere", "-o", "OUT"], "nowhere: no such file or folder"),
        (["clean", "PAGES", "-o", ""], "output: '' is no folder"),
        (["clean", "PAGES", "-o", __file__], "cannot be written to: Not a directory"),
        (["clean", "PAGES", "-o", f"{__file__}/out"], "cannot be written to: Not a directory"),
        (["clean", "PAGES", "-o", "PAGES"], "this is the output folder"),
        ([*CALL, "--config", "none.toml"], "none.toml: No such file"),
        ([*CALL, "--rules", "none.toml"], "none.toml: No such file"),
        (
            [*CALL, "--disable-rules", "nonesuch"],
            "no rule has the id 'nonesuch'",
        ),
        (["explain", "nowhere"], "nowhere: no such file or folder"),
        (["explain", "PAGES", "--output", "OUT"], "output: OUT: no such folder"),
        (["sweep"], 'Unknown command "sweep"'),
    ],
)
def test_a_wrong_call_is_status_2_with_a_word_on_it(capsys, tmp_path, monkeypatch, arguments, word) -> None:
    monkeypatch.chdir(tmp_path)
    Path("PAGES").mkdir()
    Path("PAGES", "a.txt").write_text(PAGE)
    status, out, err = call(capsys, *arguments)
    assert (status, out) == (2, "")
    assert word in err
    assert "Traceback" not in err
    assert not Path("OUT", "records").exists()


def test_a_busy_output_is_status_2(capsys, tmp_path) -> None:
    from tasks.write import output_lock

    (tmp_path / "a.txt").write_text(PAGE)
    with output_lock(tmp_path / "out"):
        status, _, err = call(capsys, "clean", str(tmp_path / "a.txt"), "--output", str(tmp_path / "out"))
    assert status == 2
    assert "another run is writing to" in err


def test_clean_prints_a_summary_and_where_the_parquet_lies(capsys, tmp_path, prefect_server) -> None:
    (tmp_path / "a.txt").write_text(PAGE)
    out = tmp_path / "out"
    status, printed, _ = call(capsys, "clean", str(tmp_path / "a.txt"), "--output", str(out))
    assert status == 0
    assert printed.startswith("1 documents: 1 records, 0 rejects, ")
    assert f"Parquet: {out}/records/*.parquet" in printed
    assert "\x1b" not in printed
    assert "\nread\t1\nrecords\t1\n" in printed, "tables are tab-separated in a pipe"
    status, printed, _ = call(capsys, "clean", str(tmp_path / "a.txt"), "--output", str(out))
    assert status == 0
    assert printed.startswith("nothing new: 1 files have been cleaned already")


def test_a_failed_shard_is_status_1(capsys, tmp_path, prefect_server, monkeypatch) -> None:
    from flows import clean_corpus

    def broken(*arguments):  # type: ignore[no-untyped-def]
        raise ValueError("a mistake")

    (tmp_path / "a.txt").write_text(PAGE)
    monkeypatch.setattr(clean_corpus, "clean_shard", broken)
    status, printed, _ = call(capsys, "clean", str(tmp_path / "a.txt"), "--output", str(tmp_path / "out"))
    assert status == 1
    assert re.search(
        r"1 of 1 shards failed, the first: a\.txt 1/1, [\d,]+ bytes: ValueError: a mistake", printed
    )


def test_the_command_line_wins_over_the_config(capsys, tmp_path, prefect_server) -> None:
    (tmp_path / "a.txt").write_text(PAGE)
    config = tmp_path / "wirebrush.toml"
    config.write_text('languages = ["de"]\nformat = "text"\n')
    arguments = ["clean", str(tmp_path / "a.txt"), "--config", str(config)]
    _, printed, _ = call(capsys, *arguments, "--output", str(tmp_path / "one"))
    assert printed.startswith("1 documents: 0 records, 1 rejects")
    _, printed, _ = call(capsys, *arguments, "--output", str(tmp_path / "two"), "--languages", "en,de")
    assert printed.startswith("1 documents: 1 records, 0 rejects")


def test_explain_says_line_by_line_what_goes_and_why(capsys, tmp_path) -> None:
    (tmp_path / "a.txt").write_text(PAGE)
    status, printed, _ = call(capsys, "explain", str(tmp_path / "a.txt"))
    lines = printed.splitlines()
    assert status == 0
    assert lines[0].split()[:3] == ["1", "-", "cookie_notice"]
    assert lines[0].endswith("We use cookies to improve your experience on our website.")
    assert lines[2].split()[:4] == ["3", "The", "harbour", "council"]
    assert "title: Ferry landing settled" in lines
    assert "language: en (high)" in lines


def test_explain_shows_control_characters_as_escapes(capsys, tmp_path) -> None:
    (tmp_path / "a.txt").write_text(PAGE)
    _, printed, _ = call(capsys, "explain", str(tmp_path / "a.txt"))
    assert "\x1b" not in printed
    assert r"\x1b[2Jthat" in printed


def test_explain_gives_json(capsys, tmp_path) -> None:
    (tmp_path / "a.txt").write_text(PAGE)
    _, printed, _ = call(capsys, "explain", str(tmp_path / "a.txt"), "--json")
    told = json.loads(printed)
    assert told["title"] == "Ferry landing settled"
    assert told["spans"][0]["category"] == "cookie_notice"
    for span in told["spans"]:
        assert span["text"] == PAGE[span["start"] : span["end"]]
    assert [line["line"] for line in told["lines"]] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_explain_has_the_lines_that_were_judged_whatever_ends_them(capsys, tmp_path, end) -> None:
    page = PAGE.replace("\x1b", "")
    (tmp_path / "a.txt").write_text(page.replace("\n", end), encoding="utf-8", newline="")
    _, printed, _ = call(capsys, "explain", str(tmp_path / "a.txt"), "--json")
    told = json.loads(printed)
    assert [line["text"] for line in told["lines"]] == page.splitlines()
    assert [line["line"] for line in told["lines"]] == [1, 2, 3, 4, 5]
    assert [line["text"] for line in told["lines"] if line["category"] is None] == told["text"].split("\n")


def test_explain_reads_standard_input_and_extracts_html(capsys, monkeypatch) -> None:
    paragraphs = "".join(f"<p>{line}</p>" for line in PAGE.replace("\x1b", "").splitlines())
    page = f"<html><body><article>{paragraphs}</article></body></html>".encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(page)))
    status, printed, _ = call(capsys, "explain", "-")
    assert status == 0
    assert "The harbour council met" in printed
    assert "<p>" not in printed


@pytest.mark.parametrize("name", ["a.html", "a.jsonl"])
def test_explain_and_clean_agree_on_a_document_with_a_title(capsys, tmp_path, name) -> None:
    from flows.clean_shard import clean_batch
    from flows.settings import Settings
    from tasks.ingest import list_sources, plan_units, read_shard

    title, *lines = PAGE.replace("\x1b", "").splitlines()[1:]
    lines = [
        "The harbour",
        *lines,
        title,
    ]  # at the end it is one line of the text, for all that the text tells
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    head = f"<head><meta property='og:title' content='{title}'></head>"
    (tmp_path / "a.html").write_text(f"<html>{head}<body><article>{paragraphs}</article></body></html>")
    (tmp_path / "a.jsonl").write_text(json.dumps({"title": title, "text": "\n".join(lines)}))
    _, printed, _ = call(capsys, "explain", str(tmp_path / name), "--json")
    (unit,) = plan_units(list_sources([str(tmp_path / name)]))
    ((documents, _),) = read_shard(unit.shards[0])
    records, removals, _ = clean_batch(documents, Settings())
    told = json.loads(printed)
    assert (told["title"], told["text"]) == (title, records["text"][0].as_py())
    assert title not in told["text"]
    columns = ("start", "end", "category", "rule")
    assert [[span[c] for c in columns] for span in told["spans"]] == [
        [row[c] for c in columns] for row in removals.to_pylist()
    ]


def test_explain_of_a_document_that_would_be_rejected(capsys, tmp_path) -> None:
    (tmp_path / "a.txt").write_text("")
    status, printed, err = call(capsys, "explain", str(tmp_path / "a.txt"))
    assert (status, printed) == (1, "")
    assert "empty: " in err


@pytest.mark.parametrize(
    ("text", "options", "reject"),
    [
        (PAGE, ["--languages", "de,zh"], "language: the text is in en"),
        (PAGE, ["--max-document-lines", "5"], "too_large: 6 lines, the limit is 5"),
        ("Read more", [], "all_boilerplate: nothing was left after stripping"),
        (PAGE, ["--languages", "de,en", "--max-document-lines", "6"], None),
    ],
)
def test_explain_says_what_would_be_rejected_and_shows_its_lines(
    capsys, tmp_path, text, options, reject
) -> None:
    from flows.clean_shard import clean_batch
    from flows.settings import check
    from tasks.ingest import list_sources, plan_units, read_shard

    (tmp_path / "a.txt").write_text(text)
    status, printed, _ = call(capsys, "explain", str(tmp_path / "a.txt"), *options)
    assert status == (1 if reject else 0)
    assert printed.startswith("   1 - ")
    assert [line for line in printed.splitlines() if line.startswith("rejected: ")] == (
        [f"rejected: {reject}"] if reject else []
    )
    status, printed, _ = call(capsys, "explain", str(tmp_path / "a.txt"), "--json", *options)
    assert json.loads(printed)["rejected"] == reject
    assert status == (1 if reject else 0)

    config = dict(zip((word[2:].replace("-", "_") for word in options[::2]), options[1::2], strict=True))
    (unit,) = plan_units(list_sources([str(tmp_path / "a.txt")]))
    ((documents, _),) = read_shard(unit.shards[0])
    _, _, rejects = clean_batch(documents, check(config))
    assert [f"{row['reason']}: {row['detail']}" for row in rejects.to_pylist()] == [reject] * bool(reject)


def test_explain_takes_the_options_of_clean(capsys, tmp_path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"content": PAGE}))
    (tmp_path / "c.toml").write_text("text_field = 'body'")
    arguments = ["explain", str(tmp_path / "a.jsonl"), "--config", str(tmp_path / "c.toml")]
    _, _, err = call(capsys, *arguments)
    assert "no field 'body'" in err
    status, printed, _ = call(capsys, *arguments, "--text-field", "content", "--json")
    assert status == 0
    rule = json.loads(printed)["spans"][0]["rule"]
    _, printed, _ = call(capsys, *arguments, "--text-field", "content", "--json", "--disable-rules", rule)
    assert rule not in printed


def test_explain_asks_the_memory_of_sites_only_where_cleaning_would(capsys, tmp_path, monkeypatch) -> None:
    import tasks.write

    asked = []
    load = tasks.write.load_sites
    monkeypatch.setattr(tasks.write, "load_sites", lambda *given: asked.append(given[-1]) or load(*given))
    (tmp_path / "a.txt").write_text(PAGE)
    arguments = ["explain", str(tmp_path / "a.txt"), "--output", str(tmp_path)]
    assert call(capsys, *arguments, "--no-site-memory")[0] == 0
    assert asked == []
    assert call(capsys, *arguments)[0] == 0
    assert asked == [tmp_path.name]


def test_explain_colours_a_terminal_alone() -> None:
    from rich.console import Console

    from flows.explain import Document, show
    from tasks.strip import strip_text

    shown = {}
    for terminal, colours in ((True, "standard"), (False, "auto")):
        console = Console(file=io.StringIO(), force_terminal=terminal, color_system=colours)
        show(Document(PAGE), strip_text(PAGE), console)
        shown[terminal] = console.file.getvalue()
    assert "\x1b[31m- " in shown[True]
    assert "\x1b[2Jthat" not in shown[True]
    assert "\x1b" not in shown[False]


#: What takes long to import, and what a text needs none of.
HEAVY = {
    "boto3", "dask", "distributed", "duckdb", "fastapi", "fsspec", "lxml", "pandas", "polars", "prefect",
    "sqlalchemy", "trafilatura",
    "flows.report", "tasks.copies", "tasks.evaluate", "tasks.extract", "tasks.site_memory", "tasks.write",
}  # fmt: skip


@pytest.mark.parametrize(
    "does",
    [
        "import tasks.strip",
        "import flows.cli",
        "from flows.cli import app; assert not app(['explain', 'a.txt'], result_action='return_value')",
    ],
)
def test_a_text_is_explained_without_what_is_slow_to_import(tmp_path, does) -> None:
    (tmp_path / "a.txt").write_text(PAGE)
    code = f"import sys; {does}; print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True, cwd=tmp_path)
    assert HEAVY & set(done.stderr.split()) == set()


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path, options) -> None:
    (tmp_path / "a.txt").write_text(PAGE * 2000)
    code = "from flows.cli import main; main()"
    command = [sys.executable, "-c", code, "explain", str(tmp_path / "a.txt"), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait()


def test_version(capsys) -> None:
    status, printed, _ = call(capsys, "--version")
    assert status == 0
    assert printed.strip()
