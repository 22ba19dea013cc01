"""The report's tables, which the terminal, the run's page and report.html show alike."""

from collections.abc import Iterable, Mapping, Sequence

from flows.report.sites import site_tables
from flows.report.summary import Summary
from flows.report.table import Table
from flows.report.text import percent
from schemas import CATEGORIES, REJECT_REASONS
from tasks.write import SiteCounts, Totals

#: Rows of a table in the report; the rest is summed up in a last row.
_ROWS = 50


def tables(summary: Summary, previous: Summary | None = None) -> list[Table]:
    """The tables in the order in which they are shown; those without rows are to be left out."""
    totals = summary.totals
    chars = sum(totals.categories.values())
    categories = _largest(totals.categories)
    sites = list(_largest_sites(totals.sites))
    languages, reasons = _largest(totals.languages), _largest(totals.reasons)
    return [
        Table(
            "Documents",
            ("step", "documents"),
            [
                ("read", f"{totals.documents:,}"),
                ("records", f"{totals.records:,}"),
                ("rejects", f"{totals.rejects:,}"),
            ],
            _shares((totals.documents, totals.records, totals.rejects), totals.documents),
        ),
        Table("Unlike before", ("site", "what"), [(drift.site, drift.message) for drift in summary.drift]),
        Table("Change against the last run", ("figure", "this run", "last run"), _change(summary, previous)),
        Table(
            "Removed, by category",
            ("category", "characters", "share", "meaning"),
            [(name, f"{n:,}", percent(n, chars), CATEGORIES.get(name, "")) for name, n in categories],
            _shares((number for _, number in categories), chars),
        ),
        Table(
            "Removed, by site",
            ("site", "records", "characters", "removed"),
            [
                (
                    name or "(none)",
                    f"{c.records:,}",
                    f"{c.raw_chars:,}",
                    percent(c.removed_chars, c.raw_chars),
                )
                for name, c in sites
            ],
            tuple(counts.removed_share for _, counts in sites),
        ),
        Table(
            "Languages",
            ("language", "records", "share"),
            [(name, f"{number:,}", percent(number, totals.records)) for name, number in languages],
            _shares((number for _, number in languages), totals.records),
        ),
        Table(
            "Rejects, by reason",
            ("reason", "documents", "meaning"),
            [(name, f"{number:,}", REJECT_REASONS.get(name, "")) for name, number in reasons],
            _shares((number for _, number in reasons), totals.rejects),
        ),
        *site_tables(summary),
        Table("Failed shards", ("shard",), [(failure,) for failure in summary.failures]),
    ]


def _change(summary: Summary, previous: Summary | None) -> list[tuple[str, str, str]]:
    if previous is None or not summary.shards:
        return []
    now, before = summary.totals, previous.totals

    def shown(totals: Totals) -> tuple[str, ...]:
        most = _largest(totals.categories)[:1]
        return (
            f"{totals.documents:,}",
            percent(totals.rejects, totals.documents),
            percent(totals.removed_chars, totals.raw_chars),
            f"{totals.raw_chars / max(1, totals.records):,.0f}",
            most[0][0] if most else "-",
            f"{len(totals.sites):,}",
            f"{len(totals.languages):,}",
        )

    figures = (
        "documents",
        "rejected",
        "text removed",
        "characters a record",
        "removed most",
        "sites",
        "languages",
    )
    return list(zip(figures, shown(now), shown(before), strict=True))


def _shares(parts: Iterable[float], whole: float) -> tuple[float, ...]:
    return tuple(part / whole if whole else 0.0 for part in parts)


def _largest(counts: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    rest = sum(count for _, count in ordered[_ROWS:])
    return ordered[:_ROWS] + ([(f"{len(ordered) - _ROWS:,} others", rest)] if rest else [])


def _largest_sites(sites: Mapping[str, SiteCounts]) -> Iterable[tuple[str, SiteCounts]]:
    ordered = sorted(sites.items(), key=lambda entry: (-entry[1].raw_chars, entry[0]))
    yield from ordered[:_ROWS]
    if len(ordered) > _ROWS:
        rest = SiteCounts()
        for _, counts in ordered[_ROWS:]:
            rest.add(counts)
        yield f"{len(ordered) - _ROWS:,} others", rest
