"""The Parquet data sets of an output folder: their columns, types and meanings.

The schema version stands in the footer of every file under `wirebrush.schema_version`; each column's meaning
stands in its field metadata under `description`, so that a file explains itself.
"""

import pyarrow as pa

SCHEMA_VERSION = "1.1"


def _field(name: str, type_: pa.DataType, description: str, nullable: bool = True) -> pa.Field:
    return pa.field(name, type_, nullable=nullable, metadata={"description": description})


#: The document signals of Gopher (Rae et al. 2021), C4 (Raffel et al. 2020) and FineWeb (Penedo et al. 2024),
#: computed on the cleaned text. `ratio` and `share` run from 0 to 1.
QUALITY = pa.struct(
    [
        _field("lines", pa.int32(), "non-empty lines"),
        _field("sentences", pa.int32(), "sentences, by terminal punctuation"),
        _field("mean_word_length", pa.float32(), "characters a word (Gopher keeps 3 to 10)"),
        _field("symbol_word_ratio", pa.float32(), "'#' and ellipses to words (Gopher keeps <= 0.1)"),
        _field("alpha_word_share", pa.float32(), "share of words with a letter (Gopher keeps >= 0.8)"),
        _field("stop_words", pa.int32(), "distinct of Gopher's eight English stop words found"),
        _field(
            "bullet_line_share", pa.float32(), "share of lines that start with a bullet (Gopher keeps <= 0.9)"
        ),
        _field(
            "ellipsis_line_share",
            pa.float32(),
            "share of lines that end in an ellipsis (Gopher keeps <= 0.3)",
        ),
        _field(
            "terminal_line_share",
            pa.float32(),
            "share of lines that end in terminal punctuation (C4, FineWeb)",
        ),
        _field(
            "short_line_share",
            pa.float32(),
            "share of lines of at most 30 characters (FineWeb keeps <= 0.67)",
        ),
        _field("duplicate_line_share", pa.float32(), "share of lines that repeat an earlier one (Gopher)"),
        _field("duplicate_char_share", pa.float32(), "share of characters in such lines (Gopher, FineWeb)"),
        _field("digit_share", pa.float32(), "share of characters that are digits"),
        _field("upper_share", pa.float32(), "share of letters that are upper case"),
        _field("brace_count", pa.int32(), "curly braces (C4 keeps pages with none)"),
    ]
)

RECORDS = pa.schema(
    [
        _field("doc_id", pa.string(), "the input's own id, else a stable hash of source and position", False),
        _field("source", pa.string(), "the input file as given", False),
        _field("source_index", pa.int64(), "the document's position in its file, from 0", False),
        _field("url", pa.string(), "the page's address, where the input names one"),
        _field(
            "site", pa.string(), "registered domain of url, else the name of the folder that holds the file"
        ),
        _field("title", pa.string(), "the document's own title, not repeated in text"),
        _field("text", pa.string(), "the cleaned text, one paragraph a line", False),
        _field("language", pa.string(), "BCP 47 tag; 'und' when it cannot be told", False),
        _field("language_confidence", pa.string(), "high, low or none"),
        _field(
            "language_shares",
            pa.list_(pa.struct([pa.field("language", pa.string()), pa.field("share", pa.float32())])),
            "languages with at least 10 % of the text, largest first",
        ),
        _field("published", pa.timestamp("us", tz="UTC"), "from the input's metadata or the dateline"),
        _field("byline", pa.string(), "author line"),
        _field("attribution", pa.string(), "agency or outlet named as the source"),
        _field("raw_chars", pa.int32(), "code points of the raw text"),
        _field("text_chars", pa.int32(), "code points of text"),
        _field("words", pa.int32(), "words of text; in scripts without spaces, characters"),
        _field("content_hash", pa.string(), "hash of the normalised text: equal for exact copies"),
        _field("quality", QUALITY, "the usual document signals, on the cleaned text"),
        _field(
            "duplicate_of",
            pa.string(),
            "doc_id of the earliest copy; null where it is this one or there is none",
        ),
        _field(
            "cluster_id",
            pa.string(),
            "doc_id of the earliest copy; equal for all copies, null where there are none",
        ),
        _field(
            "shared_share",
            pa.float32(),
            "share of the text in passages that stand in other sites' records, too",
        ),
    ]
)

#: Columns of RECORDS that tell how a record relates to others: filled in once all of them are published.
RELATION_COLUMNS = ("duplicate_of", "cluster_id", "shared_share")

