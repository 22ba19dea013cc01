"""Rows that wait on the disk for their turn."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Self

import numpy as np
import numpy.typing as npt

#: Rows are told apart by a number below this one; a power of two that 16 bits hold, which numpy sorts by radix.
PARTS = 1 << 12


class Spool:
    """Takes rows as they come, and gives them back part by part, about `at_once` of them in memory at a time.

    They lie in a file of `folder` that has no name, so that it is gone when the process is, however that ends.
    Several threads may add rows.
    """

    def __init__(self, folder: Path, row: npt.DTypeLike, at_once: int) -> None:
        self._row, self._at_once = np.dtype(row), at_once
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed on leaving)
        self._waiting: list[tuple[npt.NDArray[np.uint16], npt.NDArray]] = []
        self._held = self._written = 0
        self._lock = Lock()
        # Of each block, which is sorted by part, where in the file its parts begin, and its end.
        self._blocks: list[npt.NDArray[np.int64]] = []

    def add(self, part: npt.NDArray[np.uint16], rows: npt.NDArray) -> None:
        with self._lock:
            self._waiting.append((part, rows))
            self._held += len(rows)
            if self._held >= self._at_once:
                self._flush()

    def take(self, takers: int = 1) -> Iterator[npt.NDArray]:
        """All rows, those of the same part together; of a part that exceeds `at_once`, all the same.

        takers: how many hold what they were given at the same time; `at_once` is for all of them.
        """
        share = self._at_once // takers
        if self._held:
            self._flush()
        if not self._blocks:
            return
        starts = np.stack(self._blocks)
        before = (starts - starts[:, :1]).sum(axis=0)
        first = 0
        while first < PARTS:
            last = int(np.searchsorted(before, before[first] + share, side="right")) - 1
            last = max(last, first + 1)
            yield self._read(starts[:, first], starts[:, last])
            first = last

    def _flush(self) -> None:
        parts, rows = (np.concatenate(columns) for columns in zip(*self._waiting, strict=True))
        self._waiting.clear()
        rows = rows[np.argsort(parts, kind="stable")]
        self._file.write(rows.view(np.uint8).data)
        counts = np.bincount(parts, minlength=PARTS)
        self._blocks.append(self._written + np.concatenate(([0], np.cumsum(counts))))
        self._written += len(rows)
        self._held = 0

    def _read(self, starts: npt.NDArray[np.int64], stops: npt.NDArray[np.int64]) -> npt.NDArray:
        rows = np.empty(int((stops - starts).sum()), self._row)
        at = 0
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
            self._file.seek(start * self._row.itemsize)
            self._file.readinto(rows[at : at + stop - start].view(np.uint8).data)
            at += stop - start
        return rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
