"""Which line of a document is its title: a small learned judge of the lines that could be it.

What it sees of a line is the same in every language: its shape, where it stands, what rules say of it and of its
neighbours, and whether its words come back in the running text. A document may have no title in its text.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tasks.strip.lines import Bools, Doubles, Floats, Ints, Lines
from tasks.strip.lines.characters import count, matches
from tasks.strip.lines.sequence import following, next_after, prefix_sums, previous
from tasks.strip.lines.tiles import rows_of
from tasks.strip.rules.claims import Claims
from tasks.strip.structure.words import Spread
from tasks.strip.weights import FOLDER

WEIGHTS = FOLDER / "title.npz"
# Longer lines are no titles, and none is looked for further below the head of the article.
_MOST_CHARS, _LINES_BELOW = 250, 6
_DIVIDERS = r"[|/>»＞›·•→\t]|\s{2,}"
_TIME_OR_YEAR = r"\p{Nd}{1,2}[:.h]\p{Nd}{2}|(?:19|20)\p{Nd}\p{Nd}"
# What stands around titles, by the names of the rules' categories.
_HEAD = ("byline", "dateline", "attribution", "reading_time")
_AROUND = (
    ("navigation",),
    ("link_list",),
    ("byline",),
    ("dateline",),
    ("caption",),
    ("share_bar",),
    ("read_more",),
)
# From this score on a claim is taken for what it says.
_LIKELY = 0.7
_NEIGHBOURS = 3
_SENTENCE_WORDS = 3
# Texts without a headline are more among those that the finder has learnt from than elsewhere: log-odds to make up for it. A
# sentence with its full stop has to be the title rather than nothing without them.
_RATHER = -0.5
_SAID_ELSEWHERE = 4.0


@dataclass(frozen=True, slots=True)
class Titles:
    """A layer of hidden units over the features of a line; its score stands against the `bar`."""

    mean: Floats
    scale: Floats
    hidden: Floats
    hidden_bias: Floats
    head: Floats
    head_bias: Floats

    def scores(self, seen: Floats, offsets: Ints) -> Floats:
        """One score a row of features: above its `bar`, rather the title than none. `offsets`: where documents begin."""
        rows, size = rows_of(offsets)
        placed = np.zeros((size, len(self.mean)), np.float32)
        placed[rows] = (seen - self.mean) * self.scale
        hidden = np.maximum(placed @ self.hidden + self.hidden_bias, 0)
        scores: Floats = (hidden @ self.head)[rows] + self.head_bias
        return scores

    def save(self, path: Path) -> None:
        """Write the weights to a file that `read` takes."""
        np.savez_compressed(path, **{name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def read(cls, path: Path) -> "Titles":
        """Raises OSError and ValueError for a file that is none of `save`."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in cls.__slots__})


@functools.cache
def shipped() -> Titles:
    """The weights that the package ships."""
    return Titles.read(WEIGHTS)


def find_titles(
    lines: Lines,
    claims: Claims,
    article_start: Ints,
    spread: Spread,
    against: Doubles | None = None,
    finder: Titles | None = None,
) -> Ints:
    """The line of each document's title, -1 where there is none. `article_start`: the first line of each document's
    article; `against`: what each line's site says against it, where that is known; `finder`: by default the shipped one."""
    out = np.full(lines.documents, -1)
    at, seen = candidates(lines, claims, article_start, spread)
    if not len(at):
        return out
    offsets = np.searchsorted(lines.doc[at], np.arange(lines.documents + 1))
    score = (finder or shipped()).scores(seen, offsets)
    enough = score > bar(lines.shape.full_stop[at])
    at, score = at[enough], score[enough]
    doc = lines.doc[at]
    # What other pages of the site say as well is rather a teaser's headline, or the site's own name.
    rank = score if against is None else score - np.minimum(against[at], _SAID_ELSEWHERE)
    order = np.lexsort((at, -rank, doc))
    best = order[np.diff(doc[order], prepend=-1) != 0]
    out[doc[best]] = at[best]
    # Where the title stands twice, the first is the title.
    same = np.flatnonzero((out[lines.doc] >= 0) & (lines.key == lines.key[out][lines.doc]))
    out[lines.doc[same][::-1]] = same[::-1]
    return out


