"""One account's position in one instrument, as a value.

``cost`` and ``realized`` are in wire units, price x quantity (docs.polymarket.us: institutional/positions/overview); a
short has a negative cost. Closing a part takes that part of the cost with it, rounded toward zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from runner.sandbox.exchange.terms import Side


@dataclass(frozen=True, slots=True)
class Position:
    """Quantities are wire integers. ``opening`` is the net quantity with which ``day``, a trade day, began."""

    net: int = 0
    bought: int = 0
    sold: int = 0
    cost: int = 0
    realized: int = 0
    opening: int = 0
    day: date | None = None
    updated: datetime | None = None

    def traded(self, side: Side, price: int, quantity: int, at: datetime, day: date) -> Position:
        """The position after a fill."""
        signed = quantity if side is Side.BUY else -quantity
        closing = min(quantity, abs(self.net)) if self.net * signed < 0 else 0
        moved = signed // quantity
        released = _part(self.cost, closing, abs(self.net)) if closing else 0
        return replace(
            self,
            net=self.net + signed,
            bought=self.bought + max(0, signed),
            sold=self.sold + max(0, -signed),
            cost=self.cost - released + moved * price * (quantity - closing),
            realized=self.realized - released - moved * price * closing,
            opening=self.at_open(day),
            day=day,
            updated=at,
        )

    def settled(self, price: int, at: datetime, day: date) -> Position:
        """The position after its instrument paid its final price: flat, the rest of its cost realized."""
        realized = self.realized + price * self.net - self.cost
        opening = self.at_open(day)
        return replace(self, net=0, cost=0, realized=realized, opening=opening, day=day, updated=at)

    def at_open(self, day: date) -> int:
        """The net quantity at the beginning of a trade day, this being the last change before or in it."""
        return self.opening if self.day == day else self.net


EMPTY = Position()


def _part(whole: int, share: int, of: int) -> int:
    part = abs(whole) * share // of
    return part if whole >= 0 else -part
