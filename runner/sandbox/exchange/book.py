"""The resting orders of one instrument, best price first and oldest first at one price."""

from __future__ import annotations

import bisect

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

    def opposite(self, side: Side, limit: int) -> str | None:
        """The id of the order that one of ``side`` with this wire limit price would meet first, or None."""
        queue = self._queues[Side.SELL if side is Side.BUY else Side.BUY]
        if not queue:
            return None
        price = abs(queue[0][0])
        crosses = price <= limit if side is Side.BUY else price >= limit
        return queue[0][2] if crosses else None


def _entry(order: Order) -> _Entry:
    price = order.request.price
    return (-price if order.request.side is Side.BUY else price, order.arrival, order.id)
