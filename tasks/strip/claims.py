"""What the rules claim: the best hit of each line, before position and context are heard."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.strip.findings import CATEGORY_CODES, NONE
from tasks.strip.lines import Bools, Ints, Lines
from tasks.strip.match import Matcher

#: From this score up a rule decides anywhere; below, only outside the article or in company.
CERTAIN = 0.9

# Where several categories claim a line with equal score, the more specific wins.
_PRECEDENCE = [
    "reading_time",
    "dateline",
    "byline",
    "attribution",
    "caption",
    "comment_section",
    "cookie_notice",
    "newsletter_signup",
    "app_promo",
    "donation_appeal",
    "paywall",
    "share_bar",
    "contact",
    "legal_notice",
    "advertisement",
    "tag_list",
    "language_menu",
    "read_more",
    "link_list",
    "navigation",
]


@dataclass(frozen=True, slots=True)
class Claims:
    """Per line: the best rule's category and index (NONE: no rule), its score, and what the line opens."""

    category: Ints
    rule: Ints
    score: npt.NDArray[np.float32]
    opens_list: Bools
    opens_form: Bools
    opens_end: Bools

    @property
    def certain(self) -> Bools:
        """Lines whose rule decides alone."""
        return self.score >= CERTAIN

    def of(self, *categories: str) -> Bools:
        """Lines claimed for one of the categories, certain or not."""
        return np.isin(self.category, [CATEGORY_CODES[c] for c in categories])


def claim(lines: Lines, matcher: Matcher) -> Claims:
    """Match every distinct line once and take the best hit to all its places."""
    rules = matcher.rules
    hits = matcher.match(lines.folded, lines.folded_chars)
    n = len(lines.folded)
    category, rule, score = np.full(n, NONE), np.full(n, NONE), np.zeros(n, np.float32)
    opens = {kind: np.zeros(n, np.bool_) for kind in ("list", "form", "end")}
    if len(hits.line):
        of_rule = np.array([CATEGORY_CODES[r.category] for r in rules])
        scores = np.array([r.score for r in rules], np.float32)
        precedence = np.array(
            [-_PRECEDENCE.index(r.category) if r.category in _PRECEDENCE else -99 for r in rules]
        )
        # Languages share words; of rules that say the same, one that holds everywhere or in English is named.
        common = np.array([{"any": 2, "en": 1}.get(r.language, 0) for r in rules])
        order = np.lexsort((common[hits.rule], precedence[hits.rule], scores[hits.rule], hits.line))
        line, best = hits.line[order], hits.rule[order]  # the last hit of a line is its best
        category[line], rule[line], score[line] = of_rule[best], best, scores[best]
        for kind, mask in opens.items():
            opening = np.array([r.opens == kind for r in rules])[hits.rule]
            # A line opens something only for the category that it is claimed for in the end.
            same = of_rule[hits.rule] == category[hits.line]
            mask[hits.line[opening & same]] = True
    key = lines.key
    return Claims(
        category[key], rule[key], score[key], opens["list"][key], opens["form"][key], opens["end"][key]
    )
