"""What the server is told: the work pool, prefect.yaml's deployments, and the automations that watch the runs."""

import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import yaml
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.schedules import CronSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events.actions import ActionTypes, CallWebhook, ChangeFlowRunState, DoNothing
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import Event
from prefect.exceptions import ObjectAlreadyExists
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from pydantic import SecretStr

from flows.operate.errors import DeployError
from flows.operate.manifest import WANTED, output_of, read_manifest
from flows.operate.options import CHECKOUT, UpOptions
from flows.operate.signs import ASKED, ENDS, SIGNS
from flows.settings import SettingsError, check

POOL = "wirebrush"
WORKER = "wirebrush"

#: Only runs of these deployments are watched: a server may have others.
_OURS: dict[str, str | list[str]] = {
    "prefect.resource.role": "tag",
    "prefect.resource.id": "prefect.tag.wirebrush",
}


def manifest(options: UpOptions, file: Path | None = None) -> dict[str, Any]:
    """The content of prefect.yaml with what the options say instead. Raises SettingsError for what it cannot mean."""
    read: dict[str, Any] = read_manifest(file)
    try:
        for deployment in read["deployments"]:
            _stand_in(deployment, options)
    except (AttributeError, KeyError, TypeError) as error:
        raise SettingsError(WANTED) from error
    output_of(read)
    return read


def _stand_in(deployment: dict[str, Any], options: UpOptions) -> None:
    """Put the options in the place of what a deployment says."""
    parameters = dict(deployment.get("parameters") or {})
    if parameters:
        deployment["parameters"] = parameters
    if "sources" in parameters:
        settings = {name: value for name, value in parameters.items() if name not in {"sources", "output"}}
        try:
            if _is_said(settings):
                check(settings)
        except SettingsError as error:
            raise SettingsError(f"prefect.yaml: {deployment['name']}: {error}") from None
        if options.sources:
            parameters["sources"] = [_absolute(source) for source in options.sources]
    if options.output and "output" in parameters:
        parameters["output"] = str(options.output.absolute())
    for schedule in deployment.get("schedules") or ():
        if options.cron:
            schedule["cron"] = options.cron
            schedule.pop("interval", None)
            schedule.pop("rrule", None)
        if options.timezone:
            schedule["timezone"] = options.timezone
        if "cron" in schedule and _is_said(schedule["cron"]):
            zone = schedule.get("timezone")
            _check_cron(schedule["cron"], zone if _is_said(zone) else None)


def _is_said(value: object) -> bool:
    """Whether a value stands there, and no template such as {{ $CRON }} is in it that Prefect fills in when it deploys."""
    return "{{" not in str(value)


def _check_cron(cron: str, zone: str | None) -> None:
    if zone is not None and zone not in available_timezones():
        raise SettingsError(f"timezone: {zone!r} is not accepted; it should be a name such as Europe/Berlin")
    try:
        CronSchedule(cron=cron, timezone=zone)
    except ValueError:
        raise SettingsError(
            f"cron: {cron!r} is not accepted; it should be 5 fields such as '0 3 * * *'"
        ) from None


def _absolute(source: str) -> str:
    """A path as seen from everywhere; the address of an object store as it is."""
    return source if "://" in source else str(Path(source).absolute())


def create_pool(api: str, parallel: int) -> None:
    """Create the work pool, or set how many runs it may have at a time."""
    with _client(api) as client:
        try:
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process", concurrency_limit=parallel))
        except ObjectAlreadyExists:
            client.update_work_pool(POOL, WorkPoolUpdate(concurrency_limit=parallel))


