"""What a run shows of itself in Prefect: names, progress, the report, the final state, and events for others."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import get_run_logger
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, update_progress_artifact
from prefect.client.schemas.objects import State
from prefect.events import emit_event
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows import report
from flows.printable import printable
from flows.server_away import without
from tasks.ingest import Shard
from tasks.write import Layout, UnitPlan, read_progress

#: Seconds between two looks at the progress, each of which is a call to the server.
_LOOK_EVERY = 5.0

#: Sites with an event of their own; a run in which more have drifted has another trouble than its sites.
_EVENTS = 50

PUBLISHED = "wirebrush.corpus.published"
DRIFT = "wirebrush.site.drift"


def run_name() -> str:
    """The first source and the date."""
    sources = flow_run.get_parameters().get("sources") or ["nothing"]
    more = f" and {len(sources) - 1:,} more" if len(sources) > 1 else ""
    return printable(f"{sources[0]}{more}, {datetime.now(UTC):%Y-%m-%d %H:%M}")


def run_id() -> str:
    """Names a run's folder: sorts by time, and leads to the run in the Prefect UI."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{str(flow_run.get_id() or 'local')[:8]}"


def shard_name(unit: UnitPlan, shard: Shard) -> str:
    """The file, or the first of a pack, the shard's place in its unit, and its size."""
    paths = list(dict.fromkeys(piece.source.path for piece in shard.slices))
    more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
    place = f"{shard.number + 1}/{len(unit.shards)}"
    return printable(f"{Path(paths[0]).name}{more} {place}, {_size(shard.size)}")


def shard_done(name: str, counted: Mapping[str, int | bool]) -> State[Mapping[str, int | bool]]:
    """Log a shard's result in a line, and say it in the state of its task run."""
    words = report.in_words(counted)
    get_run_logger().info("%s: %s", name, words)
    return Completed(message=words, data=counted)


@contextmanager
def progress(layout: Layout, shards: int) -> Iterator[None]:
    """Keep a progress artifact on the run's page up to date until the block is left; without work, none."""
    if not shards:
        yield
        return
    artifact: Any = create_progress_artifact(0.0, key="progress", description=f"{shards:,} shards")
    stop = threading.Event()
    watcher = threading.Thread(target=_follow, args=(artifact, layout.out, stop), daemon=True)
    watcher.start()
    try:
        yield
    except BaseException:
        stop.set()
        watcher.join()
        raise
    else:
        stop.set()
        watcher.join()
        with without("the progress bar stays where it is"):
            update_progress_artifact(artifact, 100.0)


def _follow(artifact: Any, out: Path, stop: threading.Event) -> None:
    shown = 0.0
    while not stop.wait(_LOOK_EVERY):
        now = read_progress(out)
        done = min(99.0, round(100 * now.done_bytes / now.total_bytes, 1)) if now.total_bytes else 0.0
        if done > shown:
            shown = done
            with without("the progress bar stays where it is"):
                update_progress_artifact(artifact, done)


def show(told: report.Report, layout: Layout) -> State[report.Summary]:
    """Put the report on the run's page, tell others what was published, say in the final state how the run went."""
    summary = told.summary
    with without("the run's page has no report; it lies in the output"):
        create_markdown_artifact(report.markdown(told), key="run-report", description="What this run did")
    for drift in summary.drift:
        get_run_logger().warning("unlike before: %s", printable(drift.message))
    announce(summary, layout)
    if summary.failed:
        return Failed(message=summary.message, data=summary)
    return Completed(message=summary.message, data=summary)


def announce(summary: report.Summary, layout: Layout) -> None:
    """Emit the events that others build on. Their names and payloads are part of what users may rely on."""
    out = str(layout.out.absolute())
    corpus = {"prefect.resource.id": f"wirebrush.corpus.{out}", "prefect.resource.name": out}
    for drift in summary.drift[:_EVENTS]:
        emit_event(
            DRIFT,
            resource={
                "prefect.resource.id": f"wirebrush.site.{drift.site or '(none)'}",
                "prefect.resource.name": printable(drift.message)[:500],
            },
            related=[corpus | {"prefect.resource.role": "corpus"}],
            payload={
                "output": out,
                "site": drift.site,
                "measure": drift.measure,
                "value": drift.value,
                "usual": drift.usual,
                "run_id": summary.run_id,
            },
        )
    if summary.units and not summary.failed:
        totals = summary.totals
        emit_event(
            PUBLISHED,
            resource=corpus,
            payload={
                "output": out,
                "run_id": summary.run_id,
                "schema_version": summary.schema_version,
                "documents": totals.documents,
                "records": totals.records,
                "rejects": totals.rejects,
                "removed_share": round(totals.removed_share, 6),
            },
        )


def _size(size: int) -> str:
    """Bytes in the unit in which they are easily read."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size = round(size / 1000)
    return f"{size:,} GB"
