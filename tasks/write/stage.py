"""A shard's cleaned tables on their way to a finished folder in the staging area."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tasks.blanks import non_blank
from tasks.place import place_id
from tasks.write.check import OutputError, check_records, check_rejects, check_removals, conform
from tasks.write.counts import ShardCounts, SiteCounts, SourceCounts
from tasks.write.durable import new_folder
from tasks.write.layout import Layout
from tasks.write.ledger import UNREAD, source_fingerprint
from tasks.write.tables import TableWriter

if TYPE_CHECKING:
    from tasks.ingest import Shard

_Numbers = npt.NDArray[np.int64]

#: Rejects of a whole file (they have no source_index) for these reasons leave nothing unread.
_WHOLE = pa.array(["empty", "unsupported"])
_BREAKS = pa.array(["truncated", "unreadable"])


class Stage:
    """Takes a shard's batches, in the order in which they were read, and writes and counts them."""

    def __init__(self, folder: Path, shard: "Shard", digest: str) -> None:
        self.counts = ShardCounts()
        by_path: dict[str, SourceCounts] = {}
        for source in (piece.source for piece in shard.slices):
            fingerprint = source_fingerprint(source.fingerprint, digest)
            if source.path not in by_path:
                counts = SourceCounts(source.path, source.size, fingerprint, place=place_id(source.path))
                by_path[source.path] = counts
        self.counts.sources = list(by_path.values())
        self._paths = pa.array(list(by_path), pa.string())
        self._last: dict[str, tuple[int, int]] = {}
        with ExitStack() as opened:
            self._writers = {
                dataset: opened.enter_context(TableWriter(folder / f"{dataset}.parquet", dataset))
                for dataset in ("records", "removals", "rejects")
            }
            self._closing = opened.pop_all()

    def add(
        self,
        records: pa.Table,
        removals: pa.Table,
        rejects: pa.Table,
        *,
        read: int,
        read_bytes: int,
        lost: Mapping[str, int] | None = None,
    ) -> None:
        """Append a batch.

        records: the columns of schemas.RECORDS and `removed_chars`, one row a kept document.
        removals: the columns of schemas.REMOVALS and `document`, the row in `records`; sorted by both.
        rejects: the columns of schemas.REJECTS, in any order.
        read: documents that the batch had when it was read, those already rejected included.
        read_bytes: bytes of text read, for the counts alone.
        lost: documents of each site of which nothing could be kept, for the counts alone.

        Raises OutputError when a document is missing or there twice, or a value breaks the schema.
        """
        if records.num_rows + rejects.num_rows != read:
            raise OutputError(
                f"{read} documents were read, but {records.num_rows} records "
                f"and {rejects.num_rows} rejects came out"
            )
        if "removed_chars" not in records.column_names or "document" not in removals.column_names:
            raise OutputError("the strip stage must give removed_chars for records and document for removals")
        removed, row = records["removed_chars"], removals["document"]
        records, removals, rejects = (
            conform(table, name)
            for name, table in (("records", records), ("removals", removals), ("rejects", rejects))
        )
        check_records(records, removed)
        check_removals(removals, row, records)
        check_rejects(rejects)

        position = self._position(records, "records")
        self._in_order(position, records, "records")
        rejects, rejected = self._sorted(rejects)
        self._in_order(rejected, rejects, "rejects")

        self._writers["records"].write(records)
        self._writers["removals"].write(removals)
        self._writers["rejects"].write(rejects)

        self.counts.totals.records += records.num_rows
        self.counts.totals.rejects += rejects.num_rows
        self.counts.totals.read_bytes += read_bytes
        self._count_records(records, position, removed)
        self._count_removals(removals, position, row)
        self._count_rejects(rejects, rejected)
        for site, number in (lost or {}).items():
            self.counts.totals.add_site(site, SiteCounts(lost=number))

    def finish(self) -> None:
        """Complete the files."""
        self._closing.close()

    def abandon(self, error: Exception) -> None:
        """Close the files without completing them."""
        self._closing.__exit__(type(error), error, error.__traceback__)

    def _position(self, table: pa.Table, dataset: str) -> _Numbers:
        """The place of each row's source in the shard."""
        position = pc.index_in(table["source"], value_set=self._paths)
        if position.null_count:
            stranger = table["source"].filter(pc.is_null(position))[0].as_py()
            raise OutputError(f"{dataset}: {stranger!r} is not a source of this shard")
        return np.asarray(position, np.int64)

    def _sorted(self, rejects: pa.Table) -> tuple[pa.Table, _Numbers]:
        """Rejects in the order of the input: several stages gave them, one after the other."""
        position = self._position(rejects, "rejects")
        index = _order_index(rejects)
        order = np.lexsort((index, position))
        return rejects.take(pa.array(order)), position[order]

    def _in_order(self, position: _Numbers, table: pa.Table, dataset: str) -> None:
        """Each document comes once, and a file's rows lie together: assembly relies on it."""
        if not len(position):
            return
        index = _order_index(table)
        previous = self._last.get(dataset, (-1, -1))
        before_position = np.concatenate([[previous[0]], position[:-1]])
        before_index = np.concatenate([[previous[1]], index[:-1]])
        forward = (position > before_position) | ((position == before_position) & (index > before_index))
        # A file itself (no index) may be rejected for more than one reason.
        forward |= (position == before_position) & (index == _WHOLE_FILE) & (before_index == _WHOLE_FILE)
        if not forward.all():
            row = int(np.argmin(forward))
            raise OutputError(
                f"{dataset}: document {table['source_index'][row]} of {table['source'][row]} "
                "comes twice or out of order"
            )
        self._last[dataset] = (int(position[-1]), int(index[-1]))

    def _count_records(self, records: pa.Table, position: _Numbers, removed: pa.ChunkedArray) -> None:
        removed_chars = removed.to_numpy().astype(np.int64)
        totals, size = self.counts.totals, len(self.counts.sources)
        kept = np.bincount(position, minlength=size)
        lost = np.zeros(size, np.int64)
        np.add.at(lost, position, removed_chars)
        for number in np.flatnonzero(kept):
            self.counts.sources[number].records += int(kept[number])
            self.counts.sources[number].removed_chars += int(lost[number])
        totals.removed_chars += int(removed_chars.sum())
        totals.raw_chars += pc.sum(records["raw_chars"]).as_py() or 0
        _tally(totals.languages, records["language"])
        by_site = pa.table({"site": records["site"], "raw": records["raw_chars"], "removed": removed})
        sums = by_site.group_by("site", use_threads=False).aggregate(
            [("site", "count", pc.CountOptions(mode="all")), ("raw", "sum"), ("removed", "sum")]
        )
        for site in sums.to_pylist():
            counts = SiteCounts(site["site_count"], site["raw_sum"] or 0, site["removed_sum"] or 0)
            totals.add_site(site["site"] or "", counts)
        mix = pa.table({"site": records["site"], "language": records["language"]})
        for found in (
            mix.group_by(["site", "language"], use_threads=False).aggregate([([], "count_all")]).to_pylist()
        ):
            totals.sites[found["site"] or ""].languages[found["language"]] += found["count_all"]

    def _count_removals(self, removals: pa.Table, position: _Numbers, row: pa.ChunkedArray) -> None:
        if not removals.num_rows:
            return
        owners = np.bincount(position[row.to_numpy()], minlength=len(self.counts.sources))
        for number in np.flatnonzero(owners):
            self.counts.sources[number].removals += int(owners[number])
        sums = pa.table({"category": removals["category"], "chars": non_blank(removals["text"])})
        by_category = sums.group_by("category", use_threads=False).aggregate([("chars", "sum")])
        for found in by_category.to_pylist():
            self.counts.totals.categories[found["category"]] += found["chars_sum"]

    def _count_rejects(self, rejects: pa.Table, position: _Numbers) -> None:
        sources = self.counts.sources
        for number in position.tolist():
            sources[number].rejects += 1
        _tally(self.counts.totals.reasons, rejects["reason"])
        whole = pc.and_(
            pc.is_null(rejects["source_index"]), pc.invert(pc.is_in(rejects["reason"], value_set=_WHOLE))
        )
        broken = pc.or_(whole, pc.is_in(rejects["reason"], value_set=_BREAKS))
        for row in np.flatnonzero(broken.to_numpy()).tolist():
            source, reason = sources[position[row]], rejects["reason"][row].as_py()
            source.status = "partial"
            source.detail = f"{reason}: {rejects['detail'][row].as_py() or 'no detail'}"
            if reason == "unreadable":
                source.fingerprint = UNREAD


