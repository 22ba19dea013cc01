"""Disks that are full or not to be written to, files that change while they are read, clocks that jump: an error that
says so, and nothing half done."""

import errno
import gzip
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.clean_shard import clean_shard
from flows.settings import Settings
from tasks.copies import Relations, relate, sketch
from tasks.ingest import IngestOptions, SourceNotFound, list_sources, plan_units, read_shard
from tasks.write import (
    Layout,
    clear_staging,
    finish_ready,
    load_ledger,
    output_lock,
    plan,
    publish,
    refresh_relations,
    relations_outdated,
)

BODY = "The harbour council met on Tuesday evening to settle the matter of the old ferry landing.\n" * 3


def run(source: Path, out: Path) -> int:
    """The flow without Prefect; returns the number of units published."""
    layout, settings = Layout(out), Settings(shard_bytes=200_000)
    with output_lock(out):
        finish_ready(layout)
        digest = settings.digest()
        cut = partial(plan_units, options=settings.ingest(), shard_bytes=settings.shard_bytes)
        units = plan(list_sources([str(source)]), load_ledger(layout), digest, cut)
        for unit in units:
            for shard in unit.shards:
                clean_shard(shard, settings, layout, digest)
            publish(layout, unit, digest)
        clear_staging(layout)
    return len(units)


def tables(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.glob("*/*.parquet"))}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Two units: texts that do not compress, so that they need room."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for name in "ab":
        noise = "\n".join(f"{name}{i}: {os.urandom(60).hex()} is what it said." for i in range(1200))
        (folder / f"{name}.txt").write_text(BODY + noise)
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 128 KiB, where this may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted: {mounted.stderr.decode().strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def remount(disk: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)


def test_a_full_disk_breaks_nothing_and_room_is_all_it_takes(pages, small_disk, tmp_path) -> None:
    run(pages, tmp_path / "expected")
    out = small_disk / "out"
    with pytest.raises(OSError) as caught:
        run(pages, out)
    assert caught.value.errno == errno.ENOSPC
    for path in out.glob("*/*.parquet"):
        pq.ParquetFile(path).read()
    assert not tables(out).keys() - tables(tmp_path / "expected").keys()
    remount(small_disk, "size=16m")
    run(pages, out)
    assert tables(out) == tables(tmp_path / "expected")
    assert [path.name for path in (out / ".staging").iterdir()] == ["lock"]


def test_a_disk_that_fills_up_while_records_are_compared_breaks_nothing(pages, small_disk, tmp_path) -> None:
    (pages / "c.txt").write_text((pages / "a.txt").read_text())
    run(pages, tmp_path / "expected")
    refresh_relations(Layout(tmp_path / "expected"), sketch, relate)
    remount(small_disk, "size=16m")
    layout, filler = Layout(small_disk / "out"), small_disk / "filler"
    run(pages, layout.out)
    before = tables(layout.out)

    def crowded(sketches: Iterator[pa.RecordBatch], folder: Path) -> Relations:
        with pytest.raises(OSError), filler.open("wb", buffering=0) as rest:
            while True:
                rest.write(bytes(1024))
        return relate(sketches, folder)

    with pytest.raises(OSError) as caught:
        refresh_relations(layout, sketch, crowded)
    assert caught.value.errno == errno.ENOSPC
    assert tables(layout.out) == before
    assert list(layout.temporary.iterdir()) == []
    assert relations_outdated(layout)
    filler.unlink()
    refresh_relations(layout, sketch, relate)
    assert tables(layout.out) == tables(tmp_path / "expected") != before


def test_an_output_that_cannot_be_written_to_says_so(pages, small_disk) -> None:
    remount(small_disk, "ro")
    with pytest.raises(OSError) as caught:
        run(pages, small_disk / "out")
    assert caught.value.errno == errno.EROFS
    assert list(small_disk.iterdir()) == []


def test_a_published_output_on_a_disk_gone_read_only_can_still_be_read(pages, small_disk) -> None:
    remount(small_disk, "size=16m")
    out = small_disk / "out"
    run(pages, out)
    before = tables(out)
    (pages / "c.txt").write_text(BODY)
    remount(small_disk, "ro")
    with pytest.raises(OSError):
        run(pages, out)
    assert tables(out) == before


@pytest.mark.parametrize("jump", [-10 * 365 * 86400, 10 * 365 * 86400], ids=["back", "forward"])
def test_a_clock_that_jumps_changes_nothing(pages, tmp_path, monkeypatch, jump) -> None:
    """What is done is known by the files' own times and sizes, not by when it was done."""
    import time

    run(pages, tmp_path / "out")
    before = tables(tmp_path / "out")
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump)
    assert run(pages, tmp_path / "out") == 0
    assert tables(tmp_path / "out") == before


