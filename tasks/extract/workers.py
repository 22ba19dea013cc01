"""Worker processes that run one page each at a time, and are replaced when a page hangs or kills them."""

import atexit
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as PageTimeout
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from tasks.extract.page import start_worker

Result = TypeVar("Result")

#: After so many pages a worker is replaced, so that leaks in C libraries do not add up.
_PAGES_A_WORKER = 2000
_pools: dict[tuple[int, int], ProcessPool] = {}
_lock = threading.Lock()


def run_each(
    work: Callable[..., Result], arguments: Iterable[tuple[Any, ...]], timeout: float, processes: int
) -> Iterator[Result | Exception]:
    """`work` of each tuple of arguments, in order: its result, or TimeoutError, or why there is none.

    The pool is shared by all threads of this process and lives as long as it does.
    """
    pool = _pool(processes)
    scheduled = [(args, pool.schedule(work, args=args, timeout=timeout)) for args in arguments]
    for args, future in scheduled:
        result = _result(future, timeout)
        if isinstance(result, WorkerDied):
            # it may have been killed for what others did, as when memory runs out: a page is guilty if it happens again
            result = _result(pool.schedule(work, args=args, timeout=timeout), timeout)
        yield result


class WorkerDied(RuntimeError):
    """A worker process ended before it had an answer."""


def _result(future: Any, timeout: float) -> Any:
    try:
        return future.result()
    except PageTimeout:
        return TimeoutError(f"longer than {timeout:g} s")
    except ProcessExpired as error:
        return WorkerDied(f"the worker process died (exit code {error.exitcode})")
    except Exception as error:
        return error


def _pool(processes: int) -> ProcessPool:
    with _lock:
        key = (os.getpid(), processes)  # a forked child has the dictionary, but not the pool's threads
        if key not in _pools:
            _pools[key] = ProcessPool(
                max_workers=processes,
                max_tasks=_PAGES_A_WORKER,
                initializer=start_worker,
                context=_context(),
            )
        return _pools[key]


def _context() -> Any:
    """A server that has the extractors loaded and forks workers in milliseconds; elsewhere new interpreters.

    Never a fork of this process, whose threads may hold locks.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tasks.extract.page", "trafilatura"])
    return context


@atexit.register
def close() -> None:
    """Ends this process's workers."""
    with _lock:
        for key in [key for key in _pools if key[0] == os.getpid()]:
            pool = _pools.pop(key)
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()
