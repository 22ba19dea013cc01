"""A small world for the writer: text files whose lines are documents, and stand-ins for the stages before.

A line that starts with '!' is rejected; ' #' in a line starts what is taken out of it.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from schemas import RECORDS, REJECTS, REMOVALS
from tasks.ingest import Shard, Slice, Source, Unit
from tasks.write import (
    Layout,
    Ledger,
    UnitPlan,
    clear_staging,
    finish_ready,
    load_ledger,
    output_lock,
    plan,
    publish,
    stage_shard,
    staged_counts,
)

DIGEST = "settings"


def sources_in(folder: Path) -> list[Source]:
    files = sorted(folder.glob("*.txt"))
    return [
        Source(str(file), file.stat().st_size, hashlib.md5(file.read_bytes()).hexdigest(), folder.name)
        for file in files
    ]


def cut(sources: Sequence[Source], big_lines: int = 5) -> list[Unit]:
    """A file of so many lines is a unit of shards of two lines; the others go into packs of three."""
    units, pack = [], []
    for source in sources:
        name = Path(source.path).stem
        lines = len(Path(source.path).read_text().splitlines())
        if lines >= big_lines:
            slices = [Slice(source, at, min(at + 2, lines), at) for at in range(0, lines, 2)]
            shards = tuple(Shard(f"{name}-{i}", name, i, (piece,), size=0) for i, piece in enumerate(slices))
            units.append(Unit(name, shards, (source,)))
        else:
            pack.append(source)
    for at in range(0, len(pack), 3):
        members = tuple(pack[at : at + 3])
        key = f"pack-{Path(members[0].path).stem}"
        shard = Shard(key, key, 0, tuple(map(Slice, members)), size=0)
        units.append(Unit(key, (shard,), members))
    return units


def tables_of(source: Source, lines: list[str], first: int) -> tuple[pa.Table, pa.Table, pa.Table]:
    """What the stages before would hand over: records, removals, rejects."""
    records, removals, rejects = [], [], []
    for index, line in enumerate(lines, first):
        doc_id = f"{Path(source.path).stem}:{index}"
        if line.startswith("!"):
            rejects.append(
                {
                    "source": source.path,
                    "source_index": index,
                    "doc_id": doc_id,
                    "reason": "empty",
                    "raw": b"!",
                }
            )
            continue
        text, _, noise = line.partition(" #")
        if noise:
            span = {"start": len(text) + 1, "end": len(line), "text": "#" + noise}
            removals.append(
                {
                    "doc_id": doc_id,
                    **span,
                    "category": "link_list",
                    "rule": "t",
                    "score": 1.0,
                    "document": len(records),
                }
            )
        records.append(
            {
                "doc_id": doc_id,
                "source": source.path,
                "source_index": index,
                "site": "example.org",
                "text": text,
                "language": "en",
                "language_confidence": "high",
                "raw_chars": len(line),
                "removed_chars": len(noise) + 1 if noise else 0,
            }
        )
    return (
        pa.Table.from_pylist(records, RECORDS.append(pa.field("removed_chars", pa.int32()))),
        pa.Table.from_pylist(removals, REMOVALS.append(pa.field("document", pa.int32()))),
        pa.Table.from_pylist(rejects, REJECTS),
    )


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a power cut could tell the difference, and none is tested here."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


class World:
    """A folder of inputs and an output, with a run over them as the flow does it."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "in"
        self.source.mkdir()
        self.layout = Layout(folder / "out")
        self.cleaned: list[str] = []
        self.tables_of = tables_of

    def put(self, name: str, *lines: str) -> None:
        (self.source / f"{name}.txt").write_text("\n".join(lines))

    def stage(self, shard: Shard, digest: str = DIGEST) -> None:
        if staged_counts(self.layout, shard, digest) is not None:
            return
        with stage_shard(self.layout, shard, digest) as stage:
            for piece in shard.slices:
                lines = Path(piece.source.path).read_text().splitlines()[piece.start : piece.stop]
                self.cleaned.append(f"{Path(piece.source.path).stem}:{piece.first_index}")
                records, removals, rejects = self.tables_of(piece.source, lines, piece.first_index)
                stage.add(records, removals, rejects, read=len(lines), read_bytes=sum(map(len, lines)))

    def run(self, full: bool = False, digest: str = DIGEST) -> list[str]:
        """Clean what is new; return what was cleaned, as file:first document."""
        self.cleaned = []
        with output_lock(self.layout.out):
            finish_ready(self.layout)
            ledger = load_ledger(self.layout)
            for unit in self.plan(ledger, digest, full):
                for shard in unit.shards:
                    self.stage(shard, digest)
                publish(self.layout, unit, digest)
            clear_staging(self.layout)
        return self.cleaned

    def plan(self, ledger: Ledger, digest: str = DIGEST, full: bool = False) -> list[UnitPlan]:
        return plan(sources_in(self.source), ledger, digest, cut, full)

    def published(self) -> dict[str, bytes]:
        """Every file of the output with its bytes, the lock aside."""
        out = self.layout.out
        return {
            str(file.relative_to(out)): file.read_bytes()
            for file in sorted(out.rglob("*"))
            if file.is_file() and file != self.layout.lock
        }


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def filled(world: World) -> World:
    """Two packs and one big file of three shards, with removals, rejects and an empty file."""
    world.put("a", "alpha one #menu", "alpha two")
    world.put("b", "!", "beta #share", "beta #tags")
    world.put("c")
    world.put("d", "delta")
    world.put("big", "b0 #x", "b1", "!", "b3 #y", "b4")
    return world
