"""Every option of a cleaning run: one definition for the command line, the config file and the flow."""

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from schemas import SCHEMA_VERSION
from tasks.ingest import SHARD_BYTES, Format, IngestOptions
from tasks.strip import STRICTNESS, StripSettings, knowledge_digest

# As in tasks.extract, which takes too long to load for a command that extracts nothing.
Extractor = Literal["trafilatura", "resiliparse"]
Runner = Literal["thread", "process", "dask"]
Name = Annotated[str, Field(min_length=1)]
LanguageTag = Annotated[str, Field(pattern=r"^([a-z]{2,3}(-[A-Z][a-z]{3})?|und)$")]


def _no_switch(value: Any) -> Any:
    """Refuses true and false, which Python would take for 1 and 0: a limit of 1 would never be reached."""
    if isinstance(value, bool):
        raise ValueError("should be a number, not true or false")
    return value


_Number = BeforeValidator(_no_switch)
Count = Annotated[int, Field(ge=1), _Number]
Workers = Annotated[int, Field(ge=1, le=1024), _Number]
Seconds = Annotated[float, Field(gt=0, le=3600), _Number]
Share = Annotated[float, Field(ge=0, le=1), _Number]

MIB = 1 << 20


class SettingsError(ValueError):
    """An option that does not exist or a value that is not accepted; the message says what would be."""


class Settings(BaseModel):
    """The options of a run, checked. All of them have defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Format = Field("auto", description="format of the input; auto looks at the content")
    text_field: Name = Field("text", description="field of JSONL and Parquet that holds a document's text")
    html_field: Name = Field("html", description="field that holds its HTML, where it has no text")
    id_field: Name = Field("id", description="field that holds its id")
    url_field: Name = Field("url", description="field that holds its address")
    title_field: Name = Field("title", description="field that holds its title")
    extractor: Extractor = Field("trafilatura", description="turns HTML into text; resiliparse is faster")
    languages: tuple[LanguageTag, ...] = Field(
        (), description="keep documents in these languages alone (en, zh or zh-Hant, ...); empty: all"
    )
    rules: tuple[Path, ...] = Field((), description="files of own rules, beside those shipped")
    disable_rules: tuple[Name, ...] = Field((), description="ids of rules that are not to fire")
    strictness: Share = Field(
        STRICTNESS,
        description="0 loses least of the articles, 1 leaves least of the rest; moves the line model",
    )
    workers: Workers | None = Field(None, description="shards cleaned at a time; by default one a core")
    runner: Runner = Field("thread", description="where shards are cleaned; process uses all cores")
    dask_address: Name | None = Field(None, description="a running Dask scheduler, tcp://host:port")
    site_memory: bool = Field(True, description="judge lines by how many pages of their site have them, too")
    copies: bool = Field(
        True, description="tell which records are copies, and which passages other sites have"
    )
    full: bool = Field(False, description="clean everything again, whatever earlier runs did")
    max_document_bytes: Count = Field(16 * MIB, description="bytes beyond which a document is rejected")
    max_document_lines: Count = Field(200_000, description="lines beyond which a document is rejected")
    max_html_bytes: Count = Field(16 * MIB, description="bytes beyond which a page is not extracted")
    extract_timeout: Seconds = Field(20.0, description="seconds after which a page is given up")
    max_reject_share: Share | None = Field(
        None, description="share of rejects, 0 to 1, beyond which a run fails and publishes nothing"
    )
    max_removed_share: Share | None = Field(
        None,
        description="share of the text taken out, 0 to 1, beyond which a run fails and publishes nothing",
    )
    shard_bytes: Count = Field(
        SHARD_BYTES, description="size of a shard, which is cleaned and resumed as one"
    )

    @field_validator("languages", "disable_rules", mode="before")
    @classmethod
    def _split_at_commas(cls, value: Any) -> Any:
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list | tuple):
            return value
        words = (item.split(",") if isinstance(item, str) else [item] for item in given)
        return [word.strip() if isinstance(word, str) else word for split in words for word in split]

    @property
    def parallel(self) -> int:
        """Shards cleaned at a time."""
        return self.workers or os.cpu_count() or 1

    def ingest(self) -> IngestOptions:
        """The options of the ingest stage."""
        names = {field.name for field in fields(IngestOptions)}
        return IngestOptions(**self.model_dump(include=names))

    def strip(self) -> StripSettings:
        """The options of the strip stage."""
        return StripSettings(self.rules, self.disable_rules, strictness=self.strictness)

    def digest(self) -> str:
        """Stands for all that shapes the output: options, rule files, and what Wirebrush ships (rules, weights, schema).

        Of code it knows nothing: after an upgrade that changes code alone, `full` cleans everything anew.

        Raises SettingsError when a rule file cannot be read.
        """
        shaping = self.model_dump(mode="json", exclude=_HOW)
        for name in ("languages", "disable_rules"):
            shaping[name] = sorted(set(shaping[name]))
        shaping["rules"] = [_content_hash(path) for path in self.rules]
        shaping["shipped"] = [SCHEMA_VERSION, knowledge_digest()]
        return hashlib.blake2b(json.dumps(shaping, sort_keys=True).encode(), digest_size=8).hexdigest()


#: Options that say how a run is done, and not what comes out.
_HOW = {
    "copies",
    "workers",
    "runner",
    "dask_address",
    "full",
    "shard_bytes",
    "rules",
    "max_reject_share",
    "max_removed_share",
}


def read_settings(config: Path | None = None, given: dict[str, Any] | None = None) -> Settings:
    """The settings of a config file, overruled by those `given`.

    Paths in the file are relative to its folder. Raises SettingsError.
    """
    options: dict[str, Any] = {}
    if config is not None:
        try:
            options = tomllib.loads(config.read_text(encoding="utf-8"))
        except OSError as error:
            raise SettingsError(f"{config}: {error.strerror or error}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{config}: not valid TOML: {error}") from error
        _valid(options, where=f"{config}: ")
        options["rules"] = [config.parent / path for path in options.get("rules", [])]
    return check(options | (given or {}))


def local_folder(output: str | Path) -> Path:
    """The output as a path. Raises SettingsError for a URL, which would become a folder of that name, and for no name."""
    if not str(output):
        raise SettingsError("output: '' is no folder; for the one you are in it is '.'")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(output)):
        raise SettingsError(f"output: {output} is a URL; the output is a folder on a disk of this machine")
    return Path(output)


def check(options: dict[str, Any]) -> Settings:
    """The settings of plain values. Raises SettingsError."""
    settings = _valid(options)
    # Said of the whole alone: the address may stand in the config file and the runner on the command line.
    if settings.dask_address and settings.runner != "dask":
        raise SettingsError("dask_address is only of use with runner = dask")
    return settings


def _valid(options: dict[str, Any], where: str = "") -> Settings:
    """Options each of which is accepted by itself. Raises SettingsError."""
    try:
        return Settings.model_validate(options)
    except ValidationError as error:
        raise SettingsError(where + explain_errors(error)) from None


def explain_errors(error: ValidationError) -> str:
    """What is wrong with the options, in words of the user's: which key, and what it would accept."""
    return "; ".join(_explain(error))


