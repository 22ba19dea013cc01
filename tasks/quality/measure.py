"""The sizes, the content hash and the signals of a batch of texts, as columns.

A chunk of texts becomes one array of octets; a table tells what the character of each one is; words and
sentences are found as positions in the array, and a text's figures are counts between its bounds.
"""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from schemas import RECORDS
from tasks.quality.content_hash import content_hashes
from tasks.quality.lines import line_signals
from tasks.quality.stream import Stream
from tasks.quality.words import character_signals

#: Octets looked at together; bounds the memory, whatever the size of the batch (a larger text stands alone).
_CHUNK_OCTETS = 1 << 18

_SCHEMA = pa.schema([RECORDS.field(name) for name in ("text_chars", "words", "content_hash", "quality")])


def measure(texts: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Figures of each text (a null counts as empty): text_chars, words, content_hash and quality.

    The columns are those of schemas.RECORDS, a row a text, and depend on that text alone.
    """
    column = pc.fill_null(texts.cast(pa.large_string()), "")
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    parts = [_measure_chunk(array[start:stop]) for start, stop in _chunks(pc.binary_length(array))]
    return pa.concat_tables(parts).combine_chunks() if parts else _SCHEMA.empty_table()


def _chunks(lengths: pa.Array) -> Iterator[tuple[int, int]]:
    """Cuts the rows into runs of at most _CHUNK_OCTETS, or of one."""
    first = size = 0
    for row, length in enumerate(lengths.to_pylist()):
        if size and size + length > _CHUNK_OCTETS:
            yield first, row
            first, size = row, 0
        size += length + 1
    if first < len(lengths):
        yield first, len(lengths)


def _measure_chunk(texts: pa.Array) -> pa.Table:
    octets = texts.cast(pa.large_binary()).to_pylist()
    stream = Stream.of(octets)
    sizes = pc.utf8_length(texts)
    words, signals = character_signals(stream, sizes.to_numpy())
    signals |= line_signals(texts)
    quality_type = _SCHEMA.field("quality").type
    quality = pa.StructArray.from_arrays(
        [pa.array(signals[field.name]).cast(field.type, safe=False) for field in quality_type],
        fields=list(quality_type),
    )
    columns = [
        sizes.cast(pa.int32()),
        pa.array(words).cast(pa.int32()),
        pa.array(content_hashes(octets, stream)),
        quality,
    ]
    return pa.table(columns, schema=_SCHEMA)
