"""What a run acts with: everything that comes from outside, handed in once."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import field

from runner.clock import Clock
from runner.engine.closing import Closing
from runner.engine.guards import Guards
from runner.engine.recorder import Recorder
from runner.engine.scope import Scope
from runner.engine.stop import Stop
from runner.frozen import frozen
from runner.record.events import OrderIntended, Surroundings, Verdict
from runner.redact import Redactor
from runner.venue.catalogue import Catalogue, InstrumentMemory
from runner.venue.desk import Venue
from runner.venue.model import Order


@frozen
class Services:
    """The parts of the world that do not depend on the plan.

    ``venue`` opens the venue's client when it is first needed; ``clock_offset_ms`` is the venue's clock minus ours,
    None as long as it was not measured. ``reconcile_window`` in seconds. ``instruments`` is where reference data are
    kept between runs, None for nowhere.
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
    instruments: InstrumentMemory | None = None


@frozen
class World:
    """A run's own state: services, names, limits used, orders.

    ``intended`` is by step path; ``orders`` (as last seen) and ``lost`` (a verdict) by client order id;
    ``doubts`` are those of orders, or empty texts, whose fate a step could not tell.
    """

    services: Services
    recorder: Recorder
    run_id: str
    scope: Scope
    guards: Guards
    closing: Closing
    allow_hosts: tuple[str, ...]
    catalogue: Catalogue
    intended: dict[str, OrderIntended] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    lost: dict[str, Verdict] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)

    def over(self, clord_id: str) -> bool:
        """Whether nothing more can come of an order: the venue told its end, or it never got there."""
        order = self.orders.get(clord_id)
        lost = self.lost.get(clord_id)
        return (order is not None and order.terminal) or lost in {"refused", "not_sent", "not_found"}
