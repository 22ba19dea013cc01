"""From verdicts to what a document becomes: its text, the columns moved out of it, and the list of removals."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.findings import CATEGORY_NAMES, Verdicts
from tasks.strip.lines import Ints, Lines
from tasks.strip.lines.characters import code_points
from tasks.strip.lines.joints import BREAK


def kept_text(lines: Lines, verdicts: Verdicts) -> pa.LargeStringArray:
    """Each document's kept lines, joined by a line break."""
    at = np.flatnonzero(~verdicts.removed)
    return _joined(lines, at, lines.text.take(pa.array(at)), "\n")


def moved(lines: Lines, verdicts: Verdicts, category: str) -> pa.StringArray:
    """Each document's lines of a category that has a column of its own, joined by "; "; null where there are none."""
    at = np.flatnonzero(verdicts.of(category))
    text = _joined(lines, at, _plain(lines, pa.array(at)), "; ").cast(pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def first_of(lines: Lines, verdicts: Verdicts, category: str) -> pa.StringArray:
    """The first line of a category in each document, null where there is none."""
    at = np.flatnonzero(verdicts.of(category))
    docs, first = np.unique(lines.doc[at], return_index=True)
    where = np.full(lines.documents, -1)
    where[docs] = at[first]
    return _plain(lines, pa.array(where, mask=where < 0)).cast(pa.string())


def _joined(lines: Lines, at: Ints, texts: pa.LargeStringArray, separator: str) -> pa.LargeStringArray:
    """The texts, one for each of the lines `at`, joined for each document; an empty string where it has none."""
    offsets = np.searchsorted(lines.doc[at], np.arange(lines.documents + 1))
    return pc.binary_join(
        pa.LargeListArray.from_arrays(pa.array(offsets), texts), pa.scalar(separator, pa.large_string())
    )


def _plain(lines: Lines, at: pa.Array) -> pa.LargeStringArray:
    """Lines as a column shows them: what a reader sees, without the marks that make a heading of it in Markdown."""
    seen = lines.seen.take(pa.array(lines.raw_key).take(at))
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(seen, r"^#{1,6}\s+", ""))


def removed_spans(lines: Lines, verdicts: Verdicts) -> pa.Table:
    """One row a removed line of the raw text: document (row in the batch), start, end, category, rule, score, text."""
    removed = np.flatnonzero(verdicts.removed)
    line, start, text = _raw_lines(lines, removed)
    at = removed[line]
    rules = pa.DictionaryArray.from_arrays(pa.array(verdicts.rule[at]), pa.array(verdicts.rules, pa.string()))
    categories = pa.DictionaryArray.from_arrays(
        pa.array(verdicts.category[at]), pa.array(CATEGORY_NAMES, pa.string())
    )
    return pa.table(
        {
            "document": pa.array(lines.doc[at], pa.int32()),
            "start": pa.array(start, pa.int32()),
            "end": pa.array(start + code_points(text), pa.int32()),
            "category": categories.cast(pa.string()),
            "rule": rules.cast(pa.string()),
            "score": pa.array(verdicts.score[at], pa.float32()),
            "text": text.cast(pa.string()),
        }
    )


def _raw_lines(lines: Lines, at: Ints) -> tuple[Ints, Ints, pa.LargeStringArray]:
    """What lines of the raw text the lines `at` are made of: whose each is (a row of `at`), its offset and its text."""
    raw = lines.raw.take(pa.array(lines.raw_key[at]))
    if (lines.parts[at] == 1).all():
        return np.arange(len(at)), lines.start[at], raw
    split = pc.split_pattern(raw, BREAK)
    text = split.flatten().cast(pa.large_string())
    line = pc.list_parent_indices(split).to_numpy().astype(np.int64)
    begins = np.cumsum(code_points(text) + 1) - code_points(text) - 1
    first = np.searchsorted(line, np.arange(len(at)))
    start = lines.start[at][line] + begins - begins[first][line]
    indented = pc.utf8_ltrim_whitespace(text)
    return line, start + code_points(text) - code_points(indented), pc.utf8_rtrim_whitespace(indented)
