"""A full run, server, workers and all, with 1.5 GB of memory between them, over files that would like more."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.dataset as ds
import pytest

ROOT = Path(__file__).parents[2]
LIMIT = 1_500_000_000
GROUPS = Path("/sys/fs/cgroup")


@pytest.fixture
def limited() -> Iterator[Path]:
    """A control group with the limit; what goes beyond is killed."""
    first_version = (GROUPS / "memory").is_dir()
    group = (GROUPS / "memory" if first_version else GROUPS) / f"wirebrush-{os.getpid()}"
    try:
        group.mkdir()
        (group / ("memory.limit_in_bytes" if first_version else "memory.max")).write_text(str(LIMIT))
    except OSError as error:
        if group.is_dir():
            group.rmdir()
        pytest.skip(f"no control group with a limit on memory can be made: {error}")
    yield group
    group.rmdir()


def hungry(folder: Path) -> None:
    """One line of 2 GB, a text of a million lines, one line of 15 MB, a bomb, and 40 pages of HTML among good texts."""
    folder.mkdir()
    with (folder / "line.jsonl").open("wb") as file:
        file.write(b'{"text": "')
        file.seek(2 << 30, os.SEEK_CUR)
        file.write(b'"}\n' + json.dumps({"text": BODY}).encode())
    (folder / "lines.txt").write_text("x\n" * 1_000_000)
    (folder / "long.txt").write_text("word " * 3_000_000)
    (folder / "bomb.jsonl.gz").write_bytes(gzip.compress(b"\0" * (256 << 20)))
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY.splitlines())
    for number in range(40):
        (folder / f"{number}.html").write_text(f"<html><body><article>{paragraphs}</article></body></html>")


BODY = (
    "The harbour council met on Tuesday evening to settle the matter of the old ferry landing.\n"
    "Residents had asked for a crossing that runs until midnight, at least during the summer months.\n"
    "The mayor said that the money had been found, and that work would begin before the autumn.\n"
)


def test_a_run_over_hungry_files_stays_within_its_memory(limited, tmp_path) -> None:
    hungry(tmp_path / "in")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "flows", "clean", str(tmp_path / "in"), "--output", str(out)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PREFECT_HOME": str(tmp_path / "prefect")}
    enter = f'echo $$ > {limited}/cgroup.procs && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", enter, "sh", *command, "--workers", "2"], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    rejects = {
        (Path(row["source"]).name, row["reason"])
        for row in ds.dataset(out / "rejects").to_table().to_pylist()
    }
    assert {
        ("line.jsonl", "too_large"),
        ("lines.txt", "too_large"),
        ("bomb.jsonl.gz", "too_large"),
    } <= rejects
    assert ds.dataset(out / "records").count_rows() + len(rejects) == 45
