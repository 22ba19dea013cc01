"""Where the article lies in a document: the run of lines with the most prose, and the title above it."""

from dataclasses import dataclass

import numpy as np

from tasks.strip.findings import NONE
from tasks.strip.lines import Bools, Doubles, Ints, Lines
from tasks.strip.lines.sequence import best_segment, next_true, prefix_sums
from tasks.strip.rules.claims import Claims
from tasks.strip.structure.threads import comment_threads
from tasks.strip.structure.title import Titles, find_titles
from tasks.strip.structure.words import Spread, spread

# Gains of a line for the run it stands in. A long sentence counts by its words; what is not prose costs a little,
# so that a subheading or a caption does not end the article and a menu does.
_PROSE_WORDS_AT_MOST = 60
_SHORT_SENTENCE_AT_MOST = 8
_COST_UNKNOWN, _COST_CLAIMED, _COST_LIST_HEADING, _COST_COMMENTS, _COST_END = -4, -2, -8, -10, -30
#: Categories in which a site speaks to its reader in whole sentences.
APPEALS = (
    "cookie_notice",
    "donation_appeal",
    "newsletter_signup",
    "paywall",
    "app_promo",
    "advertisement",
    "legal_notice",
    "comment_section",
    "contact",
)
#: Categories of what is set into an article, between two of its paragraphs.
_INSETS = (
    "advertisement",
    "read_more",
    "caption",
    "paywall",
    "app_promo",
    "newsletter_signup",
    "donation_appeal",
)
_INSET_LINES, _RESUMPTIONS = 3, 3
# With less prose than this (in words) a document is no article, and position says nothing.
ARTICLE_WORDS = 40


@dataclass(frozen=True, slots=True)
class Body:
    """The article's place in each document, as masks over lines."""

    inside: Bools
    before: Bools
    after: Bools
    #: Line of the title in each document, -1 where there is none.
    title: Ints
    #: False for the lines of documents with too little prose to tell where the article lies.
    known: Bools
    #: Threads of readers' comments.
    thread: Bools
    #: How the words of each line are spread over its document.
    spread: Spread

    @property
    def is_title(self) -> Bools:
        """The line of each document's title."""
        out = np.zeros(len(self.inside), np.bool_)
        out[self.title[self.title >= 0]] = True
        return out

    def below_title(self, doc: Ints, most: int) -> Bools:
        """Up to `most` lines directly below their document's title; `doc`: the document of each line."""
        title = self.title[doc]
        below = np.arange(len(doc)) - title
        out: Bools = (title >= 0) & (below > 0) & (below <= most)
        return out


@dataclass(frozen=True, slots=True)
class Article:
    """First and last line of the article in each document, and what was looked at to find it."""

    first: Ints
    last: Ints
    #: Whether there is enough prose to tell, in each document.
    known: Bools
    #: Threads of readers' comments, as a mask over lines.
    thread: Bools
    spread: Spread


def find_body(
    lines: Lines,
    claims: Claims,
    titles: list[str | None],
    against: Doubles | None = None,
    finder: Titles | None = None,
) -> Body:
    """Place of the article; `titles` are the documents' titles as far as the input names them (folded), `against`
    what each line's site says against its being of the article, 0 where it says nothing; `finder` finds the titles
    (the shipped one, by default)."""
    found = article(lines, claims)
    index, first, last = np.arange(len(lines)), found.first[lines.doc], found.last[lines.doc]
    before, after = index < first, index > last
    title = find_titles(lines, claims, found.first, found.spread, against, finder)
    named = _named(lines, titles)
    title[lines.doc[named]] = named
    return Body(~before & ~after, before, after, title, found.known[lines.doc], found.thread, found.spread)


def deep_inside(lines: Lines, body: Body, lines_of_prose: int = 2) -> Bools:
    """Inside the article with so many lines of prose or more on either side."""
    sums = prefix_sums(lines.prose & body.inside)
    above, below = sums[:-1] - sums[lines.doc_begin], sums[lines.doc_end] - sums[1:]
    out: Bools = (above >= lines_of_prose) & (below >= lines_of_prose) & body.inside
    return out


