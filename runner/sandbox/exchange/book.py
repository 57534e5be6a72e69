"""The resting orders of one instrument, best price first and oldest first at one price."""

from __future__ import annotations

import bisect
from collections.abc import Iterator

from runner.sandbox.exchange.orders import Order
from runner.sandbox.exchange.terms import Side

_Entry = tuple[int, int, str]


class Book:
    """Two queues in priority order; an entry is (signed price, arrival, order id)."""

    __slots__ = ("_queues",)

    def __init__(self) -> None:
        self._queues: dict[Side, list[_Entry]] = {Side.BUY: [], Side.SELL: []}

    def add(self, order: Order) -> None:
        """Let an order rest."""
        bisect.insort(self._queues[order.request.side], _entry(order))

    def remove(self, order: Order) -> None:
        """Take a resting order out; the order must be in the book."""
        queue = self._queues[order.request.side]
        del queue[bisect.bisect_left(queue, _entry(order))]

    def queue(self, side: Side) -> Iterator[str]:
        """The ids of the orders that rest on a side, in priority order."""
        return (entry[2] for entry in self._queues[side])

    def best(self, side: Side) -> int | None:
        """The best wire price on a side, or None."""
        queue = self._queues[side]
        return abs(queue[0][0]) if queue else None

    def crossed(self) -> bool:
        """Whether the best bid reaches the best offer, as it may while nothing matches."""
        bid, offer = self.best(Side.BUY), self.best(Side.SELL)
        return bid is not None and offer is not None and bid >= offer


def opposite(side: Side) -> Side:
    """The other side."""
    return Side.SELL if side is Side.BUY else Side.BUY


def _entry(order: Order) -> _Entry:
    price = order.request.price
    return (-price if order.request.side is Side.BUY else price, order.arrival, order.id)
