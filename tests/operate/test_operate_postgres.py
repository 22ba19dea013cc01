"""The whole service on PostgreSQL, in a cluster of the test's own."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow.dataset as ds
import pytest


def find_tools() -> Path | None:
    """The folder that holds initdb and pg_ctl: Debian keeps them off the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    folders += [Path(on_path).parent] if on_path else []
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@pytest.fixture(scope="module")
def database(free_port) -> Iterator[str]:
    """The address of an empty database."""
    tools = find_tools()
    if tools is None:
        pytest.skip(
            "no PostgreSQL here: what the service does on it is not tested (apt-get install postgresql)"
        )
    # PostgreSQL refuses to run as root: then its own user runs it, in a folder that this user can reach.
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    as_user = ["runuser", "-u", user, "--"] if os.getuid() == 0 else []
    folder = Path(
        subprocess.run(
            [*as_user, "mktemp", "-d"], capture_output=True, text=True, check=True, cwd="/"
        ).stdout.strip()
    )
    port = free_port()

    def call(tool: str, *arguments: str) -> None:
        command = [*as_user, str(tools / tool), *arguments]
        done = subprocess.run(
            command, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300
        )
        assert done.returncode == 0, done.stdout

    try:
        call("initdb", "-D", f"{folder}/data", "-A", "trust", "--no-sync")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        call("pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
        try:
            call("createdb", "-h", "127.0.0.1", "-p", str(port), "-E", "UTF8", "-T", "template0", "wirebrush")
            yield f"{user}@127.0.0.1:{port}/wirebrush"
        finally:
            call("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_run_goes_through_on_postgresql(database, running_service, pages, wait_until, tmp_path) -> None:
    from prefect.client.orchestration import SyncPrefectClient

    address = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://{database}"}
    with (
        running_service(tmp_path, "0 3 * * *", address) as service,
        SyncPrefectClient(service.api) as client,
    ):
        (service.inbox / "a.txt").write_text(pages)
        deployment = client.read_deployment_by_name("clean-corpus/on-demand")
        run = client.create_flow_run_from_deployment(deployment.id)
        wait_until(lambda: client.read_flow_run(run.id).state.is_final(), 240, "the run did not end")
        assert client.read_flow_run(run.id).state.message.startswith("1 documents: 1 records")
        assert ds.dataset(service.out / "records").count_rows() == 1
        assert not (service.home / "prefect" / "prefect.db").exists()
    names = subprocess.run(
        ["psql", f"postgresql://{database}", "-Atc", "SELECT DISTINCT name FROM deployment ORDER BY name"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert names.stdout.split() == ["nightly", "on-demand", "publish"]
