"""Two hundred nights in a quarter of an hour: `python tests/faults/soak.py --runs 200` from the checkout.

Each run finds what was added to its source since the last one, in a process of its own as a worker starts it, and
every tenth is killed in the middle. The server has the settings of `wirebrush up`; after each run its database is made
a day older, and it forgets what is older than a month. Reported are the means of the second and of the last quarter:
what keeps growing, other than the output itself, shows there.
"""

import argparse
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from flows.operate.options import UpOptions  # noqa: E402
from tests.faults import kills  # noqa: E402

#: The server looks every few seconds for what is too old, not every hour.
OFTEN = {"PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS": "5"}
#: Where the database says when something happened.
TIMES = {
    "flow_run": ("end_time", "start_time", "expected_start_time", "created", "updated"),
    "task_run": ("end_time", "start_time", "expected_start_time", "created", "updated"),
    "log": ("timestamp", "created"),
    "artifact": ("created", "updated"),
    "events": ("occurred", "received"),
    "event_resources": ("occurred",),
}


class Measured(NamedTuple):
    """Of a run: seconds, peak memory of its process, files in the staging area; then bytes and runs in the database."""

    seconds: float
    memory: int
    strays: int
    database: int
    flow_runs: int


def soak(folder: Path, runs: int, chance: random.Random) -> Iterator[Measured | None]:
    """The measures of each run; None for one that was killed."""
    source, out = folder / "in", folder / "out"
    source.mkdir()
    usual = 5.0
    for number in range(runs):
        for page in range(5):
            kills.put(source / f"{number:04}-{page}.txt", f"{number}. {page}. {kills.BODY}")
        if number:
            make_older(folder / "prefect.db")
        begun = time.monotonic()
        child = kills.fork(kills.clean(source, out))
        if number % 10 == 9:
            time.sleep(chance.uniform(0, usual))
            os.kill(child, signal.SIGKILL)
            kills.wait(child)
            yield None
            continue
        _, status, used = os.wait4(child, 0)
        if status:
            raise kills.Broken(f"run {number} ended with status {os.waitstatus_to_exitcode(status)}")
        usual = time.monotonic() - begun
        found = len(kills.records(out))
        if found != 5 * (number + 1):
            raise kills.Broken(f"{found} records after run {number}, not {5 * (number + 1)}")
        strays = sum(1 for path in (out / ".staging").rglob("*"))
        yield Measured(usual, used.ru_maxrss << 10, strays, *database(folder / "prefect.db"))


def make_older(file: Path) -> None:
    """Move all that the server's database knows a day into the past."""
    with closing(sqlite3.connect(file, timeout=60)) as opened, opened:
        for table, columns in TIMES.items():
            older = ", ".join(f"{c} = strftime('%Y-%m-%d %H:%M:%f000', {c}, '-1 day')" for c in columns)
            opened.execute(f"UPDATE {table} SET {older}")


def database(file: Path) -> tuple[int, int]:
    """Bytes in use in the server's database, and the runs in it."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
        (pages,) = opened.execute("PRAGMA page_count").fetchone()
        (free,) = opened.execute("PRAGMA freelist_count").fetchone()
        (size,) = opened.execute("PRAGMA page_size").fetchone()
        (runs,) = opened.execute("SELECT count(*) FROM flow_run").fetchone()
    return (pages - free) * size, runs


def like_up() -> None:
    """Have the server keep its database in bounds as `wirebrush up` does."""
    ours = UpOptions().environment(4200)
    os.environ.update({name: ours[name] for name in ours if "VACUUM" in name or "RETENTION" in name} | OFTEN)


def quarters(measured: list[Measured | None]) -> tuple[Measured, Measured]:
    """The means of the second and of the last quarter."""
    quarter = len(measured) // 4
    return mean(measured[quarter : 2 * quarter]), mean(measured[-quarter:])


def mean(measured: list[Measured | None]) -> Measured:
    found = [each for each in measured if each]
    return Measured(*(sum(values) / len(found) for values in zip(*found, strict=True)))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--runs", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    like_up()
    with tempfile.TemporaryDirectory() as name, kills.server(Path(name)):
        kills.load()
        measured = list(soak(Path(name), given.runs, random.Random(given.seed)))
        before, after = quarters(measured)
        for title, m in (("second", before), ("last", after)):
            print(
                f"{title} quarter: {m.seconds:.1f} s, {m.memory / 1e6:.0f} MB, {m.strays:.1f} files in the staging area, "
                f"{m.database / 1e6:.1f} MB and {m.flow_runs:.0f} runs in the database"
            )
        records = len(kills.records(Path(name) / "out"))
        print(f"{len(measured)} runs, {measured.count(None)} of them killed, {records} records, losses: 0")
    flat = after.memory < 1.1 * before.memory and after.strays < before.strays + 1
    bounded = (
        after.flow_runs <= max(before.flow_runs, 40) + 5 and after.database < 1.5 * before.database + 5e6
    )
    return 0 if flat and bounded else 1


if __name__ == "__main__":
    sys.exit(main())
