"""`wirebrush up` as a user meets it: what it prints, what runs, what a killed part leaves, and how it ends."""

import gzip
import json
import os
import re
import signal
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pyarrow.dataset as ds
import pytest

from flows.cli import main


@pytest.fixture(scope="module")
def client(service):  # type: ignore[no-untyped-def]
    from prefect.client.orchestration import SyncPrefectClient

    with SyncPrefectClient(service.api) as opened:
        yield opened


def runs(client: Any, deployment: str) -> list[Any]:
    """The runs of a deployment, the latest first."""
    found = client.read_deployment_by_name(deployment)
    all_runs = client.read_flow_runs(limit=200)
    mine = [run for run in all_runs if run.deployment_id == found.id]
    return sorted(mine, key=lambda run: run.expected_start_time, reverse=True)


def of(run: Any) -> Any:
    """What of a server belongs to a run."""
    from prefect.client.schemas.filters import FlowRunFilter

    return FlowRunFilter.model_validate({"id": {"any_": [run.id]}})


def ended(client: Any, deployment: str, *words: str) -> Any:
    """A run of the deployment that has completed with these words in its message, if there is one."""
    for run in runs(client, deployment):
        if run.state.is_completed() and all(word in run.state.message for word in words):
            return run
    return None


def records(out: Path) -> int:
    return int(ds.dataset(out / "records").count_rows()) if (out / "records").is_dir() else 0


def it_says_what_it_has_done_and_where_it_runs(service) -> None:
    printed = "".join(service.printed)
    assert all(re.match(r"\d\d:\d\d:\d\d  ", line) for line in service.printed), "nothing else is said"
    assert f"server    healthy: {service.url} (the UI)" in printed
    assert "deployed  nightly, on-demand, publish, to the work pool wirebrush" in printed
    assert "watching  failed runs, late runs, silent runs, site drift" in printed
    assert "worker    online" in printed
    assert "next      nightly at " in printed


def the_server_keeps_to_this_machine_and_to_itself(service, client) -> None:
    settings = client.request("GET", "/admin/settings").json()
    assert settings["server"]["api"]["host"] == "127.0.0.1"
    assert settings["server"]["analytics_enabled"] is False
    assert "flow_runs" in settings["server"]["services"]["db_vacuum"]["enabled"]
    with socket.socket() as other, pytest.raises(OSError):
        other.connect(("127.0.0.2", int(service.url.rpartition(":")[2])))


def what_is_dropped_is_cleaned_at_the_next_minute_and_can_be_queried(
    service, client, pages, wait_until
) -> None:
    folder = service.inbox / "<b>harbour.example"
    folder.mkdir()
    (folder / "a.txt").write_text(pages)
    run = wait_until(
        lambda: ended(client, "clean-corpus/nightly", "1 records"), 420, "no run cleaned the page"
    )
    assert run.auto_scheduled
    assert run.name.startswith(f"{service.inbox}, 20")
    assert run.state.message.startswith("1 documents: 1 records, 0 rejects, ")
    (record,) = ds.dataset(service.out / "records").to_table().to_pylist()
    assert record["site"] == "<b>harbour.example"

    tasks = client.read_task_runs(flow_run_filter=of(run))
    (task,) = [
        task for task in tasks if task.name.startswith("clean ")
    ]  # another one reads for the site memory
    assert task.name == f"clean a.txt 1/1, {len(pages)} bytes"
    assert task.state.message.startswith("1 documents, 1 records, 0 rejects, ")

    wait_until(lambda: ended(client, "publish/publish", "1 records"), 240, "publish was not triggered")
    with duckdb.connect(str(service.out / "corpus.duckdb"), read_only=True) as database:
        assert database.execute("SELECT site, documents FROM by_site").fetchall() == [(record["site"], 1)]


def the_run_s_page_shows_the_report_in_a_browser(service, client, browser) -> None:
    run = ended(client, "clean-corpus/nightly", "1 records")
    found = client.read_artifacts(flow_run_filter=of(run))
    artifacts = {artifact.key: artifact for artifact in found}
    assert artifacts["progress"].data == 100.0
    browser.open(f"{service.url}/artifacts/artifact/{artifacts['run-report'].id}")
    browser.until("document.body.innerText.includes('Removed, by category')")
    text = browser.run("document.body.innerText")
    assert "1 documents: 1 records, 0 rejects" in text
    assert "<b>harbour.example" in text
    assert browser.run("document.querySelectorAll('details').length") >= 1
    image = "[...document.images].find(image => image.src.startsWith('data:image/svg+xml'))"
    browser.until(f"{image} && {image}.complete && {image}.naturalWidth > 0")


