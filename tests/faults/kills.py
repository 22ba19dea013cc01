"""Kills real runs and looks at what is left: `python tests/faults/kills.py --kills 200` from the checkout.

Each trial starts from the same published output with new, changed and unchanged files to clean. A run is killed,
a second one finishes the work, and a reader looks at the data sets all the while. Then the output must hold the same
bytes as that of a run which nobody disturbed, and nothing else. Runs are forks of one process that has everything
imported, so that a trial takes a second or two; each is the real flow, reporting to a real server.

The steps at which a run kills itself are patched in here: the code that is tested knows nothing of it.
"""

import argparse
import faulthandler
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

BODY = (
    "The harbour council met on Tuesday evening to settle the matter of the old ferry landing.\n"
    "Residents had asked for a crossing that runs until midnight, at least during the summer months.\n"
    "The mayor said that the money had been found, and that work would begin before the autumn.\n"
)
#: Where a run dies: a function through which the disk is changed or the flow goes on, as (module, name).
STEPS = [
    ("tasks.write.durable.os", "fsync"),
    ("tasks.write.durable.os", "replace"),
    ("pathlib.Path", "rename"),
    ("tasks.write.units", "link_or_copy"),
    ("tasks.write.units", "move_file"),
    ("tasks.write.units", "_write_ledger"),
    ("tasks.write.units", "_move"),
    ("flows.clean_corpus", "announce"),
    ("flows.clean_corpus", "publish"),
    ("flows.clean_corpus", "clear_staging"),
    ("flows.clean_corpus", "show"),
    ("flows.report.build", "write_file"),
]


#: Status of a run that did not begin, since the server was too slow to answer.
NO_SERVER = 75
#: Status of a run that was refused, since another one was writing to its output.
BUSY = 76
#: Seconds after which a run counts as hanging.
PATIENCE = 600


class Broken(AssertionError):
    """A promise that was not kept."""


def write_corpus(folder: Path, changed: bool) -> None:
    """Text files, pages and a JSONL of several shards; `changed`: some of it anew, and more."""
    folder.mkdir(exist_ok=True)
    names = "abcdef" if changed else "abcd"
    for name in names:
        body = BODY.replace("Tuesday", "Friday") if changed and name in "bd" else BODY
        put(folder / f"{name}.txt", f"Read more: the ferry\n{name}. {body}")
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY.splitlines())
    put(folder / "page.html", f"<html><body><article>{paragraphs}</article></body></html>")
    lines = [f'{{"id": "d{i}", "text": {(str(i) + ". " + BODY)!r}}}'.replace("'", '"') for i in range(24)]
    lines[7] = lines[7][:-9]
    put(folder / "big.jsonl", "\n".join(lines + lines[:2] * changed))
    if changed:
        put(folder / "late.html", f"<html><body><article>{paragraphs * 2}</article></body></html>")


def put(path: Path, content: str) -> None:
    """Write a file whose time depends on its content alone."""
    path.write_text(content)
    os.utime(path, (1_600_000_000, 1_600_000_000))


def load() -> None:
    """Have this process load what every run would load, before the forks."""
    import flows.clean_corpus  # noqa: F401
    from tasks.language import detect_language
    from tasks.strip import strip_text

    detect_language(strip_text(BODY).text)


def fork(work: Callable[[], int]) -> int:
    """Do the work in a process of its own, which leads a session; returns its id."""
    child = os.fork()
    if child:
        return child
    status = 99
    try:
        os.setsid()
        faulthandler.register(signal.SIGUSR1, all_threads=True)
        status = work()
    except BaseException as error:
        status = NO_SERVER if "Failed to reach API" in str(error) else status
        print(f"{type(error).__name__}: {error}"[:500], file=sys.stderr)
    finally:
        from tasks.extract import workers

        workers.close()
        sys.stderr.flush()
        os._exit(status)


