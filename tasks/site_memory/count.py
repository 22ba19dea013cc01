"""The counting pass: every line of every page as a row of hashes."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.hashing import Hashes, hash64, mix
from tasks.site_memory.copies import REMEMBERED
from tasks.site_memory.tables import COUNTS
from tasks.strip.lines import BULLET, Lines

#: Characters of a line that are kept to show it.
SHOWN = REMEMBERED
#: From this length on a line that closes like a sentence is prose, by which copies of an article are told.
PROSE_CHARS = 50
_SENTENCE = r"[.。｡।॥۔։!?！？…][\"'”’»«“‘」』）)\]\s]*$"


def line_hashes(lines: Lines) -> Hashes:
    """A hash of what each line says, digits aside; 0 for one without letters or digits, which is counted nowhere."""
    said = pc.replace_substring_regex(lines.folded, r"\p{Nd}+", "0")
    hashes = hash64(said)
    hashes[pc.equal(pc.binary_length(said), 0).to_numpy(zero_copy_only=False)] = 0
    return hashes[lines.key]


def page_hashes(documents: pa.Table) -> Hashes:
    """A hash of each document's site and id."""
    return mix(hash64(documents["doc_id"]) + np.uint64(3) * hash64(documents["site"]))


def count(documents: pa.Table, lines: Lines) -> pa.Table:
    """COUNTS of a batch of `schemas.DOCUMENTS` and its lines: a page counts a line once, where it stands first.

    Pages without a site are left out.
    """
    hashes = line_hashes(lines)
    doc, offsets = lines.doc, lines.offsets
    before, after = np.zeros_like(hashes), np.zeros_like(hashes)
    inner = np.flatnonzero(doc[1:] == doc[:-1])
    before[inner + 1], after[inner] = hashes[inner], hashes[inner + 1]
    place = (np.arange(len(doc)) - offsets[:-1][doc]) / np.maximum(np.diff(offsets)[doc] - 1, 1)

    has_site = pc.is_valid(documents["site"]).to_numpy()
    # One pass over pages and lines in the order of their hashes leaves the first of equals.
    order = np.lexsort((hashes, doc))
    new = np.ones(len(order), np.bool_)
    new[1:] = (doc[order][1:] != doc[order][:-1]) | (hashes[order][1:] != hashes[order][:-1])
    at = np.sort(order[new])
    at = at[(hashes[at] != 0) & has_site[doc[at]]]

    text = lines.text.take(pa.array(at))
    chars = pc.utf8_length(text).to_numpy().astype(np.int32)
    owner = pa.array(doc[at])
    columns = [
        documents["site"].combine_chunks().take(owner),
        pa.array(page_hashes(documents)[doc[at]]),
        pa.array(hashes[at]),
        pa.array(place[at].astype(np.float32)),
        pa.array(_prose(text, chars)),
        pa.array(before[at]),
        pa.array(after[at]),
        pc.utf8_slice_codeunits(text, 0, SHOWN).cast(pa.string()),
    ]
    return pa.table(columns, schema=COUNTS)


def remembered_prose(shown: pa.LargeStringArray) -> npt.NDArray[np.int32]:
    """COUNTS.prose of lines of which as much is left as is shown: one that is cut off is taken for prose."""
    chars = pc.utf8_length(shown).to_numpy().astype(np.int32)
    return np.where(chars == SHOWN, chars, _prose(shown, chars))


def _prose(text: pa.LargeStringArray, chars: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """The characters of each line that is a sentence of some length, and 0 for the others."""
    long = np.flatnonzero(chars >= PROSE_CHARS)
    candidates = text.take(pa.array(long))
    prose = np.zeros(len(text), np.int32)
    closes = pc.match_substring_regex(candidates, _SENTENCE).to_numpy(zero_copy_only=False)
    bullet = pc.match_substring_regex(candidates, BULLET).to_numpy(zero_copy_only=False)
    sentence = long[closes & ~bullet]
    prose[sentence] = chars[sentence]
    return prose
