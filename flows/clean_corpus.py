"""The main flow: raw pages in, cleaned Parquet out."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, as_completed
from prefect.task_runners import TaskRunner
from prefect.tasks import exponential_backoff

from flows import report
from flows.clean_shard import clean_shard, read_and_count
from flows.limits import LimitPassed, held_back
from flows.printable import printable
from flows.run_page import progress, run_id, run_name, shard_done, shard_name, show
from flows.runners import task_runner
from flows.settings import (
    Count,
    Extractor,
    LanguageTag,
    Name,
    Runner,
    Seconds,
    Settings,
    Share,
    Workers,
    check,
    describe_parameters,
    local_folder,
)
from tasks.copies import relate, sketch
from tasks.ingest import SHARD_BYTES, Format, Shard, list_sources, plan_units
from tasks.site_memory import merge
from tasks.strip import STRICTNESS
from tasks.write import (
    Layout,
    UnitPlan,
    announce,
    clear_staging,
    finish_ready,
    load_ledger,
    memory_state,
    output_lock,
    plan,
    publish,
    refresh_relations,
    relations_outdated,
    remember,
)

#: Threads that compare records, at most: each has some hundred megabytes in memory.
COMPARING = 4


@flow(name="clean-corpus", flow_run_name=run_name, persist_result=False)
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
    strictness: Share = STRICTNESS,
    workers: Workers | None = None,
    runner: Runner = "thread",
    dask_address: Name | None = None,
    site_memory: bool = True,
    copies: bool = True,
    full: bool = False,
    max_document_bytes: Count = 16 << 20,
    max_document_lines: Count = 200_000,
    max_html_bytes: Count = 16 << 20,
    extract_timeout: Seconds = 20.0,
    max_reject_share: Share | None = None,
    max_removed_share: Share | None = None,
    shard_bytes: Count = SHARD_BYTES,
) -> State[report.Summary]:
    """Clean scraped pages into Parquet data sets; what earlier runs have done already is left as it is."""
    options = locals()
    settings = check({name: options[name] for name in Settings.model_fields})
    layout = Layout(local_folder(output))
    summary = report.Summary(run_id=run_id(), started=datetime.now(UTC))

    with output_lock(layout.out):
        finish_ready(layout)
        digest = settings.digest()
        found = list_sources(sources, may_be_empty=True, output=layout.out)
        cut = partial(plan_units, options=settings.ingest(), shard_bytes=settings.shard_bytes)
        units = plan(found, load_ledger(layout), digest, cut, full)
        summary.sources, summary.shards = len(found), sum(len(unit.shards) for unit in units)
        announce(layout, sum(shard.size for unit in units for shard in unit.shards))

        if units:
            with task_runner(settings) as pool, progress(layout, summary.shards):
                if settings.site_memory:
                    layout = learn_sites(pool, units, settings, layout, digest)
                cleaned = clean_units(pool, units, settings, layout, digest)
                try:
                    for unit, failures in held_back(cleaned, settings, layout, digest):
                        if failures:
                            summary.failures += failures
                        else:
                            summary.add(unit.key, publish(layout, unit, digest))
                except LimitPassed as passed:
                    summary.refused, summary.totals = str(passed), passed.totals

        if settings.copies and relations_outdated(layout):
            threads = min(settings.parallel, COMPARING)
            refresh_relations(layout, sketch, partial(relate, threads=threads), threads)
        told = report.finish(summary, layout)
        if not summary.failed:
            clear_staging(layout)
    return show(told, layout)


def learn_sites(
    pool: TaskRunner[Any], units: list[UnitPlan], settings: Settings, layout: Layout, digest: str
) -> Layout:
    """The first pass: read every shard and count its lines, and make of that the memory of sites to clean with.

    Returns the layout that names this memory; it is committed with the units that are published. A shard that cannot
    be read fails there.
    """
    layout = replace(layout, memory=memory_state(layout).digest)
    running: dict[PrefectFuture[Any], Shard] = {}
    for unit in units:
        for shard in unit.shards:
            work = partial(read_and_count, shard, settings, layout, digest)
            running[pool.submit(read, {"name": shard_name(unit, shard), "work": work})] = shard
    counted = []
    for future in as_completed(list(running)):
        with suppress(Exception):  # it fails again, and says why, where it is cleaned
            future.result()
            counted.append(running[future])
    return replace(layout, memory=remember(layout, counted, digest, settings.full, merge))


def clean_units(
    pool: TaskRunner[Any], units: list[UnitPlan], settings: Settings, layout: Layout, digest: str
) -> Iterator[tuple[UnitPlan, list[str]]]:
    """Clean each shard in a task run of its own; yield each unit, with what failed in it, when it is done."""
    running: dict[PrefectFuture[Any], tuple[UnitPlan, str]] = {}
    for unit in units:
        for shard in unit.shards:
            name, work = shard_name(unit, shard), partial(clean_shard, shard, settings, layout, digest)
            running[pool.submit(clean, {"name": name, "work": work})] = unit, name
    waiting = {unit.key: len(unit.shards) for unit in units}
    failures: dict[str, list[str]] = {unit.key: [] for unit in units}
    for future in as_completed(list(running)):
        unit, name = running[future]
        try:
            future.result()
        except Exception as error:
            failures[unit.key].append(printable(f"{name}: {type(error).__name__}: {error}")[:500])
        waiting[unit.key] -= 1
        if not waiting[unit.key]:
            yield unit, failures.pop(unit.key)


def _may_pass(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Trouble with disks and stores may pass; anything else would only happen again."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, OSError) and not isinstance(error, FileNotFoundError | PermissionError)


#: How the tasks over shards are run: tried again where trouble may pass, and nothing of them kept by Prefect. They
#: are given their work as a call, into which neither Prefect nor Dask looks: in each of the thousands of files of a
#: pack they would look for futures.
_SHARD_TASK: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": exponential_backoff(2),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": _may_pass,
    "cache_policy": NO_CACHE,
    "persist_result": False,
}


@task(name="read-shard", task_run_name="read {name}", **_SHARD_TASK)
def read(name: str, work: Callable[[], None]) -> None:
    """Read one shard, count its lines, and stage both for cleaning."""
    work()


@task(name="clean-shard", task_run_name="clean {name}", **_SHARD_TASK)
def clean(name: str, work: Callable[[], dict[str, int | bool]]) -> State[Any]:
    """Clean one shard and stage its tables; say in the final state what was counted."""
    return shard_done(name, work())