@contextmanager
def stage_shard(layout: Layout, shard: "Shard", digest: str) -> Iterator[Stage]:
    """Open a shard's stage; on leaving without an error the shard is staged, else nothing is.

    `digest` stands for the settings that shape the output.
    """
    with new_folder(layout.staged(shard, digest), layout.temporary) as folder:
        stage = Stage(folder, shard, digest)
        try:
            yield stage
            stage.finish()
        except Exception as error:
            stage.abandon(error)
            raise
        (folder / "counts.json").write_text(stage.counts.to_json(), encoding="utf-8")


def staged_counts(layout: Layout, shard: "Shard", digest: str) -> ShardCounts | None:
    """The counts of a shard that is staged already, else None."""
    try:
        return ShardCounts.from_json((layout.staged(shard, digest) / "counts.json").read_bytes())
    except FileNotFoundError:
        return None


#: Stands for "the file itself" where a null index has to be compared; sorts after a file's documents.
_WHOLE_FILE = np.iinfo(np.int64).max


def _order_index(table: pa.Table) -> _Numbers:
    index = pc.fill_null(table["source_index"], int(_WHOLE_FILE))
    return np.asarray(index, np.int64)


def _tally(counter: "dict[str, int]", column: pa.ChunkedArray) -> None:
    for entry in pc.value_counts(column).to_pylist():
        counter[entry["values"]] = counter.get(entry["values"], 0) + entry["counts"]
