"""Replacing orders (docs.polymarket.us: trader-guide/order-management and streaming-endpoints/order-stream).

An order keeps its place if its quantity shrinks or if nothing but other fields change; it loses it if the quantity
grows or the price changes. A replace that is refused leaves the order as it was.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from runner.sandbox.exchange import acceptance
from runner.sandbox.exchange.acceptance import Refusal
from runner.sandbox.exchange.dealing import Dealer
from runner.sandbox.exchange.market import Market
from runner.sandbox.exchange.orders import AT_ONCE, Amendment, Order, OrderRequest, Place
from runner.sandbox.exchange.terms import ExecutionType, OrderState, OrderType
from runner.sandbox.exchange.trading import Floor


class Amender:
    """Carries replaces out when their time has come."""

    def __init__(self, market: Market, dealer: Dealer, floor: Floor) -> None:
        self._market = market
        self._registry = market.registry
        self._dealer = dealer
        self._floor = floor

    def amend(self, order: Order, amendment: Amendment, at: datetime) -> None:
        """Change a live order, if it may be changed so."""
        order = self.leave(order, at)
        changed = replace(order, request=amended(order.request, amendment))
        if not self._refused(order, changed, at):
            self._carry_out(order, changed, at)
        self._floor.afterwards(order.request.symbol, at)

    def leave(self, order: Order, at: datetime) -> Order:
        """The order as it was, its replace no longer under way."""
        waiting = order.awaiting if order.awaiting is OrderState.PENDING_CANCEL else None
        return self._registry.put(replace(order, awaiting=waiting, changed=at))

    def _refused(self, order: Order, changed: Order, at: datetime) -> Refusal | None:
        holder = self._registry.holder(changed.client_key) if changed.request.client_order_id else None
        if holder not in (None, order.id):
            return acceptance.DUPLICATE
        if changed.remaining <= 0:
            return Refusal("Unknown order")
        return acceptance.refusal_of(changed.request, self._market.instruments.get(order.request.symbol), at)

    def _carry_out(self, order: Order, changed: Order, at: datetime) -> None:
        if order.place is Place.HIDDEN:
            self._changed_in_place(changed, at)
        elif _keeps_place(order.request, changed.request):
            self._market.expose(order, changed.remaining - order.remaining)
            self._changed_in_place(changed, at)
        else:
            prospect = self._floor.prospect(changed, spare=order.remaining)
            if not isinstance(prospect, Refusal):
                self._floor.admit(prospect, at, ExecutionType.REPLACE)

    def _changed_in_place(self, changed: Order, at: datetime) -> None:
        changed = self._registry.put(replace(changed, stage=OrderState.REPLACED))
        self._dealer.record(changed, ExecutionType.REPLACE, at)


def amended(request: OrderRequest, amendment: Amendment) -> OrderRequest:
    """The request as a replace wants it.

    Cash becomes the quantity that it had come to, and market to limit the limit order that it rests as.
    """
    return replace(
        request,
        type=OrderType.LIMIT if request.type is OrderType.MARKET_TO_LIMIT else request.type,
        quantity=amendment.quantity or request.quantity,
        price=amendment.price or request.price,
        client_order_id=amendment.client_order_id or request.client_order_id,
        time_in_force=amendment.time_in_force or request.time_in_force,
        stop_price=amendment.stop_price or request.stop_price,
        minimum=amendment.minimum,
        cash=0,
        all_or_none=amendment.all_or_none,
        post_only=amendment.post_only or request.post_only,
        strict=amendment.strict or request.strict,
        best=amendment.best,
        immediate=amendment.immediate,
        good_till=amendment.good_till if amendment.time_in_force or amendment.good_till else request.good_till,
    )


def _keeps_place(before: OrderRequest, after: OrderRequest) -> bool:
    immediate = after.time_in_force in AT_ONCE or after.all_or_none or after.minimum or after.derived
    return not immediate and after.price == before.price and after.quantity <= before.quantity
