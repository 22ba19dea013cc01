"""How far the shards of a running job are, told through small files, so that any process can look."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tasks.write.layout import Layout

#: Share of the work on a shard that reading it and counting its lines is, where a first pass does that.
READING = 0.15
#: Seconds between two reports of one shard.
_EVERY = 0.3


@dataclass(frozen=True, slots=True)
class Progress:
    """Documents cleaned so far, bytes of text read for that, and what part of the run's `total_bytes` of input is done."""

    documents: int = 0
    read_bytes: int = 0
    done_bytes: int = 0
    total_bytes: int = 0


class ProgressFile:
    """One shard's report: documents cleaned, bytes of text read, and its share of the input that is done.

    The work that reports takes the shard from `begin` to `end`, 0 to 1.
    """

    def __init__(self, layout: Layout, name: str, size: int, *, begin: float = 0.0, end: float = 1.0) -> None:
        self._path = layout.progress / name
        self._size, self._begin, self._end = size, begin, end
        self._next = 0.0
        layout.progress.mkdir(parents=True, exist_ok=True)

    def report(self, documents: int, read_bytes: int, share: float | None = None) -> None:
        """`share` of this work that is done, 0 to 1; where that is not known, it is told by the bytes read."""
        now = time.monotonic()
        if now < self._next and share != 1:
            return
        self._next = now + _EVERY
        if share is None:
            # What was read is larger than the file when that is compressed: it counts as the whole at most.
            share = min(read_bytes / max(self._size, 1), 1.0)
        done = round(self._size * (self._begin + (self._end - self._begin) * share))
        unfinished = self._path.with_name(f".{self._path.name}")
        unfinished.write_text(f"{documents} {read_bytes} {done} 0")
        os.replace(unfinished, self._path)


def announce(layout: Layout, total_bytes: int) -> None:
    """Say how much there is to read in all, and forget what an earlier run reported."""
    if layout.progress.is_dir():
        for file in layout.progress.iterdir():
            file.unlink(missing_ok=True)
    layout.progress.mkdir(parents=True, exist_ok=True)
    (layout.progress / "total").write_text(f"0 0 0 {total_bytes}")


def read_progress(out: Path) -> Progress:
    """The sum over all shards that have reported."""
    sums = [0, 0, 0, 0]
    folder = Layout(out).progress
    try:
        files = [file for file in folder.iterdir() if not file.name.startswith(".")]
    except FileNotFoundError:
        files = []
    for file in files:
        try:
            numbers = [int(word) for word in file.read_text().split()]
        except (FileNotFoundError, ValueError):
            continue  # cleared away, or not one of ours
        if len(numbers) == 4:
            sums = [total + number for total, number in zip(sums, numbers, strict=True)]
    return Progress(*sums)
