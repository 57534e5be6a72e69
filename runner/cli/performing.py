"""Everything a run acts with, put together: the venue's client, the clock, signals, and who listens."""

from __future__ import annotations

import argparse
import random
import uuid
from contextlib import ExitStack
from typing import TYPE_CHECKING

from runner import __version__
from runner.address import host_of
from runner.cli.instrument_file import InstrumentFile, instrument_file
from runner.cli.memory import KeyMemory
from runner.cli.remembering import remembering_folder
from runner.clock import SystemClock
from runner.engine.recorder import MemoryRecorder
from runner.engine.run import run
from runner.engine.stop import Stop
from runner.engine.world import Services
from runner.plan import Plan
from runner.record.events import Surroundings
from runner.record.result import RunResult, fold
from runner.redact import Redactor, Secret
from runner.reporters.terminal import reporter_for
from runner.settings import Settings, with_embedded

if TYPE_CHECKING:
    from runner.cli.embedded import EmbeddedExchange
    from runner.venue.desk import Venue


class Performer:
    """Performs plans, one after the other, in one process; ``to_stdout`` is whether a report has stdout for itself."""

    def __init__(self, options: argparse.Namespace, *, to_stdout: bool) -> None:
        self._options = options
        self._to_stdout = to_stdout
        self._stack = ExitStack()
        self._stop = Stop()
        self._clock = SystemClock(self._stop.pause)
        self.redactor = Redactor()

    def __enter__(self) -> Performer:
        self._stack.callback(self._stop.close)
        self._stack.enter_context(self._stop.installed())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def interrupted(self) -> bool:
        """Whether a signal asked to stop."""
        return self._stop.requested

    def perform(self, settings: Settings, plan: Plan) -> RunResult:
        """One run, told to the terminal as it goes, with the embedded exchange beside it if its settings say so."""
        with ExitStack() as stack:
            instruments = instrument_file(settings)
            if settings.embedded:
                settings = with_embedded(settings, self._embedded(stack).variables())
            for secret in (*settings.secrets, *(each for each in plan.inputs.values() if isinstance(each, Secret))):
                self.redactor.learn(secret)
            listener = reporter_for(self._options, self.redactor, silent=self._to_stdout)
            recorder = MemoryRecorder(self._clock, self._stop, [listener])
            client = _Client(settings, self._clock, self._stop, self.redactor)
            stack.callback(client.close)
            run(plan, self._services(settings, client, instruments), recorder, _new_run_id(self._clock))
            return fold(recorder.events)

    def _embedded(self, stack: ExitStack) -> EmbeddedExchange:
        from runner.cli.embedded import EmbeddedExchange

        exchange = EmbeddedExchange()
        stack.callback(exchange.stop)
        _load_while_waiting()
        return exchange

    def _services(self, settings: Settings, client: _Client, instruments: InstrumentFile | None) -> Services:
        base_url = settings.base_url.value if settings.base_url else ""
        return Services(
            clock=self._clock,
            stop=self._stop,
            venue=client.venue,
            clock_offset_ms=client.clock_offset_ms,
            redactor=self.redactor,
            random=random.Random(),
            new_uuid=lambda: str(uuid.uuid4()),
            surroundings=Surroundings(
                name=settings.environment.value,
                host=host_of(base_url),
                participant=settings.participant.value if settings.participant else "",
                account=settings.account.value if settings.account else "",
            ),
            base_url=base_url,
            reconcile_window=float(settings.reconcile_window.value),
            tool_version=__version__,
            instruments=instruments,
        )


class _Client:
    """The venue's client, opened when a step first needs it."""

    def __init__(self, settings: Settings, clock: SystemClock, stop: Stop, redactor: Redactor) -> None:
        self._settings = settings
        self._clock = clock
        self._stop = stop
        self._redactor = redactor
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
        transport = Transport(self._clock, self._redactor, bundle)
        self._stop.on_request(lambda: transport.interrupt(at_once=self._stop.impatient))
        memory = KeyMemory(remembering_folder(settings))
        return Venue(credentials(settings), settings.base_url.value, transport, self._clock, self._redactor, memory)


def _load_while_waiting() -> None:
    """What the first call will need, loaded while the embedded exchange starts."""
    import runner.venue.transport  # noqa: F401


def _new_run_id(clock: SystemClock) -> str:
    return f"{clock.now():%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
