"""The vote of the pieces: for texts on which the detectors disagree, and for texts in several languages."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from tasks.language import evidence, scripts
from tasks.language.evidence import CAP, Evidence
from tasks.language.sample import Sample
from tasks.language.second_opinion import Opinion, second_opinion
from tasks.language.tags import family

#: Where a text is in several languages, its pieces are cut in so many to measure the shares, and what speaks against
#: a language in one of these is heard so loud in its neighbours.
_FINER, _NEIGHBOUR = 4, 0.5
#: How many languages langdetect's profiles may propose for one text.
_PROPOSALS = 3


def accepted(opinion: str, script_says: str) -> str:
    """pycld2's tag, unless the script already means another language that does not share it."""
    if script_says not in _DECIDED or opinion in scripts.RARER.get(script_says, ()):
        return opinion
    return script_says


def vote(letters: str, judged: Evidence, first: str, opinion: Opinion) -> list[tuple[str, float]]:
    """Languages of a text with their shares of the letters, largest first; empty if no piece can be told.

    Each piece is given to the candidate that pycld2 sees in it, else to the one that langdetect's profiles
    speak least against. A piece leaves the main language only if something speaks against it there.
    """
    candidates = _candidates(judged, opinion)
    size = len(letters) // len(judged.weight)
    labels: list[str] = []
    firm: list[bool] = []
    for row in range(len(judged.weight)):
        piece = second_opinion(letters[row * size : (row + 1) * size])
        own = evidence.languages()[int(judged.against[row].argmin())]
        seen = accepted(piece.first, own) if judged.weight[row] else "und"
        if seen not in candidates:
            seen = _least_against(judged, row, candidates)
        labels.append(seen)
        firm.append(piece.reliable)
    main = _largest(labels, judged)
    if main == "und":
        return []
    labels = [
        label if label == "und" or _speaks_against(judged, row, main, firm[row]) else main
        for row, label in enumerate(labels)
    ]
    shares: dict[str, float] = defaultdict(float)
    for label, weight in zip(labels, judged.weight.tolist(), strict=True):
        shares[label] += weight / judged.weight.sum()
    if shares.pop("und", 0.0):
        return _in_order(shares)
    return _in_order(_measured(letters, dict(_in_order(shares)), size))


def _in_order(shares: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(shares.items(), key=lambda item: (-item[1], item[0]))


def _measured(letters: str, shares: Mapping[str, float], size: int) -> Mapping[str, float]:
    """The shares of the languages of a text, the largest one first, by smaller pieces than those of `size`: a language
    seldom ends where a piece does. As they are where one has no profile."""
    tags = [family(language) for language in shares]
    columns = [
        evidence.languages().index(name) for name in dict.fromkeys(tags) if name in evidence.languages()
    ]
    if len(tags) < 2 or len(columns) < len(tags):
        return shares
    pieces = np.frombuffer(letters.encode("utf-32-le"), np.uint32).reshape(-1, size // _FINER)
    judged = evidence.weigh(Sample(pieces, np.zeros(1, np.int64), np.zeros(len(pieces), np.int64)))
    against = np.where(judged.weight[:, None] > 0, judged.against[:, columns], 0)
    heard = against.astype(np.float64)
    heard[1:] += _NEIGHBOUR * against[:-1]
    heard[:-1] += _NEIGHBOUR * against[1:]
    weights = np.bincount(heard.argmin(axis=1), judged.weight, minlength=len(columns))
    measured = (weights / judged.weight.sum()).tolist()
    return {language: share for language, share in zip(shares, measured, strict=True) if share}


def _candidates(judged: Evidence, opinion: Opinion) -> list[str]:
    """Languages that pycld2 sees in the whole text, then those that explain its pieces one by one."""
    found = [language for language, _ in opinion.found]
    left = judged.weight.copy()
    for _ in range(_PROPOSALS):
        if not left.any():
            break
        column = int((judged.against * left[:, None]).sum(axis=0).argmin())
        explained = (judged.against[:, column] < CAP) & (left > 0)
        if not explained.any():
            break
        language = evidence.languages()[column]
        if family(language) not in {family(other) for other in found}:
            found.append(language)
        left[explained] = 0
    return found


def _least_against(judged: Evidence, row: int, candidates: list[str]) -> str:
    columns = {c: evidence.languages().index(c) for c in candidates if c in evidence.languages()}
    best = min(columns, key=lambda language: int(judged.against[row, columns[language]]), default="und")
    return best if best != "und" and judged.against[row, columns[best]] < CAP else "und"


def _largest(labels: list[str], judged: Evidence) -> str:
    weights: dict[str, float] = defaultdict(float)
    for label, weight in zip(labels, judged.weight.tolist(), strict=True):
        weights[label] += weight
    weights.pop("und", None)
    return min(weights, key=lambda language: (-weights[language], language), default="und")


def _speaks_against(judged: Evidence, row: int, main: str, firm: bool) -> bool:
    """Whether a piece is not in the main language: its profile says so or, without one, pycld2 is firm."""
    column = next((i for i, language in enumerate(evidence.languages()) if language == family(main)), None)
    return firm if column is None else bool(judged.against[row, column] >= CAP)


_DECIDED = frozenset(group[0] for group in scripts.LANGUAGES.values() if len(group) == 1)
