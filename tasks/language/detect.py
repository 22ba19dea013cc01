"""The language of each text of a batch, by two detectors and a vote where they disagree.

A text is sampled in pieces. Scripts and langdetect's profiles judge each piece, and from that the whole text;
pycld2 judges the sample as a whole. Long texts are sampled sparsely first, and closely only where that leaves a
doubt. Where both name one and the same language, that is the verdict. Where
pycld2 names a language that langdetect has no profile for, its word stands. Otherwise the pieces vote, one by
one: so the language of most of the text wins, and the others get their shares.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas import RECORDS
from tasks.language import evidence
from tasks.language.evidence import CAP, Evidence
from tasks.language.sample import GLANCE, Sample, take_sample
from tasks.language.second_opinion import second_opinion
from tasks.language.tags import family
from tasks.language.vote import accepted, vote

#: Characters of text (letters and the gaps between words) below which no language is named ...
MIN_CHARACTERS = 20
#: ... and in scripts that write without spaces or a syllable a character.
MIN_DENSE_CHARACTERS = 8
#: Characters from which agreement of the detectors counts as high confidence.
_SURE_CHARACTERS = 40
#: A language with less of the text than this is not listed.
MIN_SHARE = 0.1
#: Share from which one language counts as the only one.
_WHOLE = 0.9
#: Share from which the largest language of a mixed text counts as its language with high confidence.
_MAJORITY = 2 / 3
#: Texts sampled at a time; keeps the arrays in the processor's cache, about 10 MB.
_CHUNK = 64

_SCHEMA = pa.schema([RECORDS.field(n) for n in ("language", "language_confidence", "language_shares")])
_NO_SPACES = frozenset({"zh", "ja", "ko", "th", "lo", "km", "my", "am", "bo", "dz", "ti"})


@dataclass(frozen=True, slots=True)
class Language:
    """A verdict: `language` is a BCP 47 tag or 'und', `confidence` is 'high', 'low' or 'none', and `shares`
    lists (language, share of the letters) from 10 % on, largest first; the shares sum to at most 1."""

    language: str
    confidence: str
    shares: tuple[tuple[str, float], ...]


UNDETERMINED = Language("und", "none", ())


def detect_language(text: str) -> Language:
    """The language of one text; any string will do. Equal to the text's row in any batch."""
    return _judge_texts([text])[0]


def detect_batch(texts: pa.Array | pa.ChunkedArray) -> pa.Table:
    """The language of each text (a null counts as empty).

    Returns the columns language, language_confidence and language_shares of schemas.RECORDS, a row a text.
    """
    strings = [text or "" for text in texts.to_pylist()]
    verdicts: list[Language] = []
    for first in range(0, len(strings), _CHUNK):
        verdicts += _judge_texts(strings[first : first + _CHUNK])
    shares = [[{"language": name, "share": share} for name, share in v.shares] for v in verdicts]
    columns = ([v.language for v in verdicts], [v.confidence for v in verdicts], shares)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
    return pa.table(arrays, schema=_SCHEMA)


def _judge_texts(texts: Sequence[str]) -> list[Language]:
    """Long texts are glanced at; short ones, and those on which a glance leaves a doubt, are looked at fully."""
    long = [row for row, text in enumerate(texts) if len(text) > GLANCE.whole]
    settled = dict(zip(long, _glance([texts[row] for row in long]), strict=True))
    left = [row for row in range(len(texts)) if settled.get(row) is None]
    looked_at = dict(zip(left, _look([texts[row] for row in left]), strict=True))
    return [settled.get(row) or looked_at[row] for row in range(len(texts))]


