"""A Prefect server that goes away during a run: the run does its work all the same, and ends."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from httpx import TransportError
from prefect.events.clients import PrefectEventsClient
from prefect.logging import get_logger

Emit = Callable[..., Coroutine[Any, Any, None]]


@contextmanager
def without(what: str) -> Iterator[None]:
    """Go on where something that is only for show cannot be told to the server."""
    try:
        yield
    except TransportError as error:
        get_logger("wirebrush").warning("the server is away, so %s: %s", what, error)


def _waiting_once(emit: Emit) -> Emit:
    """Prefect waits some seconds for the server with every single event, and a run has thousands of them.

    This way only the first one waits. The others are tried once and kept until the server is back.
    """

    async def _emit(self: Any, event: Any) -> None:
        patience = self._reconnection_attempts
        try:
            await emit(self, event)
        except Exception:
            self._reconnection_attempts = 0
            raise
        self._reconnection_attempts = max(patience, _PATIENCE)

    return _emit


#: Prefect's own number of attempts.
_PATIENCE = 10

PrefectEventsClient._emit = _waiting_once(PrefectEventsClient._emit)  # type: ignore[method-assign]
