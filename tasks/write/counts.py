"""What was counted while a shard was cleaned: by source for the ledger, by what was found for the report."""

from collections import Counter
from dataclasses import dataclass, field

from pydantic import TypeAdapter


@dataclass(slots=True)
class SourceCounts:
    """One input file's share of a shard, or all of it: a row of the ledger."""

    source: str
    size: int
    fingerprint: str
    records: int = 0
    rejects: int = 0
    removals: int = 0
    removed_chars: int = 0
    status: str = "done"
    detail: str | None = None
    #: Where the file lies, whichever way its name is spelt (see tasks.place).
    place: str = ""

    @property
    def documents(self) -> int:
        return self.records + self.rejects

    def add(self, other: "SourceCounts") -> None:
        """Take in the counts of another part of the same file."""
        self.records += other.records
        self.rejects += other.rejects
        self.removals += other.removals
        self.removed_chars += other.removed_chars
        if self.status == "done":
            self.status, self.detail, self.fingerprint = other.status, other.detail, other.fingerprint


@dataclass(slots=True)
class SiteCounts:
    """Kept documents of one site, with their characters before cleaning and those taken out.

    `lost`: its documents of which nothing could be kept (no text extracted, or all of it boilerplate).
    """

    records: int = 0
    raw_chars: int = 0
    removed_chars: int = 0
    lost: int = 0
    languages: Counter[str] = field(default_factory=Counter)  # records

    @property
    def documents(self) -> int:
        return self.records + self.lost

    @property
    def removed_share(self) -> float:
        """Share of the kept documents' raw characters that was taken out, 0 to 1."""
        return self.removed_chars / self.raw_chars if self.raw_chars else 0.0

    def add(self, other: "SiteCounts") -> None:
        self.records += other.records
        self.raw_chars += other.raw_chars
        self.removed_chars += other.removed_chars
        self.lost += other.lost
        self.languages.update(other.languages)


@dataclass(slots=True)
class Totals:
    """Sums over documents: of a shard, a unit or a run."""

    records: int = 0
    rejects: int = 0
    read_bytes: int = 0
    raw_chars: int = 0
    removed_chars: int = 0
    sites: dict[str, SiteCounts] = field(default_factory=dict)
    categories: Counter[str] = field(default_factory=Counter)  # characters taken out
    languages: Counter[str] = field(default_factory=Counter)  # records
    reasons: Counter[str] = field(default_factory=Counter)  # rejects

    @property
    def documents(self) -> int:
        return self.records + self.rejects

    @property
    def removed_share(self) -> float:
        """Share of the kept documents' raw characters that was taken out, 0 to 1."""
        return self.removed_chars / self.raw_chars if self.raw_chars else 0.0

    def add(self, other: "Totals") -> None:
        self.records += other.records
        self.rejects += other.rejects
        self.read_bytes += other.read_bytes
        self.raw_chars += other.raw_chars
        self.removed_chars += other.removed_chars
        self.categories.update(other.categories)
        self.languages.update(other.languages)
        self.reasons.update(other.reasons)
        for site, counts in other.sites.items():
            self.add_site(site, counts)

    def add_site(self, site: str, counts: SiteCounts) -> None:
        self.sites.setdefault(site, SiteCounts()).add(counts)


@dataclass(slots=True)
class ShardCounts:
    """The counts of one shard; its sources in the order of its rows."""

    sources: list[SourceCounts] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)

    def to_json(self) -> str:
        return _ADAPTER.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> "ShardCounts":
        return _ADAPTER.validate_json(text)


_ADAPTER = TypeAdapter(ShardCounts)
