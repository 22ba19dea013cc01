"""One verdict a line: what the model says, and when it is overruled."""

import numpy as np
import pyarrow as pa
import pytest

from schemas import DOCUMENTS
from tasks.strip import StripSettings, strip_batch, strip_text
from tasks.strip import strip as module
from tasks.strip.findings import Verdicts
from tasks.strip.lines import Lines
from tasks.strip.model.main_text import Looks
from tasks.strip.rules import load_rules
from tasks.strip.rules.claims import claim
from tasks.strip.rules.match import matcher
from tasks.strip.site_evidence import Weighed
from tasks.strip.verdict import _between, _lone_sentences, settled

PARAGRAPHS = [
    f"The {what} was closed since the storm on Monday, the office said, and nobody knew for how long it would be."
    for what in ("harbour", "bridge", "school", "ferry", "market")
]


def says(monkeypatch: pytest.MonkeyPatch, main: list[float], first: list[float] | None = None) -> None:
    """Have the model give the lines of the next text these probabilities."""
    looks = Looks(np.array(first or main, np.float32), np.array(main, np.float32))
    monkeypatch.setattr(module, "main_text", lambda *_: looks)


def kept(monkeypatch: pytest.MonkeyPatch, main: list[float], strictness: float) -> list[int]:
    """The paragraphs that stay where the model gives them these probabilities."""
    says(monkeypatch, main)
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


@pytest.mark.parametrize(
    ("between", "first", "main", "stays"),
    [
        (["Share on Facebook"], [0.3], [0.1], True),
        (["Share on Facebook"], [0.3], [0.3], False),  # the second look thinks no less of it
        (["Share on Facebook"], [0.2], [0.1], False),  # the first thought little of it
        (["Share on Facebook"] * 12, [0.3], [0.1], False),  # too far from the article
        (
            ["Share on Facebook", "The old harbour"],
            [0.3],
            [0.1],
            False,
        ),  # something without a name lies between
        ([], [0.3], [0.1], True),
        (["Share on Facebook"], [0.3, 0.3], [0.1, 0.1], False),  # two of them are no lone sentence
    ],
)
def test_a_lone_sentence_below_what_interrupts_the_article_stays(
    between: list[str], first: list[float], main: list[float], stays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = PARAGRAPHS[3 : 3 + len(main)]
    lines = [*PARAGRAPHS[:3], *between, *end, "All rights reserved."]
    above = [0.9] * 3 + [0.1] * len(between)
    says(monkeypatch, [*above, *main, 0.0], [*above, *first, 0.0])
    text = strip_text("\n".join(lines)).text
    assert text.splitlines() == PARAGRAPHS[:3] + end * stays


def test_a_second_look_that_would_leave_nothing_does_not_count() -> None:
    doc = np.array([0, 0, 1, 1, 2, 2])
    first = np.array([0.9, 0.1, 0.6, 0.2, 0.3, 0.3], np.float32)
    main = np.array([0.1, 0.5, 0.1, 0.3, 0.1, 0.1], np.float32)
    looks = settled(Looks(first, main), doc, np.ones(6, np.bool_), 0.45)
    # The first document keeps a line at the second look; of the third neither look would leave any.
    assert looks.main.tolist() == np.concatenate((main[:2], first[2:4], main[4:])).tolist()
    assert looks.first is first


def test_a_second_look_does_not_count_against_a_line_of_a_text_too_brief_to_have_a_middle() -> None:
    first, main = np.array([[0.5, 0.6, 0.1], [0.2, 0.7, 0.3]], np.float32)
    looks = settled(Looks(first, main), np.zeros(3, np.int64), np.zeros(3, np.bool_), 0.4)
    assert looks.main.tolist() == np.maximum(first, main).tolist()
    brief = ["Home | Coast | Mills", "Tide mill at Ostermoor turns again after the flood"]
    brief.append("The tide mill at Ostermoor turned on Saturday for the first time since the flood.")
    stripped = strip_text("\n".join(brief))
    assert [span.category for span in stripped.spans] == ["navigation"]
    assert {stripped.title, *stripped.text.splitlines()} >= set(brief[1:])


def test_a_sentence_below_another_document_is_not_lone() -> None:
    match, found, stays = matcher(load_rules()), Verdicts.none(2), np.array([True, False])
    apart = Lines(pa.array(PARAGRAPHS[:2], pa.large_string()))
    assert not _lone_sentences(apart, claim(apart, match), found, stays).any()
    one = Lines(pa.array(["\n".join(PARAGRAPHS[:2])], pa.large_string()))
    assert _lone_sentences(one, claim(one, match), found, stays).tolist() == [False, True]


def test_a_spared_sentence_is_no_company_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    share = ["Share on Facebook"]
    lines = [PARAGRAPHS[0], *share * 7, PARAGRAPHS[1], *share, "The old harbour", PARAGRAPHS[2]]
    others = [0.9, *[0.1] * 7], [0.1, 0.4, 0.9]
    says(monkeypatch, [*others[0], 0.04, *others[1]], [*others[0], 0.5, *others[1]])
    text = strip_text("\n".join(lines), settings=StripSettings(strictness=0.65)).text
    assert text.splitlines() == PARAGRAPHS[:3]


@pytest.mark.parametrize("template", [False, True])
def test_a_lone_sentence_stays_beside_the_sites_evidence_unless_the_site_says_it_everywhere(
    template: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [0.9, 0.9, 0.1, 0.1, 0.0]
    says(monkeypatch, said, [0.9, 0.9, 0.1, 0.3, 0.0])
    lines = [*PARAGRAPHS[:2], "Share on Facebook", PARAGRAPHS[2], "All rights reserved."]

    class Site:
        """Its template is what stands below the article, and perhaps the lone sentence."""

        def against(self, _: pa.ChunkedArray, lines: Lines) -> np.ndarray:
            return np.zeros(len(lines))

        def weigh(self, *_: object) -> Weighed:
            main = np.array(said, np.float32) * np.array([1, 1, 0.5, 0.5, 0.5], np.float32)
            return Weighed(
                main, np.array([0, 0, 1, template, 1], np.bool_), np.array([0, 0, 0, 1, 0], np.bool_)
            )

    record = {"source": "s", "source_index": 0, "doc_id": "d", "site": "a.example", "text": "\n".join(lines)}
    documents = pa.Table.from_pylist([record], DOCUMENTS)
    records, removals = strip_batch(documents, StripSettings(), Site())  # type: ignore[arg-type]
    kept = PARAGRAPHS[:2] if template else PARAGRAPHS[:3]
    assert records["text"].to_pylist() == ["\n".join(kept)]
    rules = dict(zip(removals["text"].to_pylist(), removals["rule"].to_pylist(), strict=True))
    assert rules.get(PARAGRAPHS[2]) == ("site-template" if template else None)


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


@pytest.mark.parametrize(
    ("line", "below", "goes"),
    [
        ("By Ines Calloway", 0, True),
        ("By Ines Calloway", 2, True),
        ("By Ines Calloway", 3, False),  # not below the title
        ("By the harbour", 0, False),  # no name
        ("by the harbour", 0, False),
        ("By an NGO in a hurry", 0, False),
    ],
)
def test_a_byline_directly_below_the_title_is_one_whatever_the_model_says(
    line: str, below: int, goes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["Old harbour is closed for a year", *PARAGRAPHS]
    lines.insert(1 + below, line)
    says(monkeypatch, [0.9] * len(lines))
    stripped = strip_text("\n".join(lines))
    assert stripped.title == lines[0]
    assert [span.category for span in stripped.spans] == ["title", *["byline"] * goes]
