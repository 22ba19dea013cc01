"""The figures of a run: gathered while it runs, kept as summary.json, read again by later runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from flows.drift import Drift
from schemas import SCHEMA_VERSION
from tasks.write import Related, Sample, Template, Totals

#: Published units from which the report's samples are taken.
_SAMPLED = 8


@dataclass(slots=True)
class Summary:
    """The figures of one run. `totals` are of the documents that this run published.

    Of a run that was `refused` they are of the documents that it would have published. `sampled` are keys of units
    for the report to take samples from, whichever order they were published in.
    """

    run_id: str
    started: datetime
    finished: datetime | None = None
    schema_version: str = SCHEMA_VERSION
    sources: int = 0
    shards: int = 0
    units: int = 0
    totals: Totals = field(default_factory=Totals)
    failures: list[str] = field(default_factory=list)
    refused: str | None = None
    drift: list[Drift] = field(default_factory=list)
    sampled: list[str] = field(default_factory=list)
    templates: list[Template] = field(default_factory=list)
    related: Related = field(default_factory=Related)

    def add(self, key: str, totals: Totals) -> None:
        """Count a unit that was published."""
        self.units += 1
        self.totals.add(totals)
        self.sampled = sorted([*self.sampled, key], key=_hash)[:_SAMPLED]

    @property
    def failed(self) -> bool:
        """Whether something is not as it should be: a shard failed, or a limit kept all from being published."""
        return bool(self.failures or self.refused)

    @property
    def message(self) -> str:
        """The run in one sentence."""
        totals = self.totals
        counted = (
            f"{totals.documents:,} documents: {totals.records:,} records, {totals.rejects:,} rejects, "
            f"{totals.removed_share:.0%} of the text removed".replace("%", " %")
        )
        if self.refused:
            return f"nothing was published: {self.refused}. Cleaned: {counted}"
        if self.failures:
            failed = f"{len(self.failures):,} of {self.shards:,} shards failed, the first: {self.failures[0]}"
            return f"{failed}. Published: {counted}"
        if not self.shards:
            return f"nothing new: {self.sources:,} files have been cleaned already"
        if self.drift:
            sites = len({drift.site for drift in self.drift})
            return f"{counted}; {sites:,} {'site' if sites == 1 else 'sites'} unlike before"
        return counted

    def to_json(self) -> str:
        return _ADAPTER.dump_json(self, indent=2).decode() + "\n"


@dataclass(slots=True)
class Report:
    """A run's figures, those of the runs before it (the oldest first), and some of its documents."""

    summary: Summary
    history: list[Summary] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    @property
    def previous(self) -> Summary | None:
        """The run before this one."""
        return self.history[-1] if self.history else None


_ADAPTER = TypeAdapter(Summary)


def read_summaries(out: Path, limit: int) -> list[Summary]:
    """The last runs that had something to do, the oldest first. What is not a summary of ours is passed over."""
    found: list[Summary] = []
    folders = sorted((out / "runs").iterdir(), reverse=True) if (out / "runs").is_dir() else []
    for folder in folders:
        if len(found) == limit:
            break
        try:
            found.append(_ADAPTER.validate_json((folder / "summary.json").read_bytes()))
        except (OSError, ValidationError):
            continue
    return found[::-1]


def in_words(counted: Mapping[str, int | bool]) -> str:
    """The counts of one shard, as clean_shard returns them, in one line."""
    share = counted["removed_chars"] / counted["raw_chars"] if counted["raw_chars"] else 0.0
    return (
        f"{counted['documents']:,} documents, {counted['records']:,} records, "
        f"{counted['rejects']:,} rejects, {100 * share:.0f} % of the text removed"
        + (", by an earlier run" if counted["staged"] else "")
    )


def _hash(key: str) -> bytes:
    return blake2b(key.encode("utf-8", "backslashreplace"), digest_size=8).digest()
