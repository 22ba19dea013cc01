"""`wirebrush up`: server, work pool, deployments, automations and worker, from nothing to healthy and back."""

import fcntl
import json
import os
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from flows.operate.errors import GivenUp, PortTaken
from flows.operate.manifest import output_of
from flows.operate.options import HOST, UpOptions
from flows.operate.processes import Child
from flows.printable import printable
from flows.settings import SettingsError

#: Seconds within which the server has to answer and the worker has to be online; a cold start takes up to half a minute.
_PATIENCE = 600.0

#: Seconds between two looks at the processes.
_LOOK_EVERY = 1.0

#: Seconds that a `status` may look at the lock.
_A_MOMENT = 0.05


class _Ended(BaseException):
    """Someone has asked for the end."""


@dataclass(frozen=True, slots=True)
class Running:
    """What `up.json` in the home folder tells others: who runs, where it answers, and where the output lies."""

    pid: int
    url: str
    output: str


def up(options: UpOptions) -> int:
    """Start everything and keep it running until Ctrl-C or SIGTERM; return the exit status.

    Called while another `up` runs on the same home folder, it renews the deployments and automations there, says
    where it runs, and returns. Raises SettingsError, PortTaken, DeployError or GivenUp.
    """
    os.environ.update(options.environment(options.port))  # before Prefect is imported and reads it
    with warnings.catch_warnings():
        # Prefect misses its home folder, which is only made once the call is known to be right.
        warnings.simplefilter("ignore", UserWarning)
        from flows.operate.deploy import manifest

    deployments = manifest(options)
    output = output_of(deployments)
    home = options.home
    _make_folder("home", home)
    with _lock(home) as alone:
        if not alone:
            return _renew(options, deployments)
        _check_port(options.port)
        url = f"http://{HOST}:{options.port}"
        _make_folders(options)
        with _asked_to_end(), ExitStack() as running:
            try:
                server, worker = _children(options)
                _say(f"server    starting, its log: {server.log}")
                running.callback(server.stop)
                server.start()
                _wait(f"{url}/api/health", server)
                _say(f"server    healthy: {url} (the UI)")
                state = Running(os.getpid(), url, str(Path(output).absolute()))
                running.enter_context(_announced(home, state))
                _set_up(url, options, deployments)
                running.callback(worker.stop)
                worker.start()
                _wait_for_worker(f"{url}/api", worker)
                _say(f"worker    online, its log: {worker.log}")
                _say_what_is_next(f"{url}/api")
                _say("Ctrl-C ends it all.")
                _look_after(server, worker)
            except _Ended:
                _say("ending: the worker first, then the server")
        _say("ended")
    return 0


