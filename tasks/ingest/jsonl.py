"""JSON lines: one object a line. source_index is the line's number, from 0; blank lines are no documents."""

import codecs
import json
from collections.abc import Iterator
from typing import Any

import orjson
import pyarrow as pa

from schemas import RAW_LIMIT
from tasks.ingest.batch import Batch
from tasks.ingest.decode import Undecodable, decode, mend
from tasks.ingest.slices import Cut, Slice
from tasks.ingest.sources import Source
from tasks.ingest.streams import PIECE, Damage, Stream

#: Python's own limit is 4,300, and can be set as low as this.
_MOST_DIGITS = 640
_BOM = b"\xef\xbb\xbf"


def read(part: Slice, stream: Stream, batch: Batch) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Batches of the slice's lines. Damage is one reject, and reading goes on with the next sound member.

    Lines behind damage are counted on from those that were read before it.
    """
    limit = batch.options.max_document_bytes
    index = part.first_index
    if part.start == 0 and _is_wide(stream):
        raise Damage("undecodable", "JSON lines are UTF-8; this file has the mark of UTF-16 or UTF-32")
    while True:
        try:
            for line, size in _lines(stream, part.stop, limit):
                add_record(batch, part.source, index, line, size, f"line {index + 1}")
                index += 1
                if batch.full:
                    yield batch.take()
            return
        except Damage as damage:
            batch.reject(part.source, None, damage.reason, damage.detail)
            if not stream.recover():
                return


def cuts(stream: Stream, size: int) -> Iterator[Cut]:
    """The starts of lines, one after about each `size` bytes, up to where the file is damaged."""
    if _is_wide(stream):
        return  # it is one reject
    index = 0
    goal = size
    try:
        while piece := stream.read(PIECE):
            start = stream.position - len(piece)
            begin = 0
            while stream.position >= goal:
                end = piece.find(b"\n", max(begin, goal - start - 1)) + 1
                if not end:
                    break
                index += piece.count(b"\n", begin, end)
                begin = end
                yield Cut(start + end, index, stream.entry(start + end))
                goal = start + end + size
            index += piece.count(b"\n", begin)
    except Damage:
        return


def _is_wide(stream: Stream) -> bool:
    """Whether the file begins with the mark of UTF-16 or UTF-32."""
    return stream.peek(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _lines(stream: Stream, stop: int | None, limit: int) -> Iterator[tuple[bytes, int]]:
    """(line, its size). Of a line above the limit only the beginning is kept; its end is read past."""
    head: list[bytes] = []  # of the line that has begun
    size = 0
    while True:
        room = PIECE if stop is None else min(PIECE, stop - stream.position)
        try:
            piece = stream.read(room) if room > 0 else b""
        except Damage:
            if size > limit:
                yield b"".join(head)[:RAW_LIMIT], size
            raise
        if not piece:
            break
        first, newline, _ = piece.partition(b"\n")
        size += len(first)
        head.append(first)
        if size > limit and len(head) > 1:
            head = [b"".join(head)[:RAW_LIMIT]]
        if not newline:
            continue
        yield b"".join(head), size
        *lines, last = piece[len(first) + 1 :].split(b"\n")
        for line in lines:
            yield line, len(line)
        head, size = [last], len(last)
    if size:
        yield b"".join(head), size


def add_record(batch: Batch, source: Source, index: int, value: bytes, size: int, name: str) -> None:
    """What JSON says of a record, or a reject that tells of it by `name`; a blank value is neither.

    size: of the value, of which only the beginning is there where that is above the limit.
    """
    limit = batch.options.max_document_bytes
    if size > limit:
        detail = f"{name} has {size:,} bytes, the limit is {limit:,}"
        batch.reject(source, index, "too_large", detail, value)
        return
    try:
        record = orjson.loads(value)
    except orjson.JSONDecodeError:
        if not value.strip():
            return
        try:
            record = _leniently(value)
        except Undecodable as error:
            batch.reject(source, index, error.reason, f"{name}: {error}", value)
            return
        except (ValueError, RecursionError) as error:
            batch.reject(source, index, "malformed", f"{name}: {_plainly(error)}", value)
            return
    if isinstance(record, dict):
        batch.add_fields(source, index, record, value)
    else:
        batch.reject(source, index, "malformed", f"{name} is not an object", value)


def _leniently(value: bytes) -> Any:
    """What orjson is too strict for: a BOM, a legacy encoding, lone surrogates, NaN, endless numbers. Raises ValueError."""
    record = json.loads(decode(value.removeprefix(_BOM)), strict=False, parse_int=_whole)
    if not isinstance(record, dict):
        return record
    return {name: mend(field) if isinstance(field, str) else field for name, field in record.items()}


def _whole(digits: str) -> int | float:
    """A whole number; one of more digits than Python turns into one, as a float."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


def _plainly(error: Exception) -> str:
    return "nested too deep" if isinstance(error, RecursionError) else str(error)
