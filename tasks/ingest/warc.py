"""WARC and WET: responses and resources of HTML or text, and text conversions, are documents."""

import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from fastwarc.stream_io import BrotliReader, ChunkedReader, GzipReader, ZstdReader
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from schemas import RAW_LIMIT
from tasks.ingest.batch import Batch
from tasks.ingest.slices import Cut, Slice
from tasks.ingest.streams import Damage, Stream

_CHUNK = 1 << 20
#: How much is looked at to find the end of a header, or the next one.
_HEAD = 64 << 10
_RECORD = re.compile(rb"(?:^|\n)(WARC/1\.[01]\r?\n(?:WARC-|Content-))")
_HTML = ("text/html", "application/xhtml+xml")
_DOCUMENTS = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
_READERS: dict[str, Callable[[Any], Any]] = {
    "gzip": GzipReader,
    "x-gzip": GzipReader,
    "deflate": lambda inner: GzipReader(inner, zlib=True),
    "br": BrotliReader,
    "zstd": ZstdReader,
}


@dataclass(slots=True)
class _Last:
    """The record that was begun last: where it starts, how long its body is, and whether that can be believed."""

    start: int = -1
    length: int = 0
    sound: bool = True


def read(part: Slice, stream: Stream, batch: Batch) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Batches of the slice's documents. Damage is one reject, and reading goes on with the next record found."""
    index = part.first_index
    resume = False
    told: tuple[str, str] | None = None
    while True:
        last = _Last()
        try:
            if resume and not _to_next_record(stream):
                return
            for record in _records(stream, part.stop, last):
                kind = _media_type(record)
                if kind is None:
                    continue
                last.sound = False  # until its body has been read
                _add_record(part, index, record, kind, batch)
                last.sound = True
                index += 1
                if batch.full:
                    yield batch.take()
            return
        except Damage as damage:
            # it is met again where what fastwarc had read ahead is read a second time, and is one reject all the same
            if told != (told := (damage.reason, damage.detail)):
                batch.reject(part.source, None, damage.reason, damage.detail)
            resume = True
            if not stream.recover() and not _behind(stream, last):
                return


def cuts(stream: Stream, size: int) -> Iterator[Cut]:
    """The starts of records, one after about each `size` bytes, up to where the file is damaged."""
    index = 0
    goal = size
    try:
        for record in _records(stream, None, _Last()):
            offset = record.stream_pos
            if offset >= goal:
                yield Cut(offset, index, stream.entry(offset))
                goal = offset + size
            index += _media_type(record) is not None
    except Damage:
        return


def _records(stream: Stream, stop: int | None, last: _Last) -> Iterator[WarcRecord]:
    """All records up to `stop`. fastwarc passes over some kinds of damage, hence the checks."""
    window = _Window(stream, stop)
    try:
        for record in ArchiveIterator(window, stream_detect=False):
            last.start, last.sound = window.start + record.stream_pos, False
            if not (record.headers.get("Content-Length") or "").strip().isdigit():
                raise Damage("malformed", f"damaged record header at byte {last.start:,}")
            last.length, last.sound = record.content_length, True
            stream.entry(last.start)  # forgets the members before
            yield record
    except OSError as error:
        raise Damage("malformed", f"damaged record before byte {stream.position:,}: {error}") from error
    if last.start + last.length > stream.position:
        last.sound = False
        raise Damage("truncated", f"the file ends inside the record at byte {last.start:,}")


def _behind(stream: Stream, last: _Last) -> bool:
    """Move on to where the next record may be: behind the last one or, where its length is a lie, into it."""
    if last.start < 0:
        return False
    if not last.sound:
        return stream.restart(last.start + 1)
    if not stream.restart(last.start):
        return False
    head = stream.peek(_HEAD)
    end = re.search(rb"\r?\n\r?\n", head)
    if stream.position == last.start and end:
        stream.skip_to(last.start + end.end() + last.length)
    return True


