"""Labelled pages with what interrupts their article put elsewhere: the article goes on below an appeal or a list.

The category of every line is known there, so that what a page and others in its language set into their articles can be
set in between any two paragraphs, and the labels stay true.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

Line = tuple[str, str]
#: Lines that stand together, each with its number in its page.
Block = list[tuple[int, Line]]

#: How many times a page comes rearranged.
TIMES = 3
# What stands within articles.
_INSETS = {"advertisement", "app_promo", "caption", "donation_appeal", "link_list", "newsletter_signup"}
_INSETS |= {"paywall", "read_more", "separator", "share_bar"}
_LEAST_PARAGRAPHS = 3
_OWN, _OTHERS = (1, 2, 3, 4), (0, 0, 1, 2)
# How often something stands before the very last paragraph.
_LAST = 0.5


class Labelled(NamedTuple):
    """A page's lines that are not blank, with their categories."""

    id: str
    language: str
    lines: Sequence[Line]


def rearranged(pages: Sequence[Labelled], seed: int) -> Iterator[tuple[str, list[Line]]]:
    """The id of each page of enough paragraphs, and its lines in another order, TIMES times."""
    pages = [page for page in pages if len(_paragraphs(page)) >= _LEAST_PARAGRAPHS]
    blocks = {page.id: _blocks(page) for page in pages}
    for page in pages:
        choose = random.Random(f"{seed} {page.id}")
        others = [blocks[o.id] for o in pages if o.language == page.language and o is not page]
        for _ in range(TIMES):
            own = choose.sample(blocks[page.id], min(len(blocks[page.id]), choose.choice(_OWN)))
            foreign = choose.choice(others) if others else []
            insets = [*own, *choose.sample(foreign, min(len(foreign), choose.choice(_OTHERS)))]
            choose.shuffle(insets)
            yield page.id, _page(page, {number for block in own for number, _ in block}, insets, choose)


def _paragraphs(page: Labelled) -> list[int]:
    return [number for number, (_, category) in enumerate(page.lines) if category == "body"]


def _blocks(page: Labelled) -> list[Block]:
    """Runs of lines of one category that stands within articles, below the first paragraph."""
    below = list(enumerate(page.lines))[_paragraphs(page)[0] + 1 :]
    runs = ((category, list(run)) for category, run in groupby(below, key=lambda line: line[1][1]))
    return [run for category, run in runs if category in _INSETS]


def _page(page: Labelled, moved: set[int], insets: Sequence[Block], choose: random.Random) -> list[Line]:
    """The page without the lines that are `moved`, and each of `insets` before some paragraph, but for the first."""
    paragraphs = _paragraphs(page)
    places = [choose.choice(paragraphs[1:]) for _ in insets]
    if places and choose.random() < _LAST:
        places[0] = paragraphs[-1]
    out: list[Line] = []
    for number, line in enumerate(page.lines):
        for place, block in zip(places, insets, strict=True):
            if place == number:
                out += (inset for _, inset in block)
        if number not in moved:
            out.append(line)
    return out