def bar(full_stop: Bools) -> Floats:
    """The score above which a line is rather the title than nothing; `full_stop`: whether it ends with one."""
    return np.where(full_stop, np.float32(0), np.float32(_RATHER))


def candidates(lines: Lines, claims: Claims, article_start: Ints, spread: Spread) -> tuple[Ints, Floats]:
    """The lines that could be a title, and what is seen of each of them."""
    s, doc, n = lines.shape, lines.doc, len(lines)
    index = np.arange(n)
    possible = ~claims.certain & ~s.separator & (s.chars <= _MOST_CHARS) & (s.chars >= 2)
    start = article_start[doc]
    possible &= index <= start + _LINES_BELOW
    # A title heads something that is said: where no sentence follows, it would be all that there is.
    sentence = lines.prose | (s.ends & (s.words >= _SENTENCE_WORDS))
    possible &= next_after(sentence) < lines.doc_end
    at = np.flatnonzero(possible)
    words = np.maximum(s.words, 1)
    of, raw, t = lines.made_of, lines.raw_key, lines.seen
    asked = np.zeros(len(t), np.bool_)
    asked[raw[at]] = True
    likely = claims.score >= _LIKELY
    head = claims.of(*_HEAD) & likely
    heads = prefix_sums(head)
    top = lines.doc_begin
    ahead = start - index
    times, again = lines.repetition
    columns: list[npt.NDArray] = [
        np.log1p(s.words) / 3,
        s.words >= 4,
        s.words > 17,
        np.log1p(s.chars) / 5,
        s.ends,
        s.full_stop,
        s.colon,
        np.minimum(s.sentences, 3),
        np.minimum(s.commas / words, 1) * 4,
        np.minimum(s.digits / np.maximum(s.chars, 1), 1) * 3,
        s.bullet,
        s.quote,
        s.capital,
        lines.prose,
        np.minimum(of.capitalised[raw] / words, 2),
        np.minimum(of.capitals[raw] / words, 2),
        np.minimum(of.short_words[raw] / words, 2),
        np.minimum(of.long_words[raw] / words, 2),
        np.minimum(of.emphasis[raw], 2),
        np.minimum(of.brackets[raw], 2),
        np.minimum(count(t, _DIVIDERS, asked)[raw], 3),
        matches(t, _TIME_OR_YEAR, asked & (of.digits >= 3))[raw],
        np.log1p(index - top) / 3,
        np.log1p(np.maximum(ahead, 0)) / 3,
        ahead == 0,
        ahead < 0,
        np.log1p(np.maximum(-ahead, 0)),
        np.minimum(heads[np.maximum(start, index + 1)] - heads[index + 1], 3),
        np.minimum(heads[index] - heads[top], 3),
        np.minimum(times - 1, 3),
        again,
        following(lines.key, doc, -1) == lines.key,
        previous(lines.key, doc, -1) == lines.key,
        np.minimum(lines.blanks_before, 3),
        spread.function_share,
        spread.recurrence,
        spread.shared,
        spread.anywhere,
        spread.near_above,
        spread.near_below,
        np.log1p(spread.content_words),
        claims.score,
        claims.opens_list,
    ]
    columns += [np.where(claims.of(*names), claims.score, 0) for names in _AROUND]
    columns = [column[at] for column in columns]
    # The lines around: length, running text, what rules say.
    near = [np.log1p(s.words) / 3, lines.prose, head, claims.certain & ~head, s.bullet, s.ends]
    near += [np.minimum(lines.blanks_before, 2), spread.shared]
    for shift in (previous, following):
        moved = near
        for _ in range(_NEIGHBOURS):
            moved = [shift(values.astype(np.float32), doc, -1) for values in moved]
            columns += [column[at] for column in moved]
    return at, np.column_stack([np.asarray(column, np.float32) for column in columns])
