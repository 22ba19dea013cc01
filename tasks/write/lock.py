"""One run at a time an output folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.write.layout import Layout

#: Output folders that a run in this process holds: POSIX locks do not keep a process from itself, and merely
#: closing a second handle on the file would free the first.
_held: set[Path] = set()


class OutputBusy(RuntimeError):
    """Another run is writing to the same output folder."""

    def __init__(self, out: Path) -> None:
        super().__init__(f"another run is writing to {out}: wait until it ends, or choose another output")


@contextmanager
def output_lock(out: Path) -> Iterator[None]:
    """Hold the output folder for this process.

    The lock is the operating system's and ends with the process, however that ends; it is not inherited by
    children, so that a worker left over from a killed run does not keep the next run out.

    Raises OutputBusy when another run holds it.
    """
    lock = Layout(out.resolve()).lock
    if lock in _held:
        raise OutputBusy(out)
    lock.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise OutputBusy(out) from None
        _held.add(lock)
        try:
            yield
        finally:
            _held.discard(lock)
    finally:
        os.close(handle)
