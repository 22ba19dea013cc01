"""Breaks that cut a sentence, and what the lines are without them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.lines.arrays import Ints
from tasks.strip.lines.characters import holding, octets_of
from tasks.strip.lines.links import cut_links
from tasks.strip.lines.pieces import cut_sentences
from tasks.strip.lines.wrapped import wraps

#: Stands for a break that cuts a sentence. White space, which a text has no more once its line breaks are even.
BREAK = "\f"
# What it becomes. A hanging hyphen keeps its blank; other hyphens, addresses and opening brackets and quotes have none
# after them, nor has what closes a clause before it.
_AND = "und|oder|bzw|and|or|to|et|ou|y|o|e|og|eller|och|en|of"
_INSTEAD = (
    (rf"(\]\([^\s()]*)\s*{BREAK}\s*", r"\1"),
    (rf"([\pL\pN]-)\s*{BREAK}\s*((?:{_AND})\s)", r"\1 \2"),
    (rf"([\pL\pN]-)\s*{BREAK}\s*", r"\1"),
    (rf"((?:^|\s)[\"'(\[«“„‘¿¡]+|[(\[])\s*{BREAK}\s*", r"\1"),
    (rf"\s*{BREAK}\s*([,.;:)\]’”“،؛]+(?:\s|$)|[。，、；：！？）」』])", r"\1"),
    (rf"\s*{BREAK}\s*", " "),
)


def without_cuts(
    texts: pa.LargeStringArray, lines: pa.LargeStringArray, chars: Ints, doc: Ints
) -> pa.LargeStringArray:
    """The texts with BREAK, which is one octet too, for each line break that cuts a sentence: offsets stay.

    lines: their lines, which end in "\\n"; chars: the code points of each; doc: the text of each.
    """
    cut = np.flatnonzero(wraps(lines, chars, doc) | cut_links(lines, doc) | cut_sentences(lines, doc))
    if not len(cut):
        return texts
    octets, offsets = octets_of(texts)
    octets = octets.copy()
    # The last line of a document has no break.
    octets[(np.cumsum(pc.binary_length(lines).to_numpy() + 1) - 1 - doc)[cut]] = ord(BREAK)
    return pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(octets))


def put_together(lines: pa.LargeStringArray) -> pa.LargeStringArray:
    """Lines as they were before they were cut."""
    cut = pa.array(holding(lines, BREAK.encode()))
    some = lines.filter(cut)
    if not len(some):
        return lines
    for pattern, instead in _INSTEAD:
        some = pc.replace_substring_regex(some, pattern, instead)
    return pc.replace_with_mask(lines, cut, some)
