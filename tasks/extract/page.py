"""One page's HTML to text and metadata. Runs in a worker process, which a page may hang or kill."""

import logging
import resource
from datetime import UTC, datetime
from typing import NamedTuple

import trafilatura
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from tasks.extract.options import Extractor
from tasks.extract.tame import flattened, without_attribute_floods

#: What a worker may allocate, so that a page cannot take the machine's memory.
_MEMORY = 4 << 30
#: Where pages say what they are, best first: (selector, attribute that holds the value).
_TITLES = (("meta[property='og:title']", "content"), ("h1", ""), ("title", ""))
_BYLINES = (("meta[name='author']", "content"), ("meta[property='article:author']", "content"))
_DATES = (
    ("meta[property='article:published_time']", "content"),
    ("meta[itemprop='datePublished']", "content"),
    ("meta[name='date']", "content"),
    ("time[datetime]", "datetime"),
)
_URLS = (("link[rel='canonical']", "href"), ("meta[property='og:url']", "content"))


class Page(NamedTuple):
    """What was found; `text` is empty where there is none."""

    text: str = ""
    title: str | None = None
    byline: str | None = None
    published: datetime | None = None
    url: str | None = None


def start_worker() -> None:
    """Bounds a worker's memory and keeps the libraries' remarks on bad pages out of the log."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, hard))
    logging.disable(logging.CRITICAL)


def extract_page(html: str, url: str | None, extractor: Extractor) -> Page:
    """The text of a page, one block a line, and its metadata. The result depends on the arguments alone."""
    html = without_attribute_floods(html)
    page = _with_trafilatura(html, url) if extractor == "trafilatura" else Page()
    if page.text:
        return page
    return _with_resiliparse(flattened(html))


def _with_trafilatura(html: str, url: str | None) -> Page:
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
        return Page()
    if found is None or isinstance(found, dict):
        return Page()
    return Page(
        _lines(found.text), _clean(found.title), _clean(found.author), _time(found.date), _http(found.url)
    )


def _with_resiliparse(html: str) -> Page:
    """The main content or, where the page seems to have none, all of its text."""
    tree = HTMLTree.parse(html)
    text = _lines(extract_plain_text(tree, main_content=True, comments=False))
    text = text or _lines(extract_plain_text(tree, main_content=False))
    title, byline, date, url = (_first(tree, places) for places in (_TITLES, _BYLINES, _DATES, _URLS))
    return Page(text, title, byline, _time(date), _http(url))


def _first(tree: HTMLTree, places: tuple[tuple[str, str], ...]) -> str | None:
    for selector, attribute in places:
        node = tree.document.query_selector(selector) if tree.document else None
        value = _clean((node.getattr(attribute) if attribute else node.text) if node else None)
        if value:
            return value
    return None


def _lines(text: str | None) -> str:
    """Without what no store can hold, and without blank lines and margins."""
    lines = (line.strip() for line in (text or "").replace("\0", "\ufffd").splitlines())
    return "\n".join(line for line in lines if line)


def _clean(value: str | None) -> str | None:
    return " ".join(value.replace("\0", "\ufffd").split()) or None if value else None


def _http(url: str | None) -> str | None:
    return url if url and url.startswith(("http://", "https://")) else None


def _time(value: str | None) -> datetime | None:
    """An ISO 8601 time in UTC, which is also what it is taken for if it names no zone."""
    try:
        time = datetime.fromisoformat(value.strip()) if value else None
        return time and (time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
