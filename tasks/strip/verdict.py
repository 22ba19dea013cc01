"""One verdict a line: certain rules and plain repetition stand; of the rest the line model decides."""

import numpy as np

from tasks.strip.findings import NONE, Verdicts
from tasks.strip.lines import Bools, Doubles, Floats, Ints, Lines
from tasks.strip.lines.characters import count
from tasks.strip.lines.sequence import following, last_before, next_after, prefix_sums, previous
from tasks.strip.model.main_text import Looks
from tasks.strip.rules.claims import CERTAIN, Claims
from tasks.strip.site_evidence import Weighed
from tasks.strip.structure.body import Body

#: Rule under which a line goes that the model alone finds.
MODEL = "model.lines"
#: Rules under which a line goes because its site says it on many pages, and because such lines part it from the article.
SITE_TEMPLATE, SITE_APART = "site-template", "site-apart"
#: Probability of main text from which a line stays, unless another is asked for. Lower loses less of the article, higher
#: leaves less boilerplate.
STRICTNESS = 0.4
# Long items of a list have the look of teasers, and so have standfirsts, directly below the title, where a teaser hardly
# ever stands: they stay from these shares of the strictness up.
_LENIENT, _STANDFIRST = 5 / 9, 1 / 3
_STANDFIRST_WORDS, _STANDFIRST_LINES = 8, 2
_BYLINE_WORDS, _BYLINE_LINES = 8, 3
_CAPITAL = r"\p{Lu}[\pL\pM\pN'’.-]*"
# What no rule and no structure names stays from this share up between lines of which the model is surer, so many lines away
# at most: subheadings, figures and short answers have little of their own to be known by.
_BETWEEN, _SURER, _NEAR = 4 / 9, 0.6, 8
# Lines at most that interrupt an article before it goes on.
_INTERRUPTED = 12
# From this score up a rule needs no second opinion. From CERTAIN to here the model may hold against it, if the first look
# thinks so too: the second takes what stands beside the article for more of it than the first does.
_BEYOND_DOUBT = 0.95
_VETO, _VETO_FIRST = 0.6, 0.5


def combine(
    lines: Lines,
    body: Body,
    claims: Claims,
    found: Verdicts,
    looks: Looks,
    strictness: float,
    doubted: Bools,
) -> None:
    """Bring the model's probabilities of main text into the verdicts `found`, in place.

    `doubted`: lines that were `given_up` at the second look; of these, lone sentences stay.

    A line that a finder is certain of goes under that finder's category, unless the finder is only just certain and
    the model holds the line for the article's. Of all others the model decides: below `strictness` a line goes,
    under the category of the finder that was not certain enough where there is one, else as `boilerplate`; from
    there up it stays, whatever an uncertain finder said.
    """
    main = looks.main
    threshold = _thresholds(lines, body, claims, found, main, strictness, doubted)
    vetoed = (main >= _VETO) & (looks.first >= _VETO_FIRST)
    certain = found.removed & ((found.score >= _BEYOND_DOUBT) | (found.score >= CERTAIN) & ~vetoed)
    certain |= found.of("title")
    keep = ~certain & (main >= threshold)
    found.clear(keep)
    go = ~certain & ~keep
    named = go & ~found.removed & (claims.category != NONE)
    found.category[named], found.rule[named] = claims.category[named], claims.rule[named]
    found.say(go & ~found.removed, "boilerplate", MODEL, 0)
    found.score[go] = np.maximum(found.score[go], 1 - main[go])


def _thresholds(
    lines: Lines,
    body: Body,
    claims: Claims,
    found: Verdicts,
    main: Floats,
    strictness: float,
    doubted: Bools,
) -> Doubles:
    """The probability of main text from which each line stays: `strictness`, but where a line's place says otherwise."""
    s, unclaimed = lines.shape, claims.category == NONE
    long = unclaimed & (s.words >= _STANDFIRST_WORDS)
    item = long & s.bullet & previous(s.bullet, lines.doc, False)
    threshold = np.where(item | ~body.known, _LENIENT * strictness, strictness)
    threshold[long & body.below_title(lines.doc, _STANDFIRST_LINES)] = _STANDFIRST * strictness
    sure = (main >= max(_SURER, strictness)) & ~found.removed
    threshold[_between(lines, sure) & unclaimed & ~found.removed] = _BETWEEN * strictness
    stays = (main >= strictness) & ~found.removed
    threshold[doubted & _lone_sentences(lines, claims, found, stays)] = 0
    # Directly below the title a line that reads like a byline is one, however close to the article it stands in HTML.
    byline = claims.of("byline") & (s.words <= _BYLINE_WORDS) & body.below_title(lines.doc, _BYLINE_LINES)
    threshold[_names(lines, byline)] = np.inf
    # A flash of a sentence or two gives the model nothing to go by.
    threshold[~body.known & s.ends & unclaimed] = 0
    return threshold


