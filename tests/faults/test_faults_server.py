"""The server that a run starts for itself does not outlive it, and a run outlives its server."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pyarrow.dataset as ds
import pytest
from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from flows.local_server import LocalServer, NoServer, local_server
from flows.run import run_clean
from flows.settings import Settings
from tests.faults import kills

ROOT = Path(__file__).parents[2]

#: A run whose server is a process that sleeps; it says its number and waits to be killed.
_RUN = """
import subprocess, sys, time
from prefect.server.api.server import SubprocessASGIServer
SubprocessASGIServer._run_uvicorn_command = lambda self: subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(600)"])
def start(self):
    self.port = 1
    print(self._run_uvicorn_command().pid, flush=True)
SubprocessASGIServer.start = start
from flows.local_server import local_server
with local_server():
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


def test_a_run_and_its_worker_processes_have_one_server(tmp_path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for number in range(6):
        (pages / f"{number}.txt").write_text(f"Page {number}.\n{kills.BODY}")
    command = [sys.executable, "-m", "flows", "clean", str(pages), "-o", str(tmp_path / "out")]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PREFECT_HOME": str(tmp_path / "home")}
    environment.pop("PREFECT_API_URL", None)
    options = ["--runner", "process", "--workers", "2", "--shard-bytes", "1000"]
    said, servers = tmp_path / "said", set()
    with said.open("w") as file:
        run = subprocess.Popen([*command, *options], stderr=file, env=environment)
    until = time.monotonic() + 300
    while run.poll() is None:
        servers |= _servers(environment["PREFECT_HOME"])
        time.sleep(0.05)
        if time.monotonic() > until:
            run.kill()
    assert run.returncode == 0, said.read_text()
    assert len(servers) == 1


def test_a_server_that_does_not_start_is_told_of_in_a_word(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(os, "environ", {k: v for k, v in os.environ.items() if k != "PREFECT_API_URL"})
    (tmp_path / "page.txt").write_text(kills.BODY)

    def start(_: LocalServer) -> None:
        raise RuntimeError("Unable to find an available port after multiple attempts")

    monkeypatch.setattr(LocalServer, "start", start)
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        assert run_clean([str(tmp_path)], tmp_path / "out", Settings()) == 1
    assert "no Prefect server could be started (Unable to find" in capsys.readouterr().err
    assert not (tmp_path / "out" / "records").exists()


@contextmanager
def _answering(code: int, body: bytes = b"") -> Iterator[int]:
    """The port of a server that gives one answer to everything."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (401, "Is PREFECT_API_AUTH_STRING set to what it asks for?"),
        (403, "Is PREFECT_API_AUTH_STRING set to what it asks for?"),
        (404, "Is PREFECT_API_URL the address of its API, which ends in /api?"),
        (500, "Its log may tell why."),
    ],
)
def test_a_server_that_refuses_is_told_of_in_a_word(tmp_path, capsys, code, hint) -> None:
    (tmp_path / "page.txt").write_text(kills.BODY)
    with (
        _answering(code) as port,
        temporary_settings({PREFECT_API_URL: f"http://me:secret@127.0.0.1:{port}/api"}),
    ):
        assert run_clean([str(tmp_path)], tmp_path / "out", Settings()) == 1
    said = capsys.readouterr().err
    assert f"the Prefect server at 127.0.0.1:{port} answers with status {code}. {hint}" in said
    assert ("AUTH_STRING" in said) == (code in (401, 403))
    assert "secret" not in said


@pytest.mark.parametrize("answer", [None, b"<html>Hello</html>", b"{}"], ids=["none", "page", "other"])
def test_an_address_where_no_prefect_server_answers_is_told_of_in_a_word(tmp_path, capsys, answer) -> None:
    (tmp_path / "page.txt").write_text(kills.BODY)
    with _answering(200, answer or b"") as port:
        place = f"127.0.0.1:{port if answer else 9}"
        changes = {PREFECT_API_URL: f"http://me:secret@{place}/api", PREFECT_CLIENT_MAX_RETRIES: 0}
        with temporary_settings(changes):
            assert run_clean([str(tmp_path)], tmp_path / "out", Settings()) == 1
    said = capsys.readouterr().err
    assert f"failed: no Prefect server answers at {place} (" in said
    assert "secret" not in said
    assert not (tmp_path / "out" / "records").exists()


def test_a_server_that_does_not_answer_is_stopped(monkeypatch) -> None:
    started = []

    def sleep(_: LocalServer) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]))
        return started[0]

    def start(self: LocalServer) -> None:
        self.server_process = self._run_uvicorn_command()
        raise RuntimeError("Timed out while attempting to connect")

    monkeypatch.setattr(SubprocessASGIServer, "_run_uvicorn_command", sleep)
    monkeypatch.setattr(LocalServer, "start", start)
    with (
        temporary_settings(restore_defaults={PREFECT_API_URL}),
        pytest.raises(NoServer, match="Timed out"),
        local_server(),
    ):
        pass
    [process] = started
    ended = process.poll() is not None
    process.kill()
    assert ended


def test_workers_on_other_machines_are_not_told_of_this_ones_server() -> None:
    with temporary_settings(restore_defaults={PREFECT_API_URL}), local_server(told=False):
        assert not PREFECT_API_URL.value()


def _servers(home: str) -> set[int]:
    """The numbers of Prefect's server processes that keep their data in a folder."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is another user's
            command = (process / "cmdline").read_bytes()
            if b"prefect.server.api.server" in command:
                environment = (process / "environ").read_bytes().split(b"\0")
                if f"PREFECT_HOME={home}".encode() in environment:
                    found.add(int(process.name))
    return found


def test_a_run_whose_server_is_killed_does_its_work_and_ends_with_a_word(tmp_path, monkeypatch) -> None:
    pages, out = tmp_path / "pages", tmp_path / "out"
    pages.mkdir()
    for number in range(40):
        (pages / f"{number}.txt").write_text(f"Page {number}.\n{kills.BODY * 9}")
    monkeypatch.setattr(os, "environ", os.environ.copy())
    with kills.server(tmp_path) as server:
        command = [
            sys.executable,
            "-m",
            "flows",
            "clean",
            str(pages),
            "-o",
            str(out),
            "--shard-bytes",
            "5000",
        ]
        # by default Prefect's client tries each call for a minute before it gives up
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PREFECT_CLIENT_MAX_RETRIES": "0"}
        run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        while not (out / ".staging" / "pages").exists():
            assert run.poll() is None
            time.sleep(0.01)
        server.kill()
        said = run.communicate()[1]
    assert run.returncode == 1
    assert "failed: the Prefect server is gone" in said
    assert ds.dataset(out / "records").count_rows() == 40


def test_the_settings_that_the_docs_name_keep_others_out(tmp_path, monkeypatch) -> None:
    """As docs/security.md has it: a password, and a token for what changes something."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    os.environ["PREFECT_SERVER_API_AUTH_STRING"] = "cleaner:of words"
    os.environ["PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED"] = "true"
    with kills.server(tmp_path):
        url = os.environ["PREFECT_API_URL"]
        port = int(url.rpartition(":")[2].removesuffix("/api"))
        with socket.socket() as other, pytest.raises(OSError):
            other.connect(("127.0.0.2", port))
        assert httpx.get(f"{url}/admin/settings").status_code == 401
        assert httpx.get(f"{url}/admin/settings", auth=("cleaner", "guessed")).status_code == 401
        assert httpx.get(f"{url}/admin/settings", auth=("cleaner", "of words")).status_code == 200
        assert httpx.post(f"{url}/flows/filter", json={}, auth=("cleaner", "of words")).status_code == 403
        ask = "from prefect.client.orchestration import get_client; print(get_client(sync_client=True).read_flows())"
        given = os.environ | {"PREFECT_API_AUTH_STRING": "cleaner:of words"}
        done = subprocess.run([sys.executable, "-c", ask], env=given, capture_output=True, text=True)
        assert done.stdout == "[]\n", done.stderr
