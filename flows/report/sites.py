"""The report's tables on what sites repeat and on what records have in common."""

from flows.report.summary import Summary
from flows.report.table import Table


def site_tables(summary: Summary) -> list[Table]:
    """Templates of sites with what came and went, the largest clusters, and the most syndicated passages."""
    lines = [
        (found.site, f"{pages:,.0f} of {found.pages:,.0f}", text)
        for found in summary.templates
        for text, pages in found.lines
    ]
    changes = [
        (found.site, word, text)
        for found in summary.templates
        for word, texts in (("new", found.new), ("gone", found.vanished))
        for text in texts
    ]
    clusters = [(name, f"{size:,}") for name, size in summary.related.clusters]
    syndicated = [(name, f"{sites:,}") for name, sites in summary.related.syndicated]
    return [
        Table("What sites repeat", ("site", "pages", "line"), lines),
        Table("Site templates since the last run", ("site", "change", "line"), changes),
        Table("Copies", ("earliest", "records"), clusters),
        Table("Passages on several sites", ("record and place", "sites"), syndicated),
    ]
