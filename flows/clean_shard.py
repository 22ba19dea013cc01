"""One shard from its bytes to the staging area: the stages in a row. Knows nothing of Prefect."""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flows.refusals import not_asked_for, nothing_left, too_long
from flows.settings import Settings
from schemas import RAW_LIMIT, REJECTS
from tasks.extract import ExtractOptions, extract
from tasks.ingest import Shard, read_shard
from tasks.language import detect_batch
from tasks.quality import measure
from tasks.site_memory import REPEATED, SiteMemory, count
from tasks.strip import strip_batch
from tasks.strip.lines import Lines
from tasks.write import (
    READING,
    Layout,
    ProgressFile,
    has_pages,
    load_sites,
    read_pages,
    stage_pages,
    stage_shard,
    staged_counts,
)


def read_and_count(shard: Shard, settings: Settings, layout: Layout, digest: str) -> None:
    """The first pass: read a shard, extract its pages, count their lines, and stage all of it for the second."""
    if has_pages(layout, shard, digest) or staged_counts(layout, shard, digest) is not None:
        return
    progress = ProgressFile(layout, shard.id, shard.size, end=READING)
    total = 0
    with stage_pages(layout, shard, digest) as stage:
        for documents, rejects in read_shard(shard, settings.ingest()):
            size, read = _size(documents), documents
            total += size
            documents, failed = with_text(read, settings)
            lost = _lost(read, failed)
            counts = count(documents, Lines(documents["text"].combine_chunks()))
            rejects = pa.concat_tables([rejects, failed.cast(REJECTS)])
            stage.add(documents, rejects, counts, read_bytes=size, lost=lost)
            progress.report(0, total)
    progress.report(0, total, share=1)


def clean_shard(shard: Shard, settings: Settings, layout: Layout, digest: str) -> dict[str, int | bool]:
    """Clean and stage a shard, which is read unless that is done; one that is staged already is left as it is.

    Returns documents, records, rejects, raw_chars, removed_chars, and whether an earlier run `staged` it.
    """
    begin = READING if has_pages(layout, shard, digest) else 0
    progress = ProgressFile(layout, shard.id, shard.size, begin=begin)
    counts = staged_counts(layout, shard, digest)
    staged = counts is not None
    if counts is None:
        memory = site_memory(layout) if layout.memory else None
        with stage_shard(layout, shard, digest) as stage:
            counts = stage.counts
            for documents, rejects, size, lost, share in _batches(shard, settings, layout, digest):
                read = documents.num_rows + rejects.num_rows
                records, removals, given_up = clean_batch(documents, settings, memory)
                stage.add(
                    records,
                    removals,
                    pa.concat_tables([rejects, given_up]),
                    read=read,
                    read_bytes=size,
                    lost=Counter(lost) + Counter(_lost(documents, given_up)),
                )
                progress.report(counts.totals.documents, counts.totals.read_bytes, share)
    totals = counts.totals
    progress.report(totals.documents, totals.read_bytes, share=1)
    return {
        "documents": totals.documents,
        "records": totals.records,
        "rejects": totals.rejects,
        "raw_chars": totals.raw_chars,
        "removed_chars": totals.removed_chars,
        "staged": staged,
    }


@lru_cache(maxsize=1)
def site_memory(layout: Layout) -> SiteMemory:
    """The memory of sites; `layout` names the state that it is in."""
    return SiteMemory(*load_sites(layout, REPEATED))


def _batches(
    shard: Shard, settings: Settings, layout: Layout, digest: str
) -> Iterator[tuple[pa.Table, pa.Table, int, dict[str, int], float | None]]:
    """Batches of documents and rejects, with the bytes read, the documents of each site that are lost already, and
    the share of the shard that is done with them, where that is known.

    They come from the first pass, where there was one.
    """
    if has_pages(layout, shard, digest):
        yield from read_pages(layout, shard, digest)
    else:
        for documents, rejects in read_shard(shard, settings.ingest()):
            yield documents, rejects, _size(documents), {}, None


