"""The main flow: raw pages in, cleaned Parquet out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, as_completed
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from prefect.tasks import exponential_backoff
from prefect.utilities.annotations import quote

from flows import report
from flows.clean_shard import clean_shard
from flows.runners import task_runner
from flows.settings import (
    Count,
    Extractor,
    Format,
    LanguageTag,
    Name,
    Runner,
    Seconds,
    Settings,
    Workers,
    check,
    describe_parameters,
    local_folder,
)
from tasks.ingest import Shard, list_sources, plan_units
from tasks.write import (
    Layout,
    UnitPlan,
    announce,
    clear_staging,
    finish_ready,
    load_ledger,
    output_lock,
    plan,
    publish,
)


@flow(name="clean-corpus", flow_run_name=lambda: _run_name(), persist_result=False)
@describe_parameters(
    sources="files, folders, globs or object-store URLs to read", output="folder that receives the data sets"
)
def clean_corpus(
    sources: list[str],
    output: str,
    format: Format = "auto",
    text_field: Name = "text",
    html_field: Name = "html",
    id_field: Name = "id",
    url_field: Name = "url",
    title_field: Name = "title",
    extractor: Extractor = "trafilatura",
    languages: tuple[LanguageTag, ...] = (),
    rules: tuple[Path, ...] = (),
    disable_rules: tuple[Name, ...] = (),
    workers: Workers | None = None,
    runner: Runner = "thread",
    dask_address: Name | None = None,
    full: bool = False,
    max_document_bytes: Count = 64 << 20,
    max_html_bytes: Count = 16 << 20,
    extract_timeout: Seconds = 20.0,
    shard_bytes: Count = 64 << 20,
) -> State[report.Summary]:
    """Clean scraped pages into Parquet data sets; what earlier runs have done already is left as it is."""
    options = locals()
    settings = check({name: options[name] for name in Settings.model_fields})
    layout = Layout(local_folder(output))
    summary = report.Summary(run_id=_run_id(), started=datetime.now(UTC))

    with output_lock(layout.out):
        finish_ready(layout)
        digest = settings.digest()
        found = list_sources(sources)
        cut = partial(plan_units, options=settings.ingest(), shard_bytes=settings.shard_bytes)
        units = plan(found, load_ledger(layout), digest, cut, full)
        summary.sources, summary.shards = len(found), sum(len(unit.shards) for unit in units)
        announce(layout, sum(shard.size for unit in units for shard in unit.shards))

        for unit, failures in clean_units(units, settings, layout, digest):
            if failures:
                summary.failures += failures
            else:
                summary.add(publish(layout, unit, digest))

        report.write(summary, layout)
        if not summary.failures:
            clear_staging(layout)
    return show(summary)


def clean_units(
    units: list[UnitPlan], settings: Settings, layout: Layout, digest: str
) -> Iterator[tuple[UnitPlan, list[str]]]:
    """Clean each shard in a task run of its own; yield each unit, with what failed in it, when it is done."""
    if not units:
        return
    with task_runner(settings) as pool:
        running: dict[PrefectFuture[Any], tuple[UnitPlan, str]] = {}
        for unit in units:
            for shard in unit.shards:
                name = _shard_name(unit, shard)
                # quoted: Prefect would look for futures in each of the thousands of files of a pack
                given = {"name": name, "shard": quote(shard), "settings": quote(settings)}
                future = pool.submit(clean, given | {"output": layout.out, "digest": digest})
                running[future] = unit, name
        waiting = {unit.key: len(unit.shards) for unit in units}
        failures: dict[str, list[str]] = {unit.key: [] for unit in units}
        for future in as_completed(list(running)):
            unit, name = running[future]
            try:
                future.result()
            except Exception as error:
                failures[unit.key].append(report.printable(f"{name}: {type(error).__name__}: {error}")[:500])
            waiting[unit.key] -= 1
            if not waiting[unit.key]:
                yield unit, failures.pop(unit.key)


def _may_pass(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Trouble with disks and stores may pass; anything else would only happen again."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, OSError) and not isinstance(error, FileNotFoundError | PermissionError)


@task(
    name="clean-shard",
    task_run_name="clean {name}",
    retries=3,
    retry_delay_seconds=exponential_backoff(2),
    retry_jitter_factor=0.5,
    retry_condition_fn=_may_pass,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def clean(name: str, shard: Shard, settings: Settings, output: Path, digest: str) -> dict[str, int | bool]:
    """Clean one shard and stage its tables; return what was counted."""
    counted = clean_shard(shard, settings, output, digest)
    get_run_logger().info("%s: %s", name, report.in_words(counted))
    return counted


def show(summary: report.Summary) -> State[report.Summary]:
    """Put the report on the run's page and say in the final state how the run went."""
    create_markdown_artifact(report.markdown(summary), key="run-report", description="What this run did")
    state = Failed if summary.failures else Completed
    return state(message=summary.message, data=summary)


def _run_name() -> str:
    """The first source and the date."""
    sources = flow_run.get_parameters().get("sources") or ["nothing"]
    more = f" and {len(sources) - 1:,} more" if len(sources) > 1 else ""
    return report.printable(f"{sources[0]}{more}, {datetime.now(UTC):%Y-%m-%d %H:%M}")


def _run_id() -> str:
    """Names a run's folder: sorts by time, and leads to the run in the Prefect UI."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{str(flow_run.get_id() or 'local')[:8]}"


def _shard_name(unit: UnitPlan, shard: Shard) -> str:
    """The file, or the first of a pack, and the shard's place in its unit."""
    paths = list(dict.fromkeys(piece.source.path for piece in shard.slices))
    more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
    return report.printable(f"{Path(paths[0]).name}{more} {shard.number + 1}/{len(unit.shards)}")
