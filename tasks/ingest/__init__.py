"""Files, folders, globs and object stores of any known format to batches of documents."""

from tasks.ingest.options import SHARD_BYTES, Format, IngestOptions
from tasks.ingest.plan import plan_units
from tasks.ingest.read import read_shard
from tasks.ingest.slices import Shard, Slice, Unit
from tasks.ingest.sources import Source, SourceNotFound, list_sources

__all__ = [
    "SHARD_BYTES",
    "Format",
    "IngestOptions",
    "Shard",
    "Slice",
    "Source",
    "SourceNotFound",
    "Unit",
    "list_sources",
    "plan_units",
    "read_shard",
]