def deploy(content: Mapping[str, Any], environment: Mapping[str, str], home: Path) -> None:
    """Deploy all that the manifest holds. Raises DeployError."""
    file = home / "prefect.yaml"
    file.write_text(yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
    done = subprocess.run(
        command,
        cwd=CHECKOUT,
        env={**environment, "PWD": str(CHECKOUT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise DeployError(f"prefect deploy failed:\n{done.stdout}{done.stderr}")


def watch(api: str, options: UpOptions) -> list[str]:
    """Create or renew the automations; return their names."""
    tell = _alert(api, str(options.alert_url)) if options.alert_url else DoNothing()
    wanted = automations(tell, timedelta(seconds=options.silence))
    with _client(api) as client:
        for automation in wanted:
            known = client.read_automations_by_name(automation.name)
            if known:
                client.update_automation(known[0].id, automation)
            else:
                client.create_automation(automation)
    return [automation.name for automation in wanted]


def ask_for_signs(api: str) -> None:
    """Have each run of ours that is said to be at work watched from now on: it may have died with the service."""
    at_work = {
        "tags": {"all_": ["wirebrush"]},
        "state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}},
    }
    with _client(api) as client:
        runs = client.read_flow_runs(flow_run_filter=FlowRunFilter.model_validate(at_work))
        events = [
            {
                "event": ASKED,
                "resource": {
                    "prefect.resource.id": f"prefect.flow-run.{run.id}",
                    "prefect.resource.name": run.name,
                },
                "related": [_OURS],
            }
            for run in runs
        ]
        sent = [Event.model_validate(event).model_dump(mode="json") for event in events]
        client.request("POST", "/events", json=sent)


def automations(tell: ActionTypes, silence: timedelta) -> list[AutomationCore]:
    """What is watched. `tell` is done about everything that needs a person.

    An automation that fires leaves an event of its own in the UI's feed, whatever it does besides.
    """
    return [
        AutomationCore(
            name="wirebrush: failed runs",
            description="A run has failed or crashed.",
            trigger=_on("prefect.flow-run.Failed", "prefect.flow-run.Crashed", "prefect.flow-run.TimedOut"),
            actions=[tell],
        ),
        AutomationCore(
            name="wirebrush: late runs",
            description="A run should have started and has not: is a worker there?",
            trigger=_on("prefect.flow-run.Late"),
            actions=[tell],
        ),
        AutomationCore(
            name="wirebrush: silent runs",
            description="A run that stops without a word (its machine died) becomes Crashed, "
            "so that it does not hold up the next one.",
            trigger=EventTrigger(
                match={"prefect.resource.id": "prefect.flow-run.*"},
                match_related=_OURS,
                after=SIGNS,
                expect=SIGNS | ENDS,
                for_each={"prefect.resource.id"},
                posture=Posture.Proactive,
                threshold=1,
                within=silence,
            ),
            actions=[
                ChangeFlowRunState(
                    state=StateType.CRASHED,
                    name="Crashed",
                    force=False,
                    message=f"No sign of life for {silence.total_seconds():.0f} seconds: its process is gone.",
                )
            ],
        ),
        AutomationCore(
            name="wirebrush: site drift",
            description="A site's pages have come out unlike those of earlier runs.",
            trigger=EventTrigger(
                expect={"wirebrush.site.drift"}, posture=Posture.Reactive, threshold=1, within=timedelta(0)
            ),
            actions=[tell],
        ),
    ]


def _on(*events: str) -> EventTrigger:
    """Whenever one of the events comes from a run of ours."""
    return EventTrigger(
        match={"prefect.resource.id": "prefect.flow-run.*"},
        match_related=_OURS,
        expect=set(events),
        posture=Posture.Reactive,
        threshold=1,
        within=timedelta(0),
    )


def _alert(api: str, url: str) -> CallWebhook:
    """Post what happened to the webhook. Names come from the input: they are written as JSON strings."""
    with temporary_settings({PREFECT_API_URL: api}):
        saved = Webhook(method="POST", url=SecretStr(url)).save("wirebrush-alerts", overwrite=True)
    assert isinstance(saved, UUID)  # a coroutine only where an event loop runs
    what = "(automation.name ~ ': ' ~ event.event ~ ' ' ~ event.resource.name) | tojson"
    return CallWebhook(block_document_id=saved, payload='{"text": {{ ' + what + " }}}")


def worker_is_online(api: str, since: datetime | None = None) -> bool:
    """Whether a worker polls the pool; one that was killed counts until the server misses it, unless `since` is later."""
    with _client(api) as client:
        workers = client.read_workers_for_work_pool(POOL)
    heard = (worker.last_heartbeat_time for worker in workers if worker.status == "ONLINE")
    return any(since is None or (time is not None and time >= since) for time in heard)


def next_runs(api: str, limit: int = 5) -> list[FlowRun]:
    """The runs that are scheduled, the soonest first."""
    return _runs(api, ("SCHEDULED",), FlowRunSort.EXPECTED_START_TIME_ASC, limit)


def last_runs(api: str, limit: int = 10) -> list[FlowRun]:
    """The runs that have started, the latest first."""
    states = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED", "RUNNING", "PENDING", "CANCELLING", "PAUSED")
    return _runs(api, states, FlowRunSort.EXPECTED_START_TIME_DESC, limit)


def _runs(api: str, states: Iterable[str], sort: FlowRunSort, limit: int) -> list[FlowRun]:
    wanted = FlowRunFilter.model_validate({"state": {"type": {"any_": list(states)}}})
    with _client(api) as client:
        return client.read_flow_runs(flow_run_filter=wanted, sort=sort, limit=limit)


def deployment_names(api: str) -> dict[UUID, str]:
    """The deployments on the server: id to name."""
    with _client(api) as client:
        return {deployment.id: deployment.name for deployment in client.read_deployments(limit=200)}


def _client(api: str) -> SyncPrefectClient:
    auth = PREFECT_API_AUTH_STRING.value()
    return SyncPrefectClient(api, auth_string=auth, httpx_settings={"timeout": 30})
