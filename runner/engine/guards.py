"""The one place where limits are held against what is really about to be sent.

Counting is on the safe side: an order counts from the moment it is intended, and its exposure is released only when
the venue has told that it is over and how much of it traded.
"""

from __future__ import annotations

from decimal import Decimal

from runner.action import OrderIntent
from runner.errors import GuardRefused
from runner.plan.bounds import allowed
from runner.plan.model import Bound, Bounds
from runner.venue.model import Order

_MOST_CLOCK_OFFSET_MS = 30_000


class Guards:
    """What a run has used of its limits. Money in dollars, quantities in contracts."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._orders = 0
        self._requests = 0
        self._exposure: dict[str, Decimal] = {}
        self._quantity: dict[str, Decimal] = {}

    def environment(self, name: str) -> None:
        """Refuse a run in an environment that the limits do not name."""
        self._name("environments", name, "the environment")

    def request(self) -> None:
        """Count a call that is about to be made; raises ``GuardRefused`` beyond the limit."""
        self._number("requests", Decimal(self._requests + 1), "calls")
        self._requests += 1

    def order(self, clord_id: str, intent: OrderIntent, clock_offset_ms: int | None) -> None:
        """Count an order that is about to be recorded and sent; raises ``GuardRefused`` beyond any limit."""
        _clock(clock_offset_ms)
        self._name("symbols", intent.symbol, "the order's symbol")
        self._number("orders", Decimal(self._orders + 1), "orders in this run")
        self._number("order_exposure", intent.exposure, "dollars at risk in one order")
        if intent.quantity is not None:
            self._number("order_quantity", intent.quantity, "contracts in one order")
        at_risk = sum(self._exposure.values(), Decimal(0)) + intent.exposure
        self._number("exposure", at_risk, "dollars at risk in this run")
        self._orders += 1
        self._exposure[clord_id] = intent.exposure
        self._quantity[clord_id] = intent.quantity or Decimal(0)

    def seen(self, order: Order) -> None:
        """Release what is known not to have traded."""
        exposure, quantity = self._exposure.get(order.clord_id), self._quantity.get(order.clord_id)
        if exposure is not None and quantity and order.terminal:
            self._exposure[order.clord_id] = exposure * min(order.filled_quantity / quantity, Decimal(1))
            self._quantity[order.clord_id] = Decimal(0)

    def not_sent(self, clord_id: str) -> None:
        """Release an order that the venue never took."""
        self._exposure.pop(clord_id, None)

    def _number(self, name: str, value: Decimal, what: str) -> None:
        bound = self._bounds.number(name)
        if bound is not None and value > bound.value:
            raise _refusal(bound, f"{value:f} {what}, and the limit `{name}` is {bound.value:f}")

    def _name(self, kind: str, name: str, what: str) -> None:
        for bound in self._bounds.names:
            if bound.name == kind and not allowed(name, bound):
                allows = ", ".join(bound.patterns)
                raise GuardRefused(
                    f"{what} is `{name}`, and the limit `{kind}` allows {allows}",
                    help=f"the limit stands at {bound.origin}; nothing was sent",
                )


def _refusal(bound: Bound, message: str) -> GuardRefused:
    return GuardRefused(message, help=f"the limit stands at {bound.origin}; nothing beyond it was sent")


def _clock(offset_ms: int | None) -> None:
    if offset_ms is not None and abs(offset_ms) > _MOST_CLOCK_OFFSET_MS:
        raise GuardRefused(
            f"this machine's clock is {abs(offset_ms) / 1000:.0f} s off the venue's",
            help="set the clock (NTP) before orders are sent; nothing was sent",
        )