def clean_batch(
    documents: pa.Table, settings: Settings, memory: SiteMemory | None = None
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Clean a batch of schemas.DOCUMENTS, each document by itself but for what `memory` knows of its site.

    Returns (records with `removed_chars`, removals with `document`, rejects) as tasks.write.Stage takes them.
    """
    documents, failed = with_text(documents, settings)
    cleaned, removals = strip_batch(documents, settings.strip(), memory)

    blank, detail = nothing_left(cleaned["text"])
    empty = _rejected(documents, blank, "all_boilerplate", detail)
    cleaned, removals, documents = _keep(pc.invert(blank), cleaned, removals, documents)

    languages = detect_batch(cleaned["text"])
    other, detail = not_asked_for(languages["language"], settings)
    foreign = _rejected(documents, other, "language", detail)
    wanted = pc.invert(other)
    cleaned, removals, _ = _keep(wanted, cleaned, removals, documents)

    records = cleaned
    for table in (languages.filter(wanted), measure(cleaned["text"])):
        for name in table.column_names:
            records = records.append_column(name, table[name])
    return records, removals, pa.concat_tables([failed.cast(REJECTS), empty, foreign])


def with_text(documents: pa.Table, settings: Settings) -> tuple[pa.Table, pa.Table]:
    """Pages made text; and rejects: those that failed, and texts of more lines than memory is there for."""
    documents, failed = extract(documents, extract_options(settings))
    long, detail = too_long(documents["text"], settings)
    if not pc.any(long).as_py():
        return documents, failed
    rejects = pa.concat_tables([failed, _rejected(documents, long, "too_large", detail)])
    return documents.filter(pc.invert(long)), rejects


def extract_options(settings: Settings) -> ExtractOptions:
    """The options of the extract stage."""
    return ExtractOptions(
        extractor=settings.extractor,
        timeout_seconds=settings.extract_timeout,
        max_html_bytes=settings.max_html_bytes,
    )


def _keep(
    kept: pa.ChunkedArray, cleaned: pa.Table, removals: pa.Table, documents: pa.Table
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Only the documents that stay, with removals that point at their new rows."""
    mask = np.asarray(kept)
    if mask.all():
        return cleaned, removals, documents
    owner = removals["document"].to_numpy()
    removals = removals.filter(pa.array(mask[owner]))
    row = pa.array((np.cumsum(mask) - 1)[owner[mask[owner]]], pa.int32())
    place = removals.column_names.index("document")
    return cleaned.filter(kept), removals.set_column(place, "document", row), documents.filter(kept)


def _rejected(
    documents: pa.Table, mask: pa.ChunkedArray, reason: str, detail: "str | pa.ChunkedArray"
) -> pa.Table:
    """Reject rows for the documents under the mask, with the beginning of their text."""
    documents = documents.filter(mask)
    detail = pa.repeat(detail, documents.num_rows) if isinstance(detail, str) else detail.filter(mask)
    raw = documents["text"].cast(pa.large_binary())
    table = pa.table(
        {
            "source": documents["source"],
            "source_index": documents["source_index"],
            "doc_id": documents["doc_id"],
            "reason": pa.repeat(reason, documents.num_rows),
            "detail": detail,
            "raw": pc.binary_slice(raw, 0, RAW_LIMIT).cast(pa.binary()),
        }
    )
    return table.cast(REJECTS)


def _lost(documents: pa.Table, given_up: pa.Table) -> dict[str, int]:
    """How many documents of each site are given up because nothing could be kept of them."""
    given_up = given_up.filter(pc.not_equal(given_up["reason"], "language"))
    if not given_up.num_rows:
        return {}
    place = ["source", "source_index"]
    sites = documents.select([*place, "site"]).join(given_up.select(place), place, join_type="left semi")
    return {entry["values"] or "": entry["counts"] for entry in pc.value_counts(sites["site"]).to_pylist()}


def _size(documents: pa.Table) -> int:
    """Bytes of text and HTML in a batch."""
    sizes = [pc.sum(pc.binary_length(documents[name])).as_py() or 0 for name in ("text", "html")]
    return sum(sizes)
