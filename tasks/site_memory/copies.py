"""Copies of an article among the pages of its site, told by the rare sentences they share; later versions of it too.

A site's template is on many of its pages and its sentences weigh little; an article's stand on its copies alone.
Copies that differ word by word are found elsewhere, by the likeness of whole texts.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.hashing import Hashes

Floats = npt.NDArray[np.float64]

#: Share of a page's prose, rare sentences weighing most, that it has in common with one other page as its copy.
COPY_SHARE = 0.6
#: A page that has so much of the other one is a later version of it, where that is a good part of what it says.
_HELD, _VERSION_SHARE = 0.8, 1 / 3
#: What a sentence weighs that is on all pages: where these are copies of one article, there are no others.
_COMMON = 0.2
#: Of a sentence no more characters count where what is remembered of it is compared: so many are.
REMEMBERED = 160


@dataclass(frozen=True, slots=True)
class Sentences:
    """Lines of pages, or lines as they are remembered. prose: the line's characters, 0 where it is no prose; share: the
    share of the site's pages that have it; first: the page that had it first."""

    prose: npt.NDArray
    share: Floats
    first: Hashes

    @property
    def weight(self) -> Floats:
        return self.prose * np.maximum(-np.log(np.clip(self.share, 1e-9, 1)), _COMMON)

    @property
    def remembered(self) -> Floats:
        """Their weight as far as they are remembered."""
        return self.weight * np.minimum(1, REMEMBERED / np.maximum(self.prose, 1))


def copies(page: Hashes, lines: Sentences, known: Sentences, gone: Hashes) -> tuple[Hashes, Hashes]:
    """The pages that are copies or later versions of another page of their site, and of which one each is.

    page, lines: a row for each line of a page; known: each line that any page of these sites has had, once; gone: pages
    that no other can be told to be a copy of, since what they said is forgotten.
    """
    weight = lines.weight
    pages, number = np.unique(page, return_inverse=True)
    own = np.bincount(number, weight, minlength=len(pages))
    shared = np.flatnonzero((lines.first != page) & (weight > 0) & ~np.isin(lines.first, gone))
    pairs = np.empty(len(shared), [("page", np.int64), ("first", np.uint64)])
    pairs["page"], pairs["first"] = number[shared], lines.first[shared]
    found, inverse = np.unique(pairs, return_inverse=True)
    common = np.bincount(inverse, weight[shared], minlength=len(found))
    own = own[found["page"]]
    held = np.bincount(inverse, lines.remembered[shared], minlength=len(found))
    of = _sums(known.first, known.remembered, found["first"])
    version = (held >= _HELD * of) & (common >= _VERSION_SHARE * own)
    at = np.flatnonzero((common >= COPY_SHARE * own) | version)
    at = at[np.lexsort((common[at], found["page"][at]))]
    last = np.flatnonzero(np.diff(found["page"][at], append=-1))
    copied, original = pages[found["page"][at[last]]], found["first"][at[last]]
    for _ in range(len(copied).bit_length()):  # each round goes twice as far back as the one before
        original = of_original(original, copied, original)
    return copied, original


def of_original(page: Hashes, copied: Hashes, original: Hashes) -> Hashes:
    """The pages, with what each copy is one of in its place."""
    if not len(copied):
        return page
    at = np.minimum(np.searchsorted(copied, page), len(copied) - 1)
    return np.where(copied[at] == page, original[at], page)


def _sums(keys: Hashes, values: Floats, wanted: Hashes) -> Floats:
    """The sum of the values of each key that is wanted, all of which are there."""
    distinct, number = np.unique(keys, return_inverse=True)
    sums = np.bincount(number, values, minlength=len(distinct)).astype(np.float64)
    return sums[np.searchsorted(distinct, wanted)]