def _names(lines: Lines, among: Bools) -> Bools:
    """Which of the lines `among` are of words most of which have a capital, as names do, or whose script has none."""
    wanted = np.zeros(len(lines.seen), np.bool_)
    wanted[lines.raw_key[among]] = True
    capitals = count(lines.seen, _CAPITAL, wanted)[lines.raw_key]
    caseless = (capitals == 0) & lines.shape.capital
    out: Bools = among & (caseless | (capitals * 2 > lines.shape.words))
    return out


def settled(looks: Looks, doc: Ints, known: Bools, strictness: float) -> Looks:
    """The looks, of which the second does not count in documents of which it would leave nothing, and the first would; nor
    against a line where it is not `known` where the article lies.

    The second goes by the main text around, and where there is none to speak of, there is none to go by.
    """
    looks = looks._replace(main=np.where(known, looks.main, np.maximum(looks.first, looks.main)))
    stays = [np.bincount(doc, look >= strictness) > 0 for look in (looks.first, looks.main)]
    lost = stays[0] & ~stays[1]
    return looks._replace(main=np.where(lost[doc], looks.first, looks.main))


def given_up(looks: Looks, strictness: float) -> Bools:
    """Lines of which the first look thought something, and the second less."""
    return (looks.first >= _LENIENT * strictness) & (looks.first > looks.main)


def _lone_sentences(lines: Lines, claims: Claims, found: Verdicts, stays: Bools) -> Bools:
    """Single sentences that nothing but what rules and structure name parts from a line above that stays.

    An article that is interrupted again and again goes on, and ends, in such ones. The second look, which goes by the
    main text around, takes them for what interrupts it.
    """
    index, doc = np.arange(len(lines)), lines.doc
    unnamed = (claims.category == NONE) & ~found.removed & ~stays
    above = last_before(stays)
    lone = unnamed & ~previous(unnamed, doc, False) & ~following(unnamed, doc, False)
    lone &= (above >= 0) & (index - above <= _INTERRUPTED) & (doc[above] == doc)
    before = prefix_sums(unnamed)
    lone &= before[index] == before[above + 1]
    out: Bools = lone & lines.shape.ends & (lines.shape.words >= _STANDFIRST_WORDS)
    return out


def _between(lines: Lines, sure: Bools) -> Bools:
    """Lines that have lines of which the model is sure on either side, not far away."""
    index, doc, n = np.arange(len(lines)), lines.doc, len(lines)
    above, below = last_before(sure), next_after(sure)
    out: Bools = (above >= 0) & (below < n) & (index - above <= _NEAR) & (below - index <= _NEAR)
    return out & (doc[above] == doc) & (doc[np.minimum(below, n - 1)] == doc)


def by_site(found: Verdicts, main: Floats, weighed: Weighed, strictness: float) -> None:
    """Put the site's evidence into combined verdicts: what no rule names and only the site gives away bears its name.

    `main`: the model's probabilities before the evidence was weighed in. The title stands, wherever else it is said.
    """
    # A sentence of a short text stays whatever the model says of it, but not one that the site says everywhere.
    unless = ~found.removed & weighed.template & (weighed.main < strictness)
    found.say(unless, "boilerplate", MODEL, 0)
    found.score[unless] = 1 - weighed.main[unless]
    by_model = found.of("boilerplate") & (weighed.main < main)
    for where, rule in (
        (weighed.template, SITE_TEMPLATE),
        (weighed.apart & (main >= strictness), SITE_APART),
    ):
        at = np.flatnonzero(by_model & where)
        scores = found.score[at]
        found.say(at, "boilerplate", rule, 0)
        found.score[at] = scores
