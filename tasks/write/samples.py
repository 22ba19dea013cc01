"""Published documents as they were before: kept text and removals put together again, for people to look at."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas import DATASETS
from tasks.write.layout import Layout

#: Documents of these sizes (code points before cleaning) are shown: long enough to tell, short enough to be read.
_SIZES = (200, 12_000)

_COLUMNS = {
    "records": ["doc_id", "site", "title", "language", "raw_chars", "text_chars", "text"],
    "removals": ["doc_id", "start", "end", "category", "rule", "score", "text"],
}

#: Documents of a unit among which the samples are chosen.
_CANDIDATES = 500


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the raw text: kept where `category` is None. Blanks around it are not its own.

    `breaks`: whether it starts a line of its own.
    """

    text: str
    category: str | None = None
    rule: str = ""
    score: float = 0.0
    breaks: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """One document before and after."""

    doc_id: str
    site: str
    title: str
    language: str
    raw_chars: int
    text_chars: int
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """What was kept."""
        return "\n".join(piece.text for piece in self.pieces if piece.category is None)

    @property
    def removed_share(self) -> float:
        """Share of the raw text's characters, blanks among them, that is not in the kept text, 0 to 1."""
        return 1 - self.text_chars / max(1, self.raw_chars)


def read_samples(layout: Layout, keys: Sequence[str], count: int) -> list[Sample]:
    """Up to `count` documents of the published units `keys`, of as many sites and categories as can be had.

    The choice depends on the published rows alone. Of each unit the first row group is looked at.
    """
    candidates: dict[tuple[str, str], tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for key in sorted(keys):
        for record, removals in _documents(layout, key):
            candidates[key, record["doc_id"]] = record, removals
    chosen: list[Sample] = []
    sites: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    while candidates and len(chosen) < count:
        # What has been shown least: sites first, then categories; among equals, whatever the hash says.
        best = max(
            candidates,
            key=lambda name: (
                -sites[candidates[name][0]["site"] or ""],
                sum(1 / (1 + categories[found]) for found in _categories(candidates[name][1])),
                _hash(name[1]),
            ),
        )
        record, removals = candidates.pop(best)
        sites[record["site"] or ""] += 1
        categories.update(_categories(removals))
        chosen.append(
            Sample(
                doc_id=record["doc_id"],
                site=record["site"] or "",
                title=record["title"] or "",
                language=record["language"],
                raw_chars=record["raw_chars"],
                text_chars=record["text_chars"],
                pieces=tuple(put_together(record["text"], record["raw_chars"], removals)),
            )
        )
    return chosen


def put_together(text: str, raw_chars: int, removals: Sequence[dict[str, Any]]) -> Iterator[Piece]:
    """The raw text's pieces in order. `removals` are rows of that data set, sorted by `start`.

    Between two removals lies as much of the kept text as there is room for between them. Blanks are not recorded,
    so a short line that follows a removal can come out before it where there was much blank space.
    """
    lines = text.split("\n") if text else []
    at, line = 0, 0
    for row in [*removals, None]:
        room = (row["start"] if row else raw_chars) - at
        taken: list[str] = []
        while line < len(lines) and (row is None or len(lines[line]) <= room):
            room -= len(lines[line]) + 1
            taken.append(lines[line])
            line += 1
        tight = bool(taken) and room < 0  # no room for a line break: the removal goes on in the same line
        if taken:
            yield Piece("\n".join(taken))
        if row:
            yield Piece(row["text"], row["category"], row["rule"], row["score"], breaks=not tight)
            at = row["end"]


def _documents(layout: Layout, key: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Documents of a unit from which something was removed, with their removals."""
    records = _first_group(layout.published("records", key))
    removals = _first_group(layout.published("removals", key))
    ids = records["doc_id"].to_pylist()
    sizes = records["raw_chars"].to_pylist()
    times = Counter(ids)
    with_removals = set(removals["doc_id"].to_pylist())
    if removals.num_rows:
        with_removals.discard(removals["doc_id"][-1].as_py())  # it may go on in the next row group
    if not with_removals and removals.num_rows:
        with_removals.add(removals["doc_id"][-1].as_py())  # the only one there is
    rows = [
        row
        for row, (doc_id, size) in enumerate(zip(ids, sizes, strict=True))
        if doc_id in with_removals and times[doc_id] == 1 and _SIZES[0] <= size <= _SIZES[1]
    ]
    rows = sorted(rows, key=lambda row: _hash(ids[row]))[:_CANDIDATES]
    wanted = removals.filter(
        pc.is_in(removals["doc_id"], value_set=pa.array([ids[row] for row in rows], pa.string()))
    )
    of_document: dict[str, list[dict[str, Any]]] = {}
    for removal in wanted.to_pylist():
        of_document.setdefault(removal["doc_id"], []).append(removal)
    for record in records.take(pa.array(rows, pa.int64())).to_pylist():
        yield record, sorted(of_document[record["doc_id"]], key=lambda removal: removal["start"])


def _first_group(path: Path) -> pa.Table:
    dataset = path.parent.name
    with pq.ParquetFile(path) as file:
        if not file.num_row_groups:
            return DATASETS[dataset].empty_table()
        return file.read_row_group(0, columns=_COLUMNS[dataset])


def _categories(removals: Sequence[dict[str, Any]]) -> set[str]:
    return {row["category"] for row in removals}


def _hash(doc_id: str) -> bytes:
    return blake2b(doc_id.encode("utf-8", "backslashreplace"), digest_size=8).digest()
