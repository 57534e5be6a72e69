"""The trading floor: what becomes of an order from its acceptance to its end.

Follows docs.polymarket.us: institutional/fix-api/fix-order-entry-overview, fix-stop-orders and fix-execution-report, of
which the REST orders are the same engine's. What an order would meet is worked out first and whole; only then does
anything change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from runner.sandbox.exchange import acceptance
from runner.sandbox.exchange.acceptance import Refusal
from runner.sandbox.exchange.accounts import losses
from runner.sandbox.exchange.book import opposite
from runner.sandbox.exchange.dealing import Dealer
from runner.sandbox.exchange.market import Market
from runner.sandbox.exchange.matching import Meeting, meet
from runner.sandbox.exchange.orders import AT_ONCE, STOPS, Order, OrderRequest, Place
from runner.sandbox.exchange.terms import (
    ExecutionType,
    InstrumentState,
    OrderState,
    OrderType,
    SelfMatchPrevention,
    Side,
    UnsolicitedCancel,
)
from runner.sandbox.rules import Rules

Refuse = Callable[[Order, Refusal, datetime], object]

_NOTHING = Meeting((), (), 0, better=False)
_UNFUNDED = "Insufficient buying power"


@dataclass(frozen=True, slots=True)
class Prospect:
    """An order that may enter, its price and quantity settled, and what it will meet."""

    order: Order
    meeting: Meeting


class Floor:
    """Decides what orders come to. Moments are handed in: work is done as of when it was due."""

    def __init__(self, market: Market, dealer: Dealer, rules: Rules) -> None:
        self._market = market
        self._registry = market.registry
        self._dealer = dealer
        self._rules = rules

    def accept(self, order: Order, at: datetime, doom: Refusal | None = None) -> None:
        """Take an order that is PENDING_NEW in, or reject it; ``doom`` rejects it whatever it is."""
        refusal = doom or self.refusal_of(order, at)
        if refusal:
            self._dealer.reject(order, refusal, at)
        elif order.request.type in STOPS and not self._triggered(order.request):
            self._keep_hidden(order, at)
        else:
            self.enter(_released(order), at, self._dealer.reject)
        self.afterwards(order.request.symbol, at)

    def refusal_of(self, order: Order, at: datetime) -> Refusal | None:
        """What is wrong with an order before it meets the book."""
        if order.request.client_order_id and self._registry.holder(order.client_key) != order.id:
            return acceptance.DUPLICATE
        return acceptance.refusal_of(order.request, self._market.instruments.get(order.request.symbol), at)

    def enter(self, order: Order, at: datetime, refuse: Refuse) -> None:
        """Let an order meet the book and rest, or refuse it."""
        prospect = self.prospect(order)
        if isinstance(prospect, Refusal):
            refuse(order, prospect, at)
        else:
            self.admit(prospect, at)

    def prospect(self, order: Order, spare: int = 0) -> Prospect | Refusal:
        """What an order would come to, without changing anything; ``spare`` is its resting quantity if it rests."""
        request = self._priced(order.request)
        if isinstance(request, Refusal):
            return request
        instrument = self._market.instruments[request.symbol]
        facing = self._market.facing(request.side, request.symbol)
        matching = instrument.state is InstrumentState.OPEN
        meeting = meet(request, instrument, request.quantity - order.filled, facing if matching else ())
        refusal = self._refused_meeting(request, meeting)
        if refusal:
            return refusal
        if request.cash:
            request = replace(request, quantity=order.filled + meeting.quantity)
            refusal = acceptance.refused_quantity(request, instrument)
        order = replace(order, request=request)
        return refusal or self.refused_money(order, meeting, spare) or Prospect(order, meeting)

    def _priced(self, request: OrderRequest) -> OrderRequest | Refusal:
        """The request with the price that it derives from the book, if it does."""
        if not request.derived:
            return request
        side = request.side if request.best else opposite(request.side)
        price = self._market.books[request.symbol].best(side)
        return acceptance.NOTHING_TO_DERIVE if price is None else replace(request, price=price)

    def _refused_meeting(self, request: OrderRequest, meeting: Meeting) -> Refusal | None:
        instruction = request.self_match
        if meeting.own and instruction in (SelfMatchPrevention.UNDEFINED, SelfMatchPrevention.REJECT_AGGRESSOR):
            return acceptance.SELF_MATCH
        if request.post_only and (meeting.fills or meeting.own):
            return acceptance.WOULD_INITIATE
        if request.strict and meeting.better:
            return acceptance.BETTER_THAN_STRICT
        if request.type is OrderType.MARKET_TO_LIMIT and not meeting.fills and not meeting.own:
            known = request.symbol in self._market.last_price
            return acceptance.NO_MARKET if known else acceptance.NO_REFERENCE
        return None

    def refused_money(self, order: Order, meeting: Meeting = _NOTHING, spare: int = 0) -> Refusal | None:
        """A refusal if the account's orders in this instrument could cost more than is there.

        An order that does not raise the worst case is always taken: it closes a holding. Fees come on top.
        """
        request = order.request
        account, instrument = self._market.accounts[request.account], self._market.instrument_of(order)
        exposure = account.exposures[request.symbol]
        if spare:
            old = self._registry[order.id].request
            exposure = exposure.plus(old.side, -spare, -instrument.value(old.price, spare))
        value = instrument.value(1, _asked_value(order, meeting))
        requested = account.reserved(instrument, exposure.plus(request.side, order.remaining, value))
        available = self._market.spendable(account)
        if requested <= max(available, account.reserved(instrument)):
            return None
        return acceptance.refused_money(available, requested)

    def admit(self, prospect: Prospect, at: datetime, kind: ExecutionType = ExecutionType.NEW) -> None:
        """Let an order do what it would come to; one that is kept somewhere is taken out first."""
        order, meeting = prospect.order, prospect.meeting
        if order.place is not Place.OUTSIDE:
            self._market.lift(self._registry[order.id])
            order = replace(order, place=Place.OUTSIDE)
        stage = OrderState.REPLACED if kind is ExecutionType.REPLACE else OrderState.NEW
        arrival = self._market.next_arrival()
        order = self._registry.put(replace(order, stage=stage, inserted=at, changed=at, arrival=arrival))
        self._dealer.record(order, kind, at)
        if meeting.own:
            self._prevent(order, meeting, at)
            order = self._registry[order.id]
        if not order.finished:
            self._work(order, meeting, at)

    def _prevent(self, order: Order, meeting: Meeting, at: datetime) -> None:
        """Cancel the participant's own resting orders, and the incoming one as well if it says so."""
        both = order.request.self_match is SelfMatchPrevention.REMOVE_BOTH
        for order_id in (*meeting.own, *([order.id] if both else [])):
            own = self._registry[order_id]
            self._dealer.cancel(own, at, acceptance.SELF_MATCH.text, UnsolicitedCancel.EXCHANGE_OPTION)

    def _work(self, order: Order, meeting: Meeting, at: datetime) -> None:
        least = order.remaining if order.request.whole else order.request.minimum
        if meeting.filled < least:
            self._end_remainder(order, at)
            return
        for fill in meeting.fills:
            order, _ = self._dealer.trade(order, self._registry[fill.order_id], fill.price, fill.quantity, at)
        if not order.finished:
            self._leave(order, meeting, at)

    def _leave(self, order: Order, meeting: Meeting, at: datetime) -> None:
        """What becomes of the quantity that did not fill at once."""
        request = order.request
        market = request.type is OrderType.MARKET_TO_LIMIT
        if request.time_in_force in AT_ONCE:
            self._end_remainder(order, at)
        elif market and not meeting.fills:
            self._drop(order, acceptance.NO_MARKET, at)
        elif market:
            self._market.rest(replace(order, request=replace(request, price=meeting.fills[-1].price)))
        else:
            self._market.rest(order)

    def _end_remainder(self, order: Order, at: datetime) -> None:
        if self._rules.immediate_remainder == "canceled":
            self._dealer.cancel(order, at)
        else:
            self._dealer.expire(order, at)

    def afterwards(self, symbol: str, at: datetime) -> None:
        """What follows from trades: unfunded orders are cancelled, stops whose price was met are released."""
        while True:
            for account in list(self._dealer.touched):
                self._defund(account, at)
            self._dealer.touched.clear()
            released = next((stop for stop in self._hidden_on(symbol) if self._triggered(stop.request)), None)
            if released is None:
                return
            self.enter(_released(self._market.lift(released)), at, self._drop)

    def _defund(self, account_name: str, at: datetime) -> None:
        """Cancel what an account can no longer pay, newest first, in each instrument (collateral-and-margin)."""
        account = self._market.accounts[account_name]
        for symbol in [symbol for symbol in self._market.instruments if symbol in account.exposures]:
            instrument = self._market.instruments[symbol]
            while account.reserved(instrument) > max(0, self._market.spendable(account)):
                lost = losses(instrument, account.net(symbol), account.exposures[symbol])
                side = max(Side.BUY, Side.SELL, key=lambda side: lost[side])
                newest = max(self._resting(account.name, symbol, side), key=lambda order: order.arrival)
                self._dealer.cancel(newest, at, _UNFUNDED, UnsolicitedCancel.EXCHANGE_OPTION)

    def _resting(self, account: str, symbol: str, side: Side) -> list[Order]:
        return [order for order in self._market.queue(side, symbol) if order.request.account == account]

    def _hidden_on(self, symbol: str) -> list[Order]:
        return [self._registry[order_id] for order_id in self._market.hidden.get(symbol, ())]

    def _triggered(self, request: OrderRequest) -> bool:
        """Whether the last price has reached a stop price; nothing is released while nothing matches."""
        last = self._market.last_price.get(request.symbol)
        if last is None or self._market.instruments[request.symbol].state is not InstrumentState.OPEN:
            return False
        return last >= request.stop_price if request.side is Side.BUY else last <= request.stop_price

    def _keep_hidden(self, order: Order, at: datetime) -> None:
        """Acknowledge a stop order, if it could be paid were it released now; until then it reserves nothing."""
        refusal = self.refused_money(order)
        if refusal:
            self._dealer.reject(order, refusal, at)
            return
        order = self._market.hide(replace(order, stage=OrderState.NEW, changed=at))
        self._dealer.record(order, ExecutionType.NEW, at)

    def _drop(self, order: Order, refusal: Refusal, at: datetime) -> None:
        """Cancel a released stop order that cannot enter."""
        self._dealer.cancel(order, at, refusal.text, UnsolicitedCancel.EXCHANGE_OPTION)


def _released(order: Order) -> Order:
    """A stop order as the order that it becomes: market to limit, or limit."""
    request = order.request
    if request.type not in STOPS:
        return order
    kind = OrderType.MARKET_TO_LIMIT if request.type is OrderType.STOP else OrderType.LIMIT
    return replace(order, request=replace(request, type=kind))


def _asked_value(order: Order, meeting: Meeting) -> int:
    """Price x quantity that an order could come to, in wire units.

    A limit order at its limit; one that takes what it finds at what it would find, and the rest at its last price.
    """
    request, remaining = order.request, order.remaining
    found = request.cash or request.type is OrderType.MARKET_TO_LIMIT
    if not (found and meeting.fills):
        return (request.price or request.stop_price) * remaining
    rest = meeting.fills[-1].price if request.type is OrderType.MARKET_TO_LIMIT else request.price
    return meeting.value + rest * (remaining - meeting.filled)
