"""Worker processes that run one page each at a time, and are replaced when a page hangs or kills them."""

import atexit
import logging
import multiprocessing
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, wait
from concurrent.futures import TimeoutError as PageTimeout
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

Result = TypeVar("Result")

#: After so many pages a worker is replaced, so that leaks in C libraries do not add up.
_PAGES_A_WORKER = 2000
#: What a worker may allocate, so that a page cannot take the machine's memory.
_MEMORY = 4 << 30
#: Seconds between attempts to start workers: the operating system may be about to take away what was killed.
_PAUSES = (0.1, 0.5, 2)
_pools: dict[tuple[int, int], ProcessPool] = {}
_lock = threading.Lock()


def run_each(
    work: Callable[..., Result], arguments: Iterable[tuple[Any, ...]], timeout: float, processes: int
) -> Iterator[Result | Exception]:
    """`work` of each tuple of arguments, in order: its result, or TimeoutError, or why there is none.

    The pool is shared by all threads of this process and lives as long as it does.
    """
    scheduled = [(args, *_schedule(work, args, timeout, processes)) for args in arguments]
    for args, pool, future in scheduled:
        result = _result(pool, future, timeout)
        if isinstance(result, WorkerDied):
            # it may have been killed for what others did, as when memory runs out: a page is guilty if it happens again
            result = _result(*_schedule(work, args, timeout, processes), timeout)
        yield result


class WorkerDied(RuntimeError):
    """A worker process ended before it had an answer."""


def _schedule(
    work: Callable[..., Any], args: tuple[Any, ...], timeout: float, processes: int
) -> tuple[ProcessPool, Any]:
    """A pool that works, and the future of a page's result there.

    A pool is of no use any more when the server that forks its workers was killed; it is replaced.
    """
    for pause in _PAUSES:
        pool = _pool(processes)
        try:
            return pool, pool.schedule(work, args=args, timeout=timeout)
        except RuntimeError:
            with _lock:
                if _pools.get((os.getpid(), processes)) is pool:
                    del _pools[os.getpid(), processes]
            time.sleep(pause)
    pool = _pool(processes)
    return pool, pool.schedule(work, args=args, timeout=timeout)


def _result(pool: ProcessPool, future: Any, timeout: float) -> Any:
    while not wait([future], 1).done:
        if not pool.active:
            return WorkerDied("the worker processes were ended")
    try:
        return future.result()
    except PageTimeout:
        return TimeoutError(f"longer than {timeout:g} s")
    except ProcessExpired as error:
        return WorkerDied(f"the worker process died (exit code {error.exitcode})")
    except (BrokenProcessPool, CancelledError):
        return WorkerDied("the worker processes were ended")
    except Exception as error:
        return error


def _pool(processes: int) -> ProcessPool:
    with _lock:
        key = (os.getpid(), processes)  # a forked child has the dictionary, but not the pool's threads
        if key not in _pools:
            _pools[key] = ProcessPool(
                max_workers=processes,
                max_tasks=_PAGES_A_WORKER,
                initializer=_start,
                context=_context(),
            )
        return _pools[key]


def _start() -> None:
    """Runs first in each worker: bounds its memory and keeps the libraries' remarks on bad pages out of the log."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, hard))
    logging.disable(logging.CRITICAL)


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
