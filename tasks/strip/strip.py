"""The stage as a whole: a batch of documents, or one text, stripped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.blanks import non_blank
from tasks.strip import apply
from tasks.strip.dates import parse_datelines
from tasks.strip.findings import Verdicts
from tasks.strip.lines import Lines, breaks
from tasks.strip.lines.fold import fold
from tasks.strip.model.features import features
from tasks.strip.model.main_text import main_text
from tasks.strip.rules import load_rules
from tasks.strip.rules.claims import claim
from tasks.strip.rules.match import matcher
from tasks.strip.site_evidence import SiteEvidence
from tasks.strip.structure.body import find_body
from tasks.strip.structure.judge import judge
from tasks.strip.verdict import STRICTNESS, by_site, combine, given_up, settled

#: Lines that are judged at a time, if no document has more by itself. Each takes more than a kilobyte meanwhile.
_LINES = 200_000


@dataclass(frozen=True, slots=True)
class StripSettings:
    """What of the stage can be set.

    `rules`: files of own rules; `disable_rules`: ids that are not to fire; `model`: whether the line model has a say;
    `strictness`: the probability of main text, 0 to 1, below which the line model lets a line go.
    """

    rules: tuple[Path, ...] = ()
    disable_rules: tuple[str, ...] = ()
    model: bool = True
    strictness: float = STRICTNESS


@dataclass(frozen=True, slots=True)
class Span:
    """A removed stretch of the raw text: half-open code point offsets, and who decided."""

    start: int
    end: int
    category: str
    rule: str
    score: float


@dataclass(frozen=True, slots=True)
class Stripped:
    """A text without its boilerplate. `spans` are in order and do not overlap."""

    text: str
    title: str | None
    spans: tuple[Span, ...]


def strip_text(
    text: str,
    *,
    url: str | None = None,
    site: str | None = None,
    title: str | None = None,
    hints: bytes | None = None,
    settings: StripSettings | None = None,
    memory: SiteEvidence | None = None,
) -> Stripped:
    """Strip one text. Pure, deterministic and thread-safe.

    `text` is taken as it is: offsets count its code points. A lone surrogate counts as U+FFFD. `title`: the document's
    own, where it is known; what repeats it goes. `hints`: what HTML told of its lines, an octet each (schemas.HINT_…),
    where the text was extracted from HTML. `memory`: what is known of the lines of `site`.
    """
    if not isinstance(text, str):
        raise TypeError(f"text is a str, not {type(text).__name__}")
    lines, verdicts = _strip(
        pa.array([_valid(text)], pa.large_string()),
        _folded_titles(pa.chunked_array([[title and _valid(title)]], pa.string())),
        pa.array([hints], pa.large_binary()),
        pa.chunked_array([[site]], pa.string()),
        settings or StripSettings(),
        memory,
    )
    spans = apply.removed_spans(lines, verdicts).select(["start", "end", "category", "rule", "score"])
    return Stripped(
        text=apply.kept_text(lines, verdicts)[0].as_py(),
        title=apply.first_of(lines, verdicts, "title")[0].as_py(),
        spans=tuple(Span(**row) for row in spans.to_pylist()),
    )


def _valid(text: str) -> str:
    """Without lone surrogates; one for one, so that offsets stay."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def strip_batch(
    documents: pa.Table, settings: StripSettings | None = None, memory: SiteEvidence | None = None
) -> tuple[pa.Table, pa.Table]:
    """Strip a batch of `schemas.DOCUMENTS` whose `text` is set, with what `memory` knows of the lines of their sites.

    Returns (cleaned, removals). `cleaned` has the documents' columns with `text` stripped and `title`, `byline`,
    `published` filled where the input had none, and besides `attribution` (string), `raw_chars` (int32) and
    `removed_chars` (int32, without blanks). `removals` has the columns of `schemas.REMOVALS` and `document`, the row
    in `cleaned`.
    """
    settings = settings or StripSettings()
    parts = []
    for start, part in _portions(documents):
        cleaned, removals = _strip_portion(part, settings, memory)
        place = removals.column_names.index("document")
        owner = pc.add(removals["document"], pa.scalar(start, pa.int32()))
        parts.append((cleaned, removals.set_column(place, "document", owner)))
    cleaned, removals = zip(*parts, strict=True)
    return pa.concat_tables(cleaned), pa.concat_tables(removals)


