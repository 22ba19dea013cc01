"""What the rules claim: the best hit of each line, before position and context are heard."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.findings import CATEGORY_CODES, NONE, Verdicts
from tasks.strip.lines import Bools, Floats, Ints, Lines
from tasks.strip.rules.match import Matcher

#: From this score up a rule decides anywhere; below, only outside the article or in company.
CERTAIN = 0.9


@dataclass(frozen=True, slots=True)
class Claims:
    """Per line: the best rule's category and index (NONE: no rule), its score, and what the line opens."""

    category: Ints
    rule: Ints
    score: Floats
    opens_list: Bools
    opens_form: Bools
    opens_thread: Bools
    opens_end: Bools

    @property
    def certain(self) -> Bools:
        """Lines whose rule decides alone."""
        return self.score >= CERTAIN

    def of(self, *categories: str) -> Bools:
        """Lines claimed for one of the categories, certain or not."""
        return np.isin(self.category, [CATEGORY_CODES[c] for c in categories])

    def decide(self, where: Bools, verdicts: Verdicts) -> None:
        """Make the claims on the lines `where` their verdicts, over what stood there."""
        verdicts.category[where] = self.category[where]
        verdicts.rule[where] = self.rule[where]
        verdicts.score[where] = self.score[where]


def claim(lines: Lines, matcher: Matcher) -> Claims:
    """Match every distinct line once and take the best hit to all its places."""
    short = (
        lines.folded_chars <= matcher.longest
    )  # no rule looks at longer lines, and searching one takes memory
    folded = lines.folded if short.all() else pc.if_else(pa.array(short), lines.folded, "")
    hits = matcher.match(folded, np.where(short, lines.folded_chars, 0))
    n = len(lines.folded)
    category, rule, score = np.full(n, NONE), np.full(n, NONE), np.zeros(n, np.float32)
    opens = {kind: np.zeros(n, np.bool_) for kind in ("list", "form", "thread", "end")}
    if len(hits.line):
        line, first = np.unique(hits.line, return_index=True)
        best = hits.rule[first]
        category[line], rule[line], score[line] = matcher.category[best], best, matcher.score[best]
        for kind, mask in opens.items():
            mask[hits.line[matcher.opens[hits.rule] == kind]] = True
    key = lines.key
    return Claims(category[key], rule[key], score[key], *(mask[key] for mask in opens.values()))
