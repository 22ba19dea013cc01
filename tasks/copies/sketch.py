"""A sketch of each text: a fixed share of the hashes of its word triples (a scaled MinHash, or FracMinHash).

Which triples are kept is decided by their hashes alone, so that two texts that share triples share kept ones in the
same proportion. Unlike a MinHash of fixed size it tells how much of a text stands in a longer one.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.hashing import LONGEST, Hashes, hash_slices, mix

Ints = npt.NDArray[np.int64]

#: One in so many triples is kept.
SCALE = 4

#: One row a record; `starts` and `ends` are its paragraphs in code points, `paragraphs` says whose each hash is.
SKETCHES = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("site", pa.string()),
        pa.field("published", pa.timestamp("us", tz="UTC")),
        pa.field("content_hash", pa.string()),
        pa.field("starts", pa.list_(pa.int32())),
        pa.field("ends", pa.list_(pa.int32())),
        pa.field("paragraphs", pa.list_(pa.int32())),
        pa.field("hashes", pa.list_(pa.uint64())),
    ]
)


def sketch(records: pa.Table) -> pa.Table:
    """SKETCHES of records (doc_id, site, published, content_hash and text are used)."""
    split = pc.split_pattern(records["text"].combine_chunks().cast(pa.large_string()), "\n")
    lines = split.flatten()
    counts = pc.list_value_length(split).to_numpy().astype(np.int64)
    first = np.concatenate(([0], np.cumsum(counts)))
    lengths = pc.utf8_length(lines).to_numpy().astype(np.int64)
    stops = np.cumsum(lengths + 1)
    offset = np.repeat(np.concatenate(([0], stops))[first[:-1]], counts)
    ends = stops - 1 - offset
    line, hashes = _triples(pc.utf8_lower(lines))
    owner = line - np.repeat(first[:-1], counts)[line]
    bounds = pa.array(np.searchsorted(line, first), pa.int32())
    offsets = pa.array(first, pa.int32())
    columns = [records[name].combine_chunks() for name in SKETCHES.names[:4]]
    columns += [
        pa.ListArray.from_arrays(offsets, pa.array((ends - lengths).astype(np.int32))),
        pa.ListArray.from_arrays(offsets, pa.array(ends.astype(np.int32))),
        pa.ListArray.from_arrays(bounds, pa.array(owner.astype(np.int32))),
        pa.ListArray.from_arrays(bounds, pa.array(hashes)),
    ]
    return pa.table(columns, schema=SKETCHES)


def _triples(lines: pa.LargeStringArray) -> tuple[Ints, Hashes]:
    """The kept hashes of three words in a row, with the line of each; in order of lines, each once a line."""
    data = np.frombuffer(lines.buffers()[2] or b"", np.uint8)
    ends = np.frombuffer(lines.buffers()[1], np.int64)[lines.offset : lines.offset + len(lines) + 1]
    data, ends = data[ends[0] : ends[-1]], ends - ends[0]
    start, end = _words(data, ends)
    if len(start) < 3:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64)
    line = np.repeat(np.arange(len(ends) - 1), np.diff(np.searchsorted(start, ends)))
    words = mix(hash_slices(data, start, np.minimum(end, start + LONGEST)))
    triple = mix(words[:-2] + np.uint64(3) * words[1:-1] + np.uint64(5) * words[2:])
    at = np.flatnonzero((triple % np.uint64(SCALE) == 0) & (line[:-2] == line[2:]))
    line, triple = line[at], triple[at]
    # By line, and in it by hash, as far as there is room for its bits: one key sorts far sooner than two.
    room = np.uint64(len(ends).bit_length())
    order = np.argsort(line.astype(np.uint64) << (np.uint64(64) - room) | triple >> room)
    line, triple = line[order], triple[order]
    once = np.ones(len(line), np.bool_)
    once[1:] = (line[1:] != line[:-1]) | (triple[1:] != triple[:-1])
    return line[once], triple[once]


def _words(data: npt.NDArray[np.uint8], line_ends: Ints) -> tuple[Ints, Ints]:
    """Where words start and end in UTF-8: letters and digits in a row; in scripts without spaces, single characters."""
    kind = _KINDS.take(data, mode="clip")
    # Typographic quotes, dashes and spaces (U+2000 to U+207F) are no letters, nor is wide punctuation (U+FF00 to U+FF7F).
    lead, second = data[:-1], data[1:]
    mark = ((lead == 0xE2) & ((second == 0x80) | (second == 0x81))) | (
        (lead == 0xEF) & ((second == 0xBC) | (second == 0xBD))
    )
    mark = np.flatnonzero(mark)
    kind[mark], kind[mark + 1], kind[np.minimum(mark + 2, len(kind) - 1)] = _BREAK, _BREAK, _BREAK
    inside = kind != _BREAK
    before = np.zeros(len(data), np.bool_)
    before[1:] = inside[:-1]
    edge = np.zeros(len(data) + 1, np.bool_)
    edge[line_ends] = True
    single = kind == _SINGLE
    # After the three bytes of a single character something new starts.
    after = np.zeros(len(data) + 3, np.bool_)
    after[np.flatnonzero(single) + 3] = True
    cut = single | after[: len(data)] | edge[: len(data)]
    start = np.flatnonzero(inside & (~before | cut))
    ending = np.zeros(len(data) + 1, np.bool_)
    ending[1:] = inside
    stops = np.flatnonzero(ending & np.append(~inside | cut, True))
    return start, stops


_BREAK, _INSIDE, _SINGLE = 0, 1, 2
_KINDS = np.full(256, _INSIDE, np.uint8)
_KINDS[:0x80] = [_INSIDE if chr(byte).isalnum() else _BREAK for byte in range(0x80)]
# Lead bytes of kana and Han: no spaces between words there.
_KINDS[0xE3:0xEA] = _SINGLE
