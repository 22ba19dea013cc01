"""One page's HTML to text and metadata. Runs in a worker process, which a page may hang or kill."""

import re
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from tasks.extract.containers import with_signs, without_signs
from tasks.extract.hints import mark_images, mark_main, page_lines
from tasks.extract.looks import looks
from tasks.extract.options import Extractor
from tasks.extract.places import places
from tasks.extract.tame import flattened, without_attribute_floods
from tasks.instant import instant, written

if TYPE_CHECKING:
    from trafilatura.settings import Document

#: Where pages say what they are, best first: (selector, attribute that holds the value).
_TITLES = (("meta[property='og:title']", "content"), ("h1", ""), ("title", ""))
_BYLINES = (("meta[name='author']", "content"), ("meta[property='article:author']", "content"))
_DATES = (
    ("meta[property='article:published_time']", "content"),
    ("meta[itemprop='datePublished']", "content"),
    ("meta[name='date']", "content"),
    ("time[datetime]", "datetime"),
)
#: What linked data (JSON-LD) says of it.
_JSON_DATE = re.compile(r'"datePublished"\s*:\s*"([^"]{10,40})"')
_URLS = (("link[rel='canonical']", "href"), ("meta[property='og:url']", "content"))


class Page(NamedTuple):
    """What was found; `text` is empty where there is none. `hints` has HINT_OCTETS octets for each line of it (schemas)."""

    text: str = ""
    hints: bytes = b""
    title: str | None = None
    byline: str | None = None
    published: datetime | None = None
    url: str | None = None


def extract_page(html: str, url: str | None, extractor: Extractor) -> Page:
    """All text of a page, one block a line, with its hints and metadata. The result depends on the arguments alone."""
    html = without_attribute_floods(html)
    signed, boxes = with_signs(html)
    # After a summary resiliparse goes on in the line.
    tree = HTMLTree.parse(signed.replace("</summary>", "</summary><br>"))
    lines = page_lines(tree, boxes)
    if not lines.text:
        return Page()
    found = _with_trafilatura(html, url) if extractor == "trafilatura" else None
    if found and found.text:
        page, main = _described(found, tree, html), found.text
    else:
        flat = flattened(html)
        source = tree if flat is html else flat
        page, main = _metadata(tree), extract_plain_text(source, main_content=True, comments=False)
    mark_main(lines.text, lines.hints, main)
    mark_images(lines, html)
    told = zip(lines.hints, places(boxes, lines), looks(boxes, lines), strict=True)
    hints = b"".join(bytes((hint,)) + place + look for hint, place, look in told)
    return page._replace(text="\n".join(lines.text), hints=hints)


def _with_trafilatura(html: str, url: str | None) -> "Document | None":
    # here, so that only those pay for it who extract: not the process that hands out pages
    import trafilatura
    from trafilatura.settings import Document

    # extensive_search would take any date in the text, such as a copyright year; deduplicate is a cache that
    # lets earlier pages decide on later ones
    try:
        found = trafilatura.bare_extraction(
            html,
            url=url,
            include_comments=False,
            include_tables=True,
            with_metadata=True,
            deduplicate=False,
            date_extraction_params={"original_date": True, "extensive_search": False},
        )
    except Exception:  # whatever it is that the library stumbles over, the other one may not
        return None
    return found if isinstance(found, Document) else None


def _described(found: "Document", tree: HTMLTree, html: str) -> Page:
    """The metadata that trafilatura found."""
    published = _timed(instant(found.date), tree, html)
    return Page("", b"", _clean(found.title), _clean(found.author), published, _http(found.url))


def _timed(day: datetime | None, tree: HTMLTree, html: str) -> datetime | None:
    """The time of the day on which a page was published, where the page says it with its zone; else the day alone,
    which is all that trafilatura tells."""
    if day is None:
        return None
    for value in filter(None, [*(_first(tree, (place,)) for place in _DATES), *_JSON_DATE.findall(html)]):
        if value.startswith(f"{day:%Y-%m}-") and instant(value[:10]) is None:
            return None  # 30 February, of which trafilatura makes the first
        with suppress(ValueError, OverflowError):
            time = written(value)
            if time.tzinfo and time.date() == day.date():
                return instant(time)
    return day


def _metadata(tree: HTMLTree) -> Page:
    title, byline, date, url = (_first(tree, places) for places in (_TITLES, _BYLINES, _DATES, _URLS))
    return Page("", b"", title, byline, instant(date), _http(url))


def _first(tree: HTMLTree, places: tuple[tuple[str, str], ...]) -> str | None:
    for selector, attribute in places:
        node = tree.document.query_selector(selector) if tree.document else None
        found = (node.getattr(attribute) if attribute else node.text) if node else None
        value = _clean(without_signs(found) if found else None)
        if value:
            return value
    return None


def _clean(value: str | None) -> str | None:
    return " ".join(value.replace("\0", "\ufffd").split()) or None if value else None


def _http(url: str | None) -> str | None:
    return url if url and url.startswith(("http://", "https://")) else None
