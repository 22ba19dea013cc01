"""Files as forward streams of decompressed bytes: plain, gzip and zstd of any number of members."""

import re
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import zstandard
from isal import isal_zlib

from tasks.ingest.options import MIB, IngestOptions
from tasks.ingest.slices import Slice
from tasks.ingest.sources import Source
from tasks.ingest.storage import REMOTE_BUFFER, is_url, open_file

#: Stored bytes decompressed in one step. What zstd gives for one is not limited (32 KiB for each byte at
#: worst), so its step is short; gzip gives about 1,000 bytes for one at most.
STEP = 512
_GZIP_STEP = 8 << 10
#: Decompressed bytes handed on at a time, about.
PIECE = 256 << 10
_LOCAL_BUFFER = 256 << 10
#: After so many damaged members a file is given up: what is left would be rejects for the most part.
_MAX_RECOVERIES = 1000
#: Damage is noticed some way behind where it is. The search for the next sound member starts with the damaged one,
#: but not further back than this, so that a file made for it cannot have its bytes decompressed over and over.
_RESCAN = 1 * MIB
#: A zstd frame may ask for any amount of memory; this is where the command line tool draws the line, too.
_MAX_WINDOW = 128 * MIB

#: What damage raises (isal's type information takes its class for an object).
_ERRORS: tuple[Any, ...] = (isal_zlib.error, zstandard.ZstdError)

_GZIP = b"\x1f\x8b"
#: Where a member of either kind begins; of gzip with flags and system that exist.
_GZIP_MEMBER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f][\s\S]{4}[\x00\x02\x04][\x00-\x0d\xff]")
_ZSTD_FRAME = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")
_ZSTD = (b"\x28\xb5\x2f\xfd", *(bytes([0x50 + i, 0x2A, 0x4D, 0x18]) for i in range(16)))