def _to_next_record(stream: Stream) -> bool:
    """Move to the next line that starts a record; False where there is none."""
    while piece := stream.peek(_HEAD):
        found = _RECORD.search(piece)
        if found:
            stream.skip_to(stream.position + found.start(1))
            return True
        # the last bytes may be the beginning of what is looked for
        stream.skip_to(stream.position + max(len(piece) - 32, 1))
    return False


class _Window:
    """The file that fastwarc reads: a stream up to `stop`."""

    def __init__(self, stream: Stream, stop: int | None) -> None:
        self._stream = stream
        self._stop = stop
        self.start = stream.position

    def read(self, size: int = -1) -> bytes:
        room = _CHUNK if size < 0 else size
        if self._stop is not None:
            room = min(room, self._stop - self._stream.position)
        return self._stream.read(room) if room > 0 else b""

    def seek(self, offset: int, whence: int = 0) -> int:
        raise io.UnsupportedOperation("a stream only goes forward")

    def close(self) -> None:
        """The stream stays open for the next slice."""

    def tell(self) -> int:
        return self._stream.position - self.start


def _media_type(record: WarcRecord) -> str | None:
    """`text/html`, `text/plain` or, where nothing is said, an empty string; None for what is no document."""
    if not record.record_type & _DOCUMENTS:
        return None
    if record.record_type == WarcRecordType.conversion:
        return "text/plain"
    if record.record_type == WarcRecordType.resource:
        if _url(record).startswith("metadata:"):  # what wget writes of itself: its arguments, its log
            return None
        stated = record.headers.get("Content-Type") or ""
    elif record.is_http and 200 <= (record.http_headers.status_code or 0) < 300:
        stated = record.http_content_type or ""
    else:
        return None
    kind = stated.partition(";")[0].strip().lower()
    if kind in _HTML:
        return "text/html"
    return kind if kind in ("text/plain", "") else None


def _add_record(part: Slice, index: int, record: WarcRecord, kind: str, batch: Batch) -> None:
    limit = batch.options.max_document_bytes
    source, doc_id, length = part.source, record.record_id, record.content_length
    if length > limit:
        detail = f"the record has {length:,} bytes, the limit is {limit:,}"
        batch.reject(source, index, "too_large", detail, _exactly(record, min(length, RAW_LIMIT)), doc_id)
        return
    body = _exactly(record, length)
    charset = None
    if record.is_http:
        charset = record.http_charset
        body = _decoded(body, record, limit)
        if len(body) > limit:
            detail = f"decodes to over {limit:,} bytes, the limit"
            batch.reject(source, index, "too_large", detail, body, doc_id)
            return
    html = kind == "text/html" or (not kind and body[:1024].lstrip().startswith(b"<"))
    batch.add_bytes(source, index, body, html=html, charset=charset, doc_id=doc_id, url=_url(record) or None)


def _url(record: WarcRecord) -> str:
    """Where a record was got; empty where it does not say."""
    return (record.headers.get("WARC-Target-URI") or "").strip("<> ")


def _exactly(record: WarcRecord, size: int) -> bytes:
    body = record.reader.read(size) if size else b""
    if len(body) < size:
        raise Damage("truncated", f"the file ends inside the record {record.record_id}")
    return body


def _decoded(body: bytes, record: WarcRecord, limit: int) -> bytes:
    """The payload without its HTTP encodings; as it is where it does not decode, since many archives store it
    decoded and keep the headers."""
    headers = record.http_headers
    names = (headers.get("Content-Encoding") or "").lower().split(",")
    readers = [_READERS.get(name.strip()) for name in names]
    if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
        readers.append(ChunkedReader)
    for reader in reversed(readers):
        if reader is None:
            continue
        try:
            body = _bounded(reader(io.BytesIO(body)), limit)
        except (OSError, ValueError, zlib.error):
            break
    return body


def _bounded(reader: Any, limit: int) -> bytes:
    data = bytearray()
    while len(data) <= limit and (piece := reader.read(_CHUNK)):
        data += piece
    return bytes(data)
