"""The options of `wirebrush up`, and what they mean for Prefect's server and worker."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, field_validator

from flows.settings import Name, local_folder

#: The folder that holds prefect.yaml: runs start there.
CHECKOUT = Path(__file__).resolve().parents[2]

#: Where `up` keeps what it needs, if it is not told otherwise.
HOME = CHECKOUT / ".wirebrush"

HOST = "127.0.0.1"

#: What Prefect is told wherever Wirebrush starts it. What the user has set stands.
PREFECT = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_CLI_COLORS": "false",
}


class UpOptions(BaseModel):
    """The options of `wirebrush up`, checked. All of them have defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: Annotated[int, Field(ge=1, le=65535)] = Field(4200, description="port of the server and its UI")
    home: Path = Field(HOME, description="folder for the server's database, the logs and what is running")
    sources: tuple[Name, ...] = Field((), description="what the deployments read, instead of prefect.yaml's")
    output: Path | None = Field(None, description="where they write, instead of prefect.yaml's")
    cron: Name | None = Field(None, description="when nightly runs, instead of prefect.yaml's: 5 fields")
    timezone: Name | None = Field(None, description="the zone of cron, such as Europe/Berlin")
    parallel: Annotated[int, Field(ge=1, le=64)] = Field(
        2, description="flow runs that the worker runs at a time"
    )
    keep_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        30, description="days for which the server keeps runs and events"
    )
    silence: Annotated[int, Field(ge=60, le=86_400)] = Field(
        120, description="seconds without a sign of life after which a run counts as crashed"
    )
    alert_url: AnyHttpUrl | None = Field(
        None, description="webhook that is sent trouble as JSON: {'text': ...} (Slack, Mattermost, own)"
    )
    log_format: Literal["text", "json"] = Field("text", description="of the server's and the worker's log")

    @field_validator("home")
    @classmethod
    def _from_everywhere(cls, home: Path) -> Path:
        return home.absolute()  # what is started has the checkout for its folder

    @field_validator("output", mode="before")
    @classmethod
    def _on_a_disk(cls, output: Path | str | None) -> Path | str | None:
        try:
            return output if output is None else local_folder(output)
        except ValueError:
            raise ValueError("should be a folder on a disk of this machine") from None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in available_timezones():
            raise ValueError("should be a time zone's name, such as UTC or Europe/Berlin")
        return zone

    def environment(self, port: int) -> dict[str, str]:
        """The environment of the server, the worker and the commands that speak to them."""
        seconds = str(timedelta(days=self.keep_days) // timedelta(seconds=1))
        fixed = {
            "PREFECT_HOME": str(self.home.resolve() / "prefect"),
            "PREFECT_API_URL": f"http://{HOST}:{port}/api",
            "PREFECT_SERVER_API_HOST": HOST,
            "PREFECT_SERVER_API_PORT": str(port),
        }
        chosen = PREFECT | {
            "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{self.keep_days}D",
            "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
            "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": seconds,
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
            "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "flows.operate.ordering",
            "PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER": "json" if self.log_format == "json" else "standard",
            "PYTHONUNBUFFERED": "1",
        }
        asked_for = os.environ.get("PREFECT_SERVER_API_AUTH_STRING")
        if asked_for:  # whoever speaks to the server is asked for it, the worker and the runs too
            chosen["PREFECT_API_AUTH_STRING"] = asked_for
        # An address or a key of another server would lead this one's commands astray.
        others = {
            name: value
            for name, value in os.environ.items()
            if name not in {"PREFECT_API_KEY", "PREFECT_PROFILE"}
        }
        return chosen | others | fixed
