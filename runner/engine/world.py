"""What a run acts with: everything that comes from outside, handed in once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import field

from runner.clock import Clock
from runner.engine.asking import Nobody, Person
from runner.engine.closing import Closing
from runner.engine.guards import Guards
from runner.engine.ledger import Ledger
from runner.engine.pacing import Pace
from runner.engine.recorder import Recorder
from runner.engine.shared import Shared
from runner.engine.stop import Stop
from runner.frozen import frozen
from runner.record.events import Event, Going, Noted, Surroundings
from runner.redact import Redactor
from runner.venue.catalogue import Catalogue, InstrumentMemory
from runner.venue.desk import Venue
from runner.venue.pins import PinGuard


@frozen
class Services:
    """The parts of the world that do not depend on the plan.

    ``venue`` opens the venue's client when it is first needed; ``clock_offset_ms`` is the venue's clock minus ours,
    None as long as it was not measured. ``reconcile_window`` in seconds. ``instruments`` is where reference data are
    kept between runs, None for nowhere. ``pace`` keeps the venue's rate limits, None for nobody. ``pins`` is who may
    be acted as, ``person`` whoever can be asked.
    """

    clock: Clock
    stop: Stop
    venue: Callable[[], Venue]
    clock_offset_ms: Callable[[], int | None]
    redactor: Redactor
    random: random.Random
    new_uuid: Callable[[], str]
    surroundings: Surroundings
    base_url: str
    reconcile_window: float
    tool_version: str
    shared: Shared
    instruments: InstrumentMemory | None = None
    pace: Pace | None = None
    pins: PinGuard = field(default_factory=PinGuard)
    person: Person = field(default_factory=Nobody)


@frozen
class Doubt:
    """An order whose fate a step could not tell, or only its end; an empty id is one that nobody knows."""

    clord_id: str
    of_end: bool

    def resolved(self, ledger: Ledger) -> bool:
        """Whether it is known by now."""
        return ledger.over(self.clord_id) if self.of_end else ledger.known(self.clord_id)


@frozen
class World:
    """A run's own state: services, limits used, orders and debts.

    ``going`` is how far it goes (``RunResumed``); ``ended`` are the paths of steps that a process before this one had
    performed. ``doubts`` are by the path of the step that could not tell an order's fate. ``unsaid_waits`` are seconds,
    by operation, that were waited for rate limits and not told yet.
    """

    services: Services
    recorder: Recorder
    run_id: str
    ledger: Ledger
    guards: Guards
    closing: Closing
    going: Going
    ended: frozenset[str]
    allow_hosts: tuple[str, ...]
    catalogue: Catalogue
    doubts: dict[str, Doubt] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    turn: threading.RLock = field(default_factory=threading.RLock)
    notes: set[Noted] = field(default_factory=set)
    unsaid_waits: dict[str, float] = field(default_factory=dict)

    @property
    def in_doubt(self) -> tuple[Doubt, ...]:
        """What steps could not tell and nobody has found out since."""
        return tuple(each for each in self.doubts.values() if not each.resolved(self.ledger))

    @property
    def stopping(self) -> bool:
        """Whether no further step may begin: a signal came, or what happens can't be recorded any more."""
        return self.recorder.cancelled() or self.recorder.broken is not None

    def tell(self, *events: Event) -> None:
        """Record what happened, and enter it into the ledger."""
        with self.turn:
            self.recorder.emit(*events)
            for event in events:
                self.ledger.take(event)
