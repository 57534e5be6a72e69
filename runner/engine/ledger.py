"""What became of a run's orders, and what the run owes: a fold of its events that grows with them.

Live, and after a crash, the same events give the same ledger.
"""

from __future__ import annotations

from decimal import Decimal

from runner.engine.trail import GONE, Trail, is_decided, is_over
from runner.record.aliases import Aliases
from runner.record.events import (
    CleanupDone,
    CleanupOwed,
    CleanupStatus,
    Event,
    Intent,
    OrderIntended,
    OrderLost,
    OrderSeen,
    ReplaceIntended,
    ReplaceSettled,
)


class Ledger:
    """Orders by any client order id that they had; intents and debts by the path of their step."""

    def __init__(self) -> None:
        self.intended: dict[str, Intent] = {}
        self.owed: dict[str, CleanupOwed] = {}
        self.paid: dict[str, CleanupStatus] = {}
        self._aliases = Aliases()
        self._trails: dict[str, Trail] = {}
        self._strangers: dict[str, OrderSeen] = {}

    def take(self, event: Event) -> None:
        """Enter one event; those about something else change nothing."""
        match event:
            case OrderIntended() | ReplaceIntended():
                self._intend(event)
            case OrderSeen():
                self._see(event)
            case OrderLost():
                if trail := self._trails.get(self._aliases.of(event)):
                    trail.lose(event.verdict)
            case ReplaceSettled():
                if trail := self._trails.get(self._aliases.of(event)):
                    trail.verdicts[event.clord_id] = event.verdict
            case CleanupOwed():
                self.owed[event.path] = event
            case CleanupDone():
                self.paid[event.path] = event.status

    @property
    def trails(self) -> tuple[Trail, ...]:
        """Each order of the run, one however often it was replaced."""
        return tuple(self._trails.values())

    def trail(self, clord_id: str) -> Trail | None:
        """The order with a client order id, None for one that is not this run's."""
        return self._trails.get(self._aliases.named(clord_id))

    def intent(self, clord_id: str) -> Intent | None:
        """What was announced under a client order id, None if it is not this run's."""
        trail = self.trail(clord_id)
        return next((each for each in trail.intents if each.clord_id == clord_id), None) if trail else None

    def seen(self, clord_id: str) -> OrderSeen | None:
        """What the venue told last of an order, None if it told nothing yet."""
        trail = self.trail(clord_id)
        return trail.seen if trail else self._strangers.get(clord_id)

    def is_ours(self, order_id: str) -> bool:
        """Whether the order with this id at the venue is one of the run's."""
        return bool(self._aliases.named_at_the_venue(order_id))

    def order_id_now(self, order_id: str) -> str:
        """The id that the venue has for an order by now: a replace may have changed it."""
        return self._aliases.order_id_now(order_id)

    def clord_id_of(self, order_id: str) -> str:
        """The client order id of an order that was seen, by the venue's id; empty for one that was not."""
        seen = [*(each.seen for each in self._trails.values() if each.seen), *self._strangers.values()]
        return next((each.clord_id for each in seen if each.order_id == order_id), "")

    def state(self, clord_id: str) -> str:
        """The last that is known of an order, for people."""
        trail, seen = self.trail(clord_id), self.seen(clord_id)
        return trail.state if trail else seen.state if seen else "not known"

    def settled(self, clord_id: str) -> str:
        """What became of an intended replace, empty if that is not known or it is none."""
        trail = self.trail(clord_id)
        return trail.verdicts.get(clord_id, "") if trail else ""

    @property
    def all_known(self) -> bool:
        """Whether the fate of no intent is a question any more."""
        return all(self.known(each.clord_id) for trail in self._trails.values() for each in trail.intents)

    def over(self, clord_id: str) -> bool:
        """Whether nothing more can come of an intent: its order came to its end, or it never got there."""
        trail = self.trail(clord_id)
        if trail is None:
            return is_over(self._strangers.get(clord_id))
        return trail.over or self.settled(clord_id) in GONE

    def known(self, clord_id: str) -> bool:
        """Whether the fate of an intent is no question any more: over, or shown by the venue as decided about."""
        trail = self.trail(clord_id)
        if trail is None or self.over(clord_id):
            return is_decided(self.seen(clord_id)) or trail is not None
        return trail.known and (not trail.is_replace(clord_id) or self.settled(clord_id) == "carried_out")

    def at_risk(self, clord_id: str) -> Decimal:
        """What an order may have cost or may yet cost, in dollars; of a replace, what it added to that.

        All of it from the moment it is intended; what is known not to have traded is released.
        """
        trail = self.trail(clord_id)
        return trail.shares().get(clord_id, Decimal(0)) if trail else Decimal(0)

    def others_at_risk(self, clord_id: str, prefix: str = "") -> tuple[int, Decimal]:
        """How many orders of the run besides this one were intended, and the dollars at risk in all other intents.

        With a ``prefix`` those alone whose paths begin so.
        """
        intents = {each.clord_id: each for trail in self._trails.values() for each in trail.intents}
        counted = {id for id, each in intents.items() if each.path.startswith(prefix) and id != clord_id}
        shares = [share for each in self._trails.values() for id, share in each.shares().items() if id in counted]
        return sum(isinstance(intents[id], OrderIntended) for id in counted), sum(shares, Decimal(0))

    def _intend(self, event: Intent) -> None:
        self.intended[event.path] = event
        name = self._aliases.enter(event)
        trail = self._trails.setdefault(name, Trail(event))
        if isinstance(event, ReplaceIntended):
            trail.replaces.append(event)
        else:
            trail.order = event

    def _see(self, event: OrderSeen) -> None:
        name = self._aliases.of(event)
        if name:
            self._trails[name].take(event)
        else:
            self._strangers[event.clord_id] = event
