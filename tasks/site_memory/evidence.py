"""Evidence, not a verdict: how often its site says a line, weighed against what the line model thinks of it."""

import numpy as np
import numpy.typing as npt

from tasks.strip.lines.sequence import best_segment, prefix_sums
from tasks.strip.site_evidence import Weighed

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Of a site with fewer pages nothing is believed.
FEWEST_PAGES = 5
#: A line on fewer pages is no template: two pages that carry the same agency's story share whole paragraphs of it.
FEWEST_WITH_THE_LINE = 2.5
# Log-odds against main text: for each doubling of the pages that have the line, and for the share of the site's
# pages. Tuned on pages of five languages: a change stayed if more than one of them gained by it.
_A_DOUBLING, _ALL_PAGES = 2.0, 6.0
#: From here on a line is taken for part of the site's template.
TEMPLATE = 3.0
# A line is the less the article's the more of the template stands between the two.
_A_TEMPLATE_LINE, _TEMPLATE_LINES = 0.5, 6
# Gains of a line for the stretch that is the article: its length, at most this, and what a template line costs.
_LONG, _COST, _UNLIKELY = 400, -120, 0.3
_ARTICLE = 300
#: A document that would keep less text (in characters) than this, and more of it is repeated, is taken for a copy.
_NO_ARTICLE = 200


def against_main(pages: Floats, of: Floats) -> Floats:
    """Log-odds against main text of lines that so many `pages` have, `of` so many; 0 where nothing is believed."""
    believed = (pages >= FEWEST_WITH_THE_LINE) & (of >= FEWEST_PAGES)
    n = np.maximum(pages, 1)
    against = _A_DOUBLING * np.log2(n) + _ALL_PAGES * (n - 1) / np.maximum(of - 1, 1)
    return np.where(believed, against, 0.0)


def weigh(
    against: Floats, main: npt.NDArray[np.float32], chars: npt.NDArray, doc: Ints, offsets: Ints
) -> Weighed:
    """Combine the model's probabilities `main`, one a line, with the site's evidence `against` them."""
    against = against.copy()
    against[_copied(against, main, chars, doc)] = 0
    template = against >= TEMPLATE
    odds = _log_odds(main) - against
    between = _template_lines_between(template, odds, chars, doc, offsets)
    odds -= _A_TEMPLATE_LINE * np.minimum(between, _TEMPLATE_LINES)
    untouched = (against == 0) & (between == 0)
    weighed = np.where(untouched, main, 1 / (1 + np.exp(-odds))).astype(np.float32)
    return Weighed(weighed, template, (between > 0) & ~template)


def _copied(against: Floats, main: npt.NDArray[np.float32], chars: npt.NDArray, doc: Ints) -> Bools:
    """Long lines that the model takes for main text, of documents in which nearly all such lines are repeated."""
    article = (main >= 0.5) & (chars >= 50)
    lost = np.bincount(doc, chars * (article & (against > 0)))
    left = np.bincount(doc, chars * (article & (against == 0)), minlength=len(lost))
    return article & ((left < _NO_ARTICLE) & (lost > left))[doc]


def _log_odds(probability: npt.NDArray[np.float32]) -> Floats:
    p = np.clip(probability.astype(np.float64), 1e-4, 1 - 1e-4)
    return np.log(p / (1 - p))


def _template_lines_between(
    template: Bools, odds: Floats, chars: npt.NDArray, doc: Ints, offsets: Ints
) -> Ints:
    """How many lines of the template stand between each line and the article; 0 where there is none to speak of."""
    probability = 1 / (1 + np.exp(-odds))
    length = np.minimum(chars, _LONG)
    gain = length * (2 * probability - 1)
    gain = np.where(template, _COST, np.where(gain > 0, gain, _UNLIKELY * gain))
    first, last, total = best_segment(gain.astype(np.int64), doc, offsets)
    at, first, last = np.arange(len(doc)), first[doc], last[doc]
    before = prefix_sums(template)
    between = np.where(at < first, before[first] - before[at], 0)
    between = np.where(at > last, before[at + 1] - before[np.minimum(last + 1, len(doc))], between)
    return np.where(total[doc] >= _ARTICLE, between, 0)
