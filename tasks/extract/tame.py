"""Markup that no person wrote, cut down to what the extractors bear: their time grows with the square of it."""

import re

#: Elements within each other that are kept; browsers draw their line at 512, the parser behind trafilatura at 256.
_DEPTH = 200
#: A page with fewer tags is not looked at: whatever their depth, it takes a moment.
_FEW_TAGS = 4_000
#: Beyond so many characters and blanks a tag loses its attributes.
_TAG_CHARS, _TAG_BLANKS = 20_000, 2_000

_LONG_TAG = re.compile(rf"<([a-zA-Z][^\s<>/]{{0,100}})[^<>]{{{_TAG_CHARS},}}")
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s<>/]*)[^<>]*>")
#: Elements without content, and those that the next one of their kind ends: they may well be left open.
_FLAT = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
    | {"p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "thead", "tbody", "tfoot"}
)


def without_attribute_floods(html: str) -> str:
    """The page with each tag that has thousands of attributes bare."""

    def bare(tag: re.Match[str]) -> str:
        return f"<{tag[1]}" if len(tag[0].split(None, _TAG_BLANKS)) > _TAG_BLANKS else tag[0]

    long = any(len(tag) > _TAG_CHARS and tag.find(">", 0, _TAG_CHARS) < 0 for tag in html.split("<"))
    return _LONG_TAG.sub(bare, html) if long else html


def flattened(html: str) -> str:
    """The page without the tags of elements that lie deeper than any browser shows; their text stays."""
    if html.count("<") <= _FEW_TAGS:
        return html
    depth = 0

    def kept(tag: re.Match[str]) -> str:
        nonlocal depth
        if tag[2].lower() in _FLAT:
            return tag[0] if depth < _DEPTH else " "
        if tag[1]:
            depth = max(0, depth - 1)
            return tag[0] if depth < _DEPTH else " "
        depth += 1
        return tag[0] if depth <= _DEPTH else " "

    return _TAG.sub(kept, html)
