"""What a run says about itself: a sentence, a JSON file, a markdown artifact and a page.

Names of files, sites and reasons come from the input: they are escaped wherever they are shown.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from schemas import CATEGORIES, REJECT_REASONS, SCHEMA_VERSION
from tasks.write import Layout, SiteCounts, Totals, write_file

#: Rows of a table in the report; the rest is summed up in a last row.
_ROWS = 50


@dataclass(slots=True)
class Summary:
    """The figures of one run. `totals` are of the documents that this run published."""

    run_id: str
    started: datetime
    finished: datetime | None = None
    schema_version: str = SCHEMA_VERSION
    sources: int = 0
    shards: int = 0
    units: int = 0
    totals: Totals = field(default_factory=Totals)
    failures: list[str] = field(default_factory=list)

    def add(self, totals: Totals) -> None:
        """Count a unit that was published."""
        self.units += 1
        self.totals.add(totals)

    @property
    def message(self) -> str:
        """The run in one sentence."""
        totals = self.totals
        counted = (
            f"{totals.documents:,} documents: {totals.records:,} records, {totals.rejects:,} rejects, "
            f"{totals.removed_share:.0%} of the text removed".replace("%", " %")
        )
        if self.failures:
            failed = f"{len(self.failures):,} of {self.shards:,} shards failed, the first: {self.failures[0]}"
            return f"{failed}. Published: {counted}"
        if not self.shards:
            return f"nothing new: {self.sources:,} files have been cleaned already"
        return counted

    def to_json(self) -> str:
        return _ADAPTER.dump_json(self, indent=2).decode() + "\n"


_ADAPTER = TypeAdapter(Summary)

_Table = tuple[str, Sequence[str], list[tuple[Any, ...]]]


def tables(summary: Summary) -> list[_Table]:
    """The report's tables: title, column names, rows. Figures are text already, names are as they came."""
    totals = summary.totals
    chars = sum(totals.categories.values())
    return [
        (
            "Documents",
            ("step", "documents"),
            [
                ("read", f"{totals.documents:,}"),
                ("records", f"{totals.records:,}"),
                ("rejects", f"{totals.rejects:,}"),
            ],
        ),
        (
            "Removed, by category",
            ("category", "characters", "share", "meaning"),
            [
                (name, f"{count:,}", _percent(count, chars), CATEGORIES.get(name, ""))
                for name, count in _largest(totals.categories)
            ],
        ),
        (
            "Removed, by site",
            ("site", "records", "characters", "removed"),
            [
                (
                    name or "(none)",
                    f"{c.records:,}",
                    f"{c.raw_chars:,}",
                    _percent(c.removed_chars, c.raw_chars),
                )
                for name, c in _largest_sites(totals.sites)
            ],
        ),
        (
            "Languages",
            ("language", "records", "share"),
            [
                (name, f"{count:,}", _percent(count, totals.records))
                for name, count in _largest(totals.languages)
            ],
        ),
        (
            "Rejects, by reason",
            ("reason", "documents", "meaning"),
            [(name, f"{count:,}", REJECT_REASONS.get(name, "")) for name, count in _largest(totals.reasons)],
        ),
        ("Failed shards", ("shard",), [(failure,) for failure in summary.failures]),
    ]


def in_words(counted: Mapping[str, int | bool]) -> str:
    """The counts of one shard, as clean_shard returns them, in one line."""
    share = counted["removed_chars"] / counted["raw_chars"] if counted["raw_chars"] else 0.0
    return (
        f"{counted['documents']:,} documents, {counted['records']:,} records, "
        f"{counted['rejects']:,} rejects, {100 * share:.0f} % of the text removed"
        + (", by an earlier run" if counted["staged"] else "")
    )


def write(summary: Summary, layout: Layout) -> None:
    """Put summary.json and report.html into the run's folder; a run with nothing to do leaves none."""
    summary.finished = datetime.now(UTC)
    if summary.shards:
        folder = layout.out / "runs" / summary.run_id
        write_file(folder / "summary.json", summary.to_json(), layout.temporary)
        write_file(folder / "report.html", page(summary), layout.temporary)


def markdown(summary: Summary) -> str:
    """The report as markdown, for a run's page in the Prefect UI."""
    parts = [f"## {_markdown_text(summary.message)}"]
    for title, columns, rows in tables(summary):
        if rows:
            lines = [
                columns,
                ["---"] * len(columns),
                *([_markdown_text(cell) for cell in row] for row in rows),
            ]
            parts.append(f"### {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(parts) + "\n"


def page(summary: Summary) -> str:
    """The report as one HTML page that needs nothing else."""
    parts = [f"<h1>{_visible(summary.message)}</h1>"]
    times = [
        moment.strftime("%Y-%m-%d %H:%M:%S %Z") for moment in (summary.started, summary.finished) if moment
    ]
    parts.append(f"<p>{_visible(summary.run_id)}, {' to '.join(times)}</p>")
    for title, columns, rows in tables(summary):
        if rows:
            head = "".join(f'<th scope="col">{column}</th>' for column in columns)
            body = "\n".join(
                f"<tr>{''.join(f'<td>{_visible(cell)}</td>' for cell in row)}</tr>" for row in rows
            )
            table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"
            parts.append(f"<h2>{title}</h2>\n{table}")
    return _PAGE.replace("BODY", "\n".join(parts))


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Wirebrush run report</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; }
td { overflow-wrap: anywhere; }
</style>
</head>
<body>
BODY
</body>
</html>
"""

#: Characters that steer a terminal, a line or the direction of text rather than being part of it.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)

#: What could start markup, an entity or a link.
_MARKUP = re.compile(r"[][\\`*_{}()<>#+!|~:.@&\"'-]")


def printable(text: str) -> str:
    """The text with control, direction and surrogate characters written as escapes."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)


def _visible(text: str) -> str:
    return html.escape(printable(text))


def _markdown_text(text: str) -> str:
    """Text that markdown shows as it is: no character of it can have a meaning in markdown or HTML."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", printable(text)[:500])


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0.0 %"


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    rest = sum(count for _, count in ordered[_ROWS:])
    return ordered[:_ROWS] + ([(f"{len(ordered) - _ROWS:,} others", rest)] if rest else [])


def _largest_sites(sites: Mapping[str, SiteCounts]) -> Iterable[tuple[str, SiteCounts]]:
    ordered = sorted(sites.items(), key=lambda entry: (-entry[1].raw_chars, entry[0]))
    yield from ordered[:_ROWS]
    if len(ordered) > _ROWS:
        rest = Totals()
        for _, counts in ordered[_ROWS:]:
            rest.add_site("", counts)
        yield f"{len(ordered) - _ROWS:,} others", rest.sites[""]
