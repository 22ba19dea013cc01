"""The server that a run starts for itself does not outlive it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: A run whose server is a process that sleeps; it says its number and waits to be killed.
_RUN = """
import subprocess, sys, time
from prefect.server.api.server import SubprocessASGIServer
SubprocessASGIServer._run_uvicorn_command = lambda self: subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)"])
from flows.local_server import watch_local_server
watch_local_server()
server = SubprocessASGIServer()._run_uvicorn_command()
print(server.pid, flush=True)
time.sleep(600)
"""


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_run_takes_its_server_along(tmp_path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PREFECT_HOME": str(tmp_path)}
    run = subprocess.Popen([sys.executable, "-c", _RUN], stdout=subprocess.PIPE, env=environment, text=True)
    assert run.stdout is not None
    server = int(run.stdout.readline())
    assert _alive(server)
    run.send_signal(signal.SIGKILL)
    run.wait()
    for _ in range(600):
        if not _alive(server):
            return
        time.sleep(0.1)
    os.kill(server, signal.SIGKILL)
    raise AssertionError("the server is still there a minute after its run was killed")
