"""What an incoming order would meet in the book. Nothing here changes anything.

Price-time priority, every fill at the resting order's price (docs.polymarket.us:
institutional/fix-api/fix-order-entry-overview). Own orders under the same self-match prevention id are passed over and
named apart (the same page): what becomes of them is decided before anything trades.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runner.sandbox.exchange.instruments import Instrument
from runner.sandbox.exchange.orders import Order, OrderRequest
from runner.sandbox.exchange.terms import OrderType, Side


@dataclass(frozen=True, slots=True)
class Fill:
    """A meeting with one resting order at its price."""

    order_id: str
    price: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """All that an order would meet: its fills, its own orders on the way, and the quantity that it has in all.

    ``quantity`` is what the order asked for, or, for a cash order, what its fills and the rest at its limit come to.
    ``better`` says that a resting price is better than the order's own.
    """

    fills: tuple[Fill, ...]
    own: tuple[str, ...]
    quantity: int
    better: bool

    @property
    def filled(self) -> int:
        """The quantity that would fill at once."""
        return sum(fill.quantity for fill in self.fills)

    @property
    def value(self) -> int:
        """Price x quantity over the fills, in wire units."""
        return sum(fill.price * fill.quantity for fill in self.fills)


class _Appetite:
    """How much more an order takes: a quantity, or cash that each fill spends."""

    __slots__ = ("_instrument", "_request", "left")

    def __init__(self, request: OrderRequest, instrument: Instrument, remaining: int) -> None:
        self._request = request
        self._instrument = instrument
        self.left = request.cash * instrument.contract if request.cash else remaining

    def at(self, price: int) -> int:
        """The quantity that could still be taken at a price. A sale's cash is collateral, not proceeds."""
        if not self._request.cash:
            return self.left
        lot = self._instrument.minimum_quantity
        return self.left // self._unit(price) // lot * lot

    def take(self, price: int, quantity: int) -> None:
        """Use some of it up."""
        self.left -= quantity * (self._unit(price) if self._request.cash else 1)

    def _unit(self, price: int) -> int:
        return price if self._request.side is Side.BUY else self._instrument.price_scale - price


def meet(request: OrderRequest, instrument: Instrument, remaining: int, facing: Iterable[Order]) -> Meeting:
    """What an order with so much remaining would meet, given the opposite side in priority order."""
    appetite = _Appetite(request, instrument, remaining)
    fills: list[Fill] = []
    own: list[str] = []
    better = False
    for resting in facing:
        price = resting.request.price
        quantity = min(appetite.at(price), resting.remaining)
        if quantity <= 0 or not _reaches(request, price):
            break
        better = better or price != request.price
        if _is_own(request, resting.request):
            own.append(resting.id)
            continue
        appetite.take(price, quantity)
        fills.append(Fill(resting.id, price, quantity))
    last = fills[-1].price if fills else request.price
    rest = appetite.at(last if request.type is OrderType.MARKET_TO_LIMIT else request.price)
    return Meeting(tuple(fills), tuple(own), sum(fill.quantity for fill in fills) + rest, better)


def _reaches(request: OrderRequest, price: int) -> bool:
    if request.type is OrderType.MARKET_TO_LIMIT:
        return True
    return price <= request.price if request.side is Side.BUY else price >= request.price


def _is_own(request: OrderRequest, resting: OrderRequest) -> bool:
    same = request.participant == resting.participant and request.self_match_id == resting.self_match_id
    return same and bool(request.self_match_id)
