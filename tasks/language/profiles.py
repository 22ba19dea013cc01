"""langdetect's n-gram profiles, evaluated over a whole batch in array operations.

langdetect multiplies the probabilities of n-grams drawn at random until one language stands out. Here all
1- to 3-grams count, each once, as a sum of logarithms: the same model without the dice. Scores are whole
numbers, so that they do not depend on the order of addition, and thereby not on a text's neighbours.
"""

import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

#: langdetect's smoothing: the weight of an n-gram that a language's profile lacks.
_FLOOR = 0.5 / 10_000
#: Score units a nat. The most that the n-grams of a piece can sum up to must fit into 16 bits.
UNITS = 16
#: Pieces judged at a time: their rows of the score matrix then stay in the processor's cache.
_BLOCK = 32
#: Columns are padded so that a row of scores is a whole number of cache lines.
_COLUMNS = 64
#: 21 bits hold any code point; three of them fit into one code.
_BITS = 21


@dataclass(frozen=True, slots=True)
class Profiles:
    """The loaded model: `languages` are langdetect's codes in the order of the score columns."""

    languages: tuple[str, ...]
    normal: "_Normal"
    grams: "_GramIndex"
    scores: npt.NDArray[np.uint16]

    def score(self, pieces: npt.NDArray[np.uint32], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Log-likelihood of each piece in each language, above that of an unknown n-gram.

        `pieces` is uint32[pieces, width], blank where there is no letter; `starts` are the rows where a text
        begins, so that no n-gram spans two texts. Returns int32[pieces, languages] in 1 / UNITS nat.
        """
        if not len(pieces):
            return np.zeros((0, len(self.languages)), np.int32)
        ids = self._gram_ids(pieces, starts)
        sums = []
        for first in range(0, len(pieces), _BLOCK):
            # n-grams first: their rows are then added up in one long run over all pieces of the block
            block = np.ascontiguousarray(ids[:, first : first + _BLOCK])
            rows = np.take(self.scores, block, axis=0, mode="clip")
            sums.append(np.add.reduce(rows, axis=0, dtype=np.uint16))
        return np.concatenate(sums)[:, : len(self.languages)].astype(np.int32)

    def _gram_ids(
        self, pieces: npt.NDArray[np.uint32], starts: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int32]:
        """Row in `scores` of the 1-, 2- and 3-gram that ends at each character: int32[3 * width, pieces]."""
        stream = self.normal.of(pieces.ravel())
        width = pieces.shape[1]
        codes = np.empty((3, len(stream)), np.int64)
        codes[0] = stream
        codes[1:, :2] = 0
        codes[1, 1:] = stream[:-1] << _BITS | stream[1:]
        codes[2, 2:] = stream[:-2] << 2 * _BITS | codes[1, 2:]
        codes[:, starts * width] = 0
        ids = self.grams.find(codes.ravel())
        return ids.reshape(3, -1, width).swapaxes(1, 2).reshape(3 * width, len(pieces))


class _Normal:
    """The basic plane in lower case, normalised as by langdetect; what lies beyond is a blank.

    Filled as code points are met: all of them would take a tenth of a second. Threads may fill the same places with
    the same values.
    """

    _UNKNOWN = -1

    def __init__(self) -> None:
        self._table = np.full(0x10001, self._UNKNOWN, np.int64)
        self._table[0x10000] = 0x20

    def of(self, points: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        """The code point that stands for each."""
        from langdetect.utils.ngram import NGram

        at = np.minimum(points, len(self._table) - 1)
        found = self._table[at]
        if (found < 0).any():
            for point in np.unique(at[found < 0]).tolist():
                self._table[point] = ord(NGram.normalize(chr(point).lower()[0]))
            found = self._table[at]
        return found


class _GramIndex:
    """n-gram code to row: two hash tables without chains, the second for what collides in the first.

    Three array look-ups find an n-gram, where a binary search takes seventeen.
    """

    def __init__(self, codes: npt.NDArray[np.int64]) -> None:
        self._codes = codes
        self._first = np.zeros(1 << 21, np.int32)
        self._first[_hash(codes, 0)] = np.arange(len(codes), dtype=np.int32)
        left = np.flatnonzero(codes[self._first[_hash(codes, 0)]] != codes).astype(np.int32)
        self._seed = next(s for s in range(1, 1000) if len(np.unique(_hash(codes[left], s))) == len(left))
        self._second = np.zeros(1 << 21, np.int32)
        self._second[_hash(codes[left], self._seed)] = left

    def find(self, codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Row of each code, 0 for unknown ones."""
        rows = self._first[_hash(codes, 0)]
        missed = np.flatnonzero(self._codes[rows] != codes)
        again = codes[missed]
        second = self._second[_hash(again, self._seed)]
        rows[missed] = np.where(self._codes[second] == again, second, 0)
        return rows


def _hash(codes: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    """21 bits a code, by Fibonacci hashing; each seed gives another function."""
    factor = np.uint64(0x9E3779B97F4A7C15 + 2 * seed * 0x632BE59BD9B4E019 & 0xFFFFFFFFFFFFFFFF)
    return ((codes.view(np.uint64) * factor) >> np.uint64(43)).view(np.int64)


_lock = threading.Lock()
_loaded: Profiles | None = None


def profiles() -> Profiles:
    """The model, read from the installed langdetect once a process."""
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _loaded = _load()
    return _loaded


def _load() -> Profiles:
    from langdetect.detector_factory import PROFILES_DIRECTORY

    files = sorted(path for path in Path(PROFILES_DIRECTORY).iterdir() if path.suffix in ("", ".json"))
    found = [orjson.loads(path.read_bytes()) for path in files if path.is_file()]
    coded = [_codes(list(profile["freq"])) for profile in found]
    known = np.concatenate([np.zeros(1, np.int64), np.unique(np.concatenate(coded))])
    scores = np.zeros((len(known), _COLUMNS), np.uint16)
    for column, (profile, codes) in enumerate(zip(found, coded, strict=True)):
        totals = np.array([1, *profile["n_words"]], np.float64)[[len(gram) for gram in profile["freq"]]]
        probability = np.array(list(profile["freq"].values()), np.float64) / totals
        scores[np.searchsorted(known, codes), column] = np.rint(UNITS * np.log1p(probability / _FLOOR))
    scores[0] = 0
    return Profiles(
        languages=tuple(profile["name"] for profile in found),
        normal=_Normal(),
        grams=_GramIndex(known),
        scores=scores,
    )


def _codes(grams: list[str]) -> npt.NDArray[np.int64]:
    """Code of each n-gram of at most three characters; blanks alone get the code of none, 0."""
    padded = "".join([gram.rjust(3, "\0") for gram in grams]).encode("utf-32-le")
    points = np.frombuffer(padded, np.uint32).astype(np.int64).reshape(-1, 3)
    return (points[:, 0] << 2 * _BITS) | (points[:, 1] << _BITS) | points[:, 2]
