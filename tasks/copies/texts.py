"""What is kept in memory of each text while all are compared: all but its hashes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.copies.sketch import SKETCHES
from tasks.copies.spool import PARTS, Spool

#: Texts, paragraphs and counts; there are fewer than 2^31 of each.
Numbers = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]

#: A hash on its way to the others like it, with its paragraph as numbered when it was read.
HASH = np.dtype([("hash", np.uint64), ("paragraph", np.int32)])


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts from the earliest to the latest, and their paragraphs in the same order.

    `place` is the number of the text of each sketch as they were read, and `paragraph` that of each paragraph.
    `site_number` and `content`: equal numbers for equal ones, -1 for none. `sizes`: kept hashes of each.
    """

    doc_id: pa.LargeStringArray
    site: pa.DictionaryArray
    site_number: Numbers
    content: Numbers
    place: Numbers
    sizes: Numbers
    paragraph: Numbers
    owner: Numbers
    start: Numbers
    end: Numbers
    paragraph_sizes: Numbers

    def __len__(self) -> int:
        return len(self.place)

    def ids(self, texts: pa.Array) -> pa.StringArray:
        return self.doc_id.take(texts).cast(pa.string())

    def sites(self, texts: pa.Array) -> pa.StringArray:
        return self.site.take(texts).cast(pa.string())


def read_texts(sketches: Iterable[pa.RecordBatch], hashes: Spool) -> Texts:
    """Read all sketches once; their hashes go to the spool, by their first bits."""
    names = SKETCHES.names[:4]
    rows = [SKETCHES.empty_table().select(names)]
    # Of each text: its paragraphs and hashes; of each paragraph: start, end and hashes.
    by_text: list[Numbers] = [np.zeros((2, 0), np.int32)]
    by_paragraph: list[Numbers] = [np.zeros((3, 0), np.int32)]
    first = 0
    for batch in sketches:
        counts = [pc.list_value_length(batch[name]).to_numpy() for name in ("starts", "hashes")]
        start, end = (batch[name].flatten().to_numpy() for name in ("starts", "ends"))
        paragraph = np.repeat(np.cumsum(counts[0]) - counts[0], counts[1])
        paragraph += batch["paragraphs"].flatten().to_numpy()
        found = np.empty(len(paragraph), HASH)
        found["hash"], found["paragraph"] = batch["hashes"].flatten().to_numpy(), paragraph + first
        hashes.add((found["hash"] // np.uint64(2**64 // PARTS)).astype(np.uint16), found)
        by_text.append(np.stack(counts))
        sizes = np.bincount(paragraph, minlength=len(start)).astype(np.int32)
        by_paragraph.append(np.stack((start, end, sizes)))
        # Taken, because a slice would keep the whole batch, hashes and all, in memory.
        rows.append(pa.Table.from_batches([batch]).select(names).take(np.arange(batch.num_rows)))
        first += len(start)
    return _in_order(
        pa.concat_tables(rows).combine_chunks(),
        np.concatenate(by_text, axis=1),
        np.concatenate(by_paragraph, axis=1),
    )


def _in_order(rows: pa.Table, by_text: Numbers, by_paragraph: Numbers) -> Texts:
    order = pc.sort_indices(rows, [("published", "ascending"), ("doc_id", "ascending")]).to_numpy()
    place = _inverse(order)
    paragraphs, sizes = by_text
    owner = np.repeat(np.arange(len(order), dtype=np.int32), paragraphs[order])
    # A text's paragraphs move by as much as its first one does.
    firsts = np.cumsum(paragraphs[order]) - paragraphs[order]
    moved = firsts[place] - (np.cumsum(paragraphs) - paragraphs)
    paragraph = np.repeat(moved.astype(np.int32), paragraphs)
    paragraph += np.arange(len(owner), dtype=np.int32)
    start, end, paragraph_sizes = by_paragraph[:, _inverse(paragraph)]
    site = _encoded(rows["site"]).take(order)
    return Texts(
        doc_id=rows["doc_id"].cast(pa.large_string()).take(order).combine_chunks(),
        site=site,
        site_number=_numbers(site),
        content=_numbers(_encoded(rows["content_hash"]).take(order)),
        place=place,
        sizes=sizes[order],
        paragraph=paragraph,
        owner=owner,
        start=start,
        end=end,
        paragraph_sizes=paragraph_sizes,
    )


def _encoded(strings: pa.ChunkedArray) -> pa.DictionaryArray:
    """Of all texts strings are more than the 2 GiB that an array of `string` holds, and so may those be that differ."""
    return strings.cast(pa.large_string()).dictionary_encode().combine_chunks()


def _inverse(order: npt.NDArray) -> Numbers:
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return place


def _numbers(values: pa.DictionaryArray) -> Numbers:
    return pc.fill_null(values.indices, -1).to_numpy()
