"""The verdict of rules and structure: claims are heard in the light of where a line stands.

Each step says what it looks for and puts its verdicts over those of the steps before it.
"""

import numpy as np
import pyarrow.compute as pc

from tasks.strip.findings import NONE, Verdicts
from tasks.strip.lines import Bools, Ints, Lines
from tasks.strip.lines.sequence import cover, following, last_true, next_after, prefix_sums, previous, runs
from tasks.strip.rules.claims import Claims
from tasks.strip.structure.body import APPEALS, Body
from tasks.strip.structure.near_repeats import near_repeats

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
_TAGS = 6
# From this share of its words on, standing elsewhere in the running text, a row of lines is the article's own.
_SHARED_WORDS = 0.25
# An article that speaks the language of a banner in so many places is about banners.
_PLACES = 3
# A near-repeat holds this share of a line's 4-grams in one other line; a quotation may be put together.
_REPEATED_SHARE, _QUOTED_SHARE = 0.9, 0.75
_BELOW_TITLE = 4
# A quotation mark, perhaps behind a bullet or a number; a dash before a sentence; the Q and A of an interview.
_SPEECH = (
    r"^(?:[•*・–—-]\s*|[\pL\pN]{1,2}[.)、:]\s*)?[\"“„«「『»‘‚]|^[–—]\s?\p{Lu}.*[.!?…]$"
    r"|^(?:Q|A|R|P|F|D|O|E|В|О|П|问|答|問)[.:：]\s"
)


def judge(lines: Lines, claims: Claims, body: Body, rule_ids: list[str]) -> Verdicts:
    """One verdict a line, from rules and structure alone."""
    verdicts = Verdicts.none(len(lines))
    verdicts.rules.extend(rule_ids)
    _certain_claims(verdicts, lines, claims, body)
    _title(verdicts, lines, body)
    _headline_runs(verdicts, lines, claims, body)
    _lists(verdicts, lines, claims, body)
    _forms(verdicts, lines, claims, body)
    _repetitions(verdicts, lines, body)
    _pointers(verdicts, lines, body)
    _weak_claims(verdicts, lines, claims, body)
    _after_the_end(verdicts, lines, claims, body)
    _outside(verdicts, lines, body)
    verdicts.say(lines.shape.separator, "separator", "structure.separator", 1.0)
    return verdicts


def _certain_claims(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body) -> None:
    take = claims.certain.copy()
    # A line that fits a byline in the middle of the article is a sentence about somebody.
    metadata = claims.of("byline", "dateline", "attribution")
    take &= ~(metadata & body.inside & _deep_inside(lines, body))
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
    topical &= _deep_inside(lines, body)
    topical |= _speech(lines) & _deep_inside(lines, body, 1)
    take &= ~(topical & claims.of(*APPEALS) & body.known)
    verdicts.category[take] = claims.category[take]
    verdicts.rule[take] = claims.rule[take]
    verdicts.score[take] = claims.score[take]


def _deep_inside(lines: Lines, body: Body, lines_of_prose: int = 2) -> Bools:
    """Inside the article with so many lines of prose or more on either side."""
    p = (lines.prose & body.inside).astype(np.int64)
    count = np.cumsum(p)
    start = np.concatenate(([0], count))[lines.offsets[:-1]][lines.doc]
    total = np.concatenate(([0], count))[lines.offsets[1:]][lines.doc]
    above, below = count - p - start, total - count
    out: Bools = (above >= lines_of_prose) & (below >= lines_of_prose) & body.inside
    return out


def _speech(lines: Lines) -> Bools:
    """Lines that begin with an opening quotation mark, or as a turn of a conversation: somebody is quoted."""
    opening: Bools = pc.match_substring_regex(lines.seen, _SPEECH).to_numpy(zero_copy_only=False)
    return opening[lines.raw_key]


def _title(verdicts: Verdicts, lines: Lines, body: Body) -> None:
    verdicts.say(body.title[body.title >= 0], "title", "structure.title", 0.9)


def _headline_like(lines: Lines) -> Bools:
    s = lines.shape
    return (s.words >= 2) & (s.words <= 26) & ~s.full_stop & ~s.colon & ~s.separator


