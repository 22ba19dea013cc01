"""The report as markdown, for a run's page in the Prefect UI."""

from collections.abc import Iterable, Iterator, Sequence

from flows.report.charts import image
from flows.report.summary import Report
from flows.report.tables import tables
from flows.report.text import in_html, in_markdown
from tasks.write import Sample

#: Samples on the run's page, lines of each, and characters of a line: report.html has all of it.
_SAMPLES, _LINES, _CHARS = 3, 60, 240


def markdown(report: Report) -> str:
    """The report's markdown. No text of the input has a meaning in it."""
    summary = report.summary
    parts = [f"## {in_markdown(summary.message)}"]
    if summary.totals.documents:
        parts.append(f"![Records, rejects, and what was removed most]({image(summary)})")
    for title, columns, rows in tables(summary, report.previous):
        if rows:
            parts.append(f"### {title}\n\n{_table(columns, rows)}")
    if report.samples:
        parts.append("### Before and after")
        parts += [_sample(sample) for sample in report.samples[:_SAMPLES]]
    return "\n\n".join(parts) + "\n"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *([in_markdown(cell, _CHARS) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _sample(sample: Sample) -> str:
    """A document's lines in a table that opens: what went, why, and what stayed.

    It is HTML without a blank line, which the UI takes as one piece; nothing in it is read as markdown.
    """
    name = f"{sample.title or sample.doc_id} ({sample.site or 'no site'}, {sample.language})"[:_CHARS]
    lines = list(_lines(sample))
    rows = "".join(
        f"<tr><td>{in_html(why)}</td><td>{in_html(text[:_CHARS])}</td></tr>" for why, text in lines[:_LINES]
    )
    if len(lines) > _LINES:
        rows += f"<tr><td></td><td>{len(lines) - _LINES:,} more lines in report.html</td></tr>"
    return (
        f"<details><summary>{in_html(name)}, {100 * sample.removed_share:.0f} % removed</summary>"
        f"<table><thead><tr><th>removed as</th><th>text</th></tr></thead><tbody>{rows}</tbody></table></details>"
    )


def _lines(sample: Sample) -> Iterator[tuple[str, str]]:
    for piece in sample.pieces:
        why = f"{piece.category} by {piece.rule}, {piece.score:.2f}" if piece.category else ""
        for line in piece.text.splitlines():
            if line.strip():
                yield why, line.strip()
