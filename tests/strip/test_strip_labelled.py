"""Labelled pages: how much of the article stays and how much of the rest goes. Floors, so that a change that costs shows."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from tasks.evaluate import GoldPage, Record, Removal
from tasks.evaluate.lines import LineCounts, count, outcomes
from tasks.strip import StripSettings, strip_text
from tasks.strip.lines import Lines

HERE = Path(__file__).parent.parent / "labelled"
SHARED = Path(__file__).parents[3] / "shared"

Page = list[tuple[str, str]]


def pages(*files: Path) -> Iterator[Page]:
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            yield [(text, label) for text, label in json.loads(line)["lines"]]


def seeds() -> Iterator[Page]:
    for line in (SHARED / "seeds/labels.jsonl").read_text(encoding="utf-8").splitlines():
        page = json.loads(line)
        text = (SHARED / "seeds" / page["file"]).read_bytes().decode()
        yield list(zip(text.split("\n"), page["labels"], strict=True))


def shares(labelled: Iterator[Page], settings: StripSettings) -> tuple[float, float, float]:
    """Of the body lines the share kept; of the others the shares removed, and removed under an accepted category."""
    total = LineCounts()
    for lines in labelled:
        raw = "\n".join(text for text, _ in lines)
        page = GoldPage("page", "labelled", raw_text=raw, lines=tuple(lines))
        stripped = strip_text(raw, settings=settings)
        spans = [Removal(s.start, s.end, s.category, raw[s.start : s.end]) for s in stripped.spans]
        total += count(page, outcomes(page, spans, Record(stripped.text)))
    return total.kept / total.body, total.removed / total.other, total.named / total.other


def test_own_pages_in_24_languages() -> None:
    files = sorted(HERE.glob("*.jsonl"))
    assert len({file.stem.split("-")[0] for file in files}) == 24
    kept, removed, named = shares(pages(*files), StripSettings())
    assert kept >= 0.965
    assert removed >= 0.93
    assert named >= 0.6


@pytest.mark.skipif(not SHARED.exists(), reason="the shared pages are not here")
@pytest.mark.parametrize("model", [True, False])
def test_shared_pages(model: bool) -> None:
    settings = StripSettings(model=model)
    kept, removed, named = shares(pages(SHARED / "data/labelled_lines.jsonl"), settings)
    assert kept >= 0.97
    assert removed >= 0.97
    assert named >= 0.9
    kept, removed, named = shares(seeds(), settings)
    assert (kept, removed) == (1, 1)
    assert named >= 0.95


def test_of_no_labelled_page_lines_are_put_together() -> None:
    # Their labels, one a line, would be lost to the training.
    texts = ["\n".join(line for line, _ in page) for page in pages(*sorted(HERE.glob("*.jsonl")))]
    assert len(texts) > 300
    assert (Lines(pa.array(texts, pa.large_string())).parts == 1).all()
