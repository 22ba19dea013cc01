"""Where shards are cleaned: threads, processes, or the workers of a Dask cluster."""

from importlib import import_module
from multiprocessing import util
from typing import Any

from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from flows.settings import Settings, SettingsError
from tasks.extract import workers


def _end_in_order() -> None:
    """Have a worker process end its own extraction processes before it ends.

    Worker processes skip atexit and wait for their children instead, which would never be told to go.
    """
    util.Finalize(None, workers.close, exitpriority=100)


def task_runner(settings: Settings) -> TaskRunner[Any]:
    """The runner that the settings ask for. Raises SettingsError where prefect-dask is missing."""
    if settings.runner == "thread":
        return ThreadPoolTaskRunner(max_workers=settings.parallel)
    if settings.runner == "process":
        return ProcessPoolTaskRunner(max_workers=settings.parallel, initializer=_end_in_order)
    try:
        dask: Any = import_module("prefect_dask")
    except ImportError as error:
        raise SettingsError("runner: dask needs an extra: pip install 'wirebrush[dask]'") from error
    if settings.dask_address:
        options: dict[str, Any] = {"address": settings.dask_address}
    else:
        options = {"cluster_kwargs": {"n_workers": settings.parallel, "threads_per_worker": 1}}
    runner: TaskRunner[Any] = dask.DaskTaskRunner(**options)
    return runner