def status_tells_the_same(service, client, capsys) -> None:
    with pytest.raises(SystemExit) as left:
        main(["status", "--home", str(service.home), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (told["server"], told["worker"], told["output"]) == (service.url, True, str(service.out))
    assert "nightly" in {run["name"] for run in told["next"]}
    assert ("nightly", "Completed") in {(run["name"], run["state"]) for run in told["last"]}
    assert (left.value.code, told["trouble"]) == (0, [])


def a_second_call_renews_the_first_one_s_deployments(service, client) -> None:
    command = [*service.command[:-1], "*/2 * * * *"]
    done = subprocess.run(command, env=service.environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"already running at {service.url} (process {service.process.pid})" in done.stdout
    (schedule,) = client.read_deployment_by_name("clean-corpus/nightly").schedules
    assert schedule.schedule.cron == "*/2 * * * *"
    names = [automation.name for automation in client.read_automations()]
    assert len(names) == len(set(names)) == 5
    subprocess.run(service.command, env=service.environment, capture_output=True, timeout=300, check=True)


def documents(pages: str, number: int) -> bytes:
    lines = [
        json.dumps({"id": f"d{n}", "url": "https://news.example/", "text": f"{n}. {pages}"})
        for n in range(number)
    ]
    return gzip.compress("\n".join(lines).encode())


def start_and_find_process(client: Any, wait_until: Any) -> tuple[Any, int]:
    """A run of `on-demand` that is at work, and the number of its process."""
    deployment = client.read_deployment_by_name("clean-corpus/on-demand")
    run = client.create_flow_run_from_deployment(deployment.id)
    wait_until(lambda: client.read_flow_run(run.id).state.is_running(), 180, "the run did not start")
    return run, int(client.read_flow_run(run.id).infrastructure_pid.rpartition(":")[2])


def whatever_is_killed_the_state_is_true_and_the_next_run_completes_the_work(
    service, client, pages, wait_until
) -> None:
    nightly = client.read_deployment_by_name("clean-corpus/nightly")
    client.pause_deployment(nightly.id)  # the runs that are killed have the output to themselves
    wait_until(lambda: not at_work(client), 240, "a run did not end")
    before = records(service.out)
    (service.inbox / "many.jsonl.gz").write_bytes(documents(pages, 3000))

    # The run alone: the worker sees its end.
    run, process = start_and_find_process(client, wait_until)
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: client.read_flow_run(run.id).state.is_crashed(), 90, "the killed run is not Crashed")
    assert records(service.out) in {before, before + 3000}, "all of a file or nothing"

    # Everything, as when the machine dies. Once it is up again, no sign of life comes of the run.
    (service.inbox / "more.jsonl.gz").write_bytes(documents(pages, 3000))
    run, process = start_and_find_process(client, wait_until)
    for number in (
        child(service, "worker start"),
        child(service, "server start"),
        service.process.pid,
        process,
    ):
        os.kill(number, signal.SIGKILL)
    service.process.wait()
    service.start()
    state = wait_until(lambda: crashed(client, run), 300, "the silent run is not Crashed")
    assert state.message.startswith("No sign of life for 60 seconds")

    # The server, while the next run is due: it is started again, and what was scheduled goes on.
    resumed = datetime.now(UTC)
    client.resume_deployment(nightly.id)
    os.kill(child(service, "server start"), signal.SIGKILL)
    wait_until(lambda: records(service.out) == before + 6000, 300, "no later run completed the work")
    wait_until(lambda: completed_since(client, resumed), 240, "no run has completed since")
    wait_until(lambda: not at_work(client), 240, "a run is said to be at work for ever")


def at_work(client: Any) -> bool:
    """Whether a run is on its way, on whatever deployment."""
    return any(run.state.is_pending() or run.state.is_running() for run in client.read_flow_runs(limit=200))


def crashed(client: Any, run: Any) -> Any:
    state = client.read_flow_run(run.id).state
    return state if state.is_crashed() else None


def completed_since(client: Any, moment: datetime) -> bool:
    try:
        run = ended(client, "clean-corpus/nightly")
    except httpx.TransportError:
        return False  # the server is on its way
    return run is not None and run.start_time > moment


def child(service: Any, words: str) -> int:
    """The number of the process that `up` has started with these words."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(service.process.pid)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (line,) = [line for line in listed.splitlines() if words in line]
    return int(line.split()[0])


def it_ends_cleanly(service) -> None:
    children = [child(service, words) for words in ("worker start", "server start")]
    service.process.send_signal(signal.SIGINT)
    rest = service.process.communicate(timeout=120)[0]
    assert service.process.returncode == 0, rest
    assert rest.endswith("ended\n") and "Traceback" not in rest
    assert not any(Path(f"/proc/{number}").exists() for number in children)
    assert not (service.home / "up.json").exists()


def test_a_service_from_its_start_to_its_end(
    request, service, client, chromium, pages, wait_until, capsys
) -> None:
    """One test, since each step goes on where the last one ended, and tests may be spread over processes."""
    it_says_what_it_has_done_and_where_it_runs(service)
    the_server_keeps_to_this_machine_and_to_itself(service, client)
    what_is_dropped_is_cleaned_at_the_next_minute_and_can_be_queried(service, client, pages, wait_until)
    if chromium:
        the_run_s_page_shows_the_report_in_a_browser(service, client, request.getfixturevalue("browser"))
    status_tells_the_same(service, client, capsys)
    a_second_call_renews_the_first_one_s_deployments(service, client)
    if "SERVICES" in os.environ:  # it takes minutes
        whatever_is_killed_the_state_is_true_and_the_next_run_completes_the_work(
            service, client, pages, wait_until
        )
    it_ends_cleanly(service)
