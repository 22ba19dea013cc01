"""Which sites came out unlike themselves: each compared with its own earlier runs. Pure figures, no files."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tasks.write import SiteCounts

#: A site is judged from so many documents in this run on, and so many earlier runs of as many documents each.
MIN_DOCUMENTS, MIN_RUNS = 5, 3

#: A value is an outlier when it is so many (robust) standard deviations from the median of the earlier runs ...
_DEVIATIONS = 5.0
#: ... and so far from it in any case: shares by this much, sizes by this factor.
_SHARE_FLOOR, _SIZE_FACTOR = 0.15, 2.0

#: The standard deviation of a normal distribution in units of its median absolute deviation.
_MAD = 1.4826


@dataclass(frozen=True, slots=True)
class Drift:
    """One outlier: what of a site was measured, what it is now, and what it used to be.

    `removed share` and `empty share` run from 0 to 1, `size` is in characters a document; of `language mix` the
    value is the share of documents that changed language.
    """

    site: str
    measure: str
    value: float
    usual: float

    @property
    def message(self) -> str:
        """The outlier in one sentence, the site as it came."""
        site = self.site or "(no site)"
        if self.measure == "size":
            return f"{site}: {self.value:,.0f} characters a page, usually {self.usual:,.0f}"
        if self.measure == "language mix":
            return f"{site}: {100 * self.value:.0f} % of the pages are in other languages than usual"
        return f"{site}: {self.measure} {100 * self.value:.0f} %, usually {100 * self.usual:.0f} %"


def find_drift(sites: Mapping[str, SiteCounts], history: Sequence[Mapping[str, SiteCounts]]) -> list[Drift]:
    """The outliers of this run, by site; `history` holds the sites of earlier runs."""
    found = []
    for site, now in sorted(sites.items()):
        earlier = [run[site] for run in history if site in run and run[site].documents >= MIN_DOCUMENTS]
        if now.documents >= MIN_DOCUMENTS and len(earlier) >= MIN_RUNS:
            found += [Drift(site, *outlier) for outlier in _outliers(now, earlier)]
    return found


def _outliers(now: SiteCounts, earlier: Sequence[SiteCounts]) -> Iterator[tuple[str, float, float]]:
    empty = _empty_share(now)
    usual, spread = _usual([_empty_share(run) for run in earlier])
    if abs(empty - usual) > max(_SHARE_FLOOR, _DEVIATIONS * spread, _by_chance(usual, now.documents)):
        yield "empty share", empty, usual

    with_records = [run for run in earlier if run.records >= MIN_DOCUMENTS]
    if now.records < MIN_DOCUMENTS or len(with_records) < MIN_RUNS:
        return
    usual, spread = _usual([run.removed_share for run in with_records])
    if abs(now.removed_share - usual) > max(_SHARE_FLOOR, _DEVIATIONS * spread):
        yield "removed share", now.removed_share, usual

    sizes = [math.log(max(1.0, run.raw_chars / run.records)) for run in with_records]
    size = math.log(max(1.0, now.raw_chars / now.records))
    usual, spread = _usual(sizes)
    if abs(size - usual) > max(math.log(_SIZE_FACTOR), _DEVIATIONS * spread):
        yield "size", math.exp(size), math.exp(usual)

    mix = _mix(with_records)
    distance = _distance(_mix([now]), mix)
    usual, spread = _usual([_distance(_mix([run]), mix) for run in with_records])
    chance = sum(_by_chance(share, now.records) for share in mix.values()) / 2
    if distance - usual > max(_SHARE_FLOOR, _DEVIATIONS * spread, chance):
        yield "language mix", distance, usual


def _usual(values: Sequence[float]) -> tuple[float, float]:
    """The median, and the standard deviation as the median deviation tells it: one odd run changes neither."""
    middle = median(values)
    return middle, _MAD * median(abs(value - middle) for value in values)


def _by_chance(share: float, documents: int) -> float:
    """How far a share of so few documents may be off by chance alone."""
    # Never seen in few runs does not mean impossible: half a document's worth is always possible.
    likely = min(max(share, 0.5 / documents), 1 - 0.5 / documents)
    return 4 * math.sqrt(likely * (1 - likely) / documents)


def _empty_share(counts: SiteCounts) -> float:
    return counts.lost / counts.documents


def _mix(runs: Sequence[SiteCounts]) -> dict[str, float]:
    """The share of each language over all runs."""
    languages: dict[str, int] = {}
    for run in runs:
        for language, number in run.languages.items():
            languages[language] = languages.get(language, 0) + number
    whole = sum(languages.values())
    return {language: number / whole for language, number in languages.items()}


def _distance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Half the sum of the differences: the share that would have to change its language."""
    return sum(abs(one.get(name, 0.0) - other.get(name, 0.0)) for name in one.keys() | other.keys()) / 2
