"""What the markup says of each line of a page's text, for the stage that decides what of it is the article.

The extractor's own choice of main text is one opinion among these and not the last word: where it and the line model
agree, both are right more often than either alone.
"""

import html
import re
from collections.abc import Sequence
from typing import NamedTuple

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from schemas import HINT_HEADING, HINT_IMAGE, HINT_ITEM, HINT_LINKS, HINT_MAIN, HINT_PARAGRAPH
from tasks.extract.containers import Boxes

# The tags that resiliparse leaves in its reduced HTML.
_TAG = re.compile(r"<(/?)(a|h[1-6]|p|[ou]l|li|pre|br)\b[^<>]*>")
# The attributes of an image: so many and so long ones that a page made of quotes takes no time.
_IMAGE = re.compile(r"""<img(?=[\s/])((?:[^<>"']+|"[^"]{0,2000}"|'[^']{0,2000}'){0,100}+)""", re.IGNORECASE)
_ALT = re.compile(r"""[\s"'/]alt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
# Signs of ASCII but the line break, which go at once, and all other signs.
_SIGNS = bytes(octet for octet in range(0x80) if not (chr(octet).isalnum() or chr(octet) == "\n"))
_NO_LETTERS = re.compile(r"[^\w\n]+")
# Letters that are looked up together. A line that has fewer must be a whole line of the main text: single words are
# found in any text by chance.
_STRETCH = 16
_BULLET = "• "
# A line of so many characters that are mostly no links is prose.
_PROSE = 80


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
    reduced, box_at = boxes.taken_out_of(reduced.replace("\0", "\ufffd"))
    lines, markup = Lines([], [], [], [], []), _Markup()
    begin = 0
    for block in reduced.split("\n"):
        if not block or block.isspace():
            begin += len(block) + 1
            continue
        written, linked, hints, first = markup.read(block)
        # an entity may stand for a line break, and a line stays one line
        text = " ".join(html.unescape(written).split())
        if text:
            hints |= markup.item_begun()
            quarter = min(4 * linked // len(written), 3)
            lines.text.append(_BULLET + text if hints & HINT_ITEM else text)
            lines.hints.append(hints | quarter * HINT_LINKS)
            lines.box.append(box_at(begin + first))
            lines.chars.append(len(written))
            lines.linked.append(linked)
        begin += len(block) + 1
    return lines


class _Markup:
    """Reads the blocks of resiliparse's reduced HTML, one after the other: a tag may close in a later one."""

    def __init__(self) -> None:
        self._in_link = False
        self._heading = self._item = 0

    def read(self, block: str) -> tuple[str, int, int, int]:
        """A block's text, how much of it is links, its hints but for those, and where its first letter stands."""
        if "<" not in block:
            first = len(block) - len(block.lstrip())
            return block, len(block) if self._in_link else 0, self._heading, first
        texts: list[str] = []
        linked, hints, first, at = 0, self._heading, -1, 0
        for tag in (*_TAG.finditer(block), None):
            text = block[at : tag.start() if tag else None]
            if first < 0 and (begun := text.lstrip()):
                first = at + len(text) - len(begun)
            texts.append(text)
            linked += len(text) if self._in_link else 0
            if tag:
                hints |= self._passed(tag)
                at = tag.end()
        return "".join(texts), linked, hints, first

    def item_begun(self) -> int:
        """HINT_ITEM for a text that is the first since an item began: it may come a line later, in a box of its own."""
        item, self._item = self._item, 0
        return item

    def _passed(self, tag: re.Match[str]) -> int:
        """What a tag says of the line it stands in."""
        opens, name = not tag[1], tag[2]
        if name == "p":
            return HINT_PARAGRAPH
        if name == "li":
            self._item = HINT_ITEM if opens else 0
            return HINT_ITEM
        if name[0] == "h":
            self._heading = HINT_HEADING if opens else 0
            return HINT_HEADING
        if name == "a":
            self._in_link = opens
        return 0


def mark_main(lines: Sequence[str], hints: list[int], main: str) -> None:
    """Mark the lines of which most stands in an extractor's `main` text too.

    Extractors cut lines elsewhere, drop links and mend hyphens, so a line need not be there letter for letter.
    """
    whole = _letters(main)
    own = set(whole.split("\n"))
    whole = whole.replace("\n", "")
    for number, letters in enumerate(_letters("\n".join(lines)).split("\n")):
        if letters and (letters in own or _half_found(letters, whole)):
            hints[number] |= HINT_MAIN


def mark_images(lines: Lines, page: str) -> None:
    """Mark the lines that say what an image of the page's HTML shows (its `alt`), which no reader sees.

    A line that says the same in plain view is marked as well; the renderer does not tell them apart.
    """
    found = filter(None, map(_ALT.search, _IMAGE.findall(page)))
    said = {" ".join(html.unescape(one[1] or one[2] or one[3] or "").split()) for one in found}
    for number, text in enumerate(lines.text):
        if text.removeprefix(_BULLET) in said:
            lines.hints[number] |= HINT_IMAGE


def is_prose(chars: int, linked: int) -> bool:
    """Whether a line of so many characters, so many of them links, is prose, by which boxes are weighed."""
    return chars >= _PROSE and 2 * linked < chars


def _half_found(letters: str, whole: str) -> bool:
    """Whether half of the stretches that the line consists of are found, of which it has one at least."""
    stretches = len(letters) // _STRETCH
    wanted = (stretches + 1) // 2
    spare = stretches - wanted
    for start in range(0, stretches * _STRETCH, _STRETCH):
        if letters[start : start + _STRETCH] in whole:
            wanted -= 1
        else:
            spare -= 1
        if not wanted or spare < 0:
            break
    return stretches > 0 and not wanted


def _letters(text: str) -> str:
    """Letters and digits alone, line by line: renderers differ in spaces, bullets and quotation marks."""
    bare = (
        text.lower().encode("utf-8", "surrogatepass").translate(None, _SIGNS).decode("utf-8", "surrogatepass")
    )
    return bare if bare.isascii() else _NO_LETTERS.sub("", bare)
