"""prefect.yaml as it stands in the checkout, read without Prefect, which takes seconds to import."""

from pathlib import Path
from typing import Any

import yaml

from flows.operate.options import CHECKOUT
from flows.settings import SettingsError

MANIFEST = CHECKOUT / "prefect.yaml"
WANTED = (
    "prefect.yaml: should hold a list of deployments, the first of which has an output among its parameters"
)


def read_manifest(file: Path | None = None) -> Any:
    """The content of prefect.yaml, whatever it is. Raises SettingsError where it is not there, or no YAML."""
    file = file or MANIFEST
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"prefect.yaml: not valid YAML: {error}") from error


def output_of(manifest: Any) -> str:
    """Where the first deployment writes, of which `up` and `status` tell. Raises SettingsError."""
    try:
        output = manifest["deployments"][0]["parameters"]["output"]
    except (KeyError, IndexError, TypeError) as error:
        raise SettingsError(WANTED) from error
    if not isinstance(output, str):
        raise SettingsError(WANTED)
    return output