def _glance(texts: Sequence[str]) -> list[Language | None]:
    """The verdict on each text of which both detectors say, from a few letters, that it is in one language."""
    verdicts: list[Language | None] = [None] * len(texts)
    if not texts:
        return verdicts
    sample = take_sample(texts, GLANCE)
    judged = evidence.weigh(sample)
    choice, covered = _first_choice(sample, judged)
    letters = np.add.reduceat(judged.weight, sample.starts)
    for row in np.flatnonzero((covered >= _MAJORITY) & (letters >= _SURE_CHARACTERS)).tolist():
        first = evidence.languages()[choice[row]]
        rows = slice(sample.starts[row], sample.starts[row] + GLANCE.windows)
        pieces, judged_here = sample.pieces[rows], _slice(judged, rows)
        opinion = second_opinion(pieces[::2].tobytes().decode("utf-32-le"))
        second = accepted(opinion.first, first)
        if opinion.found and opinion.found[0][1] >= _WHOLE and family(first) == family(second):
            doubtful = pieces[judged_here.against[:, choice[row]] >= CAP]
            heard = {second_opinion(piece.tobytes().decode("utf-32-le")).first for piece in doubtful}
            if heard <= {opinion.first, "und"}:
                verdicts[row] = _verdict([(second, 1.0)], "high", judged_here)
    return verdicts


def _look(texts: Sequence[str]) -> list[Language]:
    """The verdict on each text."""
    if not texts:
        return []
    sample = take_sample(texts)
    judged = evidence.weigh(sample)
    choice, covered = _first_choice(sample, judged)
    bounds = [*sample.starts.tolist(), len(sample.owner)]
    verdicts = []
    for row, letters in enumerate(sample.strings()):
        pieces = _slice(judged, slice(bounds[row], bounds[row + 1]))
        verdicts.append(_judge(letters, pieces, evidence.languages()[choice[row]], float(covered[row])))
    return verdicts


def _slice(judged: Evidence, pieces: slice) -> Evidence:
    return Evidence(judged.against[pieces], judged.weight[pieces], judged.variant[pieces])


def _first_choice(sample: Sample, judged: Evidence) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The language that least speaks against in each text, and the share of the letters that it can claim."""
    weighted = judged.against * judged.weight[:, None]
    choice = np.add.reduceat(weighted, sample.starts, axis=0).argmin(axis=1)
    against = judged.against[np.arange(len(sample.owner)), choice[sample.owner]]
    claimed = np.add.reduceat(np.where(against < CAP, judged.weight, 0), sample.starts)
    return choice, claimed / np.maximum(np.add.reduceat(judged.weight, sample.starts), 1)


def _judge(letters: str, judged: Evidence, first: str, covered: float) -> Language:
    """The verdict on one text, from its letters, the evidence on its pieces and langdetect's choice."""
    characters = len(" ".join(letters.split()))
    if characters < MIN_DENSE_CHARACTERS:
        return UNDETERMINED
    if characters < MIN_CHARACTERS and first not in _NO_SPACES:
        return UNDETERMINED
    opinion = second_opinion(letters)
    second = accepted(opinion.first, first)
    sure = "high" if characters >= _SURE_CHARACTERS or first in _NO_SPACES else "low"
    if opinion.found and opinion.found[0][1] >= _WHOLE:
        if covered >= _WHOLE and family(first) == family(second):
            return _verdict([(second, 1.0)], sure, judged)
        if opinion.reliable and second not in evidence.languages():
            return _verdict([(second, 1.0)], sure, judged)
    shares = vote(letters, judged, first, opinion)
    agreed = bool(shares) and first == second == shares[0][0] and shares[0][1] >= _MAJORITY
    return _verdict(shares, sure if agreed else "low", judged)


def _verdict(shares: Sequence[tuple[str, float]], confidence: str, judged: Evidence) -> Language:
    """The largest share's language, with Chinese told apart by its characters."""
    chinese = "zh-Hans" if judged.variant.sum() >= 0 else "zh-Hant"
    named = [(chinese if language == "zh" else language, share) for language, share in shares]
    if not named:
        return UNDETERMINED
    return Language(named[0][0], confidence, tuple(item for item in named if item[1] >= MIN_SHARE))
