"""Who says the same: clusters of copies, and passages that stand on several sites."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas import CLUSTERS, PASSAGES

Ints = npt.NDArray[np.int64]

#: Kept triples below which a text, or a passage, is too short to be compared; equal texts are copies all the same.
LEAST_TEXT, LEAST_PASSAGE = 8, 4
#: Share of the shorter text's triples that copies have in common, and of a passage's that stand elsewhere.
COPY, SHARED = 0.27, 0.5
#: Hashes are compared in so many rounds, so that one in so many of them is in memory at a time.
_ROUNDS = 16


@dataclass(frozen=True, slots=True)
class Relations:
    """`clusters` and `passages` as in schemas; `marks` has doc_id, duplicate_of, cluster_id, shared_share of each
    record for which one of them is set."""

    clusters: pa.Table
    passages: pa.Table
    marks: pa.Table


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts from the earliest to the latest, and their paragraphs.

    `chunks` are the sketches as they came, with the place of each row's text; a chunk's paragraphs are numbered on
    from `first`. `sizes` and `paragraph_sizes`: kept hashes of each.
    """

    table: pa.Table
    site: Ints
    content: Ints
    chunks: tuple[tuple[pa.RecordBatch, Ints, int], ...]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    owner: Ints
    sizes: Ints
    paragraph_sizes: Ints


def relate(sketches: pa.Table) -> Relations:
    """Compare all sketches with each other. The order of their rows does not matter.

    The earliest of several copies is the one published first, and of equals the one whose doc_id comes first.
    """
    texts = _texts(sketches)
    pairs, passages = _common(texts)
    root, similarity = _clusters(texts, pairs)
    passages = _shared(texts, passages)
    return Relations(
        _cluster_table(texts, root, similarity),
        _passage_table(texts, passages),
        _marks(texts, root, passages),
    )


def _texts(sketches: pa.Table) -> _Texts:
    size = sketches.num_rows
    order = pc.sort_indices(sketches, [("published", "ascending"), ("doc_id", "ascending")])
    place = np.empty(size, np.int64)
    place[order.to_numpy()] = np.arange(size)
    table = sketches.select(["doc_id", "site"]).take(order)
    paragraphs = pc.list_value_length(sketches["starts"]).to_numpy().astype(np.int64)
    owner = np.repeat(place, paragraphs)
    sizes, paragraph_sizes = np.zeros(size, np.int64), np.zeros(len(owner), np.int64)
    chunks, row, first = [], 0, 0
    for batch in sketches.to_batches():
        doc, end = (
            place[row : row + batch.num_rows],
            first + int(paragraphs[row : row + batch.num_rows].sum()),
        )
        sizes[doc] = pc.list_value_length(batch["hashes"]).to_numpy()
        chunks.append((batch, doc, first))
        paragraph_sizes[first:end] = np.bincount(_paragraphs(batch), minlength=end - first)
        row, first = row + batch.num_rows, end
    return _Texts(
        table=table,
        site=_numbers(table["site"]),
        content=_numbers(sketches["content_hash"].take(order)),
        chunks=tuple(chunks),
        start=pc.list_flatten(sketches["starts"]).to_numpy(),
        end=pc.list_flatten(sketches["ends"]).to_numpy(),
        owner=owner,
        sizes=sizes,
        paragraph_sizes=paragraph_sizes,
    )


def _numbers(column: pa.ChunkedArray) -> Ints:
    """Equal numbers for equal values, -1 for null."""
    codes = column.combine_chunks().dictionary_encode().indices
    return pc.fill_null(codes, -1).to_numpy().astype(np.int64)


