"""The venue's client of one run, opened when a step first needs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from runner.cli.memory import KeyMemory
from runner.cli.remembering import remembering_folder
from runner.settings import Settings

if TYPE_CHECKING:
    from runner.clock import Clock
    from runner.engine.stop import Stop
    from runner.redact import Redactor
    from runner.venue.desk import Venue
    from runner.venue.transport import Transport

MakeTransport: TypeAlias = "Callable[[Clock, Redactor, str | None], Transport]"


class Client:
    """Opens the client once, and closes it; ``transport`` makes what carries its calls."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        stop: Stop,
        redactor: Redactor,
        transport: MakeTransport | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._stop = stop
        self._redactor = redactor
        self._transport = transport
        self._venue: Venue | None = None

    def venue(self) -> Venue:
        """The one client of this run."""
        if self._venue is None:
            self._venue = self._open()
        return self._venue

    def clock_offset_ms(self) -> int | None:
        """The venue's clock minus ours, None before its first answer."""
        return self._venue.clock_offset_ms if self._venue else None

    def close(self) -> None:
        """Give connections back."""
        if self._venue is not None:
            self._venue.transport.close()

    def _open(self) -> Venue:
        from runner.cli.credentials import credentials
        from runner.venue.desk import Venue
        from runner.venue.transport import Transport

        settings = self._settings
        assert settings.base_url is not None  # noqa: S101 - `resolve` or the embedded exchange saw to it
        bundle = str(settings.ca_bundle.value) if settings.ca_bundle else None
        transport = (self._transport or Transport)(self._clock, self._redactor, bundle)
        self._stop.on_request(lambda: transport.interrupt(at_once=self._stop.impatient))
        memory = KeyMemory(remembering_folder(settings))
        return Venue(credentials(settings), settings.base_url.value, transport, self._clock, self._redactor, memory)
