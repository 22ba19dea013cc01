"""Array idioms for runs of lines within documents: no loop over lines."""

import numpy as np
import numpy.typing as npt

from tasks.strip.lines.arrays import Bools, Ints

_FAR = np.int64(1) << 40


def distinct(values: Ints) -> Ints:
    """The distinct values, ascending: np.unique hashes integers, which takes far longer than a sort."""
    values = np.sort(values)
    new = np.ones(len(values), np.bool_)
    new[1:] = values[1:] != values[:-1]
    return values[new]


def prefix_sums(values: npt.NDArray) -> npt.NDArray:
    """The sum of the values before each place, and of all of them at the end: values[a:b] sum to out[b] - out[a]."""
    return np.concatenate(([0], np.cumsum(values)))


def previous(values: npt.NDArray, doc: Ints, default: object) -> npt.NDArray:
    """Each line's predecessor's value; `default` at the head of a document."""
    out = np.empty_like(values)
    out[1:] = values[:-1]
    out[np.diff(doc, prepend=-1) != 0] = default
    return out


def following(values: npt.NDArray, doc: Ints, default: object) -> npt.NDArray:
    """Each line's successor's value; `default` at the end of a document."""
    out = np.empty_like(values)
    out[:-1] = values[1:]
    out[np.diff(doc, append=-1) != 0] = default
    return out


def next_true(mask: Bools) -> Ints:
    """For each line the nearest line at or after it where `mask` holds; len(mask) where there is none."""
    n = len(mask)
    where = np.where(mask, np.arange(n), n)
    return np.minimum.accumulate(where[::-1])[::-1] if n else where


def last_true(mask: Bools) -> Ints:
    """For each line the nearest line at or before it where `mask` holds; -1 where there is none."""
    return (
        np.maximum.accumulate(np.where(mask, np.arange(len(mask)), -1))
        if len(mask)
        else np.empty(0, np.int64)
    )


def next_after(mask: Bools) -> Ints:
    """For each line the nearest line after it where `mask` holds; len(mask) where there is none."""
    return np.append(next_true(mask), len(mask))[1:]


def last_before(mask: Bools) -> Ints:
    """For each line the nearest line before it where `mask` holds; -1 where there is none."""
    return np.concatenate(([-1], last_true(mask)))[:-1]


def cover(starts: Ints, stops: Ints, n: int) -> Bools:
    """Which of n lines lie in any of the half-open ranges."""
    steps = np.zeros(n + 1, np.int64)
    np.add.at(steps, starts, 1)
    np.add.at(steps, np.maximum(stops, starts), -1)
    return np.cumsum(steps[:-1]) > 0


def runs(mask: Bools, breaks: Bools) -> tuple[Ints, Ints]:
    """First and one past the last line of each unbroken run of `mask`; `breaks` marks where a new run must begin."""
    before = np.zeros_like(mask)
    before[1:] = mask[:-1]
    starts = np.flatnonzero(mask & (~before | breaks))
    run = np.cumsum(mask & (~before | breaks))
    stops = np.searchsorted(run[mask], np.arange(1, len(starts) + 1), side="right")
    return starts, np.flatnonzero(mask)[stops - 1] + 1 if len(starts) else starts


def run_lengths(mask: Bools, breaks: Bools) -> Ints:
    """Length of the unbroken run of equal values of `mask` that each line stands in; `breaks` as for `runs`."""
    if not len(mask):
        return np.zeros(0, np.int64)
    group = np.cumsum(breaks | (np.diff(mask, prepend=mask[0]) != 0))
    return np.bincount(group)[group]


def best_segment(gain: Ints, doc: Ints, offsets: Ints) -> tuple[Ints, Ints, Ints]:
    """For each document the run of lines with the largest sum of gains: first line, last line, sum.

    Kadane's algorithm on prefix sums; an empty document has (0, -1, 0).
    """
    documents = len(offsets) - 1
    first, last, total = np.zeros(documents, np.int64), np.full(documents, -1), np.zeros(documents, np.int64)
    if not len(gain):
        return first, last, total
    prefix = np.cumsum(gain)
    before = prefix - gain
    # Lower by a constant a document, so that one running minimum serves all of them.
    lowest = np.minimum.accumulate(before - _FAR * doc) + _FAR * doc
    value = prefix - lowest
    filled = np.flatnonzero(np.diff(offsets) > 0)
    top = np.maximum.reduceat(value, offsets[:-1][filled])
    is_top = value == np.repeat(top, np.diff(offsets)[filled])
    last[filled] = next_true(is_top)[offsets[:-1][filled]]
    total[filled] = top
    opens = last_true(before == lowest)
    first[filled] = opens[last[filled]]
    return first, last, total
