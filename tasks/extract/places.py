"""Where in the page's tree each line stands: in which boxes, what they are called, how much of the prose they hold."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from schemas import HINT_MAIN
from tasks.extract.containers import MAIN_TEXT, Boxes
from tasks.extract.hints import Lines, is_prose

# A box with so much of the page's prose is the page, whatever it is called.
_MOST = 0.5


def places(boxes: Boxes, lines: Lines) -> list[bytes]:
    """13 octets for each line, on where it stands in the page's boxes.

    Bits of the tags of all boxes around it; of what they are called; of what the innermost is called. Shares, of 255: of
    the page's prose that lies directly in its box, in all of its box, of the box around that, of the one around that.
    Four bits each: how deep it lies below the box of most prose, and the share of links in its box. The share of links in
    the box around; shares of main text in its box and the two around. Steps in the tree from the line before.
    """
    held = _held(boxes, lines)
    around = _around(boxes, held.prose)
    of_box = {box: _octets(boxes, held, around, box) for box in set(lines.box)}
    steps = (_steps(boxes, around.level, last, box) for last, box in pairwise((0, *lines.box)))
    return [of_box[box] + bytes((step,)) for box, step in zip(lines.box, steps, strict=True)]


class _Held(NamedTuple):
    """Characters of each box, those in it directly (`own`: of prose) or with all boxes within it."""

    own: list[int]
    prose: list[int]
    text: list[int]
    links: list[int]
    main: list[int]


def _held(boxes: Boxes, lines: Lines) -> _Held:
    held = _Held(*([0] * len(boxes.parent) for _ in _Held._fields))
    for box, hint, chars, linked in zip(lines.box, lines.hints, lines.chars, lines.linked, strict=True):
        if is_prose(chars, linked):
            held.own[box] += chars
            held.prose[box] += chars
        held.text[box] += chars
        held.links[box] += linked
        if hint & HINT_MAIN:
            held.main[box] += chars
    for box in range(len(boxes.parent) - 1, 0, -1):
        for sums in (held.prose, held.text, held.links, held.main):
            sums[boxes.parent[box]] += sums[box]
    return held


class _Around(NamedTuple):
    """Of each box: bits of the tags around it and of what these are called; how deep it lies below the box of most
    prose, and below the page."""

    tags: list[int]
    called: list[int]
    depth: list[int]
    level: list[int]


def _around(boxes: Boxes, prose: Sequence[int]) -> _Around:
    around = _Around(*([0] * len(boxes.parent) for _ in _Around._fields))
    for box in range(1, len(boxes.parent)):
        parent = boxes.parent[box]
        wide = prose[box] >= _MOST * max(prose[0], 1)
        # What the page's own box is called says nothing of a line, but for the names of main text.
        called = boxes.called[box] & MAIN_TEXT if wide else boxes.called[box]
        around.tags[box] = around.tags[parent] | boxes.tag[box]
        around.called[box] = around.called[parent] | called
        around.depth[box] = 0 if wide else around.depth[parent] + 1
        around.level[box] = around.level[parent] + 1
    return around


def _octets(boxes: Boxes, held: _Held, around: _Around, box: int) -> bytes:
    """What `places` says of all lines of a box: all but the last octet."""
    parent = boxes.parent[box]
    family = (box, parent, boxes.parent[parent])
    page = held.prose[0]
    return bytes(
        (
            around.tags[box],
            around.called[box],
            boxes.called[box],
            _share(held.own[box], page),
            *(_share(held.prose[one], page) for one in family),
            min(around.depth[box], 15) * 16 + _share(held.links[box], held.text[box], 15),
            _share(held.links[parent], held.text[parent]),
            *(_share(held.main[one], held.text[one]) for one in family),
        )
    )


def _share(part: int, whole: int, most: int = 255) -> int:
    return most * part // max(whole, 1)


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
