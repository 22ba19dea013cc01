"""Invented pages, their labels, and what a cleaner might have made of them."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

BODY = [
    "The tide mill at Ostermoor turned on Saturday for the first time since the flood of 1953.",
    "Its new wheel was built from larch by two cousins who had never built a wheel before.",
    "“We read the old miller's diary,” one of them said, “and did the opposite.”",
]
LINES = [
    ["Home | Coast | Mills", "navigation"],
    ["Mill turns again", "title"],
    [BODY[0], "body"],
    ["", "blank"],
    ["Read also: the lighthouse that moved", "read_more"],
    [BODY[1], "body"],
    [BODY[2], "body"],
    ["Photo: the wheel, by A. Larch", "caption|link_list"],
    ["Sign up for the Ostermoor letter", "newsletter_signup"],
]


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Two pages with gold, one with snippets, one with labelled lines."""
    rows = [
        {
            "id": "a",
            "dataset": "mills",
            "split": "test",
            "lang": "en",
            "page_type": "article",
            "title": "Mill turns again",
            "raw_text": "\n".join(line for line, _ in LINES),
            "gold": "\n".join(BODY),
        },
        {"id": "b", "dataset": "mills", "split": "train", "lang": "en", "gold": BODY[1], "raw_text": BODY[1]},
        {
            "id": "c",
            "dataset": "boats",
            "split": "test",
            "lang": "de",
            "must_keep": ["Das Boot legt ab", "um acht Uhr"],
            "must_drop": ["Jetzt abonnieren", "Mehr Boote"],
        },
        {"id": "d", "dataset": "lines", "split": "test", "lang": "en", "lines": LINES},
    ]
    file = tmp_path / "gold.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A is right but for a lost line and a menu, b is missing, c keeps one snippet of each kind, d loses a body line."""
    raw = "\n".join(line for line, _ in LINES)

    def span(line: str, category: str) -> tuple[str, int, int, str, str]:
        start = raw.index(line)
        return ("d", start, start + len(line), category, line)

    records = {
        "doc_id": ["a", "c", "d", "unlabelled"],
        "title": ["Mill turns again", None, "Mill turns again", None],
        "text": [
            "\n".join([LINES[0][0], *BODY[:2]]),
            "Das Boot legt ab.\nMehr Boote",
            "\n".join([BODY[0], BODY[2], LINES[8][0]]),
            "x",
        ],
    }
    spans = [
        span(LINES[0][0], "navigation"),
        span(LINES[1][0], "title"),
        span(LINES[4][0], "link_list"),
        span(BODY[1], "boilerplate"),
        span(LINES[7][0], "link_list"),
        span("Sign up", "newsletter_signup"),  # less than half of its line
    ]
    removals = dict(
        zip(("doc_id", "start", "end", "category", "text"), zip(*spans, strict=True), strict=True)
    )
    for name, columns in (("records", records), ("removals", removals)):
        (tmp_path / "out" / name).mkdir(parents=True)
        pq.write_table(
            pa.table({k: list(v) for k, v in columns.items()}), tmp_path / "out" / name / "0.parquet"
        )
    return tmp_path / "out"


@pytest.fixture
def write_lines(tmp_path: Path) -> Callable[..., Path]:
    """Writes its arguments, one a line, as a JSON Lines file."""

    def write(*rows: object) -> Path:
        file = tmp_path / "rows.jsonl"
        texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        file.write_text("\n".join(texts), encoding="utf-8")
        return file

    return write
