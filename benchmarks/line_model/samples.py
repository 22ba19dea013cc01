"""The training samples: every page in several renderings, each line with its features, its label and its weight."""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from lxml.etree import strip_elements
from lxml.html import HTMLParser, document_fromstring

from benchmarks.line_model.glue import Glue
from benchmarks.line_model.labellers import Labeller, given, known_labels, labeller
from benchmarks.line_model.scripts import without_spaces
from tasks.extract.page import Page as Extracted
from tasks.extract.page import extract_page
from tasks.strip.lines import Bools, Floats, Lines
from tasks.strip.lines.fold import fold
from tasks.strip.model.features import features
from tasks.strip.model.markup import hint_columns
from tasks.strip.rules import load_rules
from tasks.strip.rules.claims import claim
from tasks.strip.rules.match import matcher
from tasks.strip.structure.body import find_body
from tasks.strip.structure.judge import judge
from tasks.strip.structure.title import Titles

#: Where the renderings are cut; apart from the seed of the training, so that seeds compare on the same samples.
CUT_SEED = 7
_LONGEST = 400_000  # characters; beyond that a page is data and no article
_LONGEST_HTML = 2_000_000  # characters; inscriptis takes minutes for more
_BATCH = 256
#: The rendering of a page as tasks.extract gives it, with hints; a network of its own learns from it.
HTML = "html"
#: A few lines of the main text, with the headline or without, some below other lines; the title finder alone learns from them.
BRIEF = "brief"
#: Renderings of which figures are taken, or texts.
MEASURED = ("raw", "inscriptis", "pieces", HTML)
#: How many times a page comes with something glued on.
GLUED = 3
# Score from which a finder's word stands when figures are taken.
_STRONG = 0.9
_LINES_ABOVE, _LINES_BELOW = (0, 1, 2, 3, 5, 8, 12), (0, 1, 3, 6, 10, 20, 40)
# How many lines of the main text a brief text has, how often it has the title above them, and how often, and how many,
# lines that stand above the title on the page.
_BRIEF_LINES, _BRIEF_TITLES, _BRIEF_TOPS, _BRIEF_TOP_LINES = (1, 2, 3, 4, 6), 0.7, 0.3, (1, 2, 3)
# How many of the pages come in a script without spaces as well, and the share of letters from a to z that it takes.
_UNSPACED, _MOSTLY = 0.12, 0.8
# How many come with each sentence on a line of its own.
_SENTENCES = 0.15
_SENTENCE_ENDS = re.compile(r"(?<=[.!?…]) +(?=[\w\"“„«(¿¡])")
_BULLET = re.compile(r"^\s*[•*-]\s+")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One rendering of one page. `label` gives (label, weight) of each of its non-blank lines."""

    id: str
    dataset: str
    kind: str  # how it was rendered
    split: str  # train or test
    site: str
    page_type: str
    text: str
    label: Labeller
    marked: bool = False  # every line was labelled by hand
    gold: str | None = None
    title: str | None = None
    hints: bytes | None = None  # of a rendering that comes from HTML
    told: str | None = None  # the title that extraction found there
    titles: frozenset[str] | None = None  # the lines that say the title, where these are known for certain


@dataclass(frozen=True, slots=True)
class Sample:
    """A page as the model sees it; arrays have one entry a line."""

    page: Page
    features: npt.NDArray[np.float16]
    label: Floats
    weight: Floats
    words: Floats
    strong: Bools  # a finder removes it without the model
    title: Bools
    lines: tuple[str, ...]  # of `MEASURED` renderings alone


class Renderings(NamedTuple):
    """What was made of a page's HTML; None where a renderer could not take it."""

    inscriptis: str | None
    main_column: str | None
    pieces: list[str] | None
    extracted: Extracted | None


def render(path: Path) -> dict[str, Renderings]:
    """The renderings of each page of a Parquet file with `id` and `html`, by id."""
    import inscriptis
    from resiliparse.extract.html2text import extract_plain_text

    rendered = {}
    for batch in pq.ParquetFile(path).iter_batches(64, columns=["id", "html"]):
        for row in batch.to_pylist():
            html = row["html"]
            rendered[row["id"]] = Renderings(
                _tried(inscriptis.get_text, html) if len(html) < _LONGEST_HTML else None,
                _tried(extract_plain_text, html, main_content=True),
                _tried(_pieces, html),
                _tried(extract_page, html, url=None, extractor="trafilatura"),
            )
        print(f"rendered {len(rendered):,} pages", flush=True)
    return rendered


