"""Writes the bundled example pages (JSONL.gz, WARC.gz, Parquet) from their readable parts.

The same parts give the same bytes.

    python examples/build.py
"""

import gzip
import json
import uuid
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
PARTS = HERE / "parts"
PAGES = HERE / "pages"


def build(pages: Path = PAGES) -> list[Path]:
    """Write the three bundles under `pages` and return their paths."""
    bundles = {
        "gazeta-nadbrzezna.example/2024.jsonl.gz": jsonl_gz(PARTS / "gazeta-nadbrzezna.jsonl"),
        "crawl.example/2024-02-05.warc.gz": warc_gz(PARTS / "crawl"),
        "archipelago.example/pages.parquet": parquet(PARTS / "archipelago.json"),
    }
    for name, content in bundles.items():
        path = pages / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return [pages / name for name in bundles]


def jsonl_gz(path: Path) -> bytes:
    """The lines as they are, the damaged one included: it shows what a reject looks like."""
    return gzip.compress(path.read_bytes(), mtime=0)


def warc_gz(folder: Path) -> bytes:
    """One response record, in a gzip member of its own, for each page of the folder's index."""
    records = []
    for line in (folder / "index.tsv").read_text(encoding="utf-8").splitlines():
        url, name, date = line.split("\t")
        body = (folder / name).read_bytes()
        kind = {"Content-Type": "text/html; charset=utf-8", "Content-Length": len(body)}
        response = header("HTTP/1.1 200 OK", kind)
        fields = {
            "WARC-Type": "response",
            "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, url)}>",
            "WARC-Date": date,
            "WARC-Target-URI": url,
            "Content-Type": "application/http; msgtype=response",
            "Content-Length": len(response) + len(body),
        }
        records.append(gzip.compress(header("WARC/1.1", fields) + response + body + b"\r\n\r\n", mtime=0))
    return b"".join(records)


def header(first: str, fields: dict[str, object]) -> bytes:
    """A header block as HTTP and WARC have it, with the empty line that ends it."""
    lines = [first, *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode()


def parquet(path: Path) -> bytes:
    """The JSON array's objects as rows."""
    sink = pa.BufferOutputStream()
    rows = json.loads(path.read_text(encoding="utf-8"))
    pq.write_table(pa.Table.from_pylist(rows), sink, compression="zstd")
    return sink.getvalue().to_pybytes()


if __name__ == "__main__":
    for written in build():
        print(written)
