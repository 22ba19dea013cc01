"""The measure: how much of a page's text is its main text, and how much of the main text is there.

A text is a bag of word 4-grams, of single characters in scripts without spaces; a shorter text is one gram. It is
handed round as the words of each line, so that lines can be left out without reading it again.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from tasks.evaluate.labels import WIDTH, tokens

Words = list[str]
Grams = npt.NDArray[np.int64]

#: What the C4 corpus kept of a page: lines that end like a sentence, are long enough and do not speak of cookies.
_C4_ENDS = (".", "!", "?", '"', "”", "’", "。", "！", "？", "»")
_C4_WORDS, _C4_CHARACTERS, _FIRST_CJK = 5, 15, 0x2E80


def spoken(text: str) -> list[Words]:
    """The words of each line, in lower case."""
    return [tokens(line) for line in text.split("\n")]


def without_title(lines: Sequence[Words], title: str | None) -> list[Words]:
    """The lines that are not the title's words alone: labelled texts differ in whether the title is in."""
    words = tokens(title or "")
    return [line for line in lines if not words or line != words]


def precision_recall(found: Sequence[Words], wanted: Sequence[Words]) -> tuple[float, float]:
    """The shares of `found` that are in `wanted`, and of `wanted` that are in `found`, counted in 4-grams.

    Nothing found is precise only where nothing is wanted; of nothing wanted, all is found.
    """
    ours, theirs = _grams([found, wanted])
    common = _common(ours, theirs)
    precision = common / len(ours) if len(ours) else float(not len(theirs))
    return precision, common / len(theirs) if len(theirs) else 1.0


def f1(precision: npt.ArrayLike, recall: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The harmonic mean of mean precision and mean recall; 0 where both are, NaN where one is."""
    p, r = np.asarray(precision, float), np.asarray(recall, float)
    return np.divide(2 * p * r, p + r, out=np.where(np.isnan(p + r), np.nan, 0.0), where=p + r > 0)


def holds(lines: Sequence[Words], snippets: Sequence[str]) -> tuple[int, int]:
    """(snippets found in the text, snippets that have a word at all), by words and not by spelling or layout."""
    asked = [snippet for snippet in (" ".join(tokens(s)) for s in snippets) if snippet]
    whole = " ".join(chain.from_iterable(lines)) if asked else ""
    return sum(snippet in whole for snippet in asked), len(asked)


def c4_keeps(line: str) -> bool:
    """Whether the usual line filter keeps it: terminal punctuation, five words, no 'cookie'."""
    line = line.strip()
    # In scripts without spaces a line is one word; a look at its beginning tells.
    long_enough = len(line.split()) >= _C4_WORDS or (
        len(line) > _C4_CHARACTERS and any(ord(c) > _FIRST_CJK for c in line[:9])
    )
    return line.endswith(_C4_ENDS) and long_enough and "cookie" not in line.lower()


def _grams(texts: Sequence[Sequence[Words]]) -> list[Grams]:
    """Each text's 4-grams as numbers, the same number for the same words. Exact: numbered, not hashed."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    filler = numbers[""]  # no word is empty: a text of fewer than four is one gram of its own
    words = [np.fromiter(map(numbers.__getitem__, chain.from_iterable(text)), np.int64) for text in texts]
    words = [
        np.pad(w, (0, WIDTH - len(w)), constant_values=filler) if 0 < len(w) < WIDTH else w for w in words
    ]
    pairs = [w[:-1] * len(numbers) + w[1:] for w in words]
    # Numbered anew, since the product of four would not fit into 64 bits.
    distinct = np.unique(np.concatenate(pairs))
    pairs = [np.searchsorted(distinct, p) for p in pairs]
    return [p[:-2] * len(distinct) + p[2:] for p in pairs]


def _common(ours: Grams, theirs: Grams) -> int:
    """How many grams two bags have in common."""
    a, often_a = np.unique(ours, return_counts=True)
    b, often_b = np.unique(theirs, return_counts=True)
    _, at_a, at_b = np.intersect1d(a, b, assume_unique=True, return_indices=True)
    return int(np.minimum(often_a[at_a], often_b[at_b]).sum())
