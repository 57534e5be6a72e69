"""The exchange: takes orders and cancels, matches, moves cash and contracts, and answers questions about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random, SystemRandom

from runner.sandbox.exchange.acceptance import Refusal, refusal_for_money, refusal_of
from runner.sandbox.exchange.accounts import Account
from runner.sandbox.exchange.book import Book
from runner.sandbox.exchange.clock import Clock
from runner.sandbox.exchange.instruments import Criteria, Instrument
from runner.sandbox.exchange.orders import Execution, Order, OrderRequest, OrderSearch
from runner.sandbox.exchange.schedule import Due, Schedule, Task
from runner.sandbox.exchange.terms import ExecutionType, OrderState, RejectReason
from runner.sandbox.rules import Rules

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class UnknownOrder(Exception):
    """No such order for this participant."""


class FinishedOrder(Exception):
    """The order has already finished."""


class DuplicateClientOrderId(Exception):
    """A live order of the participant carries the same client order id."""


@dataclass(frozen=True, slots=True)
class Funds:
    """An account's money in millionths of a dollar.

    ``excess`` is cash above the margin of short holdings; ``open_orders`` adds up the worst case of every instrument;
    ``buying_power`` is excess less open orders, as in the venue's example, and may fall below zero, since the check of
    a new order looks at its own instrument only.
    """

    cash: int
    margin: int
    excess: int
    open_orders: int
    buying_power: int


class Exchange:
    """All instruments, accounts and orders. Every public method first does the work that has come due."""

    def __init__(
        self,
        instruments: Iterable[Instrument],
        accounts: Iterable[Account],
        clock: Clock,
        rules: Rules,
        settle: timedelta,
        random: Random | None = None,
    ) -> None:
        self.instruments = {instrument.symbol: instrument for instrument in instruments}
        self.accounts = {account.name: account for account in accounts}
        self.clock = clock
        self._rules = rules
        self._settle = settle
        self._random = random or SystemRandom()
        self._schedule = Schedule()
        self._books = {symbol: Book() for symbol in self.instruments}
        self._orders: dict[str, Order] = {}
        self._orders_of: dict[str, list[str]] = {}
        self._live: dict[tuple[str, str], str] = {}
        self._last_execution: dict[str, Execution] = {}
        self._arrivals = 0

    def submit(self, request: OrderRequest) -> Order:
        """Take an order in as PENDING_NEW; whether it is accepted or rejected shows after the settling time.

        Raises DuplicateClientOrderId if the rules refuse a second live id at once.
        """
        self.advance()
        self._claim_client_order_id(request)
        now = self.clock.now()
        instrument = self.instruments.get(request.symbol)
        order = Order(
            id=self._new_id(),
            request=request,
            state=OrderState.PENDING_NEW,
            created=now,
            changed=now,
            price_scale=instrument.price_scale if instrument else 0,
            quantity_scale=instrument.quantity_scale if instrument else 0,
        )
        self._orders[order.id] = order
        self._orders_of.setdefault(request.participant, []).append(order.id)
        if request.client_order_id:
            self._live.setdefault(_client_key(order), order.id)
        self._schedule.add(now + self._settle, Task.ACCEPT, order.id)
        self.advance()
        return self._orders[order.id]

    def cancel(self, participant: str, order_id: str, symbol: str = "") -> None:
        """Ask for an order's cancel; it shows as PENDING_CANCEL until the settling time is over.

        Raises UnknownOrder if the participant has no such order (on that symbol, if one is given), FinishedOrder if it
        has already finished.
        """
        self.advance()
        order = self._orders.get(order_id)
        if order is None or order.request.participant != participant or symbol not in ("", order.request.symbol):
            raise UnknownOrder(order_id)
        if order.finished:
            raise FinishedOrder(order_id)
        if order.cancel_requested:
            return
        now = self.clock.now()
        self._put(replace(order, state=OrderState.PENDING_CANCEL, cancel_requested=True, changed=now))
        self._schedule.add(now + self._settle, Task.CANCEL, order_id)
        self.advance()

    def search(self, participant: str, wanted: OrderSearch) -> list[Order]:
        """The participant's orders that meet the criteria, oldest first, finished ones included."""
        self.advance()
        if wanted.order_id:
            order = self._orders.get(wanted.order_id)
            own: Iterator[Order] = iter([order] if order and order.request.participant == participant else [])
        else:
            own = (self._orders[order_id] for order_id in self._orders_of.get(participant, ()))
        return [order for order in own if wanted.accept(order)]

    def last_execution(self, order_id: str) -> Execution | None:
        """The latest execution of an order; None while it is PENDING_NEW."""
        return self._last_execution.get(order_id)

    def listing(self, wanted: Criteria) -> list[Instrument]:
        """The instruments that meet the criteria, in the order of their listing."""
        self.advance()
        return [instrument for instrument in self.instruments.values() if wanted.accept(instrument)]

    def funds(self, account: Account) -> Funds:
        """What an account holds and could still spend."""
        self.advance()
        margin = account.margin(self.instruments)
        open_orders = account.open_orders(self.instruments)
        excess = account.cash - margin
        return Funds(account.cash, margin, excess, open_orders, excess - open_orders)

    def accounts_of(self, participant: str) -> list[Account]:
        """The trading accounts of a participant."""
        return [account for account in self.accounts.values() if account.owner == participant]

    def advance(self) -> None:
        """Do all work that is due by now, each piece as of its own moment."""
        now = self.clock.now()
        while due := self._schedule.take(now):
            self._perform(due)

    def _perform(self, due: Due) -> None:
        order = self._orders[due.order_id]
        if order.finished:
            return
        if due.task is Task.ACCEPT:
            self._accept(order, due.at)
        else:
            self._finish(order, OrderState.CANCELED, ExecutionType.CANCELED, due.at)

    def _accept(self, order: Order, at: datetime) -> None:
        refusal = self._refusal(order)
        if refusal:
            self._finish(order, OrderState.REJECTED, ExecutionType.REJECTED, at, refusal)
            return
        self._arrivals += 1
        state = OrderState.PENDING_CANCEL if order.cancel_requested else OrderState.NEW
        order = self._put(replace(order, state=state, inserted=at, changed=at, arrival=self._arrivals))
        self._record(Execution(self._new_id(), order, ExecutionType.NEW, at))
        self._expose(order, order.request.quantity)
        order = self._match(order, at)
        if not order.finished:
            self._books[order.request.symbol].add(order)

    def _refusal(self, order: Order) -> Refusal | None:
        request = order.request
        if request.client_order_id and self._live.get(_client_key(order)) != order.id:
            return Refusal("ClOrdID already in use by an open order")
        instrument = self.instruments.get(request.symbol)
        refusal = refusal_of(request, instrument)
        if refusal or instrument is None:
            return refusal
        account = self.accounts[request.account]
        return refusal_for_money(request, instrument, account, account.cash - account.margin(self.instruments))

    def _match(self, order: Order, at: datetime) -> Order:
        """Trade an incoming order against the book until it is filled or nothing crosses any more."""
        book = self._books[order.request.symbol]
        while order.remaining:
            resting_id = book.opposite(order.request.side, order.request.price)
            if resting_id is None:
                break
            resting = self._orders[resting_id]
            quantity = min(order.remaining, resting.remaining)
            if quantity == resting.remaining:
                book.remove(resting)
            price, trade = resting.request.price, self._new_id()
            self._fill(resting, price, quantity, trade, at, aggressor=False)
            order = self._fill(order, price, quantity, trade, at, aggressor=True)
        return order

    def _fill(self, order: Order, price: int, quantity: int, trade: str, at: datetime, *, aggressor: bool) -> Order:
        filled = _filled(order, price, quantity, trade, at)
        self._expose(order, -quantity)
        request = order.request
        account = self.accounts[request.account]
        account.trade(self.instruments[request.symbol], request.side, price, quantity)
        kind = ExecutionType.FILL if filled.finished else ExecutionType.PARTIAL_FILL
        self._record(
            Execution(
                self._new_id(),
                filled,
                kind,
                at,
                quantity=quantity,
                price=price,
                trade=trade,
                aggressor=aggressor,
            )
        )
        return self._put(filled)

    def _finish(
        self, order: Order, state: OrderState, kind: ExecutionType, at: datetime, why: Refusal | None = None
    ) -> None:
        """End an order without a fill: rejected before it was accepted, or cancelled while it rests."""
        if order.inserted is not None:
            self._books[order.request.symbol].remove(order)
            self._expose(order, -order.remaining)
        order = self._put(replace(order, state=state, changed=at))
        text, reason = (why.text, why.reason) if why else ("", RejectReason.EXCHANGE_OPTION)
        self._record(Execution(self._new_id(), order, kind, at, text=text, reason=reason))

    def _expose(self, order: Order, quantity: int) -> None:
        """Count working quantity in, or out with a negative figure."""
        request = order.request
        value = self.instruments[request.symbol].value(request.price, quantity)
        self.accounts[request.account].exposures[request.symbol].add(request.side, quantity, value)

    def _claim_client_order_id(self, request: OrderRequest) -> None:
        taken = (request.participant, request.client_order_id) in self._live
        if taken and self._rules.duplicate_client_order_id == "conflict":
            raise DuplicateClientOrderId(request.client_order_id)

    def _put(self, order: Order) -> Order:
        self._orders[order.id] = order
        if order.finished and self._live.get(_client_key(order)) == order.id:
            del self._live[_client_key(order)]
        return order

    def _record(self, execution: Execution) -> None:
        self._last_execution[execution.order.id] = execution

    def _new_id(self) -> str:
        """Twelve characters of Crockford's base 32, the shape of the venue's own ids."""
        number = self._random.getrandbits(60)
        return "".join(_CROCKFORD[number >> shift & 31] for shift in range(55, -5, -5))


def _client_key(order: Order) -> tuple[str, str]:
    return order.request.participant, order.request.client_order_id


def _filled(order: Order, price: int, quantity: int, trade: str, at: datetime) -> Order:
    """The order after a fill; one that waits for its cancel stays so until it is full."""
    filled = order.filled + quantity
    if filled == order.request.quantity:
        state = OrderState.FILLED
    else:
        state = OrderState.PENDING_CANCEL if order.cancel_requested else OrderState.PARTIALLY_FILLED
    return replace(
        order,
        state=state,
        changed=at,
        filled=filled,
        filled_value=order.filled_value + price * quantity,
        fills={**order.fills, price: order.fills.get(price, 0) + quantity},
        last_trade=trade,
    )
