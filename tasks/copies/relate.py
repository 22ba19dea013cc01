"""Who says the same: clusters of copies, and passages that stand on several sites.

Hashes are too many for the memory. They are sorted into rounds on the disk; in each round those meet that are equal,
and the meetings, again on the disk, are sorted by the later text. So all that two texts have in common is counted at
once, and only what makes a copy or a passage is kept.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas import CLUSTERS, PASSAGES
from tasks.copies.spool import PARTS, Spool
from tasks.copies.texts import HASH, Ints, Numbers, Texts, read_texts

#: Kept triples below which a text, or a passage, is too short to be compared; equal texts are copies all the same.
LEAST_TEXT, LEAST_PASSAGE = 8, 4
#: Share of the shorter text's triples that copies have in common, and of a passage's that stand elsewhere.
COPY, SHARED = 0.27, 0.5
#: Two texts with fewer in common are neither copies nor share a passage.
_LEAST = ceil(min(COPY * LEAST_TEXT, SHARED * LEAST_PASSAGE))
#: A triple in up to FEW paragraphs is telling: all of these meet. Of more, each meets the first and BEFORE before it.
FEW, BEFORE = 16, 3
#: Share of a text's triples from which on the telling ones speak for all.
TELLING = 0.25
#: Hashes, or meetings, in memory at a time.
AT_ONCE = 1 << 21
#: Passages, or members of clusters, in a table.
_ROWS = 1 << 16

Floats = npt.NDArray[np.float64]
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Relations:
    """`clusters` and, by way of methods, `passages` as in schemas, and the columns of records that tell of them.

    Of each text: the earliest of its copies, itself included (-1: it has none), and the share that others have, too.
    `_shared`: pairs, in order, of a paragraph and a text that has enough of it.
    """

    clusters: pa.Table
    _texts: Texts
    _earliest: Ints
    _shared: Ints
    _shared_share: npt.NDArray[np.float32]

    def passages(self) -> Iterator[pa.Table]:
        """The rows of `passages`, some at a time."""
        texts = self._texts
        paragraph, other = _halves(self._shared)
        bounds = np.append(np.flatnonzero(_is_new(paragraph)), len(paragraph))
        for at in range(0, len(bounds) - 1, _ROWS):
            part = bounds[at : at + _ROWS + 1]
            one, others = paragraph[part[:-1]], pa.array(other[part[0] : part[-1]])
            offsets = pa.array(part - part[0], pa.int32())
            columns = [
                texts.ids(pa.array(texts.owner[one])),
                pa.array(texts.start[one]),
                pa.array(texts.end[one]),
                pa.ListArray.from_arrays(offsets, texts.ids(others)),
                pa.ListArray.from_arrays(offsets, texts.sites(others)),
            ]
            yield pa.table(columns, schema=PASSAGES)

    def marks(self, first: int, stop: int) -> pa.Table:
        """duplicate_of, cluster_id and shared_share of the sketches from number `first` up to, not including, `stop`."""
        text = self._texts.place[first:stop]
        earliest, shared = self._earliest[text], self._shared_share[text]
        alone = earliest < 0
        return pa.table(
            {
                "duplicate_of": self._texts.ids(pa.array(earliest, mask=alone | (earliest == text))),
                "cluster_id": self._texts.ids(pa.array(earliest, mask=alone)),
                "shared_share": pa.array(shared, mask=alone & (shared == 0)),
            }
        )


def relate(
    sketches: Iterable[pa.RecordBatch], folder: Path, at_once: int = AT_ONCE, threads: int = 1
) -> Relations:
    """Compare all sketches with each other. The order of their rows does not matter.

    The earliest of several copies is the one published first, and of equals the one whose doc_id comes first.

    folder: where there is room for what does not fit into memory, about twice as much as the sketches take; six times
    where each text has as many copies as meet each with each.
    at_once: how many hashes are in memory at a time. threads: how many rounds are worked on at a time, which share
    `at_once`. Neither changes anything in what is found.
    """
    with Spool(folder, np.int64, at_once) as meetings:
        with Spool(folder, HASH, at_once) as hashes:
            texts = read_texts(sketches, hashes)
            telling = texts.sizes.astype(np.int64)
            for frequent in _by_threads(partial(_meet, texts, meetings), hashes.take(threads), threads):
                telling -= frequent
        rounds = _by_threads(partial(_common, texts, telling), meetings.take(threads), threads)
        none = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64)
        near, share, shared = (np.concatenate(parts) for parts in zip(none, *rounds, strict=True))
        shared = np.sort(shared)
    earliest, similarity = _clusters(texts, near, share)
    return Relations(
        _cluster_table(texts, earliest, similarity),
        texts,
        earliest,
        shared,
        _shared_share(texts, shared),
    )


def _by_threads(
    work: Callable[[npt.NDArray], _Found], rounds: Iterable[npt.NDArray], threads: int
) -> Iterator[_Found]:
    """What is found in each round, in their order. No more rounds are taken than there are threads."""
    with ThreadPoolExecutor(threads) as pool:
        running: deque[Future[_Found]] = deque()
        for rows in rounds:
            running.append(pool.submit(work, rows))
            if len(running) == threads:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _meet(texts: Texts, meetings: Spool, rows: npt.NDArray) -> Ints:
    """Pairs of paragraphs, the later first, that have a hash in common; and how many hashes of each text are in many.

    Few meet each with each. With many that would be without bound: each meets the first and those just before it, which
    is enough to find a text that was copied often. These meetings are not telling, and marked by all bits turned round.
    """
    hashes, paragraph = _repeated(rows["hash"], texts.paragraph[rows["paragraph"]])
    first = np.flatnonzero(_is_new(hashes))
    holders = np.diff(np.append(first, len(hashes)))
    place = np.arange(len(hashes)) - np.repeat(first, holders)
    many = np.repeat(holders > FEW, holders)
    reach = np.minimum(place, np.where(many, BEFORE, FEW))

    def meet(row: Ints, other: Ints) -> None:
        later, earlier = paragraph[row], paragraph[other]
        text = texts.owner[later]
        different = text != texts.owner[earlier]
        part = text[different].astype(np.int64) * PARTS // len(texts)
        pairs = _pairs(later, earlier)
        meetings.add(part.astype(np.uint16), np.where(many[row], ~pairs, pairs)[different])

    far = np.flatnonzero(place > reach)
    meet(far, far - place[far])
    near = np.arange(len(hashes))
    for back in range(1, FEW):
        near = near[reach[near] >= back]
        meet(near, near - back)
    return np.bincount(texts.owner[paragraph[many]], minlength=len(texts))


def _repeated(hashes: npt.NDArray[np.uint64], paragraph: Numbers) -> tuple[Numbers, Numbers]:
    """The hashes that are there more than once, by number, with their paragraphs; in order of both."""
    order = np.argsort(hashes)
    new = _is_new(hashes[order])
    repeated = ~(new & np.append(new[1:], True))
    return _halves(np.sort(_pairs(np.cumsum(new)[repeated], paragraph[order[repeated]])))


def _common(texts: Texts, telling: Ints, rows: Ints) -> tuple[Ints, Floats, Ints]:
    """Texts near an earlier one, with the share that they have in common; and paragraphs of which enough stands in a
    text of another site, with this text."""
    is_telling = rows >= 0
    later, earlier = _halves(np.where(is_telling, rows, ~rows))
    pairs, which, common = np.unique(
        _pairs(texts.owner[later], texts.owner[earlier]), return_inverse=True, return_counts=True
    )
    told = np.bincount(which[is_telling], minlength=len(pairs))
    a, b = _halves(pairs)
    shorter = np.where(texts.sizes[a] < texts.sizes[b], a, b)
    size, tells = texts.sizes[shorter], telling[shorter]
    # Two that have a frequent triple in common need not have met by it: it is left out, unless it is most of the text.
    speak = tells >= np.maximum(LEAST_TEXT, TELLING * size)
    share = np.maximum(common / size, np.where(speak, told / np.maximum(tells, 1), 0))
    share = np.minimum(share, 1)
    enough = (share >= COPY) & (size >= LEAST_TEXT)
    near, share = pairs[enough], share[enough]

    # Most have met by chance, and only once; where they have not, each counts what it has of the other.
    often = (common >= _LEAST) & (texts.site_number[a] != texts.site_number[b])
    at = often[which]
    later, earlier, a, b = later[at], earlier[at], a[which[at]], b[which[at]]
    passages, common = np.unique(np.concatenate((_pairs(later, b), _pairs(earlier, a))), return_counts=True)
    sizes = texts.paragraph_sizes[_halves(passages)[0]]
    return near, share, passages[(common >= SHARED * sizes) & (sizes >= LEAST_PASSAGE)]


def _clusters(texts: Texts, near: Ints, share: Floats) -> tuple[Ints, Floats]:
    """The earliest copy of each text, -1 where it has none, and its likeness to the copy most like it."""
    size = len(texts)
    _, first, inverse = np.unique(texts.content, return_index=True, return_inverse=True)
    exact = np.where(texts.content >= 0, first[inverse], np.arange(size))
    equal = np.flatnonzero(exact != np.arange(size))

    a, b = (np.concatenate(ends) for ends in zip(_halves(near), (equal, exact[equal]), strict=True))
    # A triple of words is unchanged when all three are: the root is about the share of words unchanged.
    likeness = np.concatenate((share ** (1 / 3), np.ones(len(equal))))
    similarity = np.zeros(size)
    np.maximum.at(similarity, a, likeness)
    np.maximum.at(similarity, b, likeness)
    root = np.arange(size)
    while not ((lower := _lowered(root, a, b)) == root).all():
        root = lower
    return np.where(np.bincount(root, minlength=size)[root] > 1, root, -1), similarity


def _lowered(root: Ints, a: Ints, b: Ints) -> Ints:
    """Each text's root, an earlier one where a copy has an earlier one.

    All texts of a root go with it, and at once as far down as it leads: a long chain of copies takes few rounds.
    """
    lower = root.copy()
    np.minimum.at(lower, root[a], root[b])
    np.minimum.at(lower, root[b], root[a])
    while not ((further := lower[lower]) == lower).all():
        lower = further
    return lower


def _cluster_table(texts: Texts, earliest: Ints, similarity: Floats) -> pa.Table:
    member = np.flatnonzero(earliest >= 0)
    member = member[np.argsort(earliest[member], kind="stable")]
    tables = [CLUSTERS.empty_table()]
    for at in range(0, len(member), _ROWS):  # the ids of all may be more than an array of strings holds
        some = member[at : at + _ROWS]
        columns = [
            texts.ids(pa.array(earliest[some])),
            texts.ids(pa.array(some)),
            texts.sites(pa.array(some)),
            pa.array(earliest[some] == some),
            pa.array(similarity[some].astype(np.float32)),
        ]
        tables.append(pa.table(columns, schema=CLUSTERS))
    return pa.concat_tables(tables)


def _shared_share(texts: Texts, shared: Ints) -> npt.NDArray[np.float32]:
    """The share of each text that stands in passages of it."""
    paragraph = _halves(shared)[0]
    paragraph = paragraph[_is_new(paragraph)]
    length = texts.end - texts.start
    within = np.bincount(texts.owner[paragraph], length[paragraph], minlength=len(texts))
    whole = np.bincount(texts.owner, length, minlength=len(texts))
    return (within / np.maximum(whole, 1)).astype(np.float32)


def _pairs(high: npt.NDArray, low: npt.NDArray) -> Ints:
    """Pairs of numbers as single ones, in the same order."""
    return high.astype(np.int64) << 32 | low


def _halves(pairs: Ints) -> tuple[Numbers, Numbers]:
    return (pairs >> 32).astype(np.int32), pairs.astype(np.int32)


def _is_new(values: npt.NDArray) -> npt.NDArray[np.bool_]:
    """Whether each value is another than the one before it."""
    new = np.ones(len(values), np.bool_)
    new[1:] = values[1:] != values[:-1]
    return new