def _headline_runs(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body) -> None:
    """Headlines in a row that no heading announces: doubled ones, and three or more bare ones."""
    key, doc, s = lines.key, lines.doc, lines.shape
    free = ~verdicts.removed & _headline_like(lines)
    second = free & (previous(key, doc, NONE) == key)
    first = free & (following(key, doc, NONE) == key)
    pair_starts, pair_stops = runs(first | second, lines.first)
    doubled = [
        (a, b)
        for a, b in zip(pair_starts.tolist(), pair_stops.tolist(), strict=True)
        if len(np.unique(key[a:b])) >= 2
    ]
    for a, b in doubled:
        verdicts.say(np.arange(a, b), "link_list", "structure.doubled-headlines", 0.95)
    free &= ~verdicts.removed & (claims.category == NONE) & (lines.repetition[0] == 1)
    bare = free & (s.words >= 3) & (~s.ends | (s.words < 14)) & ~s.bullet & s.capital & (s.commas <= 2) & (
        s.digits <= 4
    ) & ~s.ends | (free & (s.words >= 4) & s.ends & ~s.full_stop & ~s.quote & (s.sentences == 0))
    starts, stops = runs(bare, lines.first)
    inside = body.inside[starts] & body.known[starts]
    colon_before = previous(s.colon, doc, False)[starts]
    # Headlines are of some length; rows of a table, ingredients and the like are short or full of figures.
    figures = prefix_sums(s.digits > 0)
    words = prefix_sums(s.words)
    length = stops - starts
    headlines = (words[stops] - words[starts] >= _HEADLINE_WORDS * length) & (
        (figures[stops] - figures[starts]) * 2 < length
    )
    # Items of a list of the article speak of what the article speaks of, and may end in semicolons.
    # Summed run by run: in a sum over the whole batch the shares of other documents would round off.
    row = cover(starts, stops, len(lines))
    shared = np.bincount(np.repeat(np.arange(len(length)), length), body.spread.shared[row], len(length))
    apart = shared < _SHARED_WORDS * length
    semicolon = prefix_sums(_ends_in_semicolon(lines))
    apart &= semicolon[stops] == semicolon[starts]
    long_enough = (length >= _RUN) & headlines & inside & ~colon_before & apart
    between_prose = _deep_inside(lines, body)[starts]
    verdicts.say(
        cover(starts[long_enough & between_prose], stops[long_enough & between_prose], len(lines)),
        "link_list",
        "structure.headline-run",
        0.7,
    )


def _ends_in_semicolon(lines: Lines) -> Bools:
    found: Bools = pc.match_substring_regex(lines.seen, "[;；]$").to_numpy(zero_copy_only=False)
    return found[lines.raw_key]


def _lists(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body) -> None:
    """What stands under a heading such as "Most read" goes with it."""
    n, s = len(lines), lines.shape
    item = _headline_like(lines) | verdicts.of("link_list")
    heading = claims.opens_list & (claims.certain | following(item & ~verdicts.of("title"), lines.doc, False))
    heading &= claims.certain | ~_deep_inside(lines, body)
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
    opened = heading & ~verdicts.removed
    verdicts.category[opened], verdicts.rule[opened], verdicts.score[opened] = (
        claims.category[opened],
        claims.rule[opened],
        claims.score[opened],
    )


def _section_names(where: Bools, lines: Lines) -> Bools:
    """Which of the lines `where` stand in a row of labels of a word or two: a menu, and no headlines."""
    s = lines.shape
    starts, stops = runs(where & (s.words <= _LABEL_WORDS) & ~s.ends & (s.digits == 0), lines.first)
    enough = stops - starts >= _RUN
    return cover(starts[enough], stops[enough], len(lines))


def _forms(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body) -> None:
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
        verdicts.category[zone] = category
        if zone.any():
            rule = "structure.form-field"
            if rule not in verdicts.rules:
                verdicts.rules.append(rule)
            verdicts.rule[zone], verdicts.score[zone] = verdicts.rules.index(rule), 0.8


def _after_the_end(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body) -> None:
    """Below a comment form and the like nothing is the article's."""
    opens = claims.opens_end & verdicts.removed & (body.after | ~_prose_follows(lines, body, verdicts))
    opens &= _prose_precedes(lines, body)
    at = np.flatnonzero(opens)
    ends = lines.offsets[1:][lines.doc[at]]
    zone = cover(at + 1, ends, len(lines))
    inherits = zone & (~verdicts.removed | verdicts.of("byline", "dateline"))
    verdicts.say(inherits, "comment_section", "structure.after-the-end", 0.85)


def _prose_follows(lines: Lines, body: Body, verdicts: Verdicts) -> Bools:
    p = lines.prose & body.inside & ~verdicts.removed
    nearest = next_after(p)
    out: Bools = (nearest < len(lines)) & (lines.doc[np.minimum(nearest, len(lines) - 1)] == lines.doc)
    return out


def _prose_precedes(lines: Lines, body: Body) -> Bools:
    p = lines.prose & body.inside
    count = np.cumsum(p)
    start = np.concatenate(([0], count))[lines.offsets[:-1]][lines.doc]
    out: Bools = np.greater_equal(count - start, 2)
    return out


