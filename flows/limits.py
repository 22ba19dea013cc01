"""A run that goes too far wrong is stopped while all it did is still staged, and nothing of it is published."""

from collections.abc import Iterable, Iterator

from flows.settings import Settings
from tasks.write import Layout, Totals, UnitPlan, commit_memory, unit_totals

#: A cleaned unit, with what failed in it.
Cleaned = tuple[UnitPlan, list[str]]


class LimitPassed(Exception):
    """More was rejected or removed than the settings allow. `totals` are of all that was cleaned."""

    def __init__(self, message: str, totals: Totals) -> None:
        super().__init__(message)
        self.totals = totals


def held_back(
    cleaned: Iterable[Cleaned], settings: Settings, layout: Layout, digest: str
) -> Iterator[Cleaned]:
    """Hand on the units as they come; with a limit set, only once all are staged and within it.

    What was learnt of sites is committed before the first. Raises LimitPassed.
    """
    if settings.max_reject_share is None and settings.max_removed_share is None:
        commit_memory(layout)
        yield from cleaned
        return
    units = list(cleaned)
    totals = Totals()
    for unit, failures in units:
        if not failures:
            totals.add(unit_totals(layout, unit, digest))
    check_limits(totals, settings)
    commit_memory(layout)
    yield from units


def check_limits(totals: Totals, settings: Settings) -> None:
    """Raise LimitPassed where the totals are beyond a limit."""
    rejected = totals.rejects / totals.documents if totals.documents else 0.0
    for what, share, limit in (
        ("of the documents rejected", rejected, settings.max_reject_share),
        ("of the text removed", totals.removed_share, settings.max_removed_share),
    ):
        if limit is not None and share > limit:
            raise LimitPassed(
                f"{100 * share:.1f} % {what}, and no more than {100 * limit:.1f} % is allowed", totals
            )
