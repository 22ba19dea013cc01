"""How far the shards of a running job are, told through small files, so that any process can look."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tasks.write.layout import Layout

#: Seconds between two reports of one shard.
_EVERY = 0.3


@dataclass(frozen=True, slots=True)
class Progress:
    """Documents and bytes read so far, out of `total_bytes` of input that the run has to read."""

    documents: int = 0
    read_bytes: int = 0
    done_bytes: int = 0
    total_bytes: int = 0


class ProgressFile:
    """One shard's report: documents read, bytes of text read, and its share of the input that is done."""

    def __init__(self, layout: Layout, name: str, size: int) -> None:
        self._path = layout.progress / name
        self._size = size
        self._next = 0.0
        layout.progress.mkdir(parents=True, exist_ok=True)

    def report(self, documents: int, read_bytes: int, finished: bool = False) -> None:
        now = time.monotonic()
        if now < self._next and not finished:
            return
        self._next = now + _EVERY
        # What was read is larger than the file when that is compressed: it counts as the whole at most.
        done = self._size if finished else min(read_bytes, self._size)
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
