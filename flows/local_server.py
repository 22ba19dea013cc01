"""The server that Prefect starts for a run where none is set, and what ends it if the run is killed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from httpx import HTTPError, HTTPStatusError
from prefect.client.orchestration import get_client
from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import PREFECT_API_URL, temporary_settings

#: Waits for its standard input to close, which the kernel does however the run ends, then ends the process named.
_WATCH = """
import os, signal, sys, time
sys.stdin.read()
for number in (signal.SIGTERM, signal.SIGKILL):
    try:
        os.kill(int(sys.argv[1]), number)
    except OSError:
        break
    time.sleep(5)
"""


class LocalServer(SubprocessASGIServer):
    """Prefect's own server process with a watcher beside it. A run that is killed cannot end what it started."""

    _watcher: "subprocess.Popen[bytes] | None" = None

    def _run_uvicorn_command(self) -> "subprocess.Popen[Any]":
        server = super()._run_uvicorn_command()
        self._dismiss()
        # in a session of its own: what is sent to the run's process group is not meant for it
        command = [sys.executable, "-I", "-S", "-c", _WATCH, str(server.pid)]
        self._watcher = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        return server

    def stop(self) -> None:
        super().stop()
        self._dismiss()

    def _dismiss(self) -> None:
        """Send the watcher home, before the server's number can be another process's."""
        if self._watcher and self._watcher.stdin:
            self._watcher.kill()
            self._watcher.stdin.close()
            self._watcher.wait()
            self._watcher = None


class NoServer(RuntimeError):
    """There is no Prefect server for a run; the message is for the user."""


@contextmanager
def local_server(told: bool = True) -> Iterator[None]:
    """Where no server is set, one is started, and every process of the block's runs is told of it.

    Left to itself Prefect starts one for the run and another for each of its worker processes. It ends with this process.
    Workers on other machines could not reach it: with `told` off they use what is set where they are.

    Raises NoServer, and HTTPStatusError where the server that is set refuses to answer.
    """
    server = LocalServer()  # Prefect keeps one instance, which is this
    url = PREFECT_API_URL.value()
    if url:
        _ask(url)
    if url or not told:
        yield
        return
    try:
        server.start()
    except (RuntimeError, HTTPError) as error:
        server.stop()  # its process may be there, and only slow
        hint = "Set PREFECT_API_URL to one that runs, or try again."
        raise NoServer(f"no Prefect server could be started ({error}). {hint}") from error
    with temporary_settings({PREFECT_API_URL: server.api_url}):
        yield


def _ask(url: str) -> None:
    """Find out whether a Prefect server answers there: a flow that is begun without one ends in Prefect's traceback."""
    try:
        with get_client(sync_client=True) as client:
            client.raise_for_api_version_mismatch_once()
    except (RuntimeError, ValueError, HTTPError) as error:
        why = error.__cause__ or error
        if isinstance(why, HTTPStatusError):
            raise why from None
        where = urlsplit(url).netloc.rpartition("@")[2] or url  # without credentials
        hint = (
            "Set PREFECT_API_URL to the API of one that runs, or to nothing: then one is started for the run."
        )
        raise NoServer(f"no Prefect server answers at {where} ({why}). {hint}") from error
