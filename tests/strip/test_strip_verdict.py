"""One verdict a line: what the model says, and when it is overruled."""

import numpy as np
import pyarrow as pa
import pytest

from tasks.strip import StripSettings, strip_text
from tasks.strip import strip as module
from tasks.strip.lines import Lines
from tasks.strip.verdict import _between

PARAGRAPHS = [
    f"The {what} was closed since the storm on Monday, the office said, and nobody knew for how long it would be."
    for what in ("harbour", "bridge", "school", "ferry", "market")
]


def kept(monkeypatch: pytest.MonkeyPatch, main: list[float], strictness: float) -> list[int]:
    """The paragraphs that stay where the model gives them these probabilities."""
    monkeypatch.setattr(module, "main_text", lambda *_: np.array(main, np.float32))
    text = strip_text("\n".join(PARAGRAPHS), settings=StripSettings(strictness=strictness)).text
    return [PARAGRAPHS.index(line) for line in text.splitlines()]


def test_a_line_stays_from_the_strictness_up(monkeypatch: pytest.MonkeyPatch) -> None:
    main = [0.1, 0.1, 0.65, 0.1, 0.1]
    assert kept(monkeypatch, main, 0.45) == kept(monkeypatch, main, 0.6) == [2]
    assert kept(monkeypatch, main, 0.7) == kept(monkeypatch, main, 1.0) == []


def test_less_is_asked_of_lines_between_surer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    main = [0.95, 0.25, 0.25, 0.95, 0.25]
    assert kept(monkeypatch, main, 0.45) == [0, 1, 2, 3]
    # With the strictness grows what is asked of both.
    assert kept(monkeypatch, main, 0.9) == [0, 3]
    assert kept(monkeypatch, [0.7, 0.5, 0.5, 0.7, 0.5], 0.9) == []


def test_no_line_stands_between_itself_or_lines_of_other_documents() -> None:
    lines = Lines(pa.array(["a\nb\nc", "d\ne"], pa.large_string()))
    assert not _between(lines, np.array([False, True, False, False, False])).any()
    assert not _between(lines, np.array([False, False, True, False, True])).any()
    assert _between(lines, np.array([True, False, True, True, True])).tolist() == [
        False,
        True,
        False,
        False,
        False,
    ]
