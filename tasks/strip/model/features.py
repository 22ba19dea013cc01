"""What the line model sees of a line: shape, place, repetition, how its words are spread, and what rules and structure
say of it. No words.

Topics are in the words, and a model that sees words learns topics; shapes carry over to sites and languages that it
has never seen. The wording of boilerplate reaches the model through the rules alone, one input a category, which mean
the same in every language.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from schemas import CATEGORIES
from tasks.strip.findings import Verdicts
from tasks.strip.lines import Bools, Floats, Ints, Lines
from tasks.strip.lines.characters import count, holding, matches
from tasks.strip.lines.sequence import following, last_true, next_true, prefix_sums, previous, run_lengths
from tasks.strip.lines.tally import DASH, DIVIDER, LEGAL, MONEY
from tasks.strip.rules.claims import Claims
from tasks.strip.structure.body import Body
from tasks.strip.structure.words import Spread

# Counted in each distinct line; what counts is the share of its words.
_DIVIDERS, _DASHES = r"[|·•/>»→\t]|\s{3,}", r"\s[–—-]\s"
_FLAGS = {
    "address": r"https?://|www\.|\S@\S+\.\S|\.(?:com|org|net|de|fr|ru|cn)\b",
    "year": r"(?:^|\P{Nd})(?:19|20)\p{Nd}\p{Nd}(?:\P{Nd}|$)",
    "time": r"\p{Nd}{1,2}[:.h]\p{Nd}{2}(?:\P{Nd}|$)",
    "lower_start": r"^[^\pL]*\p{Ll}",
    "unspaced": r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]",
    "money": r"\p{Sc}\s?\p{Nd}|\p{Nd}\s?\p{Sc}",
    "ellipsis": r"(?:…|\.\.\.)\W*$",
    "no_letters": r"^\PL*$",
}

_LEGAL_AT = 3  # among the flags, as the networks have learnt it

# A beat is so many lines long at most, and looked for so many lines around; a line said so often is a label.
_LONGEST_BEAT, _BEAT_LINES, _OFTEN = 6, 12, 3
_LABEL_WORDS, _HEADLINE_WORDS = 3, 14


def features(lines: Lines, claims: Claims, body: Body, verdicts: Verdicts) -> Floats:
    """One row a line; columns in a fixed order, scaled to about -1..3."""
    s, n = lines.shape, len(lines)
    words = np.maximum(s.words, 1)
    columns: list[npt.NDArray] = [
        np.log1p(s.words) / 3,
        np.log1p(s.chars) / 5,
        np.minimum(s.chars / words, 15) / 10,
        s.ends,
        s.full_stop,
        np.minimum(s.sentences, 6) / 3,
        np.minimum(s.commas / words, 1) * 4,
        np.minimum(s.digits / np.maximum(s.chars, 1), 1) * 3,
        s.bullet,
        s.colon,
        s.quote,
        s.capital,
        s.separator,
        lines.prose,
    ]
    of = lines.made_of
    counts = [of.capitalised, of.capitals, of.short_words, of.long_words]
    counts += [*_dividers_and_dashes(lines), of.brackets, of.emphasis]
    columns += [np.minimum(counted[lines.raw_key] / words, 2) for counted in counts]
    columns += [flag[lines.raw_key] for flag in _flags(lines)]
    columns += _layout(lines)
    columns += _place(lines, body)
    columns += _repetition(lines)
    columns += _runs(lines)
    columns += _rhythm(lines)
    columns += _words(lines, body.spread, body.title)
    present = np.zeros((n, len(CATEGORIES)), np.float32)
    claimed = np.flatnonzero(claims.category >= 0)
    present[claimed, claims.category[claimed]] = claims.score[claimed]
    columns += list(present.T)
    columns += [claims.certain, claims.opens_list, claims.opens_form, claims.opens_end]
    columns += [
        verdicts.removed,
        verdicts.score,
        body.is_title,
        verdicts.of("link_list"),
        verdicts.of("duplicate"),
    ]
    return side_by_side(columns, n)


def side_by_side(columns: Sequence[npt.NDArray], n: int) -> Floats:
    """(n, columns), which lies in memory column by column, as these were made: line by line takes three times as long."""
    out = np.empty((len(columns), n), np.float32)
    for row, column in zip(out, columns, strict=True):
        row[:] = column
    return out.T


def _dividers_and_dashes(lines: Lines) -> tuple[Ints, Ints]:
    """How many of each are in each distinct line."""
    t, of = lines.seen, lines.made_of
    # A tab is a divider, so that what is left of blanks is spaces.
    spaced = holding(t, b"   ")
    return count(t, _DIVIDERS, of.holds(DIVIDER) | spaced), count(t, _DASHES, of.holds(DASH))


def _flags(lines: Lines) -> list[Bools]:
    """`_FLAGS` of each distinct line, looked for where a line holds what they need at least, and the signs of law."""
    t, of = lines.seen, lines.made_of
    among = {
        "year": of.digits >= 4,
        "time": of.digits >= 3,
        "money": of.holds(MONEY) & (of.digits > 0),
        "unspaced": of.unspaced > 0,
    }
    flags = [matches(t, pattern, among.get(name)) for name, pattern in _FLAGS.items()]
    flags.insert(_LEGAL_AT, of.holds(LEGAL))
    return flags


def _layout(lines: Lines) -> list[npt.NDArray]:
    after = following(lines.blanks_before, lines.doc, 3)
    # Some renderers put a blank line after every line, some none: what counts is the difference to the page's habit.
    total = np.add.reduceat(np.minimum(lines.blanks_before, 2), lines.offsets[:-1][_filled(lines)])
    habit = np.zeros(lines.documents)
    habit[_filled(lines)] = total / np.diff(lines.offsets)[_filled(lines)]
    return [
        np.minimum(lines.blanks_before, 3) / 2,
        np.minimum(after, 3) / 2,
        habit[lines.doc],
        np.minimum(lines.indent, 8) / 4,
    ]


def _place(lines: Lines, body: Body) -> list[npt.NDArray]:
    is_prose, doc, n = lines.prose, lines.doc, len(lines)
    index = np.arange(n)
    size = lines.doc_end - lines.doc_begin
    place = (index - lines.doc_begin) / np.maximum(size - 1, 1)
    weight = np.where(is_prose, np.minimum(lines.shape.words, 80), 0)
    total = prefix_sums(weight)
    start = total[lines.doc_begin]
    whole = total[lines.doc_end] - start
    above = (total[:-1] - start) / np.maximum(whole, 1)
    back = index - last_true(is_prose | lines.first)
    nearest = next_true(is_prose)
    ahead = np.minimum(nearest, lines.doc_end) - index
    title = body.title[doc]
    below = (title >= 0) & (index > title)
    return [
        place,
        above,
        np.log1p(size) / 5,
        np.log1p(whole) / 6,
        whole / np.maximum(size, 1) / 20,
        body.inside,
        body.before,
        body.after,
        body.known,
        np.log1p(np.maximum(back, 0)) / 3,
        np.log1p(np.maximum(ahead, 0)) / 3,
        below,
        title >= 0,
        np.where(below, np.log1p(np.maximum(index - title, 0)) / 3, 0),
        np.where(below, np.log1p(np.maximum(total[:-1] - total[title + 1], 0)) / 6, 0),
        _density(weight, lines, 4),
        _density(weight, lines, 12),
    ]


def _density(weight: npt.NDArray, lines: Lines, width: int) -> npt.NDArray:
    """Mean prose words a line in the window of `width` lines on both sides."""
    return _share(weight, lines, width) / 30


def _repetition(lines: Lines) -> list[npt.NDArray]:
    times, again = lines.repetition
    return [
        np.minimum(times - 1, 3) / 2,
        again,
        previous(lines.key, lines.doc, -1) == lines.key,
        following(lines.key, lines.doc, -1) == lines.key,
    ]


def _runs(lines: Lines) -> list[npt.NDArray]:
    """Long rows of lines of one kind: a sidebar of fifty teasers is seen as such from its middle too."""
    s = lines.shape
    spoken = np.minimum(s.words, 60)
    closed, open_ = np.where(s.full_stop, spoken, 0), np.where(s.full_stop, 0, spoken)
    whole = np.maximum(_total(spoken, lines), 1)
    return [
        np.where(s.bullet, np.log1p(run_lengths(s.bullet, lines.first)) / 3, 0),
        np.where(s.full_stop, 1, -1) * np.log1p(run_lengths(s.full_stop, lines.first)) / 3,
        _density(closed, lines, 30),
        _density(open_, lines, 30),
        _total(closed, lines) / whole,
        _total(np.where(s.bullet, spoken, 0), lines) / whole,
    ]


def _rhythm(lines: Lines) -> list[npt.NDArray]:
    """Lines that come in a beat: a row of cards has the same few shapes over and over, an article has not."""
    s, doc, n = lines.shape, lines.doc, len(lines)
    look = 2 * ((s.words > _LABEL_WORDS).astype(np.int8) + (s.words > _HEADLINE_WORDS)) + s.full_stop
    shares = []
    for beat in range(1, _LONGEST_BEAT + 1):
        same = np.zeros(n, np.bool_)
        same[:-beat] = (look[beat:] == look[:-beat]) & (doc[beat:] == doc[:-beat])
        shares.append(_share(same, lines, _BEAT_LINES))
    longer = np.maximum.reduce(shares[1:])
    often = lines.repetition[0] >= _OFTEN
    return [shares[0], longer, longer - shares[0], _share(often, lines, _BEAT_LINES)]


def _share(values: npt.NDArray, lines: Lines, width: int) -> npt.NDArray:
    """Mean over the window of `width` lines on both sides."""
    return windowed(prefix_sums(values), lines, width)


def windowed(total: npt.NDArray, lines: Lines, width: int) -> npt.NDArray:
    """Mean over the window of `width` lines on both sides, in the same document, of values of which `total` is the
    sum up to each line, and up to the end."""
    index = np.arange(len(lines))
    low, high = np.maximum(index - width, lines.doc_begin), np.minimum(index + width + 1, lines.doc_end)
    return (total[high] - total[low]) / (high - low)


def _total(values: npt.NDArray, lines: Lines) -> npt.NDArray:
    """The sum over each line's document."""
    total = prefix_sums(values)[lines.offsets]
    return np.diff(total)[lines.doc]


def _words(lines: Lines, spread: Spread, title: Ints) -> list[npt.NDArray]:
    title_words, title_share = spread.of_titles(lines, title)
    return [
        spread.function_share * 2,
        np.log1p(spread.function_words) / 2,
        spread.recurrence / 2,
        spread.shared,
        spread.anywhere,
        np.minimum(title_words, 4) / 2,
        title_share,
        spread.near_above,
        spread.near_below,
        np.log1p(spread.content_words) / 3,
    ]


def _filled(lines: Lines) -> Bools:
    return np.diff(lines.offsets) > 0