class Damage(Exception):
    """Why a file cannot be read on: a reason of the rejects, and what is wrong at which byte."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class _Member(Protocol):
    """What the objects of isal (zlib at twice the speed) and zstandard have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class Stream:
    """The decompressed bytes of a file from `position` on.

    Reading raises Damage or the storage's OSError. After Damage, `recover` moves on to what may be sound again.
    """

    def __init__(self, source: Source, options: IngestOptions, entry: tuple[int, int] = (0, 0)) -> None:
        self._file = open_file(source.path)
        self._buffer = REMOTE_BUFFER if is_url(source.path) else _LOCAL_BUFFER
        self._guard = 4 * options.max_document_bytes
        self._max_ratio = options.max_ratio
        head = self._file.read(4 if entry[0] else self._buffer)
        self._gzip = head.startswith(_GZIP)
        self.compressed = self._gzip or head.startswith(_ZSTD)
        if entry[0]:
            self._file.seek(entry[0])
            head = b""
        self._head = head
        self._frames: list[tuple[int, int]] = []
        self._origin = entry
        self._failed_at: int | None = None  # where in the stored file the search for a sound member may begin
        self._recoveries = 0
        self._pieces = self._decompressed(*entry) if self.compressed else self._blocks()
        self._rest = b""
        self._damage: Damage | None = None
        self.position = entry[1]

    def read(self, size: int) -> bytes:
        """At most `size` bytes, and none only at the end."""
        if self._damage and not self._rest:
            damage, self._damage = self._damage, None
            raise damage
        rest = self._rest or next(self._pieces, b"")
        piece, self._rest = (rest, b"") if len(rest) <= size else (rest[:size], rest[size:])
        self.position += len(piece)
        return piece

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end or before damage, without moving on."""
        try:
            while len(self._rest) < size and (piece := next(self._pieces, b"")):
                self._rest += piece
        except Damage as damage:
            self._damage = damage  # for the one who reads up to it
        return self._rest[:size]

    def skip_to(self, offset: int) -> None:
        """Moves on to `offset`, or to the end."""
        while self.position < offset and self.read(offset - self.position):
            pass

    def entry(self, offset: int) -> tuple[int, int]:
        """The last place at or before `offset` where reading can begin (see Slice); ask in rising order."""
        if not self.compressed:
            return (offset, offset)
        last = bisect_right(self._frames, offset, key=lambda frame: frame[1]) - 1
        del self._frames[:last]
        return self._frames[0]

    def recover(self) -> bool:
        """Move on to the next member that may be sound, after Damage; False where there is none.

        `position` goes on from the bytes that were read. What a bomb has behind it is not looked at.
        """
        if self._failed_at is None or self._recoveries == _MAX_RECOVERIES:
            return False
        start = self._next_member(self._failed_at)
        if start is None:
            return False
        self._recoveries += 1
        self._failed_at = None
        self._go_on_at(start, self.position)
        return True

    def restart(self, after: int) -> bool:
        """Read again, or on, from `after` or, in a compressed file, from the first member known to start there or
        later; False where none is known."""
        if self._recoveries == _MAX_RECOVERIES:
            return False
        frames = self._frames if self.compressed else [(after, after)]
        entry = next((frame for frame in frames if frame[1] >= after), None)
        if entry is None:
            return False
        self._recoveries += 1
        self._go_on_at(*entry)
        return True

    def _go_on_at(self, at: int, given: int) -> None:
        self._file.seek(at)
        self._head = self._rest = b""
        self._damage = None
        self._frames = [frame for frame in self._frames if frame[1] < given]
        self._pieces = self._decompressed(at, given) if self.compressed else self._blocks()
        self.position = given

    def _next_member(self, at: int) -> int | None:
        """The first place from `at` on in the stored file where a member seems to begin."""
        mark, longest = (_GZIP_MEMBER, 10) if self._gzip else (_ZSTD_FRAME, 4)
        self._file.seek(at)
        kept = b""
        while block := self._file.read(self._buffer):
            found = mark.search(kept + block)
            if found:
                return at + found.start()
            at += len(kept) + len(block)
            kept = (kept + block)[1 - longest :]
            at -= len(kept)
        return None

    def close(self) -> None:
        self._file.close()

    def _blocks(self) -> Iterator[bytes]:
        """What is stored, as read; one request to a store brings a small file whole."""
        if self._head:
            yield self._head
        while block := self._file.read(self._buffer):
            yield block

    def _decompressed(self, at: int, given: int) -> Iterator[bytes]:
        """`at` and `given` run along the stored and the decompressed bytes."""
        start, origin = self._origin
        member: _Member | None = None
        pieces: list[bytes] = []
        size = 0
        length = _GZIP_STEP if self._gzip else STEP
        try:
            for block in self._blocks():
                for step_start in range(0, len(block), length):
                    step = block[step_start : step_start + length]
                    while step:
                        if member is None:
                            if self._gzip and not step.strip(b"\0"):  # padding after the last member
                                at += len(step)
                                break
                            if self._gzip and step[:2] not in (_GZIP, _GZIP[:1]):  # isal would wait for more
                                self._failed_at = at + 1
                                raise Damage("malformed", f"no gzip stream begins at byte {at:,}")
                            self._frames.append((at, given))
                            member = self._member()
                        piece = member.decompress(step)
                        at += len(step) - len(member.unused_data)
                        given += len(piece)
                        step = member.unused_data
                        if member.eof:
                            member = None
                        pieces.append(piece)
                        size += len(piece)
                    if given - origin > max(self._guard, self._max_ratio * (at - start)):
                        raise Damage("too_large", f"a bomb? {at:,} bytes decompress to over {given:,}")
                    if size >= PIECE:
                        yield b"".join(pieces)
                        pieces, size = [], 0
            if member is not None:
                self._failed_at = max(self._frames[-1][0] + 1, at - _RESCAN)
                raise Damage("truncated", f"the compressed stream ends early, at byte {at:,}")
        except _ERRORS as error:
            self._failed_at = max(self._frames[-1][0] + 1, at - _RESCAN)
            if size:  # a piece of nothing is the end
                yield b"".join(pieces)
            raise Damage("malformed", f"damaged compression near byte {at:,}: {error}") from error
        except Damage:
            if size:
                yield b"".join(pieces)
            raise
        yield b"".join(pieces)

    def _member(self) -> _Member:
        if self._gzip:
            return isal_zlib.decompressobj(wbits=31)
        return zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompressobj()


# A compressed file in one piece can only be read from its beginning. Its shards follow each other, so a
# stream at the end of one waits here for the next, which would else decompress all over again.
_PARKED_LIMIT = 8
_parked: OrderedDict[tuple[str, str], Stream] = OrderedDict()
_parking = threading.Lock()


@contextmanager
def stream_of(part: Slice, options: IngestOptions) -> Iterator[Stream]:
    """The stream of a slice's file, at the slice's start."""
    key = (part.source.path, part.source.fingerprint)
    with _parking:
        stream = _parked.pop(key, None) if part.start else None
    if stream and not part.entry[1] <= stream.position <= part.start:
        stream.close()
        stream = None
    stream = stream or Stream(part.source, options, part.entry)
    try:
        stream.skip_to(part.start)
        yield stream
    except BaseException:
        stream.close()
        raise
    if part.stop is None or not stream.compressed or stream.position != part.stop:
        stream.close()
        return
    with _parking:
        left = [_parked.pop(key, None)]
        _parked[key] = stream
        while len(_parked) > _PARKED_LIMIT:
            left.append(_parked.popitem(last=False)[1])
    for other in left:
        if other:
            other.close()
