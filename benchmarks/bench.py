"""Wirebrush beside other tools, on the same pages in the same run: `python benchmarks/bench.py` (make bench).

Each contender is a process of its own, one after the other, for several rounds; the median counts. What is not
installed is left out: `pip install 'wirebrush[bench]'` brings datatrove, or name an interpreter that has it
with --datatrove. Speed is in pages for each second of processor time, so that other work on the machine
matters less; libraries that would start threads of their own are told not to.

With --write the tables go into docs/performance.md, between its marks.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from suite import corpus
from suite.contenders import records

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs/performance.md"
CONTENDER = Path(__file__).parent / "suite/contenders.py"
#: Contenders on text and on HTML, the floor and what is compared with first.
ON_TEXT = ("copy", "wirebrush", "datatrove-copy", "datatrove-c4", "langdetect")
ON_HTML = ("trafilatura", "wirebrush", "resiliparse", "wirebrush-resiliparse")
#: Tools that need a second or more for a hundred pages see a part of the corpus.
SLOW = {"langdetect": 150, "datatrove-c4": 300}
HTML_PAGES = 400
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_DEFAULT_THREADS")

Result = dict[str, Any]


def measure(name: str, path: Path, python: str) -> Result:
    """One run of a contender in a process of its own; {"missing": why} where it does not run."""
    environment = os.environ | dict.fromkeys(_ONE_THREAD, "1")
    with tempfile.TemporaryDirectory() as folder:
        command = [python, str(CONTENDER), name, str(path), folder]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"missing": (done.stderr.strip().splitlines() or ["no message"])[-1][:100]}
    result: Result = json.loads(done.stdout)
    return result


def rounds(names: Iterable[str], files: dict[str, Path], count: int, datatrove: str) -> dict[str, Result]:
    """Medians of each contender over the rounds. `files` names a part of the corpus for some of them."""
    runs: dict[str, list[Result]] = {name: [] for name in names}
    for _ in range(count):
        for name, results in runs.items():
            if results and "missing" in results[-1]:
                continue
            python = datatrove if name.startswith("datatrove") else sys.executable
            results.append(measure(name, files.get(name, files[""]), python))
            print(f"  {name}: {_said(results[-1])}", file=sys.stderr, flush=True)
    return {name: median(results) for name, results in runs.items()}


def _said(result: Result) -> str:
    if "missing" in result:
        return f"left out ({result['missing']})"
    return f"{result['pages'] / result['seconds']:,.0f} pages/s, {result['peak']:,} MiB"


def median(results: list[Result]) -> Result:
    """The run whose speed is the median, with the spread of all."""
    if "missing" in results[-1]:
        return results[-1]
    ordered = sorted(results, key=lambda result: result["seconds"])
    middle = ordered[len(ordered) // 2]
    times = [result["seconds"] for result in ordered]
    return middle | {"spread": (times[-1] - times[0]) / statistics.median(times)}


def table(results: dict[str, Result], base: str) -> str:
    """Speeds, ratios to `base` and peaks."""
    lines = [
        f"| | pages/s | MB/s | times {base} | ms a page | spread | peak MiB | start s |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    reference = results.get(base, {})
    for name, found in results.items():
        if "missing" in found:
            lines.append(f"| {name} | not installed | | | | | | |")
            continue
        speed = found["pages"] / found["seconds"]
        ratio = f"{speed * reference['seconds'] / reference['pages']:.2f}" if "seconds" in reference else ""
        lines.append(
            f"| {name} | {speed:,.0f} | {found['octets'] / found['seconds'] / 1e6:.1f} | {ratio} "
            f"| {1000 / speed:.3f} | {found['spread']:.0%} | {found['peak']:,} | {found['ready']:.1f} |"
        )
    return "\n".join(lines)


def stages(results: dict[str, Result]) -> str:
    """Milliseconds a page of each of Wirebrush's stages, a column a corpus."""
    found = {kind: result for kind, result in results.items() if result.get("stages")}
    names = list(dict.fromkeys(name for result in found.values() for name in result["stages"]))
    lines = [f"| ms a page | {' | '.join(found)} |", f"| --- |{' ---: |' * len(found)}"]
    for name in [*names, "rest"]:
        cells = []
        for result in found.values():
            spent = result["stages"].get(name, 0.0)
            if name == "rest":
                spent = result["seconds"] - sum(result["stages"].values())
            cells.append(f"{1000 * spent / result['pages']:.3f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def part_of(path: Path, pages: int, folder: Path) -> Path:
    """The first pages of a corpus, for what is slow."""
    import gzip
    from itertools import islice

    target = folder / f"first-{pages}-{path.name}"
    with gzip.open(path, "rb") as file:
        target.write_bytes(gzip.compress(b"".join(islice(file, pages))))
    return target


def run(options: argparse.Namespace, folder: Path) -> str:
    """All tables, as Markdown."""
    parts = [
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {options.rounds} rounds."
    ]
    ours: dict[str, Result] = {}
    texts, html = {}, None
    if options.corpus:
        given = Path(options.corpus).resolve()
        if next(records(given), {}).get("html"):
            html = given
        else:
            texts["given"] = given
    for kind, (pages, _, _) in corpus.KINDS.items() if not options.corpus else ():
        texts[kind] = folder / f"{kind}.jsonl.gz"
        corpus.write_text(texts[kind], kind, max(8, int(pages * options.scale)), options.seed)
    for kind, path in texts.items():
        print(kind, file=sys.stderr)
        files = {"": path} | {name: part_of(path, pages, folder) for name, pages in SLOW.items()}
        found = rounds(ON_TEXT, files, options.rounds, options.datatrove)
        ours[kind] = found["wirebrush"]
        parts += [f"### Text, {kind}", table(found, "copy")]
    if not options.corpus:
        html = folder / "html.jsonl.gz"
        corpus.write_html(html, max(8, int(HTML_PAGES * options.scale)), options.seed)
    if html:
        print("html", file=sys.stderr)
        found = rounds(ON_HTML, {"": html}, options.rounds, options.datatrove)
        ours["html"], ours["html, resiliparse"] = found["wirebrush"], found["wirebrush-resiliparse"]
        parts += ["### HTML", table(found, "trafilatura")]
    parts += ["### Where Wirebrush's time goes", stages(ours)]
    return "\n\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", nargs="?", help="a JSONL.gz with id, url and text, or html, to measure on")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="how much of the invented corpus (default 1)"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--datatrove", default=sys.executable, help="an interpreter that has datatrove and orjson"
    )
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tables = run(options, Path(folder))
    print(tables)
    if options.write:
        text = REPORT.read_text(encoding="utf-8")
        marked = re.compile(r"(<!-- measured: [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)
        REPORT.write_text(marked.sub(lambda m: f"{m[1]}\n{tables}\n\n{m[2]}", text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
