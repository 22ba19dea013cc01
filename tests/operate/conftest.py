"""A real browser and a real `wirebrush up`, each started once, and a small corpus with something to remove."""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

PAGE = (
    "We use cookies to improve your experience on our website.\nAccept all cookies\n"
    "Ferry landing settled\n"
    "The harbour council met on Tuesday evening to settle the matter of the old ferry landing.\n"
    "Residents had asked for a crossing that runs until midnight, at least during the summer months.\n"
    "The mayor said that the money had been found, and that work would begin before the autumn.\n"
    "Sign up for our weekly newsletter\nEnter your email address\n"
)


class Browser:
    """A page in headless Chromium, spoken to in its own protocol."""

    def __init__(self, address: str) -> None:
        from websockets.sync.client import connect

        self._socket = connect(address, max_size=None)
        self._number = 0
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=60))
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return dict(answer["result"])
            self.events.append(answer)

    def open(self, address: str, width: int = 1200, height: int = 900) -> None:
        self.events.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.call("Page.navigate", url=address)
        self.until("document.readyState === 'complete'")

    def run(self, expression: str) -> Any:
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def until(self, expression: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self.run(f"Boolean({expression})"):
            assert time.monotonic() < deadline, f"never true: {expression}"
            time.sleep(0.1)

    def press(self, key: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def dark(self, on: bool) -> None:
        scheme = "dark" if on else "light"
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def errors(self) -> list[str]:
        """What the page complained of, blocked scripts included."""
        self.run("1")
        return [
            json.dumps(event["params"])
            for event in self.events
            if event["method"] == "Runtime.exceptionThrown"
            or (event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error")
        ]

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="session")
def chromium() -> str | None:
    """The browser's path, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser(chromium: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if chromium is None:
        pytest.skip(
            "no Chromium here: what a browser makes of the pages is not tested (apt-get install chromium)"
        )
    profile = tmp_path_factory.mktemp("chromium")
    command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    command += [f"--user-data-dir={profile}", "--hide-scrollbars", "--no-first-run", "about:blank"]
    with open(profile / "log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        ready = profile / "DevToolsActivePort"
        wait_until(
            lambda: ready.exists() and len(ready.read_text().split()) == 2, 90, "Chromium did not start"
        )
        port = ready.read_text().split()[0]
        page = Browser(_first_page(port))
        yield page
        page.close()
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _first_page(port: str) -> str:
    from urllib.request import urlopen

    with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=30) as answer:
        return next(page["webSocketDebuggerUrl"] for page in json.load(answer) if page["type"] == "page")


def wait_until(is_so: Callable[[], Any], seconds: float, otherwise: str) -> Any:
    """Wait for something that will happen; how long it takes is nobody's claim."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.2)
    return found


@pytest.fixture(name="wait_until", scope="session")
def wait_until_fixture() -> Any:
    return wait_until


@dataclass
class Service:
    """A `wirebrush up`."""

    home: Path
    inbox: Path
    out: Path
    url: str
    command: list[str]
    environment: dict[str, str]
    process: "subprocess.Popen[str]" = field(init=False)
    printed: list[str] = field(init=False)

    def start(self) -> None:
        """Start it, and wait until it says that it is healthy."""
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        self.printed = []
        for line in self.process.stdout:
            self.printed.append(line)
            if "Ctrl-C" in line:
                break
        assert self.process.poll() is None, "".join(self.printed)

    @property
    def api(self) -> str:
        return f"{self.url}/api"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(name="free_port", scope="session")
def free_port_fixture() -> Any:
    return free_port


@contextmanager
def running_service(folder: Path, cron: str, more: dict[str, str] | None = None) -> Iterator[Service]:
    """`wirebrush up`, healthy; ended on leaving."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | {
        "PYTHONPATH": str(ROOT),
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "1",
        "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "1",
        "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT1S",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        **(more or {}),
    }
    command = [sys.executable, "-m", "flows", "up", "--home", str(folder / "home"), "--port", str(port)]
    command += ["--sources", str(folder / "inbox"), "--output", str(folder / "out")]
    command += ["--silence", "60", "--cron", cron]
    url = f"http://127.0.0.1:{port}"
    started = Service(folder / "home", folder / "inbox", folder / "out", url, command, environment)
    try:
        started.start()
        yield started
    finally:
        started.process.send_signal(signal.SIGINT)
        started.process.wait(120)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`wirebrush up` with a schedule that comes every minute."""
    with running_service(tmp_path_factory.mktemp("service"), "* * * * *") as started:
        yield started


@pytest.fixture(name="running_service", scope="session")
def running_service_fixture() -> Any:
    return running_service


@pytest.fixture
def pages() -> str:
    return PAGE