def wait(child: int) -> int:
    """Its exit status. One that hangs says where, is ended, and is a broken promise."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGUSR1)
    time.sleep(2)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise Broken(f"still running after {PATIENCE} seconds")


def clean(source: Path, out: Path, patch: Callable[[], None] = lambda: None) -> Callable[[], int]:
    def work() -> int:
        from flows.clean_corpus import clean_corpus

        patch()
        options = {"shard_bytes": 2500, "workers": 2, "extract_timeout": 300.0}
        state = clean_corpus([str(source)], str(out), return_state=True, **options)
        if "another run is writing" in (state.message or ""):
            return BUSY
        return 0 if state.is_completed() else 1

    return work


def dying(step: tuple[str, str], after: bool, at: int) -> Callable[[], None]:
    """Patch a step so that its call number `at` (from 0) is the last thing the process does."""

    def patch() -> None:
        place, name = step
        owner = resolve(place)
        real, calls = getattr(owner, name), [0]

        def fatal(*arguments: object, **options: object) -> object:
            number, calls[0] = calls[0], calls[0] + 1
            if number == at and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*arguments, **options)
            if number == at and after:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(owner, name, fatal)

    return patch


def resolve(place: str) -> object:
    """A module, or what is inside one."""
    import importlib

    parts = place.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise LookupError(place)


def reader(out: Path, old: dict[str, str], stop: Path) -> Callable[[], int]:
    """Reads the data sets until `stop` exists; every file is whole, every document once, no old one missing."""

    def work() -> int:
        import pyarrow.parquet as pq

        while not stop.exists():
            time.sleep(0.1)  # a core to itself would only slow down the runs
            seen: list[str] = []
            for name in ("records", "rejects", "removals", "sources"):
                for path in sorted((out / name).glob("*.parquet")):
                    table = pq.ParquetFile(path).read()
                    if name == "records":
                        rows = table.select(["source", "source_index"]).to_pylist()
                        seen += [f"{row['source']} {row['source_index']}" for row in rows]
            if len(seen) != len(set(seen)):
                print("the reader met a document twice", file=sys.stderr)
                return 1
            if missing := old.keys() - set(seen):
                print(f"the reader missed {sorted(missing)[:3]}", file=sys.stderr)
                return 1
        return 0

    return work


def tree(out: Path) -> dict[str, bytes]:
    """Every file of the output but the lock and the runs' reports, with its bytes."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "lock" and path.relative_to(out).parts[0] != "runs"
    }


def records(out: Path) -> dict[str, str]:
    """Source and position of each published record, and its text."""
    import pyarrow.parquet as pq

    found = {}
    for path in (out / "records").glob("*.parquet"):
        for row in pq.ParquetFile(path).read().to_pylist():
            found[f"{row['source']} {row['source_index']}"] = row["text"]
    return found