def html_pages(rows: Sequence[Row], rendered: Mapping[str, Renderings]) -> Iterator[Page]:
    """The pages as extraction gives them. The hints hold the extractor's choice: where only snippets are known, it is
    no teacher, and they alone are labels."""
    for row in rows:
        found = rendered[row["id"]].extracted if row["id"] in rendered else None
        if found and 0 < len(found.text) <= _LONGEST:
            yield _page(row, HTML, found.text, labeller(row, None), hints=found.hints, told=found.title)


def text_pages(
    rows: Sequence[Row], rendered: Mapping[str, Renderings], taught: Mapping[str, str]
) -> Iterator[Page]:
    """Renderings of the pages as text. `taught`: the main text of those of which only snippets are known, by id."""
    choose = random.Random(CUT_SEED)
    glue = Glue([row for row in rows if row["split"] == "train"], random.Random(CUT_SEED))
    for row in rows:
        inscriptis, main_column, pieces, _ = rendered.get(row["id"], (None,) * 4)
        label = labeller(row, taught.get(row["id"]))
        raw = row["raw_text"]
        variants: list[tuple[str, str | None]] = [("raw", raw), ("inscriptis", inscriptis)]
        if row["split"] == "train":
            compact = _compact(raw)
            variants.append(("compact", compact))
            variants.append(
                ("cut", _cut(choose.choice([raw, compact, inscriptis or compact]), label, choose))
            )
            variants.append(("main_column", main_column))
            variants.append(("pieces", _joined(pieces, choose)))
            if choose.random() < _SENTENCES:
                variants.append(("sentences", _SENTENCE_ENDS.sub("\n", compact)))
            if row["gold"]:
                variants += [
                    ("glued", glue.page(row, raw if choose.random() < 0.6 else compact, label))
                    for _ in range(GLUED)
                ]
        for kind, text in variants:
            if text and len(text) <= _LONGEST:
                yield _page(row, kind, text, label)
        if row["gold"] and row["split"] == "train" and choose.random() < _UNSPACED and _in_latin(raw):
            lines = [line for line in raw.split("\n") if line.strip()]
            yield _page(row, "unspaced", without_spaces(raw, choose), known_labels(*label(lines)))
        if row["gold"] and row["split"] == "train":
            headline, brief = _brief(compact, row["title"], label, choose)
            if brief:
                yield _page(row, BRIEF, "\n".join(brief), label, titles=frozenset(headline))


def _page(row: Row, kind: str, text: str, label: Labeller, **told: Any) -> Page:
    return Page(
        id=row["id"],
        dataset=row["dataset"],
        kind=kind,
        split=row["split"],
        site=_site(row["url"]),
        page_type=row["page_type"] or "",
        text=text,
        label=label,
        gold=row["gold"],
        title=row["title"],
        **told,
    )


def read_labelled(path: Path) -> Iterator[Page]:
    """The pages of a JSON Lines file, or of a folder of them, whose every line is labelled with a category."""
    for file in sorted(path.glob("*.jsonl")) if path.is_dir() else [path]:
        with file.open(encoding="utf-8") as records:
            for row in map(json.loads, records):
                yield Page(
                    id=row["id"],
                    dataset="labelled",
                    kind="labelled",
                    split="test" if row.get("split") == "held-out" else "train",
                    site=row["site"],
                    page_type="article",
                    text="\n".join(line for line, _ in row["lines"]),
                    label=given([category for line, category in row["lines"] if line.strip()]),
                    marked=True,
                    titles=frozenset(line for line, category in row["lines"] if category == "title"),
                )