def article(lines: Lines, claims: Claims) -> Article:
    """The run of lines with the most prose of each document."""
    s, n = lines.shape, len(lines)
    is_prose = lines.prose & ~claims.certain
    gain = np.full(n, _COST_UNKNOWN)
    sentence = s.ends & ~claims.certain
    gain[sentence] = np.minimum(s.words[sentence], _SHORT_SENTENCE_AT_MOST)
    gain[is_prose] = np.minimum(s.words[is_prose], _PROSE_WORDS_AT_MOST)
    # What may be an appeal or a notice holds no article together, at its end least of all.
    gain[claims.of(*APPEALS) & ~claims.certain] = 0
    gain[claims.certain] = _COST_CLAIMED
    gain[claims.certain & claims.opens_list] = _COST_LIST_HEADING
    gain[claims.certain & claims.of("comment_section")] = _COST_COMMENTS
    gain[claims.certain & claims.opens_end] = _COST_END
    thread = comment_threads(lines, claims)
    gain[thread] = np.minimum(gain[thread], _COST_CLAIMED)
    gain[s.separator] = 0
    first, last, total = best_segment(gain.astype(np.int64), lines.doc, lines.offsets)
    known = total >= ARTICLE_WORDS
    for _ in range(_RESUMPTIONS):
        last = np.where(known, _tail(lines, claims, last), last)
    # Without an article to speak of, all of the document is inside.
    first = np.where(known, first, lines.offsets[:-1])
    last = np.where(known, last, lines.offsets[1:] - 1)
    return Article(first, last, known, thread, spread(lines, lines.prose & s.full_stop))


def _tail(lines: Lines, claims: Claims, last: Ints) -> Ints:
    """Where the article ends below its last prose: a list, results, verse or a signature may close it.

    What stands between the prose and the first line that is claimed, repeated or a separator belongs to the article
    if most of it looks like anything but headlines and tags: bullets, figures, colons, full stops. So does what
    follows an advertisement or another thing that is set into articles, if it begins so too.
    """
    s, n = lines.shape, len(lines)
    inset = claims.of(*_INSETS) & claims.certain & ~claims.opens_list & ~claims.opens_end
    goes_on = np.concatenate((next_true(~inset | lines.first), [n]))[last + 1]
    goes_on = np.where(goes_on - last - 1 <= _INSET_LINES, goes_on, last + 1)
    stop = np.concatenate(
        ((claims.category != NONE) | s.separator | lines.first | (lines.repetition[0] > 1), [True])
    )
    stops = next_true(stop)[goes_on]
    looks = np.concatenate(((s.digits > 0) | s.bullet | s.ends | s.colon, [False]))
    marked = prefix_sums(looks)
    marks, between = marked[stops] - marked[goes_on], stops - goes_on
    take = (marks > 0) & (marks * 2 >= between) & ((goes_on == last + 1) | looks[goes_on])
    return np.where(take, stops - 1, last)


def _named(lines: Lines, titles: list[str | None]) -> Ints:
    """The first line of each document that says the title which the input names."""
    position = {t: i for i, t in enumerate(lines.folded.to_pylist())} if any(titles) else {}
    out = []
    for doc, title in enumerate(titles):
        if not title:
            continue
        # Pages append their site's name: "Headline - The Paper".
        parts = [
            title,
            *(title.rsplit(mark, 1)[0].strip() for mark in (" - ", " | ", " · ") if mark in title),
        ]
        start, stop = lines.offsets[doc], lines.offsets[doc + 1]
        for part in parts:
            where = np.flatnonzero(lines.key[start:stop] == position.get(part, -1))
            if len(where):
                out.append(start + where[0])
                break
    return np.array(out, np.int64)
