"""Why a document that was read gives no record: for cleaning many, and for explaining one."""

import pyarrow as pa
import pyarrow.compute as pc

from flows.settings import Settings
from tasks.language import Language
from tasks.strip.lines import breaks

#: Which of some documents are refused, and in which words: the same for all of them, or one by one.
Refused = tuple[pa.ChunkedArray, str | pa.ChunkedArray]


def too_long(texts: pa.ChunkedArray, settings: Settings) -> Refused:
    """Texts of more lines than memory is there for."""
    lines = pa.chunked_array([breaks(texts.combine_chunks()) + 1])
    long = pc.greater(lines, settings.max_document_lines)
    detail = f"lines, the limit is {settings.max_document_lines:,}"
    return long, pc.binary_join_element_wise(lines.cast(pa.string()), detail, " ")


def nothing_left(cleaned: pa.ChunkedArray) -> Refused:
    """Documents without an article."""
    empty = pc.equal(pc.binary_length(pc.utf8_trim_whitespace(cleaned)), 0)
    return empty, "nothing was left after stripping"


def not_asked_for(languages: pa.ChunkedArray, settings: Settings) -> Refused:
    """Texts in other languages than are asked for; `zh` stands for `zh-Hans` and `zh-Hant` too."""
    languages = languages.cast(pa.string())
    detail = pc.binary_join_element_wise("the text is in", languages, " ")
    if not settings.languages:
        return pc.is_null(languages), detail
    asked = pa.array(settings.languages, pa.string())
    bare = pc.list_element(pc.split_pattern(languages, "-"), 0)
    wanted = pc.or_(pc.is_in(languages, value_set=asked), pc.is_in(bare, value_set=asked))
    return pc.invert(wanted), detail


def refusal(text: str, cleaned: str, language: Language, settings: Settings) -> str | None:
    """The reason and detail of the reject that a document would become; None where it would be a record."""
    for reason, (refused, detail) in (
        ("too_large", too_long(_column(text), settings)),
        ("all_boilerplate", nothing_left(_column(cleaned))),
        ("language", not_asked_for(_column(language.language), settings)),
    ):
        if refused[0].as_py():
            return f"{reason}: {detail if isinstance(detail, str) else detail[0].as_py()}"
    return None


def _column(value: str) -> pa.ChunkedArray:
    return pa.chunked_array([[value]], pa.large_string())