def test_a_file_changed_without_changing_its_size_is_cleaned_again(pages, tmp_path) -> None:
    run(pages, tmp_path / "out")
    status = (pages / "a.txt").stat()
    (pages / "a.txt").write_text((pages / "a.txt").read_text().replace("Tuesday", "Tuesdaz"))
    os.utime(pages / "a.txt", ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert run(pages, tmp_path / "out") == 1


def test_credentials_in_a_url_are_refused_and_not_repeated() -> None:
    with pytest.raises(SourceNotFound, match="credentials belong into the environment") as caught:
        list_sources(["s3://KEYID:verysecret@bucket/pages"])
    assert "verysecret" not in str(caught.value) and "KEYID" not in str(caught.value)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, if the tests have them."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, in one where only nobody may not write."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


def test_a_file_that_may_not_be_read_is_a_reject_and_the_others_are_cleaned(open_folder) -> None:
    for name in ("a.txt", "b.txt"):
        (open_folder / name).write_text(BODY)
    (open_folder / "a.txt").chmod(0)
    with as_nobody():
        (unit,) = plan_units(list_sources([str(open_folder)]))
        ((documents, rejects),) = read_shard(unit.shards[0])
    assert [Path(source).name for source in documents["source"].to_pylist()] == ["b.txt"]
    (reject,) = rejects.to_pylist()
    assert (Path(reject["source"]).name, reject["reason"]) == ("a.txt", "unreadable")
    assert reject["detail"] == "PermissionError: Permission denied"


def test_a_folder_that_may_not_be_listed_is_a_reject_and_one_not_to_be_written_to_an_error(
    open_folder,
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0)
    with as_nobody():
        (unit,) = plan_units(list_sources([str(open_folder)]))
        ((_, rejects),) = read_shard(unit.shards[0])
        with pytest.raises(PermissionError, match="closed"), output_lock(closed / "out"):
            pass
    (reject,) = rejects.to_pylist()
    assert (Path(reject["source"]).name, reject["reason"]) == ("closed", "unreadable")


LINES = [json.dumps({"id": f"d{n}", "text": f"{n}: {os.urandom(2000).hex()}"}) + "\n" for n in range(200)]


def parquet(path: Path) -> None:
    rows = [json.loads(line) for line in LINES]
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=50)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.jsonl", lambda path: path.write_text("".join(LINES))),
        ("a.jsonl.gz", lambda path: path.write_bytes(b"".join(gzip.compress(x.encode(), 1) for x in LINES))),
        ("a.parquet", parquet),
    ],
)
@pytest.mark.parametrize(
    "change",
    [
        lambda path: os.truncate(path, path.stat().st_size // 2),
        lambda path: os.truncate(path, 0),
        lambda path: path.unlink(),
        lambda path: path.write_bytes(os.urandom(path.stat().st_size)),
        lambda path: path.open("ab").write(b"\n{}" * 1000),
    ],
    ids=["half", "emptied", "gone", "other", "longer"],
)
def test_a_file_that_changes_while_it_is_read_costs_itself_alone(
    tmp_path, name: str, write: Callable[[Path], None], change: Callable[[Path], None]
) -> None:
    write(tmp_path / name)
    (tmp_path / "b.txt").write_text(BODY)
    options = IngestOptions(batch_documents=40)
    seen, reasons = [], set()
    for unit in plan_units(list_sources([str(tmp_path)]), options, shard_bytes=200_000):
        for shard in unit.shards:
            for documents, rejects in read_shard(shard, options):
                if not seen:
                    change(tmp_path / name)
                seen += documents["doc_id"].to_pylist()
                reasons |= set(rejects["reason"].to_pylist())
    ours = [doc_id for doc_id in seen if doc_id.startswith("d") and doc_id[1:].isdigit()]
    assert ours[:40] == [f"d{n}" for n in range(40)]
    assert len(ours) == len(set(ours))
    assert len(seen) - len(ours) <= 1001  # b.txt, which is read whatever becomes of the other
    assert seen[-1] not in ours
    assert reasons <= {"truncated", "malformed", "unreadable", "undecodable", "too_large", "empty"}
