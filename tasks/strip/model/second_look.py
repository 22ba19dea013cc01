"""What the line model sees when it looks again: where, by its first judgement, a document's main text lies.

The first look has to guess at that from prose; the second one knows which prose is likely the article's. Words are asked
about once more, this time whether they come back in the main text and not in any running text, and lines of one look
whether the others of their kind are main text.
"""

import numpy as np
import numpy.typing as npt

from tasks.strip.lines import Floats, Ints, Lines
from tasks.strip.lines.sequence import last_before, next_after, prefix_sums
from tasks.strip.model.features import side_by_side, windowed
from tasks.strip.structure.words import Spread

_WORDS_AT_MOST = 80
_WIDTHS = (1, 4, 12, 30)
# From this probability on a line is a landmark; from the other on it is taken for main text.
_LANDMARK, _MAIN = 0.6, 0.5
# Probabilities are rounded to this part, a power of two: sums of them are exact then, whatever stands in the batch before.
_PART = 1 / 1024


def second_look(lines: Lines, spread: Spread, main: Floats) -> Floats:
    """One row a line, columns in a fixed order. `main`: the probability that each line is main text, at first sight."""
    shape, doc, n = lines.shape, lines.doc, len(lines)
    index = np.arange(n)
    begin, end = lines.doc_begin, lines.doc_end
    main = np.rint(main / _PART) * _PART
    words = np.minimum(shape.words, _WORDS_AT_MOST)
    likely = main * words
    total, every = (prefix_sums(values) for values in (likely, words))
    whole = np.maximum(total[end] - total[begin], 1e-3)
    landmark = main >= _LANDMARK
    above = np.maximum(last_before(landmark), begin - 1)
    below = np.minimum(next_after(landmark), end)
    recurrence, shared = spread.among(main >= _MAIN)
    columns: list[npt.NDArray] = [main]
    columns += [windowed(total, lines, width) / 30 for width in _WIDTHS]
    columns += [
        np.log1p(whole) / 6,
        whole / np.maximum(every[end] - every[begin], 1),
        (total[:-1] - total[begin]) / whole,
        np.log1p(index - above) / 3,
        np.log1p(below - index) / 3,
        recurrence / 2,
        shared,
    ]
    size = np.minimum(np.log2(np.maximum(shape.words, 1)), 6).astype(np.int64)
    layout = (shape.bullet * 10 + np.minimum(lines.indent, 8)) * 10 + np.minimum(lines.blanks_before, 3)
    for look in (layout, (layout * 10 + size) * 4 + shape.full_stop * 2 + shape.ends):
        columns += _of_its_look(main, doc, look)
    return side_by_side(columns, n)


def _of_its_look(main: Floats, doc: Ints, look: Ints) -> list[npt.NDArray]:
    """The mean of `main` over the other lines of the document that have the same look, and how many these are."""
    _, kind, count = np.unique(doc << 20 | look, return_inverse=True, return_counts=True)
    others = count[kind] - 1
    rest = np.bincount(kind, main, len(count))[kind] - main
    return [np.where(others > 0, rest / np.maximum(others, 1), 0.5), np.log1p(others) / 4]