def _repetitions(verdicts: Verdicts, lines: Lines, body: Body) -> None:
    """The second time a document says a line, and lines that another line quotes in full."""
    s = lines.shape
    again = _spare_copies(lines, body)
    title_key = np.where(body.title >= 0, lines.key[body.title], NONE)[lines.doc]
    of_title = lines.key == title_key
    is_title = np.zeros(len(lines), np.bool_)
    is_title[body.title[body.title >= 0]] = True
    long_enough = (s.words >= 4) | (s.chars >= 25)
    again = (again & long_enough & ~verdicts.removed) | (of_title & ~verdicts.of("link_list"))
    again &= ~is_title
    verdicts.say(again, "duplicate", "structure.repeated-line", 0.95)
    verdicts.say(_near_repeats(verdicts, lines, body), "duplicate", "structure.pull-quote", 0.92)


def _spare_copies(lines: Lines, body: Body) -> Bools:
    """All copies of a line but one: the first, or the first heading among them.

    A table of contents says the headings before they stand above their sections.
    """
    reads = lines.prose
    heading = ~reads & body.inside & following(reads, lines.doc, False)
    repeated = np.flatnonzero(lines.repetition[0] > 1)
    order = np.lexsort((repeated, ~heading[repeated], lines.key[repeated], lines.doc[repeated]))
    copies = repeated[order]
    spare = np.zeros(len(lines), np.bool_)
    spare[copies] = (np.diff(lines.key[copies], prepend=-1) == 0) & (
        np.diff(lines.doc[copies], prepend=-1) == 0
    )
    return spare


def _near_repeats(verdicts: Verdicts, lines: Lines, body: Body) -> Ints:
    """Lines whose words nearly all stand in one longer line of their document: pull quotes, the lead said again."""
    s = lines.shape
    spoken = _speech(lines)
    below = np.arange(len(lines)) - body.title[lines.doc]
    of_title = (body.title[lines.doc] >= 0) & (below > 0) & (below <= _BELOW_TITLE) & ~s.full_stop & ~s.bullet
    candidate = ~verdicts.removed & (s.words >= 3) & (s.words <= 40) & ((spoken & body.inside) | of_title)
    kept = ~verdicts.removed & (s.words > 4)
    kept[body.title[body.title >= 0]] = True
    kept &= body.spread.sharing(candidate, lines.doc)
    share = np.where(spoken, _QUOTED_SHARE, _REPEATED_SHARE)
    return near_repeats(lines.folded, lines.key, lines.doc, candidate, kept, share)


def _pointers(verdicts: Verdicts, lines: Lines, body: Body) -> None:
    """A line that an arrow opens leads elsewhere, unless several in a row are a list."""
    arrow: Bools = pc.match_substring_regex(
        lines.seen, "^(?:[→➜➡➔➝⇒▶►▷▸➤↳☞]|👉|>> ?\\pL|» ?\\p{Lu})"
    ).to_numpy(zero_copy_only=False)
    points = arrow[lines.raw_key] & ~verdicts.removed & (lines.shape.words >= 2) & ~_speech_continues(lines)
    points &= ~(lines.shape.full_stop & lines.prose)
    alone = ~previous(points, lines.doc, False) & ~following(points, lines.doc, False)
    verdicts.say(points & alone, "read_more", "structure.arrow", 0.9)


def _speech_continues(lines: Lines) -> Bools:
    """Lines that only look as if a guillemet pointed somewhere: the quotation is closed in the same line."""
    closed: Bools = pc.match_substring_regex(lines.seen, "^».*[«»]").to_numpy(zero_copy_only=False)
    return closed[lines.raw_key]


def _weak_claims(verdicts: Verdicts, lines: Lines, claims: Claims, body: Body) -> None:
    """Uncertain rules decide outside the article, and beside a removed line of their own category."""
    weak = (claims.category != NONE) & ~verdicts.removed & ~claims.certain
    doc = lines.doc
    top = body.inside & ~_deep_inside(lines, body) & ~lines.prose
    for _ in range(2):  # company spreads to a neighbour's neighbour
        company = (previous(verdicts.category, doc, NONE) == claims.category) | (
            following(verdicts.category, doc, NONE) == claims.category
        )
        take = weak & (body.before | body.after | company | top | ~body.known & ~lines.prose)
        verdicts.category[take] = claims.category[take]
        verdicts.rule[take] = claims.rule[take]
        verdicts.score[take] = claims.score[take]
        weak &= ~take


def _outside(verdicts: Verdicts, lines: Lines, body: Body) -> None:
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
    named = np.where(named >= lines.offsets[:-1][lines.doc], named, NONE)
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
