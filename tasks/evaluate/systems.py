"""What is compared: the records, two simple ways from the text, and other extractors from the HTML."""

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec

from tasks.evaluate.gold import GoldPage
from tasks.extract.workers import run_each

RECORDS, KEEP_ALL, C4_LINES = "records", "keep all", "C4 lines"

#: A page that takes an extractor longer counts as one without text.
_SECONDS = 60


def with_trafilatura(html: str) -> str:
    import trafilatura

    return trafilatura.extract(html, include_comments=False) or ""


def with_justext(html: str) -> str:
    """Without stop words, as its authors say for a language that is not known: labels may be wrong there."""
    import justext

    paragraphs = justext.justext(html, frozenset(), stopwords_low=0, stopwords_high=0)
    return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)


def with_resiliparse(html: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(html, main_content=True)
    return text


_EXTRACTORS: dict[str, tuple[str, Callable[[str], str]]] = {
    "trafilatura": ("trafilatura", with_trafilatura),
    "jusText": ("justext", with_justext),
    "resiliparse": ("resiliparse", with_resiliparse),
}


def installed_extractors() -> dict[str, Callable[[str], str]]:
    """The extractors that can be run here, by name."""
    return {name: work for name, (module, work) in _EXTRACTORS.items() if find_spec(module)}


def extracted(
    pages: Sequence[GoldPage], work: Callable[[str], str], processes: int = 1
) -> Iterator[str | None]:
    """The text of each page's HTML, in order; None where the extractor fails or takes too long."""
    for result in run_each(work, ((page.html or "",) for page in pages), _SECONDS, processes):
        yield result if isinstance(result, str) else None
