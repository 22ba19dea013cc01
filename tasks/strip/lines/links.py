"""Links and images as Markdown writes them: what a reader sees of them is the link's text."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.lines.arrays import Bools, Ints
from tasks.strip.lines.characters import holding, matches

#: What every link holds, and every image.
_MARK = b"]("
# Where a link leads: no blank at its beginning, and what it has of brackets is in pairs.
_TARGET = r"\]\([^\s()][^()]*(?:\([^()]*\)[^()]*)*\)"
_IMAGE, _LINK = rf"!\[[^\[\]]*{_TARGET}", rf"\[([^\[\]]*){_TARGET}"
#: Renderers that keep to a width break lines within a link's address, and within its text.
_IN_ADDRESS, _IN_TEXT, _TEXT_ENDS = r"\]\([^\s()]+$", r"\[[^\[\]]*$", r"^[^\[\]]*\]\([^\s()]"


def without_links(lines: pa.LargeStringArray) -> pa.LargeStringArray:
    """The lines with the text of links in their place, and without images."""
    linked = pa.array(holding(lines, _MARK))
    some = lines.filter(linked)
    if not len(some):
        return lines
    # An image may be in a link, and the text of a link on the lines before.
    for pattern, text in ((_IMAGE, ""), (_LINK, r"\1"), (_TARGET, "")):
        some = pc.replace_substring_regex(some, pattern, text)
    return pc.replace_with_mask(lines, linked, some)


def cut_links(lines: pa.LargeStringArray, doc: Ints) -> Bools:
    """After which lines there is a break within a link; `doc`: their documents."""
    out: Bools = np.zeros(len(lines), np.bool_)
    linked = np.flatnonzero(holding(lines, _MARK))
    if len(linked):
        some = lines.take(pa.array(linked))
        out[linked] = matches(some, _IN_ADDRESS)
        ends = linked[matches(some, _TEXT_ENDS)]
        before = ends[ends > 0] - 1
        out[before] |= matches(lines.take(pa.array(before)), _IN_TEXT)
        out[:-1] &= doc[1:] == doc[:-1]
        out[-1] = False
    return out
