"""What became of a run's orders, and what the run owes: a fold of its events that grows with them.

Live, and after a crash, the same events give the same ledger.
"""

from __future__ import annotations

from decimal import Decimal

from runner.record.events import (
    CleanupDone,
    CleanupOwed,
    CleanupStatus,
    Event,
    OrderIntended,
    OrderLost,
    OrderSeen,
    Verdict,
)
from runner.venue.model import PENDING_STATES, TERMINAL_STATES

NEVER_TRADED: frozenset[Verdict] = frozenset({"refused", "not_sent"})
_GONE: frozenset[Verdict] = NEVER_TRADED | {"not_found"}


class Ledger:
    """Orders by client order id, intents and debts by the path of their step."""

    def __init__(self) -> None:
        self.intended: dict[str, OrderIntended] = {}
        self.owed: dict[str, CleanupOwed] = {}
        self.paid: dict[str, CleanupStatus] = {}
        self._orders: dict[str, OrderIntended] = {}
        self._seen: dict[str, OrderSeen] = {}
        self._lost: dict[str, Verdict] = {}

    def take(self, event: Event) -> None:
        """Enter one event; those about something else change nothing."""
        match event:
            case OrderIntended():
                self.intended[event.path] = self._orders[event.clord_id] = event
            case OrderSeen():
                self._seen[event.clord_id] = event
                self._lost.pop(event.clord_id, None)
            case OrderLost():
                self._lost[event.clord_id] = event.verdict
            case CleanupOwed():
                self.owed[event.path] = event
            case CleanupDone():
                self.paid[event.path] = event.status

    def order(self, clord_id: str) -> OrderIntended | None:
        """The intent of an order, None for one that is not this run's."""
        return self._orders.get(clord_id)

    def seen(self, clord_id: str) -> OrderSeen | None:
        """What the venue told last of an order, None if it told nothing yet."""
        return self._seen.get(clord_id)

    def clord_id_of(self, order_id: str) -> str:
        """The client order id of an order that was seen, by the venue's id; empty for one that was not."""
        return next((each.clord_id for each in self._seen.values() if each.order_id == order_id), "")

    def state(self, clord_id: str) -> str:
        """The last that is known of an order, for people."""
        seen = self._seen.get(clord_id)
        return seen.state if seen else self._lost.get(clord_id, "not known")

    @property
    def all_known(self) -> bool:
        """Whether the fate of no order is a question any more."""
        return all(map(self.known, self._orders))

    def over(self, clord_id: str) -> bool:
        """Whether nothing more can come of an order: the venue told its end, or it never got there."""
        seen = self._seen.get(clord_id)
        return (seen is not None and seen.state in TERMINAL_STATES) or self._lost.get(clord_id) in _GONE

    def known(self, clord_id: str) -> bool:
        """Whether the fate of an order is no question any more: over, or shown by the venue as decided about."""
        seen = self._seen.get(clord_id)
        return self.over(clord_id) or (seen is not None and seen.state not in PENDING_STATES)

    def at_risk(self, clord_id: str) -> Decimal:
        """What an order may have cost or may yet cost, in dollars.

        All of it from the moment it is intended; what is known not to have traded is released.
        """
        intended, seen = self._orders[clord_id], self._seen.get(clord_id)
        if self._lost.get(clord_id) in NEVER_TRADED:
            return Decimal(0)
        if seen is None or seen.state not in TERMINAL_STATES or not intended.quantity:
            return intended.exposure
        return intended.exposure * min(seen.filled_quantity / intended.quantity, Decimal(1))

    def others_at_risk(self, clord_id: str) -> tuple[int, Decimal]:
        """How many orders of the run besides this one were intended, and the dollars at risk in them."""
        others = [each for each in self._orders if each != clord_id]
        return len(others), sum(map(self.at_risk, others), Decimal(0))
