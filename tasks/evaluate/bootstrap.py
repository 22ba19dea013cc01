"""How far a figure could be off by the luck of which pages were labelled: bootstrap intervals over pages."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Seed = int | tuple[int, int]

DRAWS = 1000
_LOW, _HIGH = 2.5, 97.5


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def draw_sums(rows: Floats, seed: Seed) -> Floats:
    """Column sums of `rows` (pages x quantities): first of all rows as they are, then of DRAWS samples of as many rows,
    drawn with replacement. The same rows and seed give the same sums."""
    return np.vstack([rows.sum(axis=0), _samples(len(rows), seed) @ rows])


@lru_cache(maxsize=4)
def _samples(pages: int, seed: Seed) -> Floats:
    """How often each sample (row) has each page (column). Kept, as the systems of a group share theirs."""
    drawn = np.random.default_rng(seed).integers(pages, size=(DRAWS, pages))
    drawn += pages * np.arange(DRAWS)[:, None]
    return np.bincount(drawn.ravel(), minlength=DRAWS * pages).reshape(DRAWS, pages).astype(float)


def estimate(drawn: Floats) -> Estimate | None:
    """From a figure of all rows and of each sample. Samples in which it does not exist (NaN) are left out."""
    if np.isnan(drawn[0]):
        return None
    low, high = np.nanpercentile(drawn, (_LOW, _HIGH))
    return Estimate(float(drawn[0]), float(low), float(high))


def share(part: Floats, whole: Floats) -> Floats:
    """NaN where there is no whole."""
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