REMOVALS = pa.schema(
    [
        _field("doc_id", pa.string(), "the record the span was taken from", False),
        _field("start", pa.int32(), "first code point in the document's raw text", False),
        _field("end", pa.int32(), "one past the last code point", False),
        _field("category", pa.string(), "one of the categories of the contract", False),
        _field("rule", pa.string(), "the rule or model that decided", False),
        _field("score", pa.float32(), "confidence, 0 to 1", False),
        _field("text", pa.string(), "the text taken out", False),
    ]
)

REJECTS = pa.schema(
    [
        _field("source", pa.string(), "the input file as given", False),
        _field(
            "source_index",
            pa.int64(),
            "the document's position in its file, from 0; null for the file itself",
        ),
        _field("doc_id", pa.string(), "the document's id, where it is known"),
        _field("reason", pa.string(), "one of the fixed reasons", False),
        _field("detail", pa.string(), "what exactly was wrong, and where"),
        _field("raw", pa.binary(), "the first 64 KiB of the input"),
    ]
)

SOURCES = pa.schema(
    [
        _field("source", pa.string(), "the input file as given", False),
        _field("size", pa.int64(), "bytes"),
        _field("fingerprint", pa.string(), "changes when the file or the settings change", False),
        _field("documents", pa.int64(), "documents read", False),
        _field("records", pa.int64(), "documents kept", False),
        _field("rejects", pa.int64(), "documents rejected", False),
        _field("removed_chars", pa.int64(), "non-blank code points taken out of kept documents", False),
        _field("status", pa.string(), "done, or partial where the file could not be read to its end", False),
        _field("detail", pa.string(), "why, where status is not done"),
    ]
)

SITES = pa.schema(
    [
        _field("site", pa.string(), "as in records", False),
        _field("pages", pa.float64(), "pages counted, copies once; older ones count less", False),
        _field("first_seen", pa.int32(), "number of the run that counted it first", False),
        _field("last_seen", pa.int32(), "number of the run that counted a page of it last", False),
        _field("page_hashes", pa.list_(pa.uint64()), "pages that are not to be counted again", False),
    ]
)

SITE_LINES = pa.schema(
    [
        _field("site", pa.string(), "as in records", False),
        _field("line", pa.uint64(), "hash of the line, case, digits and the like aside", False),
        _field("text", pa.string(), "its beginning, as one of the pages has it", False),
        _field("pages", pa.float64(), "pages of the site that have it; older ones count less", False),
        _field("top", pa.float64(), "of these, pages that have it in their first third", False),
        _field("middle", pa.float64(), "in their second third", False),
        _field("end", pa.float64(), "in their last third", False),
        _field("before", pa.uint64(), "the line before it on the first page that had it; 0: none", False),
        _field("after", pa.uint64(), "the line after it there; 0: none", False),
        _field("first_page", pa.uint64(), "hash of that page, or of the one it is a copy of", False),
        _field("first_seen", pa.int32(), "number of the run that counted it first", False),
        _field("last_seen", pa.int32(), "number of the run that counted it last", False),
    ]
)

CLUSTERS = pa.schema(
    [
        _field("cluster_id", pa.string(), "doc_id of the earliest copy", False),
        _field("doc_id", pa.string(), "a record of the cluster", False),
        _field("site", pa.string(), "its site"),
        _field(
            "earliest", pa.bool_(), "whether it is the earliest: published first, else first by doc_id", False
        ),
        _field(
            "similarity", pa.float32(), "to the copy most like it: about the share of words unchanged", False
        ),
    ]
)

PASSAGES = pa.schema(
    [
        _field("doc_id", pa.string(), "the record that has the passage", False),
        _field("start", pa.int32(), "first code point in the record's text", False),
        _field("end", pa.int32(), "one past the last code point", False),
        _field(
            "shared_with", pa.list_(pa.string()), "doc_id of records of other sites that have it, too", False
        ),
        _field("sites", pa.list_(pa.string()), "the site of each of these", False),
    ]
)

#: Name of the data set (its folder under the output) to its schema.
DATASETS: dict[str, pa.Schema] = {
    "records": RECORDS,
    "removals": REMOVALS,
    "rejects": REJECTS,
    "sources": SOURCES,
    "sites": SITES,
    "site_lines": SITE_LINES,
    "clusters": CLUSTERS,
    "passages": PASSAGES,
}
