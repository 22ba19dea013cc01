"""Which format a file has: by its content, and by its name where the content does not tell."""

import re

import orjson

from tasks.ingest.decode import binary_kind
from tasks.ingest.options import IngestOptions, Reader
from tasks.ingest.streams import Damage, Stream

_HEAD = 4096
_BY_NAME: dict[str, Reader] = {
    ".txt": "text", ".text": "text", ".md": "text",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".parquet": "parquet", ".pq": "parquet",
    ".warc": "warc", ".wet": "warc",
}  # fmt: skip
#: Text, but no page, as a mirror of a site or a folder of data has it beside its pages.
_NO_PAGES = {
    ".csv": "a table", ".tsv": "a table",
    ".css": "a style sheet", ".js": "a script", ".svg": "a drawing",
    ".xml": "XML", ".rss": "a feed", ".atom": "a feed",
    ".mht": "a browser's archive", ".mhtml": "a browser's archive",
}  # fmt: skip
COMPRESSED = (".gz", ".gzip", ".zst", ".zstd")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
#: JSON that begins with an array of objects, with an array or an object that goes on in the next line, or with no record.
_VALUES = re.compile(rb"\s*(?:\[\s*\{|\[[^\S\n]*\n|\{[^\S\n]*\n\s*[\"}]|\[\s*\]\s*\Z)")
#: The same, surely enough for a file whose name says nothing of JSON.
_RECORDS = re.compile(rb'\s*(?:\[\s*\{|\{[^\S\n]*\n)\s*"[^"\\]{1,100}"\s*:')


def reader_for(stream: Stream, path: str, options: IngestOptions) -> Reader:
    """The reader for a file from its first bytes; `options.format` overrides.

    Raises Damage for text that is no page, by its name.
    """
    if options.format == "jsonl":
        return _lines_or_values(_head(stream))
    if options.format != "auto":
        return "warc" if options.format == "wet" else options.format
    named = by_name(path)
    head = _head(stream)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"WARC/"):
        return "warc"
    if binary_kind(head):
        return "text"  # which says what it is, once
    if named == "jsonl" and head.lstrip()[:1] in (b"{", b"[", b""):
        return _lines_or_values(head)
    if _HTML.match(head):
        return "html"
    if _RECORDS.match(head):
        return "json"
    if _is_json_line(head):
        return "jsonl"
    kind = _NO_PAGES.get(_ending(path))
    if kind:
        raise Damage("unsupported", f"by its name this is {kind}; --format text reads it as one text")
    return named or "text"


def by_name(path: str) -> Reader | None:
    """What the name says, compression aside."""
    return _BY_NAME.get(_ending(path))


def _ending(path: str) -> str:
    name = path.lower()
    for ending in COMPRESSED:
        name = name.removesuffix(ending)
    _, dot, ending = name.rpartition(".")
    return dot + ending


def _head(stream: Stream) -> bytes:
    return stream.peek(_HEAD).removeprefix(b"\xef\xbb\xbf")


def _lines_or_values(head: bytes) -> Reader:
    """How JSON is laid out, as far as can be seen."""
    return "json" if _VALUES.match(head) else "jsonl"


def _is_json_line(head: bytes) -> bool:
    """Whether a file begins with an object on a line of its own, as far as can be seen."""
    line, newline, _ = head.lstrip().partition(b"\n")
    if not newline and len(head) >= _HEAD:
        return re.match(rb'\{\s*"[^"\\]{1,100}"\s*:', line) is not None
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False
