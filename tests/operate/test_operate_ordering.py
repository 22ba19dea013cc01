"""The automations wait for no event that will not come, and do not take a late heartbeat for one of a living run."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from prefect.server.events.ordering import EventArrivedEarly
from prefect.server.events.schemas.events import ReceivedEvent

from flows.operate.ordering import CausalOrdering
from flows.operate.signs import HEARTBEAT


def event(name: str, run: str, follows: ReceivedEvent | None = None) -> ReceivedEvent:
    return ReceivedEvent(
        id=uuid4(),
        event=name,
        occurred=datetime.now(UTC),
        received=datetime.now(UTC),
        resource={"prefect.resource.id": f"prefect.flow-run.{run}"},
        follows=follows.id if follows else uuid4(),
    )


@pytest.fixture
def ordering() -> CausalOrdering:
    return CausalOrdering(scope=str(uuid4()))


async def see(ordering: CausalOrdering, *events: ReceivedEvent) -> list[str]:
    """The events that the automations get to see."""
    seen = []
    for one in events:
        try:
            async with ordering.preceding_event_confirmed(None, one):
                run = one.resource.id.removeprefix("prefect.flow-run.")
                seen.append(f"{run}: {one.event.removeprefix('prefect.flow-run.')}")
        except EventArrivedEarly:
            pass
    return seen


def test_the_states_of_a_run_whose_scheduling_nobody_told_are_seen_at_once(ordering) -> None:
    pending = event("prefect.flow-run.Pending", "a")
    running = event("prefect.flow-run.Running", "a", pending)
    failed = event("prefect.flow-run.Failed", "a", running)
    assert asyncio.run(see(ordering, pending, running, failed)) == ["a: Pending", "a: Running", "a: Failed"]


def test_an_event_waits_for_the_one_before_that_is_on_its_way(ordering) -> None:
    pending = event("prefect.flow-run.Pending", "b")
    running = event("prefect.flow-run.Running", "b", pending)
    seen = []

    async def slowly() -> None:
        async with ordering.preceding_event_confirmed(None, pending):
            await asyncio.sleep(0.5)
            seen.append("b: Pending")

    async def both() -> None:
        first = asyncio.create_task(slowly())
        while not await ordering.event_has_started_processing(pending):
            await asyncio.sleep(0)
        seen.extend(await see(ordering, running))
        await first

    asyncio.run(both())
    assert seen == ["b: Pending", "b: Running"]


def test_a_heartbeat_after_the_end_is_not_seen(ordering) -> None:
    events = [event(HEARTBEAT, "c"), event("prefect.flow-run.Completed", "c"), event(HEARTBEAT, "c")]
    seen = asyncio.run(see(ordering, *events, event(HEARTBEAT, "d")))
    assert seen == ["c: heartbeat", "c: Completed", "d: heartbeat"]
