"""The boxes that a page is made of, and which of them lies open at each place of its text.

Renderers give lines and no tree. So a sign of its own is written where a box opens and where it closes, before the
page is rendered; it comes out among the text, and says from where on which box lies open.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate

#: The signs, one for each tag, from the last plane for private use. A page that uses that plane itself is left alone.
SIGNS = "\U00100000-\U0010fffd"
_FIRST_SIGN, _SIGNS_AT_MOST = 0x100000, 0xFFFE
_SIGN = re.compile(f"[{SIGNS}]")
_ENTITY = re.compile(r"&#(?:[xX]0*10[0-9a-fA-F]{4}|0*1(?:0[4-9]|1[01])\d{4})")
# Boxes, and what is passed over to its end: no markup of the page.
_BOXES = "div|section|article|main|aside|header|footer|nav|form|figure|td|ul|ol|blockquote|details|dl|dialog|fieldset"
_RAW = "script|style|template|textarea|select|title|iframe|noframes|noembed|xmp"
# Of attributes so many and so long ones that a page made of quotes takes no time.
_ATTRIBUTES = r"""(?:[^<>"']+|"[^"]{0,2000}"|'[^']{0,2000}'){0,100}+|[^<>]*"""
_TAG = re.compile(
    rf"<(?:(!--)|({_RAW})(?=[\s/>])|(/?)({_BOXES}|table)(?=[\s/>])({_ATTRIBUTES})>)", re.IGNORECASE
)
_ENDS = {name: re.compile(f"</{name}(?=[\\s/>])", re.IGNORECASE) for name in _RAW.split("|")}
_NAMES = re.compile(
    r"""\b(?:class|id|role|itemprop)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)

# What the tags of boxes say, a bit each.
_BY_TAG = {"article": 1, "main": 1, "aside": 2, "header": 4, "footer": 8, "nav": 16, "figure": 64, "td": 128}
_BY_TAG |= dict.fromkeys(("form", "fieldset", "dialog"), 32)
# What people call boxes, whatever the language of the page, a bit a group.
_CALLED = (
    "article story post entry content body text prose richtext",
    "comment disqus respond discuss reply replies",
    "related recommend more popular trending read-next teaser also latest carousel slider swiper card grid outbrain"
    " taboola listing most-read promo-list feed further",
    "share sharing social follow addthis sns",
    "author bio byline profile contributor avatar meta date info",
    "promo newsletter subscri signup sign-up paywall banner sponsor advert -ad- ads cta call-to-action popup modal donat"
    " cookie consent gdpr offer product price alert",
    "nav menu breadcrumb foot head sidebar widget aside toolbar topbar skip pagina pager lang bottom top- rail column",
    "caption credit figure image img gallery photo media video tag categor topic keyword label",
)
_BITS = {word: 1 << number for number, words in enumerate(_CALLED) for word in words.split()}
#: The bit of the names of main text.
MAIN_TEXT = _BITS["article"]
_CALL = re.compile("|".join(sorted(_BITS, key=len, reverse=True)))
# Characters of a box's names that are looked at; of attributes that are remembered, as boxes share them.
_NAMES_AT_MOST, _REMEMBERED = 500, 300
# What tells boxes apart that are made alike: the words with a number in them.
_NUMBERED = re.compile(r"\b[^\W\d]*+\d\w*+")


@dataclass(slots=True)
class Boxes:
    """The boxes of a page in the order in which they open; box 0 is the page itself."""

    parent: list[int] = field(default_factory=lambda: [0])
    #: Bits of what the tag of each says, and of what it is called.
    tag: list[int] = field(default_factory=lambda: [0])
    called: list[int] = field(default_factory=lambda: [0])
    #: A number for its tag and names: boxes that are made alike have the same.
    look: list[int] = field(default_factory=lambda: [0])
    #: The box that lies open from each sign on.
    opened: list[int] = field(default_factory=list)
    _looks: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, parent: int, tag: str, attributes: str) -> int:
        """Open a box in another one; returns its number."""
        called, unnumbered = (_named if len(attributes) <= _REMEMBERED else _named.__wrapped__)(attributes)
        self.parent.append(parent)
        self.tag.append(_BY_TAG.get(tag, 0))
        self.called.append(called)
        self.look.append(self._looks.setdefault((tag, unnumbered), len(self._looks) + 1))
        return len(self.parent) - 1

    def taken_out_of(self, text: str) -> tuple[str, Callable[[int], int]]:
        """The text without signs, and what tells of a place in it which box lies open there."""
        if not self.opened:
            return text, lambda place: 0
        parts = _SIGN.split(text)
        places = [*accumulate(map(len, parts[:-1]))]
        opened = [0]
        for sign in _SIGN.findall(text):
            which = ord(sign) - _FIRST_SIGN
            opened.append(self.opened[which] if which < len(self.opened) else opened[-1])
        return "".join(parts), lambda place: opened[bisect_right(places, place)]


class _Open:
    """What lies open where a page has been read to: boxes, and tables, which are none but close their cells."""

    def __init__(self) -> None:
        self._stack = [("", 0)]
        # So that of thousands of ends that close nothing, none looks through all that lies open.
        self._of_name: dict[str, int] = {}

    @property
    def innermost(self) -> str:
        """The tag that was opened last."""
        return self._stack[-1][0]

    def open(self, tag: str, box: int) -> int:
        """A tag, with the box that is the innermost one in it, which is returned."""
        self._stack.append((tag, box))
        self._of_name[tag] = self._of_name.get(tag, 0) + 1
        return box

    def close(self, tag: str) -> int:
        """Close the innermost of this name with all that was left open in it, if there is one; returns the innermost box."""
        closed = "" if self._of_name.get(tag) else tag
        while closed != tag:
            closed, _ = self._stack.pop()
            self._of_name[closed] -= 1
        return self._stack[-1][1]


def with_signs(html: str) -> tuple[str, Boxes]:
    """The page with a sign at both ends of each box; none where it holds such signs itself or has too many boxes."""
    boxes, lying = Boxes(), _Open()
    if _holds_signs(html):
        return html, boxes
    parts: list[str] = []
    at = box = 0
    for tag in _tags(html):
        name, ends, before = tag[4].lower(), bool(tag[3]), box
        if ends:
            box = lying.close(name)
        elif name == "table":
            lying.open(name, box)
        else:
            if name == "td" == lying.innermost:
                box = lying.close(name)  # its end may be left out
            box = lying.open(name, boxes.add(box, name, tag[5]))
        if box == before:
            continue
        if len(boxes.opened) >= _SIGNS_AT_MOST:
            return html, Boxes()
        # Within the box on both ends, so that the sign makes no line of its own where there was none.
        edge = tag.start() if ends and name != "table" else tag.end()
        parts += (html[at:edge], chr(_FIRST_SIGN + len(boxes.opened)))
        boxes.opened.append(box)
        at = edge
    parts.append(html[at:])
    return "".join(parts), boxes


def without_signs(text: str) -> str:
    """The text as it was before `with_signs`."""
    return _SIGN.sub("", text)


def _holds_signs(html: str) -> bool:
    """Whether the page holds a sign, or names one."""
    # A page without characters of two units, which is soon seen, has none.
    wide = not html.isascii() and len(html.encode("utf-16-le", "surrogatepass")) > 2 * len(html)
    return bool((wide and _SIGN.search(html)) or _ENTITY.search(html))


def _tags(html: str) -> Iterator[re.Match[str]]:
    """The tags of boxes and tables, as _TAG matches them."""
    position = 0
    while tag := _TAG.search(html, position):
        if tag[4]:
            position = tag.end()
            yield tag
        else:
            position = _end(html, tag)


def _end(html: str, tag: re.Match[str]) -> int:
    """Where that ends which is no markup of the page."""
    if tag[1]:
        found = html.find("-->", tag.end() - 2)  # <!--> is whole
        return found + 3 if found >= 0 else len(html)
    if html.startswith("/>", tag.end()):
        return tag.end()
    end = _ENDS[tag[2].lower()].search(html, tag.end())
    return end.end() if end else len(html)


@lru_cache(maxsize=1 << 14)
def _named(attributes: str) -> tuple[int, str]:
    """Bits of what a box of these attributes is called, and its names without those that are numbered."""
    names = " ".join(filter(None, map("".join, _NAMES.findall(attributes))))[:_NAMES_AT_MOST]
    bits = 0
    for name in names.lower().split():
        bits |= _called(name)
    return bits, _NUMBERED.sub("", names)


@lru_cache(maxsize=1 << 14)
def _called(name: str) -> int:
    bits = 0
    for word in _CALL.findall(name):
        bits |= _BITS[word]
    return bits
