"""The line model as a whole: of a text two networks look at the lines, one after the other.

    features -> first network -> where the main text lies -> second network -> probability of main text

Where HTML tells more of the lines (tasks.strip.model.markup), one network hears it; a second look would add nothing to that.
"""

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tasks.strip.lines import Bools, Floats, Ints, Lines
from tasks.strip.lines.sequence import prefix_sums
from tasks.strip.model.markup import hint_columns
from tasks.strip.model.network import Network
from tasks.strip.model.second_look import second_look
from tasks.strip.structure.words import Spread
from tasks.strip.weights import FOLDER

WEIGHTS_FOR_HTML = FOLDER / "html.npz"
# From here on the first look is sure of a line.
_SURE = 0.8


class Judges(NamedTuple):
    """The networks for text: that of the first look, and that of the second, which sees besides what the first has found."""

    first: Network
    second: Network

    def save(self, folder: Path) -> None:
        """Write the weights of both, a file each."""
        for look, network in zip(self._fields, self, strict=True):
            network.save(folder / f"text_{look}.npz")

    @classmethod
    def read(cls, folder: Path) -> "Judges":
        """Read weights that `save` wrote."""
        return cls(*(Network.read(folder / f"text_{look}.npz") for look in cls._fields))


@functools.cache
def shipped() -> Judges:
    """The networks for text that the package ships."""
    return Judges.read(FOLDER)


@functools.cache
def shipped_for_html() -> Network:
    """The network for texts with hints that the package ships."""
    return Network.read(WEIGHTS_FOR_HTML)


class Looks(NamedTuple):
    """Probability of main text of each line, at first sight and in the end: the same where one network looks once."""

    first: Floats
    main: Floats


def main_text(lines: Lines, spread: Spread, seen: Floats, hints: pa.LargeBinaryArray) -> Looks:
    """What the networks say of each line. `seen`: its features; `hints`: what HTML told of each document's lines."""
    main = np.empty(len(lines), np.float32)
    if hints.null_count < len(hints):
        marked, columns = hint_columns(lines, hints)
        told = [seen[marked], columns]
        main[marked] = shipped_for_html().probabilities(told, _offsets(lines, marked))
        if marked.all():
            return Looks(main, main)
        text, seen = ~marked, seen[~marked]
    else:
        text = np.ones(len(lines), np.bool_)
    offsets = _offsets(lines, text)
    main[text] = first = shipped().first.probabilities([seen], offsets)
    at_first = main.copy()
    found = second_look(lines, spread, main)[text]
    second = shipped().second.probabilities([seen, found], offsets)
    main[text] = both(first, second)
    return Looks(at_first, main)


def both(first: Floats, second: Floats) -> Floats:
    """Probability of main text by both looks.

    On real pages the second look hardly ever doubts what the first was sure of. Where it does, the page is an odd one,
    such as one that says itself several times, and both count.
    """
    return np.where(first >= _SURE, np.maximum(second, (first + second) / 2), second)


def _offsets(lines: Lines, where: Bools) -> Ints:
    """Where the lines of each document begin among the lines `where`, and one past the last."""
    return prefix_sums(np.bincount(lines.doc[where], minlength=lines.documents))
