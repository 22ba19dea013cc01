"""Copies of an article among the pages of its site, told by the rare sentences they share.

A site's template is on many of its pages and its sentences weigh little; an article's stand on its copies alone.
Copies that differ word by word are found elsewhere, by the likeness of whole texts.
"""

import numpy as np
import numpy.typing as npt

from tasks.site_memory.hashing import Hashes

#: Share of a page's prose, rare sentences weighing most, that it has in common with one other page as its copy.
COPY_SHARE = 0.6
#: What a sentence weighs that is on all pages: where these are copies of one article, there are no others.
_COMMON = 0.2


def copies(page: Hashes, prose: npt.NDArray, share: npt.NDArray[np.float64], first: Hashes) -> Hashes:
    """The pages that are copies of another page of their site; pages of one site alone have lines in common.

    One row a line of a page. page: its hash; prose: the line's characters, 0 where it is no prose; share: the share of
    the site's pages that have the line; first: the page that had it first.
    """
    weight = prose * np.maximum(-np.log(np.clip(share, 1e-9, 1)), _COMMON)
    pages, number = np.unique(page, return_inverse=True)
    own = np.bincount(number, weight, minlength=len(pages))
    shared = np.flatnonzero((first != page) & (weight > 0))
    pairs = np.empty(len(shared), [("page", np.int64), ("first", np.uint64)])
    pairs["page"], pairs["first"] = number[shared], first[shared]
    found, inverse = np.unique(pairs, return_inverse=True)
    common = np.bincount(inverse, weight[shared], minlength=len(found))
    copied = found["page"][common >= COPY_SHARE * own[found["page"]]]
    return pages[np.unique(copied)]