def session(leader: int) -> list[int]:
    """Processes that belong to a run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(entry.name))
    return found


class Trials:
    """The template, the undisturbed result, and one trial after the other."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder, self.chance = folder, chance
        self.source, self.template, self.out = folder / "in", folder / "template", folder / "out"
        write_corpus(self.source, changed=False)
        self.complete(self.template)
        write_corpus(self.source, changed=True)
        self.reset()
        begun = time.monotonic()
        self.complete(self.out)
        self.seconds = time.monotonic() - begun
        self.expected = tree(self.out)
        self.old = records(self.template)

    def reset(self) -> None:
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.copytree(self.template, self.out)

    def complete(self, out: Path) -> None:
        for _ in range(3):
            status = wait(fork(clean(self.source, out)))
            if status != NO_SERVER:
                break
        if status:
            raise Broken(f"an undisturbed run ended with status {status}")

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Something is killed inside; after it a run has to bring everything in order."""
        self.reset()
        stop = self.folder / "stop"
        stop.unlink(missing_ok=True)
        watching = fork(reader(self.out, self.old, stop))
        try:
            yield
            self.complete(self.out)
        finally:
            stop.touch()
            seen = wait(watching)
        if seen:
            raise Broken("the reader has seen what it must not see")
        if tree(self.out) != self.expected:
            differing = dict(tree(self.out).items() ^ self.expected.items())
            raise Broken(f"not what an undisturbed run gives: {sorted(differing)}")
        left = sorted(path.name for path in (self.out / ".staging").iterdir())
        if left != ["lock"]:
            raise Broken(f"left in the staging area: {left}")

    def at_step(self, step: tuple[str, str], after: bool, at: int) -> bool:
        """Die at a step; whether it came to that."""
        with self.trial():
            status = wait(fork(clean(self.source, self.out, dying(step, after, at))))
            if status not in (0, -signal.SIGKILL):
                raise Broken(f"the run ended with status {status}")
        return status != 0

    def at_once(self) -> bool:
        """Start a second run at some moment of the first; whether it was refused, as it is unless the first is done."""
        with self.trial():
            first = fork(clean(self.source, self.out))
            time.sleep(self.chance.uniform(0, self.seconds))
            second = fork(clean(self.source, self.out))
            statuses = wait(first), wait(second)
            if not set(statuses) <= {0, BUSY} or 0 not in statuses:
                raise Broken(f"two runs at once ended with {statuses}")
        return BUSY in statuses

    def at_random(self, how: str) -> bool:
        """Kill the run, or one of its workers, at some moment; whether there was something to kill."""
        with self.trial():
            run = fork(clean(self.source, self.out))
            time.sleep(self.chance.uniform(0, self.seconds))
            workers = [process for process in session(run) if process != run]
            target = self.chance.choice(workers) if how == "worker" and workers else run
            hit = how != "worker" or bool(workers)
            try:
                if hit:
                    os.kill(target, signal.SIGTERM if how == "SIGTERM" else signal.SIGKILL)
            except ProcessLookupError:
                hit = False
            wait(run)
            for _ in range(300):
                if not session(run):
                    break
                time.sleep(0.1)
            else:
                raise Broken(f"processes of a killed run are still there: {session(run)}")
        return hit


@contextmanager
def server(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A Prefect server for all runs, to which the environment leads."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ |= {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_API_REQUEST_TIMEOUT": "600",  # a busy machine is none of the faults that are tried here
        "DO_NOT_TRACK": "1",
        "PYTHONWARNINGS": "ignore",  # of semaphores that killed processes leave behind
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port), "--no-ui"]
    with open(home / "server.log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ)
    try:
        for _ in range(3600):
            if process.poll() is not None:
                raise RuntimeError((home / "server.log").read_text())
            try:
                with urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5):
                    break
            except OSError:
                time.sleep(0.5)
        else:
            raise RuntimeError((home / "server.log").read_text())
        yield process
    finally:
        process.terminate()
        process.wait()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--kills", type=int, default=12, help="kills at random moments")
    options.add_argument("--pairs", type=int, default=2, help="times that two runs are started at once")
    options.add_argument("--rounds", type=int, default=1, help="calls of each step at which a run dies")
    options.add_argument("--verbose", action="store_true", help="say which trial is running")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    counts = {"SIGKILL": 0, "SIGTERM": 0, "worker": 0, "step": 0, "refused": 0}
    broken = 0
    with tempfile.TemporaryDirectory() as name, server(Path(name)):
        load()
        trials = Trials(Path(name), random.Random(given.seed))
        plan: list[tuple[str, Callable[[], bool]]] = []
        moments = (
            (step, after, at) for step in STEPS for at in range(given.rounds) for after in (False, True)
        )
        plan += [("step", partial(trials.at_step, *moment)) for moment in moments]
        plan += [("refused", trials.at_once)] * given.pairs
        for number in range(given.kills):
            how = ("SIGKILL", "SIGTERM", "worker")[number % 3]
            plan.append((how, partial(trials.at_random, how)))
        for number, (how, work) in enumerate(plan):
            if given.verbose:
                print(f"trial {number} of {len(plan)}: {how}", file=sys.stderr, flush=True)
            try:
                counts[how] += work()
            except Broken as error:
                broken += 1
                print(f"trial {number} ({how}): {error}", file=sys.stderr, flush=True)
    print(f"{len(plan)} trials: {counts}, promises broken: {broken}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
