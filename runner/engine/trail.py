"""One order of a run from its intent on, through its replaces: what the venue told of it, and what it can lose.

Counting is on the safe side. What traded while a replace was under way counts at the dearer of the two prices, and a
replace of unknown fate counts in full.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from runner.record.events import Intent, OrderIntended, OrderSeen, ReplaceIntended, ReplaceVerdict, Verdict
from runner.venue.model import PENDING_STATES, TERMINAL_STATES

NEVER_TRADED: frozenset[str] = frozenset({"refused", "not_sent"})
GONE: frozenset[str] = NEVER_TRADED | {"not_found"}
_NOTHING = Decimal(0)


@dataclass(slots=True)
class Trail:
    """An order, and all that a run did about it. Money in dollars.

    ``order`` is how the run came to it; a replace of an order that another run placed counts what it adds alone.
    """

    order: Intent
    replaces: list[ReplaceIntended] = field(default_factory=list)
    verdicts: dict[str, ReplaceVerdict] = field(default_factory=dict)
    seen: OrderSeen | None = None
    lost: Verdict | None = None
    _filled: Decimal = _NOTHING
    _spent: Decimal = _NOTHING

    def take(self, seen: OrderSeen) -> None:
        """Learn what the venue told; the client order id of a replace shows that it was carried out."""
        more = seen.filled_quantity - self._filled
        if more > 0:
            self._spent += more * max(map(_for_one, (self._in_force, *self._open)))
            self._filled = seen.filled_quantity
        if seen.state not in PENDING_STATES and self.is_replace(seen.clord_id):
            self.verdicts[seen.clord_id] = "carried_out"
        self.seen, self.lost = seen, None

    def lose(self, verdict: Verdict) -> None:
        """Learn what was concluded where the venue did not show it; what it has shown weighs more."""
        if self.seen is None:
            self.lost = verdict

    @property
    def state(self) -> str:
        """The last that is known, for people."""
        return self.seen.state if self.seen else self.lost or "not known"

    @property
    def over(self) -> bool:
        """Whether nothing more can come of it."""
        return is_over(self.seen) or self.lost in GONE

    @property
    def known(self) -> bool:
        """Whether its fate is no question."""
        return self.over or is_decided(self.seen)

    def is_replace(self, clord_id: str) -> bool:
        """Whether this is the client order id of one of its replaces."""
        return any(each.clord_id == clord_id for each in self.replaces)

    def shares(self) -> dict[str, Decimal]:
        """What it may have cost or may yet cost, divided among its intents by their client order ids.

        The first bears no more than it was intended with, and each replace no more than it added.
        """
        shares: dict[str, Decimal] = {}
        left = self._at_risk() if isinstance(self.order, OrderIntended) else self._added()
        for each in self.intents:
            most = each.added if isinstance(each, ReplaceIntended) else each.exposure
            shares[each.clord_id] = min(left, most)
            left -= shares[each.clord_id]
        return shares

    @property
    def intents(self) -> tuple[Intent, ...]:
        """All that was announced of it, in its sequence."""
        return (self.order, *self.replaces) if isinstance(self.order, OrderIntended) else tuple(self.replaces)

    def _at_risk(self) -> Decimal:
        if self.lost in NEVER_TRADED:
            return _NOTHING
        if not self.replaces:
            return self._as_placed()
        ceiling = self.order.exposure + self._added()
        if is_over(self.seen):
            return min(ceiling, self._spent)
        if self._in_force is self.order:
            return ceiling
        working = max((self._in_force.quantity or _NOTHING) - self._filled, _NOTHING) * _for_one(self._in_force)
        return min(ceiling, self._spent + working + sum((each.added for each in self._open), _NOTHING))

    def _as_placed(self) -> Decimal:
        quantity = self.order.quantity
        if self.seen is None or self.seen.state not in TERMINAL_STATES or not quantity:
            return self.order.exposure
        return self.order.exposure * min(self.seen.filled_quantity / quantity, Decimal(1))

    def _added(self) -> Decimal:
        """What the replaces added that may have been carried out; nothing if none of the order ever traded."""
        if isinstance(self.order, ReplaceIntended) and self.over and not self._filled:
            return _NOTHING
        return sum((each.added for each in self.replaces if self._verdict(each) not in NEVER_TRADED), _NOTHING)

    @property
    def _in_force(self) -> Intent:
        """The terms that the order has for certain had last."""
        return next((each for each in reversed(self.replaces) if self._verdict(each) == "carried_out"), self.order)

    @property
    def _open(self) -> tuple[ReplaceIntended, ...]:
        """Replaces that may have been carried out, or may yet be."""
        settled = NEVER_TRADED | {"carried_out"}
        return tuple(each for each in self.replaces if self._verdict(each) not in settled)

    def _verdict(self, replace: ReplaceIntended) -> str:
        return self.verdicts.get(replace.clord_id, "")


def is_over(seen: OrderSeen | None) -> bool:
    """Whether the venue told that an order came to its end."""
    return seen is not None and seen.state in TERMINAL_STATES


def is_decided(seen: OrderSeen | None) -> bool:
    """Whether the venue told of an order, and has nothing left to decide about it."""
    return seen is not None and seen.state not in PENDING_STATES


def _for_one(intent: Intent) -> Decimal:
    """What one contract can lose; without a price, the share of it in the whole."""
    if intent.price is not None:
        return intent.price if intent.side == "SIDE_BUY" else 1 - intent.price
    return intent.exposure / intent.quantity if intent.quantity else Decimal(1)
