"""The memory of sites on disk: replaced as one, and the same after a crash."""

from pathlib import Path

import pyarrow as pa
import pytest

from schemas import DOCUMENTS, REJECTS
from tasks.site_memory import count, merge
from tasks.strip.lines import Lines
from tasks.write import (
    Layout,
    commit_memory,
    finish_ready,
    has_pages,
    load_sites,
    memory_state,
    read_pages,
    remember,
    site_view,
    stage_pages,
)
from tasks.write.memory import memory_folder

DIGEST = "settings"


class Memory:
    """Counts the lines of a world's files: each is a page of the site `courier.example`."""

    def __init__(self, world) -> None:
        self.world, self.layout = world, world.layout
        self.ids = "{name}-{index}"

    def shards(self) -> list:  # type: ignore[type-arg]
        units = self.world.plan(self.ledger)
        return [shard for unit in units for shard in unit.shards]

    @property
    def ledger(self):  # type: ignore[no-untyped-def]
        from tasks.write import load_ledger

        return load_ledger(self.layout)

    def count(self, shards: list) -> None:  # type: ignore[type-arg]
        for shard in shards:
            if has_pages(self.layout, shard, DIGEST):
                continue
            with stage_pages(self.layout, shard, DIGEST) as stage:
                rows = [
                    {
                        "source": piece.source.path,
                        "source_index": piece.first_index,
                        "doc_id": self.ids.format(name=Path(piece.source.path).stem, index=piece.first_index),
                        "site": "courier.example",
                        "text": Path(piece.source.path).read_text(),
                    }
                    for piece in shard.slices
                ]
                documents = pa.Table.from_pylist(rows, DOCUMENTS)
                counts = count(documents, Lines(documents["text"].combine_chunks()))
                lost = {"courier.example": 1}
                stage.add(documents, REJECTS.empty_table(), counts, read_bytes=7, lost=lost)

    def learn(self, full: bool = False) -> str:
        shards = self.shards()
        self.count(shards)
        return remember(self.layout, shards, DIGEST, full, merge)

    def run(self, full: bool = False) -> str:
        digest = self.learn(full)
        commit_memory(self.layout)
        return digest

    def files(self) -> dict[str, bytes]:
        out = self.layout.out
        found = [*out.glob("sites/*"), *out.glob("site_lines/*")]
        return {str(file.relative_to(out)): file.read_bytes() for file in sorted(found)}


@pytest.fixture
def memory(world) -> Memory:
    for name in "abc":
        world.put(name, "Menu", f"Story {name * 3}")
    return Memory(world)


def test_what_is_staged_is_read_as_it_was(memory: Memory) -> None:
    (shard,) = memory.shards()
    memory.count([shard])
    ((documents, rejects, size, lost, share),) = read_pages(memory.layout, shard, DIGEST)
    assert documents["doc_id"].to_pylist() == ["a-0", "b-0", "c-0"]
    assert (rejects.num_rows, size, lost, share) == (0, 7, {"courier.example": 1}, 1.0)


def test_a_run_adds_to_the_memory(memory: Memory) -> None:
    assert memory_state(memory.layout).digest == ""
    digest = memory.run()
    assert memory_state(memory.layout).digest == digest != ""
    sites, lines = load_sites(memory.layout, 1.5)
    assert sites["pages"].to_pylist() == [3]
    assert lines["text"].to_pylist() == ["Menu"]
    view = site_view(memory.layout, "courier.example")
    assert view is not None
    assert [(line.text, line.where, line.first_seen) for line in view.lines] == [("Menu", "top", 1)]
    assert site_view(memory.layout, "other.example") is None


def test_the_order_in_which_shards_are_done_does_not_matter_even_where_ids_are_not_unique(
    memory: Memory,
) -> None:
    memory.world.put("d", "MENU", "Story ddd")
    memory.ids = "one and the same"
    first, second = memory.shards()
    memory.count([first, second])
    one = remember(memory.layout, [first, second], DIGEST, False, merge)
    assert remember(memory.layout, [second, first], DIGEST, False, merge) == one


def test_a_run_that_goes_on_finds_the_memory_of_the_one_that_broke_off(memory: Memory) -> None:
    digest, files = memory.run(), memory.files()
    assert memory.run() == digest
    assert memory.files() == files
    # The broken run had published a part: what is left is a part of what was counted.
    assert remember(memory.layout, memory.shards()[:1], DIGEST, False, merge) == digest


def test_what_is_learnt_is_seen_by_its_run_alone_until_it_is_committed(memory: Memory) -> None:
    committed, files = memory.run(), memory.files()
    memory.world.put("d", "Menu", "Story ddd")
    digest = memory.learn()
    own, others = Layout(memory.layout.out, digest), memory.layout
    assert memory_state(own).digest == digest != committed == memory_state(others).digest
    assert load_sites(own, 1)[0]["pages"].to_pylist() == [pytest.approx(4, rel=0.01)]
    assert load_sites(others, 1)[0]["pages"].to_pylist() == [3]
    assert memory.files() == files

    # Nothing is left of a run that was refused where its page is taken back; else the next one learns the same.
    assert remember(memory.layout, memory.shards()[:0], DIGEST, False, merge) == committed
    commit_memory(memory.layout)
    assert memory.files() == files
    assert memory.learn() == digest
    commit_memory(memory.layout)
    assert memory_state(others).digest == digest


def test_a_memory_that_was_committed_is_moved_by_the_next_run(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Memory(memory.world)
    digest, files = other.run(), other.files()
    for file in files:
        (memory.layout.out / file).unlink()

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("tasks.write.memory.move_memory", crash)
        with pytest.raises(KeyboardInterrupt):
            memory.run()
    assert memory_folder(memory.layout).is_dir()
    assert finish_ready(memory.layout) == 1
    assert memory_state(memory.layout).digest == digest
    assert memory.files() == files


def test_full_counts_anew_and_once(memory: Memory) -> None:
    memory.run()
    memory.world.put("d", "Menu", "Story ddd")
    memory.run()
    assert load_sites(memory.layout, 1.5)[0]["pages"][0].as_py() == pytest.approx(4, rel=0.01)
    digest = memory.run(full=True)
    assert load_sites(memory.layout, 1.5)[0]["pages"].to_pylist() == [4]
    assert memory.run(full=True) == digest


def test_staged_shards_are_those_of_one_memory(memory: Memory) -> None:
    (shard,) = memory.shards()
    one, two = Layout(memory.layout.out, "one"), Layout(memory.layout.out, "two")
    assert one.staged(shard, DIGEST) != two.staged(shard, DIGEST)
    assert one.staged_pages(shard, DIGEST) == two.staged_pages(shard, DIGEST)
