"""The verdict of rules and structure: claims are heard in the light of where a line stands.

Each step says what it looks for and puts its verdicts over those of the steps before it.
"""

import numpy as np

from tasks.strip.findings import NONE, Verdicts
from tasks.strip.lines import Bools, Lines
from tasks.strip.lines.characters import first_octets, matches, octets_of
from tasks.strip.lines.sequence import following, previous
from tasks.strip.rules.claims import Claims
from tasks.strip.structure.body import APPEALS, Body, deep_inside
from tasks.strip.structure.edges import after_the_end, outside
from tasks.strip.structure.lists import form_fields, headline_runs, list_items
from tasks.strip.structure.repeats import SPEECH, repetitions

# An article that speaks the language of a banner in so many places is about banners.
_PLACES = 3
_ARROW = r"^(?:[→➜➡➔➝⇒▶►▷▸➤↳☞]|👉|>> ?\pL|» ?\p{Lu})"


def judge(lines: Lines, claims: Claims, body: Body, rule_ids: list[str]) -> Verdicts:
    """One verdict a line, from rules and structure alone."""
    verdicts = Verdicts.none(len(lines))
    verdicts.rules.extend(rule_ids)
    spoken = lines.matches(SPEECH)
    _certain_claims(verdicts, lines, claims, body, spoken)
    _title(verdicts, lines, body)
    headline_runs(verdicts, lines, claims, body)
    list_items(verdicts, lines, claims, body)
    form_fields(verdicts, lines, claims, body)
    repetitions(verdicts, lines, body, spoken)
    _comments(verdicts, body)
    _pointers(verdicts, lines, body)
    _weak_claims(verdicts, lines, claims, body)
    after_the_end(verdicts, lines, claims, body)
    outside(verdicts, lines, body)
    verdicts.say(lines.shape.separator, "separator", "structure.separator", 1.0)
    return verdicts


def _certain_claims(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body, spoken: Bools) -> None:
    take = claims.certain.copy()
    # A line that fits a byline in the middle of the article is a sentence about somebody.
    metadata = claims.of("byline", "dateline", "attribution")
    take &= ~(metadata & body.inside & deep_inside(lines, body))
    # An article about newsletters, cookies or donations speaks their language all over; one such line more is no banner.
    # An appeal that is set into an article stands in one place, and no paragraph parts its lines.
    told = (claims.category != NONE) & lines.prose & body.inside
    own = lines.prose & body.inside & (claims.category == NONE)
    passage = np.cumsum(own | lines.first)
    about = np.zeros((lines.documents, int(claims.category.max(initial=0)) + 1), np.int64)
    doubtful = np.flatnonzero(told & ~claims.certain)
    np.add.at(about, (lines.doc[doubtful], claims.category[doubtful]), 1)
    places = np.unique(np.column_stack((lines.doc, claims.category, passage))[told], axis=0)
    parted = np.zeros_like(about)
    np.add.at(parted, (places[:, 0], places[:, 1]), 1)
    topical = (about[lines.doc, claims.category] >= 2) | (parted[lines.doc, claims.category] >= _PLACES)
    topical &= deep_inside(lines, body)
    topical |= spoken & deep_inside(lines, body, 1)
    take &= ~(topical & claims.of(*APPEALS) & body.known)
    claims.decide(take, verdicts)


def _title(verdicts: Verdicts, lines: Lines, body: Body) -> None:
    verdicts.say(body.title[body.title >= 0], "title", "structure.title", 0.9)


def _comments(verdicts: Verdicts, body: Body) -> None:
    """What readers say; their names and dates are not the article's."""
    said = body.thread & (~verdicts.removed | verdicts.of("byline", "dateline", "attribution"))
    verdicts.say(said, "comment_section", "structure.comment-thread", 0.92)


def _pointers(verdicts: Verdicts, lines: Lines, body: Body) -> None:
    """A line that an arrow opens leads elsewhere, unless several in a row are a list."""
    # Few lines begin with an octet of such a sign.
    first = first_octets(*octets_of(lines.seen))
    arrow = matches(lines.seen, _ARROW, np.isin(first, list(b">\xc2\xe2\xf0")))
    # Some guillemets only look as if they pointed somewhere: the quotation is closed in the same line.
    arrow &= ~matches(lines.seen, "^».*[«»]", first == "»".encode()[0])
    points = arrow[lines.raw_key] & ~verdicts.removed & (lines.shape.words >= 2)
    points &= ~(lines.shape.full_stop & lines.prose)
    alone = ~previous(points, lines.doc, False) & ~following(points, lines.doc, False)
    verdicts.say(points & alone, "read_more", "structure.arrow", 0.9)


def _weak_claims(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body) -> None:
    """Uncertain rules decide outside the article, and beside a removed line of their own category."""
    weak = (claims.category != NONE) & ~verdicts.removed & ~claims.certain
    doc = lines.doc
    top = body.inside & ~deep_inside(lines, body) & ~lines.prose
    for _ in range(2):  # company spreads to a neighbour's neighbour
        company = (previous(verdicts.category, doc, NONE) == claims.category) | (
            following(verdicts.category, doc, NONE) == claims.category
        )
        take = weak & (body.before | body.after | company | top | ~body.known & ~lines.prose)
        claims.decide(take, verdicts)
        weak &= ~take
