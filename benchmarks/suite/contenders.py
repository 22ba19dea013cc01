"""What is measured, each in a process of its own: `python contenders.py NAME FILE FOLDER`.

Prints one line of JSON: pages, octets (of text or HTML), seconds (of processor time, children's included),
wall seconds, peak memory in MiB, seconds to get ready, and for Wirebrush the seconds of each stage.
"""

import gzip
import io
import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

Work = Callable[[Path, Path], "dict[str, float] | None"]


def records(path: Path) -> Iterator[dict[str, Any]]:
    import orjson

    with gzip.open(path, "rb") as file:
        for line in file:
            yield orjson.loads(line)


def copy(path: Path, out: Path) -> None:
    """The floor: gunzip, parse, Arrow, Parquet in zstd."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("id", pa.string()), ("url", pa.string()), ("text", pa.string())])
    with pq.ParquetWriter(out / "copy.parquet", schema, compression="zstd") as writer:
        rows = records(path)
        while batch := list(islice(rows, 512)):
            writer.write_table(pa.Table.from_pylist(batch, schema))


def wirebrush(extractor: str) -> Work:
    """Both passes from reading to staged Parquet, without Prefect; the time of each stage beside it."""

    def work(path: Path, out: Path) -> dict[str, float]:
        from flows import clean_shard as glue
        from flows.settings import Settings
        from tasks import write
        from tasks.ingest import list_sources, plan_units
        from tasks.site_memory import merge
        from tasks.write.pages import PageStage
        from tasks.write.stage import Stage

        spent: dict[str, float] = {}
        replaced = []
        for place, name, stage in (
            (glue, "read_shard", "read"),
            (glue, "extract", "extract"),
            (glue, "Lines", "count lines"),
            (glue, "count", "count lines"),
            (PageStage, "add", "keep for the second pass"),
            (glue, "read_pages", "read back"),
            (glue, "strip_batch", "strip"),
            (glue, "detect_batch", "language"),
            (glue, "measure", "quality"),
            (Stage, "add", "write"),
            (Stage, "finish", "write"),
        ):
            original = getattr(place, name)
            replaced.append((place, name, original))
            timed = _timed_steps if name in ("read_shard", "read_pages") else _timed
            setattr(place, name, timed(stage, spent, original))
        try:
            settings, layout = Settings(extractor=extractor), write.Layout(out)  # type: ignore[arg-type]
            units = plan_units(list_sources([str(path)]), settings.ingest())
            shards = [shard for unit in units for shard in unit.shards]
            for shard in shards:
                glue.read_and_count(shard, settings, layout, "benchmark")
            known = _timed("site memory", spent, write.remember)(layout, shards, "benchmark", False, merge)
            for shard in shards:
                glue.clean_shard(shard, settings, replace(layout, memory=known), "benchmark")
        finally:
            for place, name, original in replaced:
                setattr(place, name, original)
        return spent

    return work


def _timed(stage: str, spent: dict[str, float], call: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*args: Any, **options: Any) -> Any:
        started = processor_seconds()
        try:
            return call(*args, **options)
        finally:
            spent[stage] = spent.get(stage, 0.0) + processor_seconds() - started

    return timed


def _timed_steps(stage: str, spent: dict[str, float], call: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*args: Any) -> Iterator[Any]:
        step = _timed(stage, spent, call(*args).__next__)
        while True:
            try:
                yield step()
            except StopIteration:
                return

    return timed


def langdetect(path: Path, out: Path) -> None:
    """One call of langdetect a page."""
    from langdetect import DetectorFactory, detect

    DetectorFactory.seed = 0
    for record in records(path):
        detect(record["text"])


def trafilatura(path: Path, out: Path) -> None:
    """One call of trafilatura a page, metadata included, as Wirebrush asks it."""
    import trafilatura as library

    for record in records(path):
        library.bare_extraction(record["html"], url=record["url"], include_comments=False, with_metadata=True)


def resiliparse(path: Path, out: Path) -> None:
    """One call of resiliparse a page."""
    from resiliparse.extract.html2text import extract_plain_text

    for record in records(path):
        extract_plain_text(record["html"], main_content=True, comments=False)


def datatrove(*filters: str) -> Work:
    """datatrove's reader, its filters of these names, and its Parquet writer, in one process."""

    def work(path: Path, out: Path) -> None:
        import datatrove.pipeline.filters as known
        from datatrove.pipeline.readers import JsonlReader
        from datatrove.pipeline.writers import ParquetWriter

        steps = [
            JsonlReader(str(path.parent), glob_pattern=path.name, compression="gzip", doc_progress=False),
            *(getattr(known, name)() for name in filters),
            ParquetWriter(str(out), compression="zstd"),
        ]
        data: Any = None
        for step in steps:
            data = step.run(data, 0, 1)
        for _ in data:
            pass

    return work


CONTENDERS: dict[str, Work] = {
    "copy": copy,
    "wirebrush": wirebrush("trafilatura"),
    "wirebrush-resiliparse": wirebrush("resiliparse"),
    "langdetect": langdetect,
    "trafilatura": trafilatura,
    "resiliparse": resiliparse,
    "datatrove-copy": datatrove(),
    "datatrove-c4": datatrove("C4QualityFilter"),
}


def processor_seconds() -> float:
    """Of this process and all its descendants; where /proc is missing, wall time."""
    if not Path("/proc/self/stat").exists():
        return time.perf_counter()
    waiting = list(_children(os.getpid()))
    total = time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    while waiting:
        pid = waiting.pop()
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended, and its parent counts it
        waiting += _children(pid)
        total += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return total


def _children(pid: int) -> Iterator[int]:
    """Processes that any thread of a process has started."""
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            yield from map(int, listed.read_text().split())
        except OSError:
            continue


def _peak() -> int:
    """Peak resident memory of this process or the largest child, in MiB."""
    unit = 1 if sys.platform == "darwin" else 1024
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in whose) * unit >> 20


def main(name: str, path: Path, folder: Path) -> None:
    work = CONTENDERS[name]
    with gzip.open(path, "rb") as file:
        head = list(islice(file, 8))
    warm = folder / "warm.jsonl.gz"
    warm.write_bytes(gzip.compress(b"".join(head)))
    spoken = sys.stdout
    sys.stdout = io.StringIO()  # what the contender has to say would stand beside the result
    started = processor_seconds()
    _run(work, warm, folder / "warm")
    ready = processor_seconds()
    wall = time.perf_counter()
    spent = _run(work, path, folder / "out")
    seconds, wall = processor_seconds() - ready, time.perf_counter() - wall
    bodies = [record.get("text") or record["html"] for record in records(path)]
    result = {
        "pages": len(bodies),
        "octets": sum(len(body.encode()) for body in bodies),
        "seconds": seconds,
        "wall": wall,
        "ready": ready - started,
        "peak": _peak(),
        "stages": spent or {},
    }
    print(json.dumps(result), file=spoken)


def _run(work: Work, path: Path, out: Path) -> dict[str, float] | None:
    out.mkdir(parents=True)
    try:
        return work(path, out)
    finally:
        shutil.rmtree(out, ignore_errors=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
