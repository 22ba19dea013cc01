"""The relations of records as reports look at them: how many copies and passages there are, and the largest."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tasks.write.layout import Layout


@dataclass(frozen=True, slots=True)
class Related:
    """Copies and syndicated passages of an output: how many, and the largest (id of the earliest copy or text of the
    passage, with the number of records or sites)."""

    copies: int = 0
    passages: int = 0
    clusters: list[tuple[str, int]] = field(default_factory=list)
    syndicated: list[tuple[str, int]] = field(default_factory=list)


def related(layout: Layout, shown: int) -> Related:
    """The copies and passages that the output tells of, with the largest of each."""
    paths = [layout.whole(dataset) for dataset in ("clusters", "passages")]
    if not all(path.exists() for path in paths):
        return Related()
    clusters = pq.ParquetFile(paths[0]).read(columns=["cluster_id", "earliest"])
    sizes = clusters.group_by("cluster_id").aggregate([("earliest", "count")])
    sizes = sizes.sort_by([("earliest_count", "descending"), ("cluster_id", "ascending")]).slice(0, shown)
    passages = pq.ParquetFile(paths[1]).read(columns=["doc_id", "start", "end", "sites"])
    counts = [len(set(sites)) for sites in passages["sites"].to_pylist()]
    most = np.lexsort((np.arange(len(counts)), -np.array(counts, np.int64)))[:shown]
    names = passages.take(pa.array(most)).to_pylist()
    return Related(
        copies=clusters.num_rows - len(pc.unique(clusters["cluster_id"])),
        passages=passages.num_rows,
        clusters=list(zip(sizes["cluster_id"].to_pylist(), sizes["earliest_count"].to_pylist(), strict=True)),
        syndicated=[
            (f"{row['doc_id']}, {row['start']:,} to {row['end']:,}", counts[at] + 1)
            for row, at in zip(names, most.tolist(), strict=True)
        ],
    )
