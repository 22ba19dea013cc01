"""`wirebrush status`: how the last runs went, what is next, and whether all that should run does."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from httpx import HTTPStatusError

from flows.operate.manifest import output_of, read_manifest
from flows.operate.options import CHECKOUT, PREFECT
from flows.operate.up import is_healthy, running, was_killed
from flows.printable import printable
from flows.report import Summary, read_summaries

#: Runs that are listed.
_LAST, _NEXT = 10, 3


@dataclass(frozen=True, slots=True)
class Run:
    """One line: when (UTC, ISO 8601), which deployment or flow, in what state, in what words."""

    time: str
    name: str
    state: str
    message: str = ""


@dataclass(slots=True)
class Status:
    """All that is told. `trouble` is empty when all is well."""

    server: str | None = None
    worker: bool = False
    output: str = ""
    last: list[Run] = field(default_factory=list)
    next: list[Run] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)


def status(home: Path, output: Path | None = None, as_json: bool = False) -> int:
    """Print the status; return 0 when all is well, else 1."""
    told = read_status(home, output)
    if as_json:
        print(json.dumps(asdict(told), indent=2))
    else:
        for line in in_words(told):
            print(printable(line))
    return 1 if told.trouble else 0


def read_status(home: Path, output: Path | None = None) -> Status:
    """Ask the server, if one is known (that of `up`, else PREFECT_API_URL's); else read the run folders."""
    up = running(home)
    url = up.url if up else os.environ.get("PREFECT_API_URL", "").removesuffix("/api") or None
    told = Status(output=str(output or (up.output if up else _deployed_output())))
    if up is None and was_killed(home):
        told.trouble.append("wirebrush up was killed, and has not been started again")
    if url is None or not _has_told(url, told):
        told.last = list(_folders(Path(told.output)))
    if told.last and told.last[0].state in {"Failed", "Crashed", "TimedOut"}:
        told.trouble.append(f"the last run ended as {told.last[0].state}")
    return told


def _has_told(url: str, told: Status) -> bool:
    """Ask a server; where it does not tell, why not stands among the trouble."""
    if not is_healthy(url):
        told.trouble.append(f"no server answers at {url}")
        return False
    try:
        _ask(url, told)
    except HTTPStatusError as error:
        code = error.response.status_code
        hint = ": PREFECT_API_AUTH_STRING has to be what it asks for" if code in (401, 403) else ""
        told.trouble.append(f"the server at {url} answers with status {code}{hint}")
        return False
    return True


def _ask(url: str, told: Status) -> None:
    for name, value in PREFECT.items():
        os.environ.setdefault(name, value)
    from flows.operate import deploy

    told.server = url
    told.worker = deploy.worker_is_online(f"{url}/api")
    if not told.worker:
        told.trouble.append("no worker is online")
    names = deploy.deployment_names(f"{url}/api")
    for runs, into in (
        (deploy.last_runs(f"{url}/api", _LAST), told.last),
        (deploy.next_runs(f"{url}/api", _NEXT), told.next),
    ):
        for run in runs:
            when = run.start_time or run.expected_start_time
            deployed = names.get(run.deployment_id) if run.deployment_id else None
            state = run.state
            into.append(
                Run(
                    time=_time(when) if when else "",
                    name=deployed or run.name,
                    state=(state.name or state.type.value) if state else "unknown",
                    message=(state.message or "") if state else "",
                )
            )
    late = [run for run in told.next if run.state == "Late"]
    if late:
        told.trouble.append(f"late: {late[0].name}, which should have started at {late[0].time}")


def _folders(output: Path) -> Iterator[Run]:
    """The last runs as their folders tell them."""
    for summary in reversed(read_summaries(output, _LAST)):
        yield Run(_time(summary.started), "clean-corpus", _ended_as(summary), summary.message)


def _ended_as(summary: Summary) -> str:
    return "Failed" if summary.failed else "Completed"


def _deployed_output() -> Path:
    """Where prefect.yaml has its deployments write. Raises SettingsError."""
    return CHECKOUT / output_of(read_manifest())


def in_words(told: Status) -> Iterator[str]:
    """The status, line by line."""
    yield f"server  {told.server or 'none: what the run folders tell'}"
    if told.server:
        yield f"worker  {'online' if told.worker else 'offline'}"
    yield f"output  {told.output}"
    for title, runs in (("last", told.last), ("next", told.next)):
        for run in runs:
            yield f"{title}    {run.time}  {run.name}  {run.state}" + (
                f"  {run.message}" if run.message else ""
            )
    if not told.last:
        yield "last    no run yet"
    yield f"health  {'; '.join(told.trouble) or 'all is well'}"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
