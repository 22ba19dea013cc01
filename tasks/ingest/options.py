"""What a user may set about reading."""

from dataclasses import dataclass
from typing import Literal

Format = Literal["auto", "text", "html", "jsonl", "parquet", "warc", "wet"]
#: The formats that differ in how they are read; `json` is JSON with its records not on a line each.
Reader = Literal["text", "html", "jsonl", "json", "parquet", "warc"]

MIB = 1 << 20
#: Size of a shard where none is asked for: two passes over so much take some ten seconds.
SHARD_BYTES = 24 * MIB


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """Field names apply to JSONL and Parquet; sizes are in bytes of decompressed input."""

    format: Format = "auto"
    text_field: str = "text"
    html_field: str = "html"
    id_field: str = "id"
    url_field: str = "url"
    title_field: str = "title"
    max_document_bytes: int = 16 * MIB
    #: Output to input beyond which a compressed file is taken for a bomb, after its first few hundred MiB.
    max_ratio: int = 256
    batch_bytes: int = 8 * MIB
    batch_documents: int = 512

    @property
    def fields(self) -> tuple[str, ...]:
        """The configured names of the fields that are read."""
        return (self.text_field, self.html_field, self.id_field, self.url_field, self.title_field)
