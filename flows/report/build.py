"""A run's report put together: its figures, those of earlier runs beside them, and samples of what it did."""

from datetime import UTC, datetime

from flows.drift import find_drift
from flows.report.page import page
from flows.report.summary import Report, Summary, read_summaries
from tasks.write import Layout, read_samples, related, templates, write_file

#: Earlier runs that a run is compared with, and documents that are shown before and after.
_HISTORY, _SAMPLES = 20, 6
#: Sites whose templates are shown, and lines of each; clusters and passages that are shown.
_SITES, _LINES, _RELATED = 10, 10, 20


def finish(summary: Summary, layout: Layout) -> Report:
    """Compare the run with those before it, and put summary.json and report.html into its folder.

    A run with nothing to do leaves no folder.
    """
    summary.finished = datetime.now(UTC)
    history = [run for run in read_summaries(layout.out, _HISTORY) if not run.refused]
    summary.drift = find_drift(summary.totals.sites, [run.totals.sites for run in history])
    summary.templates = templates(layout, _SITES, _LINES)
    summary.related = related(layout, _RELATED)
    report = Report(summary, history, read_samples(layout, summary.sampled, _SAMPLES))
    if summary.shards:
        folder = layout.out / "runs" / summary.run_id
        write_file(folder / "summary.json", summary.to_json(), layout.temporary)
        write_file(folder / "report.html", page(report), layout.temporary)
    return report
