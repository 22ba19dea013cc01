"""Calls of `up` and `status` that need no server: what is refused and why, and what the run folders tell."""

import errno
import fcntl
import json
import os
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
import yaml

from flows import report
from flows.operate.options import CHECKOUT, UpOptions
from flows.settings import SettingsError
from tasks.write import Totals
from tests.command_line import call


@pytest.fixture(autouse=True)
def environment(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """`up` starts nothing here. What it sets for its children, or another server's address, may not reach other tests."""
    import prefect.context  # reads its settings once, and not in the middle of a test

    from flows.operate import up

    assert prefect.context
    monkeypatch.setattr(up, "_children", lambda options: pytest.fail("it would start a server"))
    monkeypatch.setattr(os, "environ", {k: v for k, v in os.environ.items() if k != "PREFECT_API_URL"})


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--port", "0"], "port: '0' is not accepted; it should be greater than or equal to 1"),
        (["--port", "http"], "port: 'http' is not accepted; it should be a valid integer"),
        (
            ["--timezone", "Mars/Olympus"],
            "timezone: 'Mars/Olympus' is not accepted; it should be a time zone's name",
        ),
        (
            ["--cron", "at three"],
            "cron: 'at three' is not accepted; it should be 5 fields such as '0 3 * * *'",
        ),
        (["--cron", "61 3 * * *"], "cron: '61 3 * * *' is not accepted"),
        (["--alert-url", "slack"], "alert_url: 'slack' is not accepted"),
        (["--alert-url", "ftp://x"], "alert_url: 'ftp://x' is not accepted; it should begin with http"),
        (["--keep-days", "0"], "keep_days: '0' is not accepted"),
        (["--prot", "4200"], "Unknown option: --prot"),
        (["--output", "s3://bucket/out"], "output: 's3://bucket/out' is not accepted; it should be a folder"),
        (["--output", ""], "output: '' is not accepted; it should be a folder on a disk"),
    ],
)
def test_a_wrong_call_is_status_2_with_a_word_on_it(capsys, tmp_path, arguments, word) -> None:
    status, out, err = call(capsys, "up", "--home", str(tmp_path / "home"), *arguments)
    assert (status, out) == (2, "")
    assert word in err
    assert "Traceback" not in err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--home", "file"], "file cannot be made: File exists"),
        (["--home", "file/home"], "file/home cannot be made: Not a directory"),
        (["--home", "home", "--sources", "file/in"], "sources: file/in cannot be made: Not a directory"),
    ],
)
def test_a_folder_that_cannot_be_made_is_a_wrong_call(
    capsys, tmp_path, monkeypatch, free_port, arguments, word
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    status, out, err = call(capsys, "up", "--port", str(free_port()), *arguments)
    assert (status, out) == (2, "")
    assert word in err


def test_deployments_are_found_below_a_home_given_from_another_folder(tmp_path, monkeypatch) -> None:
    from flows.operate import deploy

    calls = []

    def run(command, *, cwd, **_):  # type: ignore[no-untyped-def]
        calls.append(Path(cwd, command[-1]))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(deploy.subprocess, "run", run)
    Path("state").mkdir()
    deploy.deploy({"deployments": []}, {}, UpOptions(home=Path("state")).home)
    assert calls == [tmp_path / "state" / "prefect.yaml"]
    assert calls[0].exists()


def test_a_port_that_is_taken_is_said_so(capsys, tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        taken.settimeout(0)
        status, _, err = call(capsys, "up", "--home", str(tmp_path), "--port", port)
    assert status == 2
    assert f"port {port} is taken by another program" in err
    assert "choose another with --port" in err


def test_options_stand_in_for_what_prefect_yaml_says(tmp_path) -> None:
    from flows.operate.deploy import manifest

    options = UpOptions(
        sources=("pages", "s3://bucket/pages/"), output=tmp_path, cron="5 4 * * 1", timezone="Europe/Berlin"
    )
    changed = {deployment["name"]: deployment for deployment in manifest(options)["deployments"]}
    sources = [str(Path("pages").absolute()), "s3://bucket/pages/"]
    assert changed["nightly"]["parameters"] == {"sources": sources, "output": str(tmp_path)}
    assert changed["publish"]["parameters"] == {"output": str(tmp_path)}
    (schedule,) = changed["nightly"]["schedules"]
    assert (schedule["cron"], schedule["timezone"]) == ("5 4 * * 1", "Europe/Berlin")
    assert manifest(UpOptions()) == yaml.safe_load((CHECKOUT / "prefect.yaml").read_text())


#: What is replaced in prefect.yaml, and by what.
SCHEDULE = '      - cron: "0 3 * * *"\n        timezone: UTC\n        active: true\n'


@pytest.mark.parametrize(
    ("schedules", "options", "expected"),
    [
        ("      - cron: 0 4 * * *\n", {}, [{"cron": "0 4 * * *"}]),
        ("      - interval: 3600\n", {"timezone": "UTC"}, [{"interval": 3600, "timezone": "UTC"}]),
        ("      - interval: 3600\n", {"cron": "0 4 * * *"}, [{"cron": "0 4 * * *"}]),
        ("      - rrule: FREQ=DAILY\n", {"cron": "0 4 * * *"}, [{"cron": "0 4 * * *"}]),
        ("", {"cron": "0 4 * * *"}, None),
    ],
)
def test_prefect_yaml_may_have_any_schedule(tmp_path, schedules, options, expected) -> None:
    from flows.operate.deploy import manifest

    shipped = (CHECKOUT / "prefect.yaml").read_text()
    assert SCHEDULE in shipped
    (tmp_path / "prefect.yaml").write_text(shipped.replace(SCHEDULE, schedules))
    read = manifest(UpOptions(**options), tmp_path / "prefect.yaml")
    assert read["deployments"][0]["schedules"] == expected


@pytest.mark.parametrize(
    ("shipped", "edited", "message"),
    [
        ("name: wirebrush", "name: [", "prefect.yaml: not valid YAML"),
        ("deployments:", "deployment:", "prefect.yaml: should hold a list of deployments"),
        ("    output: out", "    outputs: out", "prefect.yaml: nightly: unknown option 'outputs'"),
        ("    output: out\n", "", "the first of which has an output among its parameters"),
        ("    output: out", "    output: out\n    workers: 0", "nightly: workers: 0 is not accepted"),
        ("timezone: UTC", "timezone: Mars", "timezone: 'Mars' is not accepted"),
        ('"0 3 * * *"', '"61 3 * * *"', "cron: '61 3 [*] [*] [*]' is not accepted"),
    ],
)
def test_a_mistake_in_prefect_yaml_is_said_in_a_word(tmp_path, shipped, edited, message) -> None:
    from flows.operate.deploy import manifest

    file = tmp_path / "prefect.yaml"
    file.write_text((CHECKOUT / "prefect.yaml").read_text().replace(shipped, edited, 1))
    with pytest.raises(SettingsError, match=message):
        manifest(UpOptions(), file)


def test_what_prefect_fills_in_is_not_taken_for_a_mistake(tmp_path) -> None:
    from flows.operate.deploy import manifest

    filled_in = {
        "    output: out\n": "    output: out\n    workers: '{{ prefect.variables.workers }}'\n",
        "timezone: UTC": "timezone: '{{ $ZONE }}'",
        '"0 3 * * *"': "'{{ $CRON }}'",
    }
    file, text = tmp_path / "prefect.yaml", (CHECKOUT / "prefect.yaml").read_text()
    for said, template in filled_in.items():
        text = text.replace(said, template, 1)
    file.write_text(text)
    nightly = manifest(UpOptions(), file)["deployments"][0]
    assert nightly["parameters"]["workers"] == "{{ prefect.variables.workers }}"
    assert (nightly["schedules"][0]["cron"], nightly["schedules"][0]["timezone"]) == (
        "{{ $CRON }}",
        "{{ $ZONE }}",
    )
    assert manifest(UpOptions(cron="0 4 * * *", timezone="UTC"), file)["deployments"][0]["schedules"] == [
        {"cron": "0 4 * * *", "timezone": "UTC", "active": True}
    ]
    with pytest.raises(SettingsError, match="cron: 'at four' is not accepted"):
        manifest(UpOptions(cron="at four"), file)


def test_the_environment_keeps_to_this_server(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(
        os, "environ", {"PREFECT_API_URL": "http://elsewhere", "PREFECT_API_KEY": "k", "HOME": "/h"}
    )
    told = UpOptions(home=tmp_path, keep_days=7, log_format="json").environment(4321)
    assert told["PREFECT_API_URL"] == "http://127.0.0.1:4321/api"
    assert "PREFECT_API_KEY" not in told
    assert told["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert told["PREFECT_SERVER_EVENTS_RETENTION_PERIOD"] == "P7D"
    assert told["PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER"] == "json"


def test_a_server_that_asks_who_is_there_is_told(monkeypatch) -> None:
    monkeypatch.setitem(os.environ, "PREFECT_SERVER_API_AUTH_STRING", "admin:word")
    assert UpOptions().environment(4321)["PREFECT_API_AUTH_STRING"] == "admin:word"
    monkeypatch.setitem(os.environ, "PREFECT_API_AUTH_STRING", "own:word")
    assert UpOptions().environment(4321)["PREFECT_API_AUTH_STRING"] == "own:word"


@pytest.fixture
def closed_server() -> Iterator[str]:
    """The address of a server that is healthy, has no deployments, and asks who is there."""
    expected = f"Basic {b64encode(b'admin:word').decode()}"

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200 if self.path.endswith("/health") else 404)

        def do_POST(self) -> None:
            self._answer(200 if self.headers["Authorization"] == expected else 401)

        def _answer(self, code: int) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.send_response(code)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_status_tells_the_server_who_is_there(capsys, tmp_path, closed_server, monkeypatch) -> None:
    from prefect.settings import PREFECT_API_AUTH_STRING, temporary_settings

    leave_run(tmp_path, 1)
    monkeypatch.setitem(os.environ, "PREFECT_API_URL", f"{closed_server}/api")
    arguments = ["status", "--home", str(tmp_path / "home"), "--output", str(tmp_path), "--json"]
    status, out, _ = call(capsys, *arguments)
    told = json.loads(out)
    assert status == 1
    assert told["trouble"] == [
        f"the server at {closed_server} answers with status 401: PREFECT_API_AUTH_STRING has to be what it asks for"
    ]
    assert [run["state"] for run in told["last"]] == ["Completed"], "the run folders tell it"

    with temporary_settings({PREFECT_API_AUTH_STRING: "admin:word"}):
        _, out, _ = call(capsys, *arguments)
    assert json.loads(out)["trouble"] == ["no worker is online"]


def leave_run(out: Path, number: int, **changes) -> None:  # type: ignore[no-untyped-def]
    run = report.Summary(f"2024010{number}", datetime(2024, 1, number, tzinfo=UTC), shards=1, **changes)
    run.totals = Totals(records=number)
    folder = out / "runs" / run.run_id
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text(run.to_json())


def test_status_without_a_server_tells_what_the_run_folders_do(capsys, tmp_path) -> None:
    leave_run(tmp_path, 1)
    leave_run(tmp_path, 2)
    arguments = ["status", "--home", str(tmp_path / "home"), "--output", str(tmp_path)]
    status, out, _ = call(capsys, *arguments)
    assert status == 0
    lines = out.splitlines()
    assert lines[0] == "server  none: what the run folders tell"
    assert lines[2].startswith(
        "last    2024-01-02T00:00:00Z  clean-corpus  Completed  2 documents: 2 records"
    )
    assert lines[-1] == "health  all is well"

    leave_run(tmp_path, 3, refused="too much")
    status, out, _ = call(capsys, *arguments, "--json")
    told = json.loads(out)
    assert (status, told["trouble"]) == (1, ["the last run ended as Failed"])
    assert told["last"][0]["message"].startswith("nothing was published: too much")


def test_status_of_a_folder_without_runs(capsys, tmp_path) -> None:
    status, out, _ = call(capsys, "status", "--home", str(tmp_path / "home"), "--output", str(tmp_path))
    assert status == 0
    assert "last    no run yet" in out


def test_a_server_that_does_not_answer_is_trouble(capsys, tmp_path, free_port, monkeypatch) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setitem(os.environ, "PREFECT_API_URL", f"{address}/api")
    status, out, _ = call(capsys, "status", "--home", str(tmp_path / "home"), "--output", str(tmp_path))
    assert status == 1
    assert f"health  no server answers at {address}" in out


def test_a_service_that_was_killed_is_trouble(capsys, tmp_path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "up.json").write_text('{"pid": 1, "url": "http://127.0.0.1:4200", "output": "out"}')
    status, out, _ = call(capsys, "status", "--home", str(home), "--output", str(tmp_path))
    assert status == 1
    assert "health  wirebrush up was killed, and has not been started again" in out


def test_who_may_only_read_the_home_folder_is_told_whether_something_runs(tmp_path, monkeypatch) -> None:
    from flows.operate import up

    there = up.Running(1, "http://127.0.0.1:4200", "out")
    (tmp_path / "up.json").write_text(json.dumps({name: getattr(there, name) for name in there.__slots__}))
    opened = os.open

    def read_only(path, flags, *arguments):  # type: ignore[no-untyped-def]
        if flags & (os.O_RDWR | os.O_WRONLY | os.O_CREAT):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(path, flags, *arguments)

    with up._lock(tmp_path) as alone:
        assert alone
        monkeypatch.setattr(os, "open", read_only)
        assert up.running(tmp_path) == there
        assert not up.was_killed(tmp_path)
    assert up.running(tmp_path) is None
    assert up.was_killed(tmp_path)


def test_a_status_that_looks_at_the_lock_is_not_taken_for_another_service(tmp_path, monkeypatch) -> None:
    from flows.operate import up

    lock = tmp_path / "lock"
    lock.touch()
    looking = os.open(lock, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    # A clock of its own: other threads of this process sleep, too.
    monkeypatch.setattr(up, "time", SimpleNamespace(sleep=lambda _: os.close(looking)))
    with up._lock(tmp_path) as alone:
        assert alone
        with up._lock(tmp_path) as second:
            assert not second


def test_a_service_that_was_about_to_end_is_followed_by_the_next(tmp_path, monkeypatch, free_port) -> None:
    from flows.operate import up
    from flows.operate.errors import GivenUp

    def start(options: UpOptions) -> None:
        raise GivenUp("its turn has come")

    monkeypatch.setattr(up, "_children", start)
    with ExitStack() as ending:
        assert ending.enter_context(up._lock(tmp_path))
        sleeps = iter([ending.close])
        clock = SimpleNamespace(sleep=lambda _: next(sleeps)(), monotonic=time.monotonic)
        monkeypatch.setattr(up, "time", clock)
        with pytest.raises(GivenUp, match="its turn has come"):
            up.up(UpOptions(home=tmp_path, port=free_port()))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("name: [", "prefect.yaml: not valid YAML"),
        ("deployments: []", "prefect.yaml: should hold a list of deployments"),
        ("deployments: [{parameters: {output: 7}}]", "prefect.yaml: should hold a list of deployments"),
        (None, "prefect.yaml: No such file"),
    ],
)
def test_status_says_what_is_wrong_with_prefect_yaml(capsys, tmp_path, monkeypatch, content, word) -> None:
    from flows.operate import manifest

    if content is not None:
        (tmp_path / "prefect.yaml").write_text(content)
    monkeypatch.setattr(manifest, "MANIFEST", tmp_path / "prefect.yaml")
    status, out, err = call(capsys, "status", "--home", str(tmp_path / "home"))
    assert (status, out) == (2, "")
    assert word in err
    status, out, _ = call(capsys, "status", "--home", str(tmp_path / "home"), "--output", str(tmp_path))
    assert status == 0, "it is not asked for what the call says"


def test_a_home_folder_that_cannot_be_looked_into_is_said_so(capsys, tmp_path, monkeypatch) -> None:
    def closed(*_):  # type: ignore[no-untyped-def]
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "open", closed)
    status, out, err = call(capsys, "status", "--home", str(tmp_path), "--output", str(tmp_path))
    assert (status, out) == (2, "")
    assert f"home: {tmp_path} cannot be looked into: Permission denied" in err
