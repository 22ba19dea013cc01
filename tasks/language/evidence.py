"""What scripts and n-gram profiles say about each piece: how much speaks against each language."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from tasks.language import scripts
from tasks.language.profiles import UNITS, profiles
from tasks.language.sample import SPACE, Sample
from tasks.language.tags import tag

#: Evidence against a language in one piece counts up to here (12 nats, odds of 160,000 to 1): enough to say
#: that the piece is in another language, and no more, so that a foreign passage cannot drag the sum of a
#: whole text to a third language that resembles both.
CAP = 12 * UNITS
#: Share of kana among kana and Han from which a piece is Japanese.
_KANA_SHARE = 0.1
#: Han characters without kana that show a piece to be Chinese rather than a Japanese headline.
_HAN_RUN = 40


@dataclass(frozen=True, slots=True)
class Evidence:
    """`against` int32[pieces, languages()] runs from 0 (nothing speaks against it) to CAP (ruled out);
    `weight` float64[pieces] is the amount of letters, `variant` int64[pieces] simplified minus traditional
    characters."""

    against: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float64]
    variant: npt.NDArray[np.int64]


@cache
def languages() -> tuple[str, ...]:
    """Tags of all languages that a script or a profile can name: the columns of the evidence."""
    by_script = {language for group in scripts.LANGUAGES.values() for language in group}
    return tuple(sorted(by_script | {tag(code) for code in profiles().languages}))


def weigh(sample: Sample) -> Evidence:
    """Judges each piece of a sample."""
    counts = _script_counts(sample.pieces)
    script = counts.argmax(axis=1)
    allowed = _allowed()[script]
    # Where a script means one language, that one wins by being alone, and needs no profile.
    scores = np.zeros((len(script), len(languages())), np.int32)
    columns, sources = _profile_columns()
    scores[:, columns] = profiles().score(sample.pieces, sample.starts)[:, sources]
    scores[~allowed] = -CAP
    against = np.minimum(scores.max(axis=1, keepdims=True) - scores, CAP)
    against[~allowed] = CAP
    han = script == scripts.CODE["Hani"]
    japanese = languages().index("ja")
    lone_han = np.minimum(counts[han, scripts.CODE["Hani"]] / scripts.DENSE_WEIGHT / _HAN_RUN, 1.0)
    against[han, japanese] = (lone_han * CAP).astype(np.int32)
    variant = np.zeros(len(script), np.int64)
    variant[han] = scripts.han_table()[_points(sample.pieces[han])].sum(axis=1, dtype=np.int64)
    return Evidence(against, counts.sum(axis=1), variant)


def _points(pieces: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Code points brought into the range of the tables, whose last row stands for all beyond."""
    return np.minimum(pieces, scripts.CODE_POINTS - 1)


def _script_counts(pieces: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """Letters of each script in each piece, float64[pieces, scripts], dense ones weighted."""
    size = len(scripts.SCRIPTS)
    codes = scripts.script_table()[_points(pieces)]
    cells = codes + np.arange(len(pieces))[:, None] * size
    counts = np.bincount(cells.ravel(), minlength=len(pieces) * size).reshape(-1, size)
    weighted = counts.astype(np.float64)
    weighted[:, 0] -= (pieces == SPACE).sum(axis=1)
    for name in scripts.DENSE:
        weighted[:, scripts.CODE[name]] *= scripts.DENSE_WEIGHT
    kana, han = scripts.CODE["Kana"], scripts.CODE["Hani"]
    japanese = weighted[:, kana] > _KANA_SHARE * (weighted[:, kana] + weighted[:, han])
    weighted[japanese, kana] += weighted[japanese, han]
    weighted[japanese, han] = 0
    return weighted


@cache
def _allowed() -> npt.NDArray[np.bool_]:
    """Which languages each script can mean: bool[scripts, languages()]."""
    columns = {language: column for column, language in enumerate(languages())}
    table = np.zeros((len(scripts.SCRIPTS), len(columns)), np.bool_)
    for name, group in scripts.LANGUAGES.items():
        table[scripts.CODE[name], [columns[language] for language in group]] = True
    table[scripts.CODE["Latn"]] = ~table.any(axis=0)
    return table


@cache
def _profile_columns() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Columns of languages() that have a profile, and each one's column in the profiles' scores."""
    source = {tag(code): column for column, code in enumerate(profiles().languages)}
    return (
        np.array([languages().index(language) for language in source], np.int64),
        np.array(list(source.values()), np.int64),
    )
