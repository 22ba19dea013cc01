"""JSON that is not a record a line: one array of records, or records over several lines each, one after the other.

source_index is the record's number in the file, from 0.
"""

import re
from collections.abc import Iterator

import pyarrow as pa

from schemas import RAW_LIMIT
from tasks.ingest.batch import Batch
from tasks.ingest.jsonl import add_record
from tasks.ingest.slices import Cut, Slice
from tasks.ingest.streams import PIECE, Stream

_HEAD = 4096
#: What stands before the first record: a byte order mark, and the bracket of the array.
_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[?")
#: Up to a bracket, with strings passed over; where no bracket is open, up to a comma too.
_INSIDE = re.compile(rb'(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_BETWEEN = re.compile(rb'(?:[^"{}\[\],]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
#: The rest of a string.
_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)


def read(part: Slice, stream: Stream, batch: Batch) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Batches of the slice's records. After a quote or a bracket too few, the rest of the file counts as one record."""
    index = part.first_index
    for _, value, size in _values(stream, part.stop, batch.options.max_document_bytes):
        add_record(batch, part.source, index, value, size, f"record {index + 1}")
        index += 1
        if batch.full:
            yield batch.take()


def cuts(stream: Stream, size: int) -> Iterator[Cut]:
    """The starts of records, one after about each `size` bytes."""
    goal = size
    for index, (start, _, _) in enumerate(_values(stream, None, 0)):
        if start >= goal:
            yield Cut(start, index, stream.entry(start))
            goal = start + size


def _values(stream: Stream, stop: int | None, limit: int) -> Iterator[tuple[int, bytes, int]]:
    """(where a value begins, the value, its size). Of one above the limit only the beginning is kept."""
    begun: list[bytes] = []
    start = size = 0
    for offset, piece, ends in _pieces(stream, stop):
        if not begun:
            start = offset + len(piece) - len(piece.lstrip())
            piece = piece.lstrip()
        if piece:
            begun.append(piece)
            size += len(piece)
            if size > limit and len(begun) > 1:
                begun = [b"".join(begun)[:RAW_LIMIT]]
        if ends and begun:
            yield start, b"".join(begun), size
            begun, size = [], 0
    if begun:
        yield start, b"".join(begun), size


def _pieces(stream: Stream, stop: int | None) -> Iterator[tuple[int, bytes, bool]]:
    """Values piece by piece: (where the piece begins, the piece, whether the value ends with it).

    A value ends with the bracket that closes its first one or, where that is none, before a comma or the array's end.
    """
    if not stream.position:
        stream.read(_past(_OPENING, stream.peek(_HEAD), 0))
    depth, in_string, rest = 0, False, b""
    while True:
        room = PIECE if stop is None else min(PIECE, stop - stream.position)
        read = stream.read(room) if room > 0 else b""
        if not read:
            return
        data = rest + read
        origin = stream.position - len(data)
        begin = at = 0
        while True:
            at = _past(_STRING if in_string else _INSIDE if depth else _BETWEEN, data, at)
            mark = data[at : at + 1]
            if mark in (b"", b"\\"):  # the backslash may stand before a quote
                break
            at += 1
            if mark == b'"':
                in_string = not in_string
            elif mark in b"{[":
                depth += 1
            elif depth > 1:
                depth -= 1
            else:
                yield origin + begin, data[begin : at if depth else at - 1], True
                begin, depth = at, 0
        yield origin + begin, data[begin:at], False
        rest = data[at:]


def _past(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    found = pattern.match(data, at)
    return found.end() if found else at
