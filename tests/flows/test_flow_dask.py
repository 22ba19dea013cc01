"""Many machines: a real scheduler with two real worker processes, one of which is killed in the middle."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

pytest.importorskip("prefect_dask")
pytestmark = pytest.mark.usefixtures("prefect_server")

PAGE = (
    "We use cookies to improve your experience on our website.\n"
    "The harbour council met on Tuesday evening to settle the matter of ferry landing number {}.\n"
    "Residents had asked for a crossing that runs until midnight, at least during the summer months.\n"
    "The mayor said that the money had been found, and that work would begin before the autumn.\n"
)


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command of Dask's, ended with the block; what it says is read away so that it never has to wait."""
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def read_address(scheduler: subprocess.Popen[str]) -> str:
    """The address that the scheduler says it has taken."""
    assert scheduler.stderr is not None
    for line in scheduler.stderr:
        if found := re.search(r"Scheduler at:\s+(tcp://\S+)", line):
            threading.Thread(target=scheduler.stderr.read, daemon=True).start()
            return found[1]
    raise AssertionError("the scheduler ended before it had an address")


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """One file of many shards."""
    file = tmp_path / "pages.jsonl"
    lines = [json.dumps({"id": f"p{number}", "text": PAGE.format(number)}) for number in range(2000)]
    file.write_text("\n".join(lines))
    return file


def test_a_cluster_that_loses_a_worker_gives_the_bytes_of_a_local_run(pages, tmp_path, published) -> None:
    from distributed import Client

    from flows.clean_corpus import clean_corpus

    options = {"shard_bytes": 40_000, "return_state": True}
    assert clean_corpus([str(pages)], str(tmp_path / "local"), workers=1, **options).is_completed()

    killed: list[int] = []
    over = threading.Event()

    def kill_one(address: str) -> None:
        """Kill the worker that has done the most, as soon as something is done and much is left."""
        staged = tmp_path / "cluster/.staging/shards"
        with Client(address, set_as_default=False) as client:
            while not (staged.is_dir() and len(list(staged.iterdir())) >= 2):
                if over.wait(0.05):
                    return
            busy = [name for name, calls in client.processing().items() if calls]
            killed.extend(client.run(os.getpid, workers=busy[:1]).values())
        os.kill(killed[0], signal.SIGKILL)

    with ExitStack() as processes:
        scheduler = processes.enter_context(
            started("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        )
        address = read_address(scheduler)
        for _ in range(2):
            worker = processes.enter_context(
                started("dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
            )
            assert worker.stderr is not None
            threading.Thread(target=worker.stderr.read, daemon=True).start()
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        killer = threading.Thread(target=kill_one, args=(address,), daemon=True)
        killer.start()
        state = clean_corpus(
            [str(pages)], str(tmp_path / "cluster"), runner="dask", dask_address=address, **options
        )
        over.set()
        killer.join()
    assert state.is_completed(), state.message
    assert killed, "the run was over before a worker could be killed"
    assert published(tmp_path / "cluster") == published(tmp_path / "local")
