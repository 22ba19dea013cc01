"""Write: stage a shard's tables, publish whole units atomically, and keep the ledger of what was done.

What a run has not published yet lies under `OUT/.staging/`, where each thing's state is its place:

    shards/<name>/   a finished shard: records, removals, rejects, counts.json
    pages/<name>/    a shard's documents, read and counted but not cleaned yet
    memory/          what was learnt of sites, by a run that publishes nothing yet
    ready/<key>/     a finished unit, about to be moved into the data sets
    temporary/       unfinished; worthless after a crash
    progress/        how far running shards are
    lock             held by the one run that may write

A folder gets to `shards/` and `ready/` by one rename, so what lies there is complete.
"""

from tasks.write.check import OutputError
from tasks.write.counts import ShardCounts, SiteCounts, SourceCounts, Totals
from tasks.write.durable import write_file
from tasks.write.layout import Layout
from tasks.write.ledger import Ledger, load_ledger
from tasks.write.lock import OutputBusy, output_lock
from tasks.write.memory import commit_memory, load_sites, memory_state, remember
from tasks.write.pages import has_pages, read_pages, stage_pages
from tasks.write.planning import UnitPlan, plan
from tasks.write.progress import READING, Progress, ProgressFile, announce, read_progress
from tasks.write.related import Related, related
from tasks.write.relations import refresh_relations, relations_outdated
from tasks.write.samples import Piece, Sample, read_samples
from tasks.write.site_view import SiteView, Template, site_view, templates
from tasks.write.stage import Stage, stage_shard, staged_counts
from tasks.write.units import clear_staging, finish_ready, publish, unit_totals

__all__ = [
    "READING",
    "Layout",
    "Ledger",
    "OutputBusy",
    "OutputError",
    "Piece",
    "Progress",
    "ProgressFile",
    "Related",
    "Sample",
    "ShardCounts",
    "SiteCounts",
    "SiteView",
    "SourceCounts",
    "Stage",
    "Template",
    "Totals",
    "UnitPlan",
    "announce",
    "clear_staging",
    "commit_memory",
    "finish_ready",
    "has_pages",
    "load_ledger",
    "load_sites",
    "memory_state",
    "output_lock",
    "plan",
    "publish",
    "read_pages",
    "read_progress",
    "read_samples",
    "refresh_relations",
    "related",
    "relations_outdated",
    "remember",
    "site_view",
    "stage_pages",
    "stage_shard",
    "staged_counts",
    "templates",
    "unit_totals",
    "write_file",
]
