"""What happens to orders one at a time: they trade, and they end. Whoever decides to do so is elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from runner.sandbox.exchange import fees
from runner.sandbox.exchange.acceptance import Refusal
from runner.sandbox.exchange.calendar import trade_date
from runner.sandbox.exchange.holdings import EMPTY
from runner.sandbox.exchange.market import Market
from runner.sandbox.exchange.orders import Execution, Order, OrderRequest, Place, Trade
from runner.sandbox.exchange.terms import (
    ExecutionType,
    LedgerEntryType,
    OrderState,
    Side,
    TradeType,
    UnsolicitedCancel,
)

_NO_TEXT = Refusal("")


class Dealer:
    """Trades orders and ends them, with all that follows for cash, positions, fees and reports.

    ``touched`` names the accounts whose cash has moved since somebody last looked.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._registry = market.registry
        self.touched: dict[str, None] = {}

    def trade(
        self,
        aggressor: Order,
        passive: Order,
        price: int,
        quantity: int,
        at: datetime,
        kind: TradeType = TradeType.REGULAR,
    ) -> tuple[Order, Order]:
        """Let two orders trade: cash, positions, fees, executions and the trade itself."""
        trade_id = self._market.new_id()
        passive_side = self._fill(passive, price, quantity, trade_id, at, aggressor=False)
        aggressor_side = self._fill(aggressor, price, quantity, trade_id, at, aggressor=True)
        self._registry.record_trade(Trade(trade_id, aggressor_side, passive_side, kind))
        self._market.last_price[aggressor.request.symbol] = price
        return aggressor_side.order, passive_side.order

    def _fill(self, order: Order, price: int, quantity: int, trade: str, at: datetime, *, aggressor: bool) -> Execution:
        instrument = self._market.instrument_of(order)
        more = fees.basis(instrument, price, quantity)
        if aggressor:
            fee = fees.taker_fee(instrument, order.taken, order.taken_fee, more)
            order = replace(order, taken=order.taken + more, taken_fee=order.taken_fee + fee)
        else:
            fee = fees.maker_fee(instrument, more)
        if order.place is Place.BOOK:
            self._market.expose(order, -quantity)
            if quantity == order.remaining:
                self._market.books[order.request.symbol].remove(order)
        order = self._registry.put(_filled(order, price, quantity, trade, fee, at))
        self._book(order.request, price, quantity, fee, at)
        kind = ExecutionType.FILL if order.finished else ExecutionType.PARTIAL_FILL
        return self._registry.record(
            Execution(
                self._market.new_id(),
                order,
                kind,
                at,
                quantity=quantity,
                price=price,
                trade=trade,
                aggressor=aggressor,
                fee=fee,
            )
        )

    def _book(self, request: OrderRequest, price: int, quantity: int, fee: int, at: datetime) -> None:
        """Move cash one way and contracts the other, then charge the fee."""
        account, instrument = self._market.accounts[request.account], self._market.instruments[request.symbol]
        bought = request.side is Side.BUY
        what = f"{'Buy' if bought else 'Sell'} {quantity} @ {price}"
        value = instrument.value(price, quantity)
        kind = LedgerEntryType.ORDER_EXECUTION
        self._market.pay(account, -value if bought else value, kind, at, request.symbol, what)
        self._market.charge(account, fee, at, request.symbol, f"Commission: {what}")
        before = account.positions.get(request.symbol, EMPTY)
        after = before.traded(request.side, price, quantity, at, trade_date(at))
        self._market.hold(account, request.symbol, after, at, what)
        self.touched[account.name] = None

    def reject(self, order: Order, refusal: Refusal, at: datetime) -> None:
        """Turn an order away that was never accepted."""
        order = self._registry.put(replace(order, stage=OrderState.REJECTED, changed=at))
        self.record(order, ExecutionType.REJECTED, at, refusal)

    def expire(self, order: Order, at: datetime) -> None:
        """End an order whose time is over."""
        self._end(order, OrderState.EXPIRED, ExecutionType.EXPIRED, at)

    def cancel(
        self,
        order: Order,
        at: datetime,
        text: str = "",
        unsolicited: UnsolicitedCancel = UnsolicitedCancel.UNDEFINED,
    ) -> None:
        """End an order before it filled; ``unsolicited`` says why, if nobody asked for it."""
        self._end(order, OrderState.CANCELED, ExecutionType.CANCELED, at, text, unsolicited)

    def _end(
        self,
        order: Order,
        stage: OrderState,
        kind: ExecutionType,
        at: datetime,
        text: str = "",
        unsolicited: UnsolicitedCancel = UnsolicitedCancel.UNDEFINED,
    ) -> None:
        order = self._market.lift(order)
        order = self._registry.put(replace(order, stage=stage, changed=at))
        self.record(order, kind, at, Refusal(text), unsolicited)

    def record(
        self,
        order: Order,
        kind: ExecutionType,
        at: datetime,
        why: Refusal = _NO_TEXT,
        unsolicited: UnsolicitedCancel = UnsolicitedCancel.UNDEFINED,
    ) -> None:
        """Keep an execution that is no fill."""
        execution = Execution(
            self._market.new_id(), order, kind, at, text=why.text, reason=why.reason, unsolicited=unsolicited
        )
        self._registry.record(execution)


def _filled(order: Order, price: int, quantity: int, trade: str, fee: int, at: datetime) -> Order:
    """The order after a fill; one that waits for a cancel or a replace goes on waiting until it is full."""
    filled = order.filled + quantity
    full = filled == order.request.quantity
    return replace(
        order,
        stage=OrderState.FILLED if full else OrderState.PARTIALLY_FILLED,
        place=Place.OUTSIDE if full else order.place,
        changed=at,
        filled=filled,
        filled_value=order.filled_value + price * quantity,
        fills={**order.fills, price: order.fills.get(price, 0) + quantity},
        last_trade=trade,
        fee=order.fee + fee,
    )