def samples(pages: Sequence[Page], finder: Titles) -> Iterator[Sample]:
    """What the model sees of each page, where `finder` finds the titles that are not told."""
    rules = load_rules()
    match, ids = matcher(rules), [rule.id for rule in rules]
    for start in range(0, len(pages), _BATCH):
        batch = pages[start : start + _BATCH]
        lines = Lines(pa.array([page.text for page in batch], pa.large_string()))
        if not len(lines):
            continue
        claims = claim(lines, match)
        told = fold(pa.array([page.told for page in batch], pa.large_string())).to_pylist()
        body = find_body(lines, claims, told, finder=finder)
        found = judge(lines, claims, body, ids)
        seen = features(lines, claims, body, found).astype(np.float16)
        strong, title = found.removed & (found.score >= _STRONG), found.of("title")
        marked, columns = hint_columns(lines, pa.array([page.hints for page in batch], pa.large_binary()))
        hinted = np.zeros((len(lines), columns.shape[1]), np.float16)
        hinted[marked] = columns
        texts = lines.text.to_pylist()
        for number, page in enumerate(batch):
            first, last = lines.offsets[number], lines.offsets[number + 1]
            own = texts[first:last]
            label, weight = page.label(own)
            if body.title[number] >= 0 and not page.marked:
                weight[body.title[number] - first] = 0  # the gold texts differ in whether the title is in
            yield Sample(
                page=page,
                features=np.hstack((seen[first:last], hinted[first:last]))
                if page.hints
                else seen[first:last],
                label=label,
                weight=weight,
                words=lines.shape.words[first:last].astype(np.float32),
                strong=strong[first:last],
                title=title[first:last],
                lines=tuple(own) if page.kind in MEASURED else (),
            )


def _tried(render: Callable[..., Any], html: str, **options: Any) -> Any:
    """A page that a renderer cannot take has no such rendering."""
    try:
        return render(html, **options)
    except Exception as error:
        print(f"{render.__module__}: {type(error).__name__}: no rendering of one page", flush=True)
        return None


def _pieces(html: str) -> list[str]:
    """The text between each tag and the next."""
    tree = document_fromstring(html, parser=HTMLParser(remove_comments=True))
    strip_elements(tree, "script", "style", "noscript", "template", with_tail=False)
    return list(tree.itertext())


def _joined(pieces: list[str] | None, choose: random.Random) -> str | None:
    """As soup parsers give all text: a line wherever a tag begins, with or without the blanks around, or as it stands."""
    apart = "\n".join(pieces or ())
    return choose.choice([_compact(apart), apart, "".join(pieces or ())]) or None


def _in_latin(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return sum("a" <= sign <= "z" for sign in text.lower()) > _MOSTLY * letters


def _compact(text: str) -> str:
    """As other renderers write it: without bullets, indents and blank lines."""
    lines = (_BULLET.sub("", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _cut(text: str, label: Labeller, choose: random.Random) -> str | None:
    """As other extractors leave it: the main text with a few lines above and below."""
    lines = text.split("\n")
    main = np.flatnonzero(label(lines)[0] > 0)
    if not len(main):
        return None
    first = max(0, main[0] - choose.choice(_LINES_ABOVE))
    return "\n".join(lines[first : main[-1] + 1 + choose.choice(_LINES_BELOW)])


def _brief(
    text: str, title: str | None, label: Labeller, choose: random.Random
) -> tuple[list[str], list[str]]:
    """The headline, where there is one, and a text of a few lines, as agencies send them: how the main text begins, below
    the headline and, in some, below a few of the lines above it, such as a menu or a notice of cookies."""
    lines = text.split("\n")
    main = np.flatnonzero(label(lines)[0] > 0)[: choose.choice(_BRIEF_LINES)].tolist()
    above = lines[: main[0]] if main and title else []
    headlines = [line for line in above if len(line.split()) > 2 and title.startswith(line)][-1:]
    headline = headlines if choose.random() < _BRIEF_TITLES else []
    tops = [line for line in above if title and line not in title and title not in line]
    first = choose.randrange(len(tops)) if tops and choose.random() < _BRIEF_TOPS else len(tops)
    top = tops[first : first + choose.choice(_BRIEF_TOP_LINES)]
    return headline, [*top, *headline, *(lines[i] for i in main)] if main else []


def _site(url: str | None) -> str:
    """The last two labels of the host; of an archived page, those of the original."""
    host = urlsplit(url or "").netloc.lower()
    if "web.archive.org" in host:
        _, _, original = (url or "").partition("/http")
        host = urlsplit(f"http{original}").netloc
    return ".".join(host.split(".")[-2:])
