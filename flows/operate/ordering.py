"""The order in which the server's automations see events: its setting `events.causal_ordering` names this module.

Prefect holds an event back until it has seen the one before, for 15 minutes if that never comes. Of the runs that a cron
schedules, it never does, nor for those at work when the server was started again: alerts would come as late.
"""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from prefect.server.events.ordering import EventArrivedEarly, event_handler, memory
from prefect.server.events.schemas.events import ReceivedEvent

from flows.operate.signs import ENDS, HEARTBEAT

#: Runs whose end is remembered.
_RUNS = 1000


class CausalOrdering(memory.CausalOrdering):
    """Waits for an event that is on its way, and for no other."""

    _ended: ClassVar[deque[str]] = deque(maxlen=_RUNS)

    async def wait_for_leader(self, event: ReceivedEvent) -> None:
        """Wait for the event that this one follows, if it is being looked at."""
        if event.follows and await self.event_has_started_processing(event.follows):
            await super().wait_for_leader(event)

    @asynccontextmanager
    async def preceding_event_confirmed(
        self, handler: event_handler, event: ReceivedEvent, depth: int = 0
    ) -> AsyncIterator[None]:
        """Let nobody see a heartbeat that arrives after its run's end: it would be taken for one that lives."""
        run = event.resource.id
        if event.event in ENDS:
            self._ended.append(run)
        elif event.event == HEARTBEAT and run in self._ended:
            raise EventArrivedEarly(event)
        async with super().preceding_event_confirmed(handler, event, depth):
            yield
