"""Lists and forms that are no part of an article: headlines in a row, and what stands under a heading."""

import numpy as np
import numpy.typing as npt

from tasks.strip.findings import CATEGORY_NAMES, NONE, Verdicts
from tasks.strip.lines import Bools, Lines
from tasks.strip.lines.sequence import cover, following, next_after, prefix_sums, previous, runs
from tasks.strip.rules.claims import Claims
from tasks.strip.structure.body import Body, deep_inside

# What a list of teasers may hold without ending.
_IN_LISTS = (
    "link_list",
    "byline",
    "dateline",
    "reading_time",
    "caption",
    "read_more",
    "tag_list",
    "navigation",
    "attribution",
)
_FORM_LINES = 6
_LIST_LINES_INSIDE = 14
_RUN = 3
_HEADLINE_WORDS = 5
_LABEL_WORDS = 3
# From this share of its words on, standing elsewhere in the running text, a row of lines is the article's own.
_SHARED_WORDS = 0.25


def headline_runs(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body) -> None:
    """Headlines in a row that no heading announces: doubled ones, and three or more bare ones."""
    for first, stop in _doubled_headlines(lines, ~verdicts.removed & _headline_like(lines)):
        verdicts.say(np.arange(first, stop), "link_list", "structure.doubled-headlines", 0.95)
    starts, stops = runs(_bare_headlines(lines, claims, ~verdicts.removed), lines.first)
    length = stops - starts

    def total(values: npt.NDArray) -> npt.NDArray:
        sums = prefix_sums(values)
        return sums[stops] - sums[starts]

    s = lines.shape
    # Headlines are of some length; rows of a table, ingredients and the like are short or full of figures.
    take = (
        (length >= _RUN) & (total(s.words) >= _HEADLINE_WORDS * length) & (total(s.digits > 0) * 2 < length)
    )
    # Items of a list of the article speak of what the article speaks of, and may end in semicolons.
    # Summed run by run: in a sum over the whole batch the shares of other documents would round off.
    row = cover(starts, stops, len(lines))
    shared = np.bincount(np.repeat(np.arange(len(length)), length), body.spread.shared[row], len(length))
    take &= (shared < _SHARED_WORDS * length) & (total(lines.matches("[;；]$")) == 0)
    take &= ~previous(s.colon, lines.doc, False)[starts]
    take &= body.known[starts] & deep_inside(lines, body)[starts]
    verdicts.say(cover(starts[take], stops[take], len(lines)), "link_list", "structure.headline-run", 0.7)


def _doubled_headlines(lines: Lines, free: Bools) -> list[tuple[int, int]]:
    """Rows of two and more headlines, each said twice in a row: first line and one past the last."""
    key, doc = lines.key, lines.doc
    twice = (previous(key, doc, NONE) == key) | (following(key, doc, NONE) == key)
    rows = zip(*(ends.tolist() for ends in runs(free & twice, lines.first)), strict=True)
    return [(first, stop) for first, stop in rows if len(np.unique(key[first:stop])) >= 2]


def _bare_headlines(lines: Lines, claims: Claims, free: Bools) -> Bools:
    """Lines that look like headlines, said once, and that no rule claims."""
    s = lines.shape
    free = free & _headline_like(lines) & (claims.category == NONE) & (lines.repetition[0] == 1)
    open_ = free & ~s.ends & (s.words >= 3) & ~s.bullet & s.capital & (s.commas <= 2) & (s.digits <= 4)
    asks = free & s.ends & (s.words >= 4) & ~s.full_stop & ~s.quote & (s.sentences == 0)
    out: Bools = open_ | asks
    return out


def _headline_like(lines: Lines) -> Bools:
    s = lines.shape
    return (s.words >= 2) & (s.words <= 26) & ~s.full_stop & ~s.colon & ~s.separator


def list_items(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body) -> None:
    """What stands under a heading such as "Most read" goes with it."""
    n, s = len(lines), lines.shape
    item = _headline_like(lines) | verdicts.of("link_list")
    heading = claims.opens_list & (claims.certain | following(item & ~verdicts.of("title"), lines.doc, False))
    heading &= claims.certain | ~deep_inside(lines, body)
    other = verdicts.removed & ~verdicts.of(*_IN_LISTS)
    in_article = body.inside & (
        s.full_stop & (s.words >= 4) | (lines.prose & s.ends & ~_headline_like(lines))
    )
    stop = other | in_article | lines.first | (s.separator & body.inside)
    # A line directly above the article's text that is marked otherwise than the one before is its subheading.
    marked = s.bullet != previous(s.bullet, lines.doc, False)
    stop |= (
        marked
        & body.inside
        & following(in_article, lines.doc, False)
        & ~following(s.bullet, lines.doc, False)
    )
    at = np.flatnonzero(heading)
    stops = next_after(stop)[at]
    inside = body.inside[at] & body.known[at]
    stops = np.where(inside, np.minimum(stops, at + 1 + _LIST_LINES_INSIDE), stops)
    zone = cover(at + 1, stops, n) & ~heading & ~other & ~verdicts.of("navigation", "tag_list")
    verdicts.say(zone, "link_list", "structure.list-item", 0.9)
    free = zone & ((claims.category == NONE) | claims.of("navigation"))
    verdicts.say(_section_names(free, lines), "navigation", "structure.section-names", 0.9)
    claims.decide(heading & ~verdicts.removed, verdicts)


def _section_names(where: Bools, lines: Lines) -> Bools:
    """Which of the lines `where` stand in a row of labels of a word or two: a menu, and no headlines."""
    s = lines.shape
    starts, stops = runs(where & (s.words <= _LABEL_WORDS) & ~s.ends & (s.digits == 0), lines.first)
    enough = stops - starts >= _RUN
    return cover(starts[enough], stops[enough], len(lines))


def form_fields(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body) -> None:
    """Fields and buttons under the heading of a form."""
    n, s = len(lines), lines.shape
    # The button "Subscribe" in a menu is followed by the menu, not by fields.
    button = verdicts.of("paywall") | (verdicts.of("newsletter_signup") & body.before)
    at = np.flatnonzero(claims.opens_form & verdicts.removed & ~button)
    stop = verdicts.removed | lines.first | s.full_stop | s.quote | (s.words > 8)
    stops = np.minimum(next_after(stop)[at], at + 1 + _FORM_LINES)
    # Inside the article a short line is rather a subheading.
    stops = np.where(body.inside[at] & body.known[at], at + 1, stops)
    for category in np.unique(verdicts.category[at]):
        of = verdicts.category[at] == category
        zone = cover(at[of] + 1, stops[of], n) & ~verdicts.removed
        verdicts.say(zone, CATEGORY_NAMES[category], "structure.form-field", 0.8)
