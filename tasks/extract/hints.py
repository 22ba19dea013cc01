"""What the markup says of each line of a page's text, for the stage that decides what of it is the article.

The extractor's own choice of main text is one opinion among these and not the last word: where it and the line model
agree, both are right more often than either alone.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from schemas import HINT_HEADING, HINT_ITEM, HINT_LINKS, HINT_MAIN, HINT_PARAGRAPH
from tasks.extract.containers import Boxes

# The tags that resiliparse leaves in its reduced HTML.
_TAG = re.compile(r"<(/?)(a|h[1-6]|p|[ou]l|li|pre|br)\b[^<>]*>")
_NO_LETTERS = re.compile(r"[^\w\n]+|_+")
# Letters that are looked up together. A line that has fewer must be a whole line of the main text: single words are
# found in any text by chance.
_STRETCH = 16
_BULLET = "• "


class Lines(NamedTuple):
    """A page's text, a block a line, none of them blank; arrays have one entry a line."""

    text: list[str]
    #: schemas.HINT_…
    hints: list[int]
    #: The innermost box that it lies in.
    box: list[int]
    chars: list[int]
    #: How many of these are links.
    linked: list[int]


def page_lines(tree: HTMLTree, boxes: Boxes) -> Lines:
    """The whole page's text; items of lists begin with a bullet."""
    reduced = extract_plain_text(tree, preserve_formatting="minimal_html", links=True)
    reduced, signs, opened = boxes.taken_out_of(reduced.replace("\0", "\ufffd"))
    lines, hints = [], []
    in_link, heading, item = False, 0, 0
    own, chars, links = [], [], []
    end = -1
    for block in reduced.split("\n"):
        begin, end = end + 1, end + 1 + len(block)
        if not block:
            continue
        parts, linked, kind, at, first = [], 0, heading, 0, -1
        for tag in _TAG.finditer(block):
            parts.append(block[at : tag.start()])
            if first < 0 and (text := parts[-1].lstrip()):
                first = tag.start() - len(text)
            linked += len(parts[-1]) if in_link else 0
            at = tag.end()
            opens, name = not tag[1], tag[2]
            if name == "a":
                in_link = opens
            elif name == "p":
                kind |= HINT_PARAGRAPH
            elif name == "li":
                kind |= HINT_ITEM
                # its text may come a line later, where it lies in a box of its own
                item = HINT_ITEM if opens else 0
            elif name[0] == "h":
                kind |= HINT_HEADING
                heading = HINT_HEADING if opens else 0
        parts.append(block[at:])
        if first < 0:
            first = len(block) - len(parts[-1].lstrip())
        linked += len(parts[-1]) if in_link else 0
        written = "".join(parts)
        # an entity may stand for a line break, and a line stays one line
        text = " ".join(html.unescape(written).split()) if written else ""
        if text:
            kind, item = kind | item, 0
            quarter = min(4 * linked // max(len(written), 1), 3)
            lines.append(_BULLET + text if kind & HINT_ITEM else text)
            hints.append(kind | quarter * HINT_LINKS)
            own.append(opened[bisect_right(signs, begin + first)])
            chars.append(len(written))
            links.append(linked)
    return Lines(lines, hints, own, chars, links)


def mark_main(lines: Sequence[str], hints: list[int], main: str) -> None:
    """Mark the lines of which most stands in an extractor's `main` text too.

    Extractors cut lines elsewhere, drop links and mend hyphens, so a line need not be there letter for letter.
    """
    whole = _letters(main)
    own = set(whole.split("\n"))
    whole = whole.replace("\n", "")
    for number, letters in enumerate(_letters("\n".join(lines)).split("\n")):
        if letters and (letters in own or 2 * _found(letters, whole) >= max(len(letters) // _STRETCH, 1)):
            hints[number] |= HINT_MAIN


def _found(letters: str, whole: str) -> int:
    """How many of the stretches that the line consists of are found."""
    starts = range(0, len(letters) - _STRETCH + 1, _STRETCH)
    return sum(letters[start : start + _STRETCH] in whole for start in starts)


def _letters(text: str) -> str:
    """Letters and digits alone, line by line: renderers differ in spaces, bullets and quotation marks."""
    return _NO_LETTERS.sub("", text.lower())
