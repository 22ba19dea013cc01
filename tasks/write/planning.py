"""What has to be cleaned, and which unit each source is published in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tasks.place import place_id
from tasks.write.ledger import Ledger, source_fingerprint

if TYPE_CHECKING:
    from tasks.ingest import Shard, Source, Unit


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A unit to publish: the shards to clean, and the sources in the order of its rows.

    The rows of `carried` sources are taken over from the unit as it is published now.
    """

    key: str
    shards: "tuple[Shard, ...]"
    order: tuple[str, ...]
    carried: frozenset[str] = frozenset()


def plan(
    sources: "Iterable[Source]",
    ledger: Ledger,
    digest: str,
    cut: "Callable[[Sequence[Source]], Sequence[Unit]]",
    full: bool = False,
) -> list[UnitPlan]:
    """The units that hold something new.

    A source that is in the ledger stays in its unit, which is published again under its old key: replacing it
    is then one rename a data set. It is known under every spelling of its path, and takes the name it is given
    now when it is cleaned again. New sources form new units. A source is in exactly one unit, always; one
    that is in the ledger but not in `sources` keeps its rows.

    cut: groups sources into units and cuts these into shards (tasks.ingest.plan_units).
    full: take in every source, whether it has changed or not.
    """
    fresh: list[Source] = []
    changed: dict[str, list[Source]] = {}
    old_names: dict[str, str] = {}
    for source in {source.path: source for source in sources}.values():
        name = source.path
        if name not in ledger.unit_of and ledger.unit_of:
            name = ledger.name_at.get(place_id(source.path), name)
        unit = ledger.unit_of.get(name)
        if unit is None:
            fresh.append(source)
        elif full or ledger.fingerprints[name] != source_fingerprint(source.fingerprint, digest):
            changed.setdefault(unit, []).append(source)
            old_names[name] = source.path
    again = []
    for key, members in changed.items():
        order = tuple(old_names.get(name, name) for name in ledger.sources_of[key])
        again.append(_again(key, order, cut(members)))
    return again + _new(cut(fresh) if fresh else [], set(ledger.sources_of))


def _again(key: str, order: tuple[str, ...], units: "Sequence[Unit]") -> UnitPlan:
    shards = [shard for unit in units for shard in unit.shards]
    renewed = {source.path for unit in units for source in unit.sources}
    return UnitPlan(
        key=key,
        shards=tuple(replace(shard, unit=key, number=number) for number, shard in enumerate(shards)),
        order=order,
        carried=frozenset(order) - renewed,
    )


def _new(units: "Sequence[Unit]", taken: set[str]) -> list[UnitPlan]:
    plans = []
    for unit in units:
        # What lies in this output keeps its name, whatever the new unit would like to be called.
        key = next(key for key in _names(unit.key) if key not in taken)
        taken.add(key)
        shards = tuple(replace(shard, unit=key) for shard in unit.shards)
        plans.append(UnitPlan(key, shards, tuple(source.path for source in unit.sources)))
    return plans


def _names(key: str) -> Iterable[str]:
    yield key
    number = 2
    while True:
        yield f"{key}-{number}"
        number += 1
