"""`wirebrush evaluate` as it is called: tables, JSON, exit status, and hostile text on the terminal."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from flows.evaluate import show
from schemas import DOCUMENTS
from tasks.evaluate import GoldPage, Record, evaluate
from tasks.strip import strip_batch
from tests.command_line import call

TEXT = "The tide mill at Ostermoor turned on Saturday for the first time since the flood."
MENU = "Home | Coast | \x1b[2JMills"
LINES = [
    [MENU, "navigation"],
    ["Tide mill at Ostermoor turns again after the flood", "title"],
    [TEXT, "body"],
]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    rows = [
        {"id": "a", "dataset": "[red]mills", "lang": "en", "lines": LINES},
        {"id": "b", "dataset": "boats", "lang": "de", "gold": TEXT, "html": f"<p>{TEXT}</p>"},
    ]
    file = tmp_path / "gold.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


@pytest.fixture
def out(tmp_path: Path, gold: Path) -> Path:
    """What stripping makes of the pages, where `clean` would write it."""
    texts = {"a": "\n".join(line for line, _ in LINES), "b": TEXT}
    rows = [dict.fromkeys(DOCUMENTS.names) | {"doc_id": name, "text": text} for name, text in texts.items()]
    schema = pa.schema([field.with_nullable(True) for field in DOCUMENTS])
    cleaned, removals = strip_batch(pa.Table.from_pylist(rows, schema))
    for name, table in (("records", cleaned), ("removals", removals)):
        (tmp_path / "out" / name).mkdir(parents=True)
        pq.write_table(table, tmp_path / "out" / name / "0.parquet")
    return tmp_path / "out"


def test_what_stripping_left_is_scored(capsys, out: Path, gold: Path) -> None:
    status, printed, err = call(capsys, "evaluate", out, gold, "--worst", 2)
    assert (status, err) == (0, "")
    tables = [block.split("\n") for block in printed.strip().split("\n\n")]
    assert tables[0] == ["2 labelled pages, 0 of them without a record"]
    assert [table[0] for table in tables[1:5]] == [
        "By data set",
        "F1 by language",
        "Lines by data set",
        "Lines by category",
    ]
    rows = [row.split("\t") for row in tables[1][1:]]
    assert rows[0][:5] == ["data set", "system", "pages", "missing", "F1"]
    assert [row[:5] for row in rows if row[1] == "records"] == [
        ["[red]mills", "records", "1", "0", "1.000"],
        ["boats", "records", "1", "0", "1.000"],
        ["mean of 2 data sets", "records", "", "", "1.000"],
    ]
    assert {len(row) for row in rows} == {10}
    assert tables[4][1:4] == [
        "category\tlabelled\tremoved\trecall\tgiven\tprecision",
        "body\t1\t0\t\t0\t",
        "navigation\t1\t1\t1.000\t1\t1.000",
    ]
    assert "\x1b" not in printed

    status, printed, _ = call(capsys, "evaluate", out / "records", gold, "--json", "--dataset", "boats")
    found = json.loads(printed)
    assert (status, found["pages"], found["missing"]) == (0, 1, 0)
    assert {f["system"] for f in found["datasets"]} >= {"records", "trafilatura", "jusText", "resiliparse"}
    assert found["datasets"][0]["f1"] == {"value": 1.0, "low": 1.0, "high": 1.0}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["OUT", "nowhere"], "nowhere: No such file"),
        (["nowhere", "GOLD"], "nowhere: no such folder"),
        (["OUT", "GOLD", "--split", "test"], "no labelled page has the split 'test'; there are: none"),
        (["OUT", "GOLD", "--html", "nowhere"], "nowhere: No such file"),
        (["OUT", "GOLD", "--worst", "-1"], "--worst"),
        (["OUT"], "gold"),
    ],
)
def test_a_wrong_call_is_status_2_with_a_word_on_it(
    capsys, tmp_path, monkeypatch, gold, arguments, words
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("OUT").mkdir()
    pq.write_table(pa.table({"doc_id": ["a"], "text": [TEXT]}), "OUT/a.parquet")
    status, printed, err = call(capsys, "evaluate", *({"GOLD": gold}.get(word, word) for word in arguments))
    assert (status, printed) == (2, "")
    assert words.lower() in err.lower()
    assert "Traceback" not in err


def test_records_of_another_tool_are_scored_without_their_removals(capsys, tmp_path, gold) -> None:
    (tmp_path / "other").mkdir()
    pq.write_table(pa.table({"doc_id": ["a"], "text": [TEXT]}), tmp_path / "other/a.parquet")
    status, printed, _ = call(capsys, "evaluate", tmp_path / "other", gold)
    assert status == 0
    assert "No removals/ beside" in printed
    assert "Lines by" not in printed


def test_a_terminal_shows_colours_and_no_text_of_a_page_steers_it() -> None:
    pages = [
        GoldPage("\x1b]0;x\x07", "[red]mills", gold=TEXT, lang="en"),
        GoldPage("b", "boats", gold=TEXT, lang="de"),
    ]
    evaluation = evaluate(pages, {"\x1b]0;x\x07": Record(f"{MENU}\n[bold]{TEXT}")}, worst=2)
    screen = io.StringIO()
    show(evaluation, Console(file=screen, force_terminal=True, width=100, highlight=False))
    shown = screen.getvalue()
    assert "[red]mills" in shown
    assert "\x1b[33m+ Home | Coast | \\x1b[2JMills" in shown
    assert "\x1b[2J" not in shown and "\x1b]0" not in shown and "\x07" not in shown
    assert "\x1b[31m- The tide mill" in shown
