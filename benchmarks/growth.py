"""How a run grows with its work: `python benchmarks/growth.py [PAGES ...] [--kind short] [--files 100]`.

For each number of pages a corpus is made up and cleaned in a process of its own, by one worker and as users do, with
Prefect, site memory and copies; then once more, which finds nothing to do. Seconds are those of a clock, from the flow's
first step to its last, without Prefect's start; memory is that of the largest process.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from suite import corpus

from tasks.ingest import SHARD_BYTES

#: Steps of flows.clean_corpus whose time is taken, and what they are called.
STEPS = {
    "list_sources": "plan",
    "plan": "plan",
    "learn_sites": "read and count",
    "publish": "publish",
    "refresh_relations": "copies",
    "show": "report",
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=int, nargs="*", default=[10_000, 100_000], metavar="PAGES")
    parser.add_argument("--kind", choices=[*corpus.KINDS], default="short")
    parser.add_argument(
        "--files", type=int, default=100, help="files that the pages are spread over (default 100)"
    )
    parser.add_argument(
        "--workers", type=int, nargs="*", default=[1], help="runs with so many worker processes"
    )
    parser.add_argument(
        "--folder", type=Path, help="where to put corpus and output (default: a temporary folder)"
    )
    parser.add_argument(
        "--shard-bytes",
        type=int,
        default=SHARD_BYTES,
        help="size of a shard, as for wirebrush clean; more workers than shards are of no use",
    )
    parser.add_argument("--run", type=Path, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(run(*options.run, options.workers[0], options.shard_bytes)))
        return 0
    names = ["total", *dict.fromkeys(STEPS.values()), "nothing to do"]
    print("| pages | workers | pages/s | " + " | ".join(f"{name} s" for name in names) + " | peak MiB |")
    print("| ---: " * (len(names) + 4) + "|")
    for pages in options.pages:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            source = Path(folder) / "in"
            write(source, options.kind, pages, options.files)
            for workers in options.workers:
                out = Path(folder) / f"out-{workers}"
                first, again = (measured(source, out, workers, options.shard_bytes) for _ in range(2))
                first["nothing to do"] = again["total"]
                seconds = " | ".join(f"{first.get(name, 0):,.1f}" for name in names)
                speed = f"{pages / first['total']:,.0f}"
                print(f"| {pages:,} | {workers} | {speed} | {seconds} | {first['peak']:,} |", flush=True)
    return 0


def write(folder: Path, kind: str, pages: int, files: int) -> None:
    """The pages as JSONL.gz files, each of other pages."""
    folder.mkdir()
    each = -(-pages // files)
    for number in range(files):
        count = min(each, pages - number * each)
        if count > 0:
            corpus.write_text(folder / f"{number:05}.jsonl.gz", kind, count, seed=number + 1)


def measured(source: Path, out: Path, workers: int, shard_bytes: int) -> dict[str, Any]:
    """One run in a process of its own."""
    command = [sys.executable, __file__, "--run", str(source), str(out), "--workers", str(workers)]
    command += ["--shard-bytes", str(shard_bytes)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def run(source: Path, out: Path, workers: int, shard_bytes: int) -> dict[str, float]:
    """Clean, and return the seconds of each step and the peak memory in MiB."""
    from flows.run import RUN_PREFECT, run_clean
    from flows.settings import Runner, Settings

    for name, value in RUN_PREFECT.items():  # before Prefect is imported
        os.environ.setdefault(name, value)
    from flows import clean_corpus as module

    spent: dict[str, float] = {}
    for name, step in STEPS.items():
        setattr(module, name, _timed(step, spent, getattr(module, name)))
    runner: Runner = "process" if workers > 1 else "thread"
    settings = Settings(workers=workers, runner=runner, shard_bytes=shard_bytes)
    if run_clean([str(source)], out, settings):
        raise SystemExit("the run failed")
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    peak = max(resource.getrusage(each).ru_maxrss for each in who) // unit
    return spent | {"total": spent["end"] - spent["begin"], "peak": peak}


def _timed(step: str, spent: dict[str, float], call: Callable[..., Any]) -> Callable[..., Any]:
    def timed(*args: Any, **options: Any) -> Any:
        started = time.perf_counter()
        spent.setdefault("begin", started)
        try:
            return call(*args, **options)
        finally:
            spent["end"] = time.perf_counter()
            spent[step] = spent.get(step, 0.0) + spent["end"] - started

    return timed


if __name__ == "__main__":
    sys.exit(main())
