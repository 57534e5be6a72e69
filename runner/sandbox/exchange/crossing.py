"""Two orders entered together so that they trade with each other and nobody else.

The pages give the fields of a cross and no rules. Here its two orders need the same price and quantity, trade wholly or
not at all, and never at a price worse than what rests in the book.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from runner.sandbox.exchange.acceptance import Refusal
from runner.sandbox.exchange.dealing import Dealer
from runner.sandbox.exchange.market import Market
from runner.sandbox.exchange.orders import Order
from runner.sandbox.exchange.terms import ExecutionType, InstrumentState, OrderState, RejectReason, Side, TradeType
from runner.sandbox.exchange.trading import Floor

_PARTNER = Refusal("The other order of the cross was rejected")
_THROUGH = Refusal("Cross would trade through the book")


class Crosser:
    """Trades the two orders of a cross when their time has come."""

    def __init__(self, market: Market, dealer: Dealer, floor: Floor) -> None:
        self._market = market
        self._dealer = dealer
        self._floor = floor

    def cross(self, prioritized: Order, other: Order, at: datetime) -> None:
        """Let the two orders trade, the prioritized one being the resting side of the two, or reject both."""
        reasons = {order.id: self._refused(order, at) for order in (prioritized, other)}
        if prioritized.finished or other.finished or any(reasons.values()):
            for order in (order for order in (prioritized, other) if not order.finished):
                self._dealer.reject(order, reasons[order.id] or _PARTNER, at)
            return
        passive, aggressor = (self._enter(order, at) for order in (prioritized, other))
        request = passive.request
        self._dealer.trade(aggressor, passive, request.price, request.quantity, at, TradeType.CROSS)
        self._floor.afterwards(request.symbol, at)

    def _refused(self, order: Order, at: datetime) -> Refusal | None:
        refusal = self._floor.refusal_of(order, at)
        if refusal:
            return refusal
        request = order.request
        state = self._market.instruments[request.symbol].state
        if state is not InstrumentState.OPEN:
            return Refusal(f"Book is {state.name}", RejectReason.EXCHANGE_CLOSED)
        book = self._market.books[request.symbol]
        bid, offer = book.best(Side.BUY), book.best(Side.SELL)
        if (bid is not None and bid > request.price) or (offer is not None and offer < request.price):
            return _THROUGH
        return self._floor.refused_money(order)

    def _enter(self, order: Order, at: datetime) -> Order:
        order = self._market.registry.put(
            replace(order, stage=OrderState.NEW, inserted=at, changed=at, arrival=self._market.next_arrival())
        )
        self._dealer.record(order, ExecutionType.NEW, at)
        return order