#: What is accepted, where pydantic says it to programmers.
_IN_WORDS = {
    "path_type": "should be a path",
    "string_too_short": "should not be empty",
    "tuple_type": "should be a list",
    "url_scheme": "should begin with http:// or https://",
}


def _explain(error: ValidationError) -> Iterable[str]:
    for problem in error.errors(include_url=False):
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            yield f"unknown option {name!r}; there are: {', '.join(Settings.model_fields)}"
        elif problem["type"] == "string_pattern_mismatch":
            yield f"{name}: {problem['input']!r} is not a language tag such as en, zh-Hant or und"
        elif name:
            message = problem["msg"].removeprefix("Input ").removeprefix("Value error, ")
            message = _IN_WORDS.get(problem["type"], message)
            yield f"{name}: {problem['input']!r} is not accepted; it {message}"
        else:
            yield problem["msg"].removeprefix("Value error, ")


def _content_hash(path: Path) -> str:
    try:
        return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
    except OSError as error:
        raise SettingsError(f"rules: {path}: {error.strerror or error}") from error


Function = TypeVar("Function", bound=Callable[..., Any])


def describe_parameters(**others: str) -> Callable[[Function], Function]:
    """Append each parameter's meaning to a function's docstring, where Prefect's run form finds it."""

    def describe(function: Function) -> Function:
        meanings = others | {name: field.description or "" for name, field in Settings.model_fields.items()}
        lines = [f"    {name}: {meaning}" for name, meaning in meanings.items()]
        function.__doc__ = "\n".join([(function.__doc__ or "").rstrip(), "", "Args:", *lines])
        return function

    return describe
