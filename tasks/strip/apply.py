"""From verdicts to what a document becomes: its text, the columns moved out of it, and the list of removals."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.findings import CATEGORY_NAMES, Verdicts
from tasks.strip.lines import Bools, Lines


def kept_text(lines: Lines, verdicts: Verdicts) -> pa.LargeStringArray:
    """Each document's kept lines, joined by a line break."""
    return joined(lines, ~verdicts.removed, "\n")


def joined(lines: Lines, which: Bools, separator: str) -> pa.LargeStringArray:
    """Each document's lines `which`, joined; an empty string where there are none."""
    chosen = np.flatnonzero(which)
    texts = lines.text.take(pa.array(chosen))
    offsets = np.searchsorted(lines.doc[chosen], np.arange(lines.documents + 1))
    return pc.binary_join(
        pa.LargeListArray.from_arrays(pa.array(offsets), texts), pa.scalar(separator, pa.large_string())
    )


def moved(lines: Lines, verdicts: Verdicts, category: str) -> pa.StringArray:
    """Each document's lines of a category that has a column of its own, joined by "; "; null where there are none."""
    text = joined(lines, verdicts.of(category), "; ").cast(pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def first_of(lines: Lines, verdicts: Verdicts, category: str) -> pa.StringArray:
    """The first line of a category in each document, null where there is none."""
    at = np.flatnonzero(verdicts.of(category))
    docs, first = np.unique(lines.doc[at], return_index=True)
    where = np.full(lines.documents, -1)
    where[docs] = at[first]
    return lines.text.take(pa.array(where, mask=where < 0)).cast(pa.string())


def removed_spans(lines: Lines, verdicts: Verdicts) -> pa.Table:
    """One row a removed line: document (row in the batch), start, end, category, rule, score, text."""
    at = np.flatnonzero(verdicts.removed)
    rules = pa.DictionaryArray.from_arrays(pa.array(verdicts.rule[at]), pa.array(verdicts.rules, pa.string()))
    categories = pa.DictionaryArray.from_arrays(
        pa.array(verdicts.category[at]), pa.array(CATEGORY_NAMES, pa.string())
    )
    return pa.table(
        {
            "document": pa.array(lines.doc[at], pa.int32()),
            "start": pa.array(lines.start[at], pa.int32()),
            "end": pa.array(lines.end[at], pa.int32()),
            "category": categories.cast(pa.string()),
            "rule": rules.cast(pa.string()),
            "score": pa.array(verdicts.score[at], pa.float32()),
            "text": lines.text.take(pa.array(at)).cast(pa.string()),
        }
    )
