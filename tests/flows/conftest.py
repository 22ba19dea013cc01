"""A Prefect server of its own for the flows' tests, and a small corpus."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["DO_NOT_TRACK"] = "1"

BODY = (
    "The harbour council met on Tuesday evening to settle the matter of the old ferry landing.\n"
    "Residents had asked for a crossing that runs until midnight, at least during the summer months.\n"
    "The mayor said that the money had been found, and that work would begin before the autumn.\n"
)
MENU = "We use cookies to improve your experience on our website.\nAccept all cookies\n"


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two text pages in one folder, a page of HTML, and a JSONL of twenty documents, one of them broken."""
    folder = tmp_path / "pages"
    (folder / "harbour.example").mkdir(parents=True)
    (folder / "harbour.example" / "a.txt").write_text(f"{MENU}Ferry landing settled\n{BODY}")
    (folder / "harbour.example" / "b.txt").write_text("")
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY.splitlines())
    (folder / "c.html").write_text(f"<html><body><article><h1>Ferry</h1>{paragraphs}</article></body></html>")
    lines = []
    for number in range(20):
        page = {"id": f"d{number}", "url": "https://news.example/", "text": f"{MENU}{number}. {BODY}"}
        lines.append(json.dumps(page))
    lines[7] = lines[7][:-5]
    (folder / "d.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    return folder


def published(output: Path) -> dict[str, bytes]:
    """The data sets' files with their bytes."""
    return {str(file.relative_to(output)): file.read_bytes() for file in sorted(output.glob("*/*.parquet"))}


@pytest.fixture(name="published")
def published_fixture():  # type: ignore[no-untyped-def]
    return published
