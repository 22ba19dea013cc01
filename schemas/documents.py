"""The batch of documents that the stages hand on, and the reasons for which one may be rejected."""

import pyarrow as pa

#: One row a document. After ingest exactly one of `text` and `html` is set; after extract `text` always is.
DOCUMENTS = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("source_index", pa.int64(), nullable=False),
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("url", pa.string()),
        pa.field("site", pa.string()),
        pa.field("title", pa.string()),
        pa.field("byline", pa.string()),
        pa.field("published", pa.timestamp("us", tz="UTC")),
        pa.field("text", pa.large_string()),
        pa.field("html", pa.large_string()),
        pa.field("hints", pa.large_binary()),
    ]
)

# `hints` has HINT_OCTETS octets for each line of a text that comes from HTML, and is null for any other. The first is the
# sum of what follows here; the others say where the line stands in the page (13, tasks.extract.places), and what lines
# are like that look like it (tasks.extract.looks).
#: The extractor takes the line for main text.
HINT_MAIN = 1
#: The markup says that it is a heading, a paragraph, or an item of a list.
HINT_HEADING, HINT_PARAGRAPH, HINT_ITEM = 2, 4, 8
#: The share of its characters that are links, in quarters: 0 to 3 times this.
HINT_LINKS = 16
#: It says what an image shows.
HINT_IMAGE = 64
HINT_OCTETS = 35

#: Bytes of the input that a reject keeps (`rejects.raw`).
RAW_LIMIT = 64 << 10
#: The fixed set of reasons in `rejects.reason`, with what each one means.
REJECT_REASONS: dict[str, str] = {
    "empty": "no text in the input",
    "undecodable": "the bytes are not text in any declared or detected encoding",
    "malformed": "the record does not parse in its format, or a field has the wrong type",
    "too_large": "the line, record or page is larger than the limit, or the text has more lines",
    "truncated": "the file ends inside a record or a compressed stream",
    "unsupported": "the content is of a kind that is not read (an image, a PDF, ...)",
    "unreadable": "the file could not be opened or read",
    "extraction_failed": "the HTML gave no text, or the extractor failed on it",
    "timeout": "extraction took longer than the limit",
    "all_boilerplate": "nothing was left after stripping",
    "language": "the language is not among those asked for",
}
