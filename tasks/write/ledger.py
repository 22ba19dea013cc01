"""Which version of which source has been published, and in which unit."""

from dataclasses import dataclass, field

import pyarrow.parquet as pq

from schemas import SCHEMA_VERSION
from tasks.write.check import OutputError
from tasks.write.counts import SourceCounts
from tasks.write.layout import Layout
from tasks.write.tables import VERSION, RowReader

#: Footer of a ledger file: how many rows of the unit's removals each source has, in the order of its rows.
REMOVAL_ROWS = "wirebrush.removal_rows"
#: Footer of a ledger file: the place of each source, in the order of its rows.
PLACES = "wirebrush.places"
#: Written for a source that could not be read: it never equals a real one, so the next run tries again.
UNREAD = "unread"


@dataclass(slots=True)
class Ledger:
    """Every published source with its fingerprint and its unit; every unit with its sources, in row order."""

    fingerprints: dict[str, str] = field(default_factory=dict)
    unit_of: dict[str, str] = field(default_factory=dict)
    sources_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: The name under which the file at a place was published.
    name_at: dict[str, str] = field(default_factory=dict)


def source_fingerprint(fingerprint: str, digest: str) -> str:
    """The ledger's fingerprint: it changes with the file and with the settings that shape the output."""
    return f"{fingerprint}:{digest}"


def load_ledger(layout: Layout) -> Ledger:
    """Read the ledger files. An output that does not exist yet has an empty ledger.

    Raises OutputError when another major version has written there: its rows would mean something else.
    """
    ledger = Ledger()
    for path in sorted((layout.out / "sources").glob("*.parquet")):
        file = pq.ParquetFile(path)
        written = (file.metadata.metadata or {}).get(VERSION.encode(), b"?").decode()
        if written.split(".")[0] != SCHEMA_VERSION.split(".")[0]:
            raise OutputError(
                f"{path}: written with schema {written}, and this version writes {SCHEMA_VERSION}: "
                "choose another output"
            )
        rows = file.read(columns=["source", "fingerprint"])
        sources = rows["source"].to_pylist()
        ledger.sources_of[path.stem] = tuple(sources)
        ledger.unit_of.update(dict.fromkeys(sources, path.stem))
        ledger.name_at.update(zip(_places(file.metadata.metadata or {}, len(sources)), sources, strict=True))
        ledger.fingerprints.update(zip(sources, rows["fingerprint"].to_pylist(), strict=True))
    return ledger


def published_counts(layout: Layout, key: str) -> dict[str, SourceCounts]:
    """A published unit's sources with their row counts, in the order of its rows."""
    file = RowReader(layout.published("sources", key), "sources")
    try:
        removals = [int(number) for number in file.footer[REMOVAL_ROWS.encode()].split()]
        places = _places(file.footer, len(removals))
        rows = [row for table in file.read(0, len(removals)) for row in table.to_pylist()]
    finally:
        file.close()
    counts = {}
    for row, rows_of_removals, place in zip(rows, removals, places, strict=True):
        del row["documents"]  # the sum of records and rejects
        counts[row["source"]] = SourceCounts(**row, removals=rows_of_removals, place=place)
    return counts


def _places(footer: dict[bytes, bytes], sources: int) -> list[str]:
    """The places in a footer; empty ones where it was written before there were any."""
    found = footer.get(PLACES.encode(), b"").decode().split()
    return [place.strip("-") for place in found] if len(found) == sources else [""] * sources
