"""Links and images as Markdown writes them: what a reader sees of them is their text."""

import pyarrow as pa
import pyarrow.compute as pc

# Where a link leads: no blank at its beginning, and what it has of brackets is in pairs.
_TARGET = r"\]\([^\s()][^()]*(?:\([^()]*\)[^()]*)*\)"
_IMAGE, _LINK = rf"!\[([^\[\]]*){_TARGET}", rf"\[([^\[\]]*){_TARGET}"


def without_links(lines: pa.LargeStringArray) -> pa.LargeStringArray:
    """The lines with the text of links and images in their place."""
    linked = pc.match_substring(lines, "](")
    if not pc.any(linked).as_py():
        return lines
    some = lines.filter(linked)
    for pattern in (_IMAGE, _LINK):  # an image may be in a link
        some = pc.replace_substring_regex(some, pattern, r"\1")
    return pc.replace_with_mask(lines, linked, some)
