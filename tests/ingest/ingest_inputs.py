"""Writes input files of every format, plain and compressed, for the tests of reading."""

import gzip
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tasks.ingest import IngestOptions, Source, list_sources, plan_units, read_shard

Row = dict[str, Any]


def gzip_members(parts: Sequence[bytes]) -> bytes:
    return b"".join(gzip.compress(part, mtime=0) for part in parts)


def zstd_frames(parts: Sequence[bytes]) -> bytes:
    return b"".join(zstandard.compress(part) for part in parts)


COMPRESSIONS: dict[str, Callable[[Sequence[bytes]], bytes]] = {
    "": b"".join,
    ".gz": lambda parts: gzip_members([b"".join(parts)]),
    ".members.gz": gzip_members,
    ".zst": lambda parts: zstd_frames([b"".join(parts)]),
    ".frames.zst": zstd_frames,
}


def json_lines(records: Sequence[Row]) -> list[bytes]:
    return [json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records]


def json_array(records: Sequence[Row], indent: int | None = None) -> list[bytes]:
    """One array, in parts that are no records."""
    data = json.dumps(records, ensure_ascii=False, indent=indent).encode()
    return [data[at : at + 100] for at in range(0, len(data), 100)]


def warc_record(
    kind: str,
    payload: bytes,
    record_id: str = "<urn:uuid:0>",
    content_type: str = "application/http; msgtype=response",
    url: str = "https://news.harbour.example/story",
) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: {record_id}\r\nWARC-Target-URI: {url}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(payload)}\r\n\r\n"
    )
    return head.encode() + payload + b"\r\n\r\n"


def http(
    body: bytes, status: str = "200 OK", content_type: str = "text/html; charset=utf-8", more: str = ""
) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{more}\r\n".encode() + body


def wet_records(records: Sequence[Row]) -> list[bytes]:
    return [warc_record("conversion", r["text"].encode(), r["id"], "text/plain", r["url"]) for r in records]


def parquet_bytes(records: Sequence[Row], row_group_size: int = 3) -> bytes:
    schema = pa.schema([("id", pa.string()), ("url", pa.string()), ("text", pa.string())])
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(records), schema=schema), sink, row_group_size=row_group_size)
    return sink.getvalue()


def write(path: Path, data: bytes) -> Source:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return list_sources([str(path)])[0]


def read_all(
    given: Path | Sequence[Source], options: IngestOptions | None = None, shard_bytes: int = 64 << 20
) -> tuple[list[Row], list[Row]]:
    """All documents and rejects, shard by shard."""
    sources = list_sources([str(given)]) if isinstance(given, Path) else given
    documents: list[Row] = []
    rejects: list[Row] = []
    for unit in plan_units(sources, options, shard_bytes):
        for shard in unit.shards:
            for kept, rejected in read_shard(shard, options):
                documents += kept.to_pylist()
                rejects += rejected.to_pylist()
    return documents, rejects
