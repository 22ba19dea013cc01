"""What stands around the article: above its title, below its last line, and below what ends a page."""

import numpy as np

from tasks.strip.findings import NONE, Verdicts
from tasks.strip.lines import Bools, Lines
from tasks.strip.lines.sequence import cover, last_true, next_after, prefix_sums, runs
from tasks.strip.rules.claims import Claims
from tasks.strip.structure.body import Body

_LABEL_WORDS, _TAGS = 3, 6


def after_the_end(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body) -> None:
    """Below a comment form and the like nothing is the article's."""
    opens = claims.opens_end & verdicts.removed & (body.after | ~_prose_follows(lines, body, verdicts))
    opens &= _prose_precedes(lines, body)
    at = np.flatnonzero(opens)
    zone = cover(at + 1, lines.doc_end[at], len(lines))
    inherits = zone & (~verdicts.removed | verdicts.of("byline", "dateline"))
    verdicts.say(inherits, "comment_section", "structure.after-the-end", 0.85)


def _prose_follows(lines: Lines, body: Body, verdicts: Verdicts) -> Bools:
    p = lines.prose & body.inside & ~verdicts.removed
    out: Bools = next_after(p) < lines.doc_end
    return out


def _prose_precedes(lines: Lines, body: Body) -> Bools:
    sums = prefix_sums(lines.prose & body.inside)
    out: Bools = sums[1:] - sums[lines.doc_begin] >= 2
    return out


def outside(verdicts: Verdicts, lines: Lines, body: Body) -> None:
    """What no rule names above the title, and below the article's last line."""
    s = lines.shape
    index = np.arange(len(lines))
    title = body.title[lines.doc]
    free = ~verdicts.removed & body.known
    above = free & body.before & (index < title)
    verdicts.say(above & (s.words >= 6), "link_list", "structure.above-the-title", 0.6)
    verdicts.say(above & (s.words < 6), "navigation", "structure.above-the-title", 0.6)
    below = free & body.after
    # What stands above a line tells what it is: a comment follows the comments' heading, tags follow the article.
    named = last_true(verdicts.removed & ~verdicts.of("byline", "dateline"))
    named = np.where(named >= lines.doc_begin, named, NONE)
    comment = below & (named >= 0) & body.after[named] & verdicts.of("comment_section")[named]
    tag = (
        below
        & (s.words <= _LABEL_WORDS)
        & ((named < 0) | ~body.after[named] | verdicts.of("tag_list")[named])
    )
    starts, stops = runs(tag & ~s.ends, lines.first)
    tag = cover(starts, np.where(stops - starts <= _TAGS, stops, starts), len(lines))
    verdicts.say(below & (s.words >= 4), "link_list", "structure.below-the-article", 0.6)
    verdicts.say(below & (s.words < 4), "navigation", "structure.below-the-article", 0.6)
    verdicts.say(tag, "tag_list", "structure.tags", 0.6)
    verdicts.say(comment, "comment_section", "structure.comment", 0.6)