def _portions(documents: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """The documents, in order, in portions of so many lines that memory is bounded; each with its first row."""
    ends = np.cumsum(breaks(pc.fill_null(documents["text"].combine_chunks(), "")) + 1)
    start = 0
    while True:
        before = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, before + _LINES, side="right")), start + 1)
        yield start, documents.slice(start, stop - start)
        start = stop
        if start >= documents.num_rows:
            return


def _strip_portion(
    documents: pa.Table, settings: StripSettings, memory: SiteEvidence | None
) -> tuple[pa.Table, pa.Table]:
    texts = documents["text"].combine_chunks()
    hints = documents["hints"].combine_chunks()
    titles, sites = _folded_titles(documents["title"]), documents["site"]
    lines, verdicts = _strip(texts, titles, hints, sites, settings, memory)
    spans = apply.removed_spans(lines, verdicts)
    removals = spans.append_column("doc_id", documents["doc_id"].combine_chunks().take(spans["document"]))
    removed = np.zeros(len(texts), np.int64)
    np.add.at(removed, spans["document"].to_numpy(), non_blank(spans["text"]))
    dates = parse_datelines(apply.first_of(lines, verdicts, "dateline").cast(pa.large_string()))
    cleaned = {name: documents[name] for name in documents.column_names if name not in ("html", "hints")}
    cleaned |= {
        "text": apply.kept_text(lines, verdicts),
        "title": pc.coalesce(documents["title"], apply.first_of(lines, verdicts, "title")),
        "byline": pc.coalesce(documents["byline"], apply.moved(lines, verdicts, "byline")),
        "published": pc.coalesce(documents["published"], dates),
        "attribution": apply.moved(lines, verdicts, "attribution"),
        "raw_chars": pc.utf8_length(texts).cast(pa.int32()),
        "removed_chars": pa.array(removed, pa.int32()),
    }
    return pa.table(cleaned), removals


def _strip(
    texts: pa.LargeStringArray,
    titles: list[str | None],
    hints: pa.LargeBinaryArray,
    sites: pa.ChunkedArray,
    settings: StripSettings,
    memory: SiteEvidence | None,
) -> tuple[Lines, Verdicts]:
    rules = load_rules(settings.rules, settings.disable_rules)
    lines = Lines(texts)
    if not len(lines):
        return lines, Verdicts.none(0)
    claims = claim(lines, matcher(rules))
    # What the site says is weighed against the model: without one it is not asked.
    against = memory.against(sites, lines) if memory and settings.model else None
    body = find_body(lines, claims, titles, against)
    verdicts = judge(lines, claims, body, [rule.id for rule in rules])
    if settings.model:
        looks = main_text(lines, body.spread, features(lines, claims, body, verdicts), hints)
        looks = settled(looks, lines.doc, body.known, settings.strictness)
        doubted = given_up(looks, settings.strictness)
        if memory is None or against is None:
            combine(lines, body, claims, verdicts, looks, settings.strictness, doubted)
        else:
            weighed = memory.weigh(against, lines, looks.main)
            doubted &= ~weighed.template
            by_both = looks._replace(main=weighed.main)
            combine(lines, body, claims, verdicts, by_both, settings.strictness, doubted)
            by_site(verdicts, looks.main, weighed, settings.strictness)
    return lines, verdicts


def _folded_titles(titles: pa.ChunkedArray) -> list[str | None]:
    folded: list[str | None] = fold(titles.combine_chunks().cast(pa.large_string())).to_pylist()
    return folded
