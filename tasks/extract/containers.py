"""Where in the page's tree a line stands: which boxes it lies in, what they are called, how much of the prose they hold.

Renderers give lines and no tree. So a sign of its own is written where a box opens and where it closes, before the
page is rendered; it comes out among the text, and says from where on which box lies open.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from schemas import HINT_OCTETS

#: The signs, one for each tag, from the last plane for private use. A page that uses that plane itself is left alone.
SIGNS = "\U00100000-\U0010fffd"
_FIRST_SIGN, _SIGNS_AT_MOST = 0x100000, 0xFFFE
_SIGN = re.compile(f"[{SIGNS}]")
_SIGN_OR_ENTITY = re.compile(rf"[{SIGNS}]|&#(?:[xX]0*10[0-9a-fA-F]{{4}}|0*1(?:0[4-9]|1[01])\d{{4}})")
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
_CALL = re.compile("|".join(sorted(_BITS, key=len, reverse=True)))
# A line of so many characters that are mostly no links is prose, by which boxes are weighed.
_PROSE = 80
# Characters of a box's names that are looked at.
_NAMES_AT_MOST = 500
# A box with so much of the page's prose is the page, whatever it is called.
_MOST = 0.5
#: Octets that `places` gives for each line.
OCTETS = HINT_OCTETS - 1


@dataclass(slots=True)
class Boxes:
    """The boxes of a page in the order in which they open; box 0 is the page itself."""

    parent: list[int] = field(default_factory=lambda: [0])
    tag: list[int] = field(default_factory=lambda: [0])
    called: list[int] = field(default_factory=lambda: [0])
    #: The box that lies open from each sign on.
    opened: list[int] = field(default_factory=list)

    def taken_out_of(self, text: str) -> tuple[str, list[int], list[int]]:
        """The text without signs, where in it they stood, and the box that lies open before the first and after each."""
        opened = [0]
        if not self.opened:
            return text, [], opened
        places = []
        for number, sign in enumerate(_SIGN.finditer(text)):
            places.append(sign.start() - number)
            which = ord(sign[0]) - _FIRST_SIGN
            opened.append(self.opened[which] if which < len(self.opened) else opened[-1])
        return without_signs(text), places, opened


def with_signs(html: str) -> tuple[str, Boxes]:
    """The page with a sign at both ends of each box; none where it holds such signs itself or has too many boxes."""
    boxes = Boxes()
    if _SIGN_OR_ENTITY.search(html):
        return html, boxes
    parts: list[str] = []
    at = position = 0
    open_: list[tuple[str, int]] = []
    of_name: Counter[str] = Counter()
    while tag := _TAG.search(html, position):
        position = tag.end()
        if not tag[4]:
            position = _end(html, tag)
            continue
        name, before = tag[4].lower(), open_[-1][1] if open_ else 0
        if tag[3]:
            if not of_name[name]:
                continue  # it closes nothing
            closed = ""
            while closed != name:
                closed, _ = open_.pop()
                of_name[closed] -= 1
            if name == "table" and (open_[-1][1] if open_ else 0) == before:
                continue  # its cells were closed
        elif name == "table":
            open_.append((name, before))
            of_name[name] += 1
            continue
        else:
            if name == "td" and open_ and open_[-1][0] == name:
                open_.pop()  # its end may be left out
                of_name[name] -= 1
            boxes.parent.append(open_[-1][1] if open_ else 0)
            boxes.tag.append(_BY_TAG.get(name, 0))
            names = " ".join(filter(None, map("".join, _NAMES.findall(tag[5]))))
            boxes.called.append(_called(names[:_NAMES_AT_MOST]))
            open_.append((name, len(boxes.parent) - 1))
            of_name[name] += 1
        if len(boxes.opened) >= _SIGNS_AT_MOST:
            return html, Boxes()
        # Within the box on both ends, so that the sign makes no line of its own where there was none.
        edge = tag.start() if tag[3] and name != "table" else tag.end()
        parts += (html[at:edge], chr(_FIRST_SIGN + len(boxes.opened)))
        boxes.opened.append(open_[-1][1] if open_ else 0)
        at = edge
    parts.append(html[at:])
    return "".join(parts), boxes


def without_signs(text: str) -> str:
    """The text as it was before `with_signs`."""
    return _SIGN.sub("", text)


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
def _called(names: str) -> int:
    bits = 0
    for word in _CALL.findall(names.lower()):
        bits |= _BITS[word]
    return bits


def places(
    boxes: Boxes, box: Sequence[int], chars: Sequence[int], linked: Sequence[int], main: Sequence[int]
) -> bytes:
    """OCTETS octets for each line, on where it stands in the page's boxes.

    Bits of the tags of all boxes around it; of what they are called; of what the innermost is called. Shares, of 255: of
    the page's prose that lies directly in its box, in all of its box, of the box around that, of the one around that.
    Four bits each: how deep it lies below the box of most prose, and the share of links in its box. The share of links in
    the box around; shares of main text in its box and the two around. Steps in the tree from the line before.

    `box` is the innermost one of each line, `chars` its length, `linked` how much of it is links, and `main` whether the
    extractor takes it for main text.
    """
    size = len(boxes.parent)
    own, held, text, links, chosen = [0] * size, [0] * size, [0] * size, [0] * size, [0] * size
    for b, n, link, is_main in zip(box, chars, linked, main, strict=True):
        if n >= _PROSE and 2 * link < n:
            own[b] += n
        text[b] += n
        links[b] += link
        chosen[b] += n * is_main
    held[:] = own
    for b in range(size - 1, 0, -1):
        parent = boxes.parent[b]
        held[parent] += held[b]
        text[parent] += text[b]
        links[parent] += links[b]
        chosen[parent] += chosen[b]
    total = max(held[0], 1)
    tags, called, depth, level = [0] * size, [0] * size, [0] * size, [0] * size
    for b in range(1, size):
        parent = boxes.parent[b]
        wide = held[b] >= _MOST * total
        tags[b] = tags[parent] | boxes.tag[b]
        # What the page's own box is called says nothing of a line, but for the names of main text.
        called[b] = called[parent] | (boxes.called[b] & 1 if wide else boxes.called[b])
        depth[b] = 0 if wide else depth[parent] + 1
        level[b] = level[parent] + 1
    of_box: dict[int, bytes] = {}
    for b in set(box):
        parent = boxes.parent[b]
        above = boxes.parent[parent]
        of_box[b] = bytes(
            (
                tags[b],
                called[b],
                boxes.called[b],
                255 * own[b] // total,
                255 * held[b] // total,
                255 * held[parent] // total,
                255 * held[above] // total,
                min(depth[b], 15) * 16 + (15 * links[b] // max(text[b], 1)),
                255 * links[parent] // max(text[parent], 1),
                *(255 * chosen[b] // max(text[b], 1) for b in (b, parent, above)),
            )
        )
    out: list[bytes] = []
    before = 0
    for b in box:
        out += (of_box[b], bytes((_steps(boxes, level, before, b),)))
        before = b
    return b"".join(out)


def _steps(boxes: Boxes, level: Sequence[int], a: int, b: int) -> int:
    """How many boxes lie between two of them in the tree, at most 255."""
    steps = 0
    while a != b and steps < 255:
        if level[a] >= level[b]:
            a = boxes.parent[a]
        else:
            b = boxes.parent[b]
        steps += 1
    return steps
