"""prefect.yaml against a real server: what is deployed, and that the nightly run gets its dates."""

import asyncio
import os
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A server as `prefect server start` runs it, with its scheduler; yields what its clients need."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("prefect")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "1",
        "DO_NOT_TRACK": "1",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port), "--no-ui"]
    with open(home / "server.log", "wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_healthy(f"{environment['PREFECT_API_URL']}/health", server, home / "server.log")
        yield environment
    finally:
        server.terminate()
        server.wait()


def _wait_until_healthy(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(240):
        assert server.poll() is None, log.read_text()
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(log.read_text())


def prefect(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def deployments(environment: dict[str, str]):  # type: ignore[no-untyped-def]
    prefect(environment, "work-pool", "create", "wirebrush", "--type", "process")
    prefect(environment, "deploy", "--all")
    return asyncio.run(_read(environment["PREFECT_API_URL"]))


async def _read(url: str):  # type: ignore[no-untyped-def]
    from prefect.client.orchestration import PrefectClient

    async with PrefectClient(url) as client:
        deployed = {deployment.name: deployment for deployment in await client.read_deployments()}
        runs = []
        for _ in range(60):
            runs = await client.read_flow_runs()
            if runs:
                break
            await asyncio.sleep(0.5)
        return deployed, runs


def test_the_deployments_are_there_and_explain_themselves(deployments) -> None:
    deployed, _ = deployments
    assert set(deployed) == {"nightly", "on-demand", "publish"}
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    examples = {"sources": ["examples/pages"], "output": "out"}
    for deployment in deployed.values():
        assert deployment.version == version
        assert deployment.parameters == {n: examples[n] for n in deployment.parameters}
        assert deployment.description
        assert "wirebrush" in deployment.tags
        assert deployment.enforce_parameter_schema
        assert deployment.work_pool_name == "wirebrush"
        assert deployment.concurrency_options.collision_strategy == "ENQUEUE"
        form = deployment.parameter_openapi_schema["properties"]
        assert all(field["description"] for field in form.values())


def test_the_nightly_run_gets_its_dates(deployments) -> None:
    deployed, runs = deployments
    (schedule,) = deployed["nightly"].schedules
    assert (schedule.schedule.cron, schedule.schedule.timezone) == ("0 3 * * *", "UTC")
    assert deployed["on-demand"].schedules == []
    assert runs
    assert {run.deployment_id for run in runs} == {deployed["nightly"].id}
    assert {run.state_type.value for run in runs} == {"SCHEDULED"}
    assert {(run.expected_start_time.hour, run.expected_start_time.minute) for run in runs} == {(3, 0)}