def _paragraphs(batch: pa.RecordBatch) -> Ints:
    """The paragraph of each hash, counted over all rows of the batch."""
    paragraphs = pc.list_value_length(batch["starts"]).to_numpy().astype(np.int64)
    sizes = pc.list_value_length(batch["hashes"]).to_numpy()
    return np.repeat(np.cumsum(paragraphs) - paragraphs, sizes) + batch["paragraphs"].flatten().to_numpy()


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many hashes a (a text, or a paragraph) has in common with the text b."""

    a: Ints
    b: Ints
    common: Ints


def _common(texts: _Texts) -> tuple[_Counts, _Counts]:
    """Counts of texts with earlier texts, and of paragraphs with texts of other sites."""
    by_text: list[npt.NDArray] = []
    by_paragraph: list[npt.NDArray] = []
    for number in range(_ROUNDS):
        hashes, doc, paragraph = _round(texts, number)
        for row, other in _meetings(hashes):
            different = doc[row] != doc[other]
            row, other = row[different], other[different]
            by_text.append(_tally(np.maximum(doc[row], doc[other]), np.minimum(doc[row], doc[other])))
            elsewhere = texts.site[doc[row]] != texts.site[doc[other]]
            row, other = row[elsewhere], other[elsewhere]
            by_paragraph.append(_tally(paragraph[row], doc[other]))
            by_paragraph.append(_tally(paragraph[other], doc[row]))
    return _sum(by_text), _sum(by_paragraph)


def _round(texts: _Texts, number: int) -> tuple[npt.NDArray[np.uint64], Ints, Ints]:
    """The hashes of one round that are there more than once, in order, each with its text and its paragraph."""
    parts = []
    for batch, doc, first in texts.chunks:
        hashes = batch["hashes"].flatten().to_numpy()
        at = np.flatnonzero((hashes >> np.uint64(32)) % np.uint64(_ROUNDS) == number)
        owner = np.repeat(doc, pc.list_value_length(batch["hashes"]).to_numpy())[at]
        parts.append((hashes[at], owner, first + _paragraphs(batch)[at]))
    if not parts:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    hashes, owner, paragraph = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(hashes)
    hashes = hashes[order]
    twice = np.zeros(len(hashes), np.bool_)
    twice[1:] = hashes[1:] == hashes[:-1]
    twice[:-1] |= twice[1:]
    at = order[twice]
    hashes, owner, paragraph = hashes[twice], owner[at], paragraph[at]
    order = np.lexsort((paragraph, owner, hashes))
    return hashes[order], owner[order], paragraph[order]


def _meetings(hashes: npt.NDArray[np.uint64]) -> Iterator[tuple[Ints, Ints]]:
    """Rows that have the same hash: each with the first that has it, and with the one before.

    Not each with each, which would be without bound; what has much in common meets often enough.
    """
    same = np.zeros(len(hashes), np.bool_)
    same[1:] = hashes[1:] == hashes[:-1]
    row = np.flatnonzero(same)
    first = np.maximum.accumulate(np.where(same, 0, np.arange(len(hashes))))[row] if len(row) else row
    yield row, first
    again = row[first != row - 1]
    yield again, again - 1


def _tally(a: npt.NDArray, b: npt.NDArray) -> npt.NDArray:
    """Pairs with how often each is there."""
    key, counts = np.unique(a.astype(np.int64) << 32 | b.astype(np.int64), return_counts=True)
    return np.stack((key, counts))


def _sum(tallies: list[npt.NDArray]) -> _Counts:
    key, counts = np.concatenate(tallies, axis=1) if tallies else np.zeros((2, 0), np.int64)
    pair, inverse = np.unique(key, return_inverse=True)
    common = np.bincount(inverse, counts, minlength=len(pair)).astype(np.int64)
    return _Counts(pair >> 32, pair & 0xFFFFFFFF, common)


def _clusters(texts: _Texts, pairs: _Counts) -> tuple[Ints, npt.NDArray[np.float64]]:
    """The earliest copy of each text (itself where it has none), and its likeness to the copy most like it."""
    size = texts.table.num_rows
    shorter = np.minimum(texts.sizes[pairs.a], texts.sizes[pairs.b])
    share = np.minimum(pairs.common / np.maximum(shorter, 1), 1)
    near = np.flatnonzero((share >= COPY) & (shorter >= LEAST_TEXT))
    _, first, inverse = np.unique(texts.content, return_index=True, return_inverse=True)
    exact = np.where(texts.content >= 0, first[inverse], np.arange(size))
    equal = np.flatnonzero(exact != np.arange(size))

    a, b = np.concatenate((pairs.a[near], equal)), np.concatenate((pairs.b[near], exact[equal]))
    # A triple of words is unchanged when all three are: the root is about the share of words unchanged.
    likeness = np.concatenate((share[near] ** (1 / 3), np.ones(len(equal))))
    similarity = np.zeros(size)
    np.maximum.at(similarity, a, likeness)
    np.maximum.at(similarity, b, likeness)
    root = np.arange(size)
    while True:
        lower = root.copy()
        np.minimum.at(lower, a, root[b])
        np.minimum.at(lower, b, root[a])
        lower = lower[lower]
        if (lower == root).all():
            return root, similarity
        root = lower


def _cluster_table(texts: _Texts, root: Ints, similarity: npt.NDArray) -> pa.Table:
    member = np.flatnonzero(np.bincount(root, minlength=len(root))[root] > 1)
    member = member[np.argsort(root[member], kind="stable")]
    ids, earliest = texts.table["doc_id"], root[member]
    columns = [
        ids.take(pa.array(earliest)),
        ids.take(pa.array(member)),
        texts.table["site"].take(pa.array(member)),
        pa.array(earliest == member),
        pa.array(similarity[member].astype(np.float32)),
    ]
    return pa.table(columns, schema=CLUSTERS)


def _shared(texts: _Texts, passages: _Counts) -> _Counts:
    """The paragraphs of which enough stands in a text of another site, in the order of texts."""
    sizes = texts.paragraph_sizes[passages.a]
    at = np.flatnonzero((passages.common >= SHARED * sizes) & (sizes >= LEAST_PASSAGE))
    paragraph, other = passages.a[at], passages.b[at]
    order = np.lexsort((other, texts.start[paragraph], texts.owner[paragraph]))
    return _Counts(paragraph[order], other[order], passages.common[at][order])


def _passage_table(texts: _Texts, passages: _Counts) -> pa.Table:
    paragraph, other = passages.a, passages.b
    start = np.ones(len(paragraph), np.bool_)
    start[1:] = paragraph[1:] != paragraph[:-1]
    bounds = np.append(np.flatnonzero(start), len(paragraph)).astype(np.int32)
    one = paragraph[start]
    ids, sites = texts.table["doc_id"], texts.table["site"]
    columns = [
        ids.take(pa.array(texts.owner[one])),
        pa.array(texts.start[one]),
        pa.array(texts.end[one]),
        pa.ListArray.from_arrays(bounds, ids.take(pa.array(other)).combine_chunks()),
        pa.ListArray.from_arrays(bounds, sites.take(pa.array(other)).combine_chunks()),
    ]
    return pa.table(columns, schema=PASSAGES)


def _marks(texts: _Texts, root: Ints, passages: _Counts) -> pa.Table:
    size = texts.table.num_rows
    paragraph = np.unique(passages.a)
    length = texts.end - texts.start
    shared = np.bincount(texts.owner[paragraph], length[paragraph], minlength=size)
    whole = np.bincount(texts.owner, length, minlength=size)
    clustered = np.bincount(root, minlength=size)[root] > 1
    marked = np.flatnonzero(clustered | (shared > 0))
    ids = texts.table["doc_id"]
    earliest = ids.take(pa.array(root[marked]))
    none = pa.scalar(None, pa.string())
    return pa.table(
        {
            "doc_id": ids.take(pa.array(marked)),
            "duplicate_of": pc.if_else(pa.array(root[marked] != marked), earliest, none),
            "cluster_id": pc.if_else(pa.array(clustered[marked]), earliest, none),
            "shared_share": pa.array((shared[marked] / np.maximum(whole[marked], 1)).astype(np.float32)),
        }
    )