def running(home: Path) -> Running | None:
    """What runs on a home folder, if anything does."""
    if not _is_held(home):
        return None
    try:
        return Running(**json.loads((home / "up.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None  # it is starting, or ending


def was_killed(home: Path) -> bool:
    """Whether the last `up` on a home folder has come to an end that nobody asked for."""
    return not _is_held(home) and (home / "up.json").exists()


def is_healthy(url: str) -> bool:
    """Whether a Prefect server answers there."""
    try:
        with urlopen(f"{url}/api/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError, ValueError):
        return False


def _children(options: UpOptions) -> tuple[Child, Child]:
    from flows.operate.deploy import POOL, WORKER

    environment = options.environment(options.port)
    server = ["server", "start", "--host", HOST, "--port", str(options.port)]
    worker = [
        "worker",
        "start",
        "--pool",
        POOL,
        "--name",
        WORKER,
        "--type",
        "process",
        "--install-policy",
        "never",
    ]
    return (
        Child("server", server, environment, options.home / "server.log"),
        Child("worker", worker, environment, options.home / "worker.log"),
    )


def _set_up(url: str, options: UpOptions, deployments: Mapping[str, Any]) -> None:
    """Pool, deployments and automations: created, or brought up to date."""
    from flows.operate import deploy

    port = int(url.rpartition(":")[2])
    deploy.create_pool(f"{url}/api", options.parallel)
    deploy.deploy(deployments, options.environment(port), options.home)
    names = ", ".join(deployment["name"] for deployment in deployments["deployments"])
    _say(f"deployed  {names}, to the work pool {deploy.POOL}")
    watched = deploy.watch(f"{url}/api", options)
    deploy.ask_for_signs(f"{url}/api")
    _say(f"watching  {', '.join(name.removeprefix('wirebrush: ') for name in watched)}")


def _renew(options: UpOptions, deployments: Mapping[str, Any]) -> int:
    """What a second call does: the server and the worker are there already, or about to be."""
    deadline = time.monotonic() + _PATIENCE
    while (there := running(options.home)) is None or not is_healthy(there.url):
        if not _is_held(options.home):
            return up(options)  # the other one was about to end
        if time.monotonic() > deadline:
            raise GivenUp(
                f"another wirebrush up has {options.home}, but no server answers: see its log there"
            )
        time.sleep(_LOOK_EVERY)
    _say(f"already running at {there.url} (process {there.pid}); renewing its deployments")
    _set_up(there.url, options, deployments)
    _say_what_is_next(f"{there.url}/api")
    return 0


def _look_after(*children: Child) -> None:
    """Start again whatever ends, for as long as this runs. Raises GivenUp."""
    while True:
        time.sleep(_LOOK_EVERY)
        for child in children:
            if child.look_after():
                _say(f"{child.name}    had ended and is started again; its log: {child.log}")


def _wait(url: str, server: Child) -> None:
    base = url.removesuffix("/api/health")
    _until(lambda: is_healthy(base), server)


def _wait_for_worker(api: str, worker: Child) -> None:
    from flows.operate.deploy import worker_is_online

    started = datetime.now(UTC)
    _until(lambda: worker_is_online(api, started), worker)


def _until(is_there: Callable[[], bool], child: Child) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not is_there():
        if child.pid is None:
            raise GivenUp(f"the {child.name} ended while it was starting; its log: {child.log}")
        if time.monotonic() > deadline:
            raise GivenUp(
                f"the {child.name} is not healthy after {_PATIENCE:.0f} seconds; its log: {child.log}"
            )
        time.sleep(0.5)


def _say_what_is_next(api: str) -> None:
    from flows.operate.deploy import deployment_names, next_runs

    names = deployment_names(api)
    deadline = time.monotonic() + 15  # the scheduler comes round every few seconds
    while not (runs := next_runs(api, limit=1)) and time.monotonic() < deadline:
        time.sleep(1)
    for run in runs:
        name = names.get(run.deployment_id, "a run") if run.deployment_id else "a run"
        when = run.expected_start_time
        if when is not None:
            _say(f"next      {name} at {when.astimezone(UTC):%Y-%m-%d %H:%M} UTC")


def _make_folders(options: UpOptions) -> None:
    """Create the source folders that are not there yet, so that there is a place to drop files into."""
    for source in options.sources:
        path = Path(source)
        if "://" not in source and not set("*?[") & set(source) and not path.suffix and not path.exists():
            _make_folder("sources", path)


def _make_folder(option: str, path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"{option}: {path} cannot be made: {error.strerror or error}") from error


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        # as the server will: a port whose last connections are still fading away is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            whose = "a Prefect server" if is_healthy(f"http://{HOST}:{port}") else "another program"
            raise PortTaken(
                f"port {port} is taken by {whose} that this home folder knows nothing of; "
                f"choose another with --port"
            ) from None


@contextmanager
def _announced(home: Path, state: Running) -> Iterator[None]:
    """Tell other processes where this one runs, for as long as it does."""
    file = home / "up.json"
    unfinished = file.with_suffix(".part")
    unfinished.write_text(
        json.dumps({name: getattr(state, name) for name in Running.__slots__}), encoding="utf-8"
    )
    unfinished.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


@contextmanager
def _lock(home: Path) -> Iterator[bool]:
    """Hold the home folder; yields False where another `up` does. Ends with the process, however that ends."""
    try:
        handle = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise SettingsError(f"home: {home} cannot be written to: {error.strerror or error}") from error
    try:
        while not (alone := _takes(handle, fcntl.LOCK_EX)) and _takes(handle, fcntl.LOCK_SH):
            # Who shares it is a `status`, which only looks: it is gone in a moment.
            fcntl.flock(handle, fcntl.LOCK_UN)
            time.sleep(_A_MOMENT)
        yield alone
    finally:
        os.close(handle)


def _takes(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_held(home: Path) -> bool:
    """Whether an `up` runs on a home folder. Who asks may be another user, who can only read there."""
    try:
        handle = os.open(home / "lock", os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise SettingsError(f"home: {home} cannot be looked into: {error.strerror or error}") from error
    try:
        return not _takes(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


@contextmanager
def _asked_to_end() -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and a closed terminal end the block once; while it ends, they change nothing."""

    def end(number: int, _frame: FrameType | None) -> None:
        for name in signals:
            signal.signal(name, signal.SIG_IGN)
        raise _Ended

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {name: signal.signal(name, end) for name in signals}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _say(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S}  {printable(text)}", file=sys.stdout, flush=True)
