"""The exchange: takes orders, cancels and replaces, and answers questions about them.

Whatever changes it goes through one gate, which does the work that has come due first and keeps the command in the
journal: the course of the exchange depends on the commands and their moments alone, and on nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from random import Random, SystemRandom

from runner.sandbox.exchange.acceptance import Refusal, refusal_of
from runner.sandbox.exchange.accounts import Account, Participant
from runner.sandbox.exchange.clock import Clock
from runner.sandbox.exchange.dealing import Dealer
from runner.sandbox.exchange.duties import Duties
from runner.sandbox.exchange.instruments import MICROS, Instrument
from runner.sandbox.exchange.journal import Forgetful, Journal
from runner.sandbox.exchange.maker import Maker
from runner.sandbox.exchange.market import Market
from runner.sandbox.exchange.office import Office
from runner.sandbox.exchange.onboarding import Application, Path
from runner.sandbox.exchange.orders import Amendment, Order, OrderRequest, Place
from runner.sandbox.exchange.questions import Questions
from runner.sandbox.exchange.schedule import Schedule, Task
from runner.sandbox.exchange.sessions import Sessions
from runner.sandbox.exchange.surprises import NONE
from runner.sandbox.exchange.terms import InstrumentState, LedgerEntryType, OrderState
from runner.sandbox.exchange.trading import Floor, Prospect
from runner.sandbox.rules import Rules, rules_from, switches


class UnknownOrder(Exception):
    """No such order for this participant."""


class FinishedOrder(Exception):
    """The order has already finished."""


class DuplicateClientOrderId(Exception):
    """A live order of the participant carries the same client order id."""


class Exchange(Questions):
    """All instruments, accounts and orders, and the gate that every change goes through.

    ``surprises`` is what befalls the next commands on demand. ``on_news`` is called when there may be something to
    tell a firm. One thread is inside at a time.
    """

    def __init__(
        self,
        instruments: Iterable[Instrument],
        accounts: Iterable[Account],
        clock: Clock,
        rules: Rules,
        settle: timedelta,
        random: Random | None = None,
        participants: Iterable[Participant] = (),
    ) -> None:
        self.clock = clock
        self.participants = {participant.name: participant for participant in participants}
        self.surprises = NONE
        self.on_news: Callable[[], None] = _nobody
        self._rules = rules
        self._settle = settle
        self._journal: Journal = Forgetful()
        self._then: datetime | None = None
        self._schedule = Schedule()
        market = Market(instruments, accounts, random or SystemRandom())
        super().__init__(market, Office(market, self._schedule, self.participants), threading.RLock())
        self._build()

    def _build(self) -> None:
        """Put everybody who works on the market in place, by the rules of now."""
        market = self._market
        dealer = Dealer(market)
        self._floor = Floor(market, dealer, self._rules)
        self._sessions = Sessions(market, dealer, self._floor)
        self._maker = Maker(market, dealer)
        self._duties = Duties(market, self._schedule, self._office, self._floor, dealer)
        self._commands: dict[str, Callable[..., object]] = {
            "configure": self._configure,
            "submit": self._submit,
            "submit_cross": self._submit_cross,
            "cancel": self._cancel,
            "amend": self._amend,
            "fund": self._fund,
            "set_state": self._set_state,
            "settle": self._settle_instrument,
            "enrol": self._office.enrol,
            "send_code": self._office.send_code,
            "try_code": self._office.try_code,
            "register_webhook": self._office.register,
            "delivered": self._office.delivered,
            "advance": _nothing,
        }

    # What participants do

    def submit(self, request: OrderRequest) -> Order:
        """Take an order in as PENDING_NEW; whether it is accepted or rejected shows after the settling time.

        Raises DuplicateClientOrderId if the rules refuse a second live id at once.
        """
        order_id = self._do("submit", request, self.surprises.late_reject)
        return self._market.registry[str(order_id)]

    def submit_cross(self, prioritized: OrderRequest, other: OrderRequest) -> tuple[str, str]:
        """Take two orders in that are to trade with each other; their ids."""
        first, second = str(self._do("submit_cross", prioritized, other)).split()
        return first, second

    def cancel(self, participant: str, order_id: str, symbol: str = "") -> None:
        """Ask for an order's cancel; it shows as PENDING_CANCEL until the settling time is over.

        A book that allows no cancel then leaves the order as it was. Raises UnknownOrder if the participant has no
        such order (on that symbol, if one is given), FinishedOrder if it has already finished.
        """
        self._do("cancel", participant, order_id, symbol, self.surprises.fill_during_cancel)

    def amend(self, participant: str, order_id: str, symbol: str, amendment: Amendment) -> None:
        """Ask for an order's replace; it shows as PENDING_REPLACE until the settling time is over.

        Raises UnknownOrder and FinishedOrder as ``cancel`` does.
        """
        self._do("amend", participant, order_id, symbol, amendment, self.surprises.late_reject)

    def preview(self, request: OrderRequest) -> tuple[Order, Refusal | None]:
        """The order that a request would make, and why it would be rejected; nothing is kept."""
        with self._lock:
            self.advance()
            instrument = self.instruments.get(request.symbol)
            order = self._made("", request)
            refusal = refusal_of(request, instrument, self.now())
            prospect = refusal or self._floor.prospect(order)
            return order, None if isinstance(prospect, Prospect) else prospect

    def indicative_price(self, symbol: str) -> int | None:
        """The wire price at which a book that gathers orders would open now, or None."""
        with self._lock:
            self.advance()
            return self._sessions.indicative_price(symbol)

    # What the outside world does, none of it over the venue's own interface

    def fund(self, account: str, dollars: int) -> None:
        """Pay test money into an account, in whole dollars. Raises KeyError for no such account, ValueError for less
        than one dollar.
        """
        self._do("fund", account, dollars)

    def set_state(self, symbol: str, state: InstrumentState) -> None:
        """Bring an instrument into a state. Raises KeyError for no such symbol, ValueError if it cannot be."""
        self._do("set_state", symbol, int(state))

    def halt(self, symbol: str) -> None:
        """Halt an instrument; one that is not listed stays so."""
        if symbol in self.instruments:
            self.set_state(symbol, InstrumentState.HALTED)

    def settle(self, symbol: str, price: int) -> None:
        """Pay an instrument's final price, a wire integer. Raises KeyError and ValueError as ``set_state`` does."""
        self._do("settle", symbol, price)

    def enrol(self, firm: str, clearing_firm: str, external_id: str, path: Path) -> Application:
        """Take a person in by a firm's own id. Raises AlreadyApproved."""
        self._do("enrol", firm, clearing_firm, external_id, path.value)
        self.on_news()
        return self._office.applications[firm, external_id]

    def send_code(self, firm: str, external_id: str) -> None:
        """Send a one-time code to a person."""
        self._do("send_code", firm, external_id)

    def try_code(self, firm: str, external_id: str, *, used: bool) -> bool:
        """Count a try of a person's code, which ends if it is ``used``; whether there was one to try."""
        return bool(self._do("try_code", firm, external_id, used))

    def register_webhook(self, firm: str, url: str, secret: str) -> None:
        """Set where a firm is told what became of its users; an empty secret leaves deliveries unsigned."""
        self._do("register_webhook", firm, url, secret)
        self.on_news()

    def delivered(self, news_id: str) -> None:
        """Note that news have arrived."""
        self._do("delivered", news_id)

    def configure(self, rules: Rules, settle: timedelta) -> None:
        """Go on by other rules and another settling time, as after a restart with other options."""
        self._do("configure", asdict(rules), settle // timedelta(microseconds=1))

    # Time

    def now(self) -> datetime:
        """The moment by the exchange's clock, or the one that is being brought back."""
        return self._then or self.clock.now()

    def advance(self) -> None:
        """Do all work that is due by now, each piece as of its own moment."""
        with self._lock:
            now = self.now()
            if self._drain(now):
                self._journal.note(now, "advance", (), "")

    def remember(self, journal: Journal) -> None:
        """Keep all further commands in a journal."""
        self._journal = journal

    def close(self) -> None:
        """Let the journal go; no command may follow."""
        with self._lock:
            self._journal.close()

    def repeat(self, at: datetime, command: str, arguments: Iterable[object]) -> str:
        """Carry a command out again as of its moment; the id that it gives."""
        self._then = at
        try:
            self._drain(at)
            given = self._commands[command](at, *arguments)
            self._drain(at)
        finally:
            self._then = None
        return _id_of(given)

    def _do(self, command: str, *arguments: object) -> object:
        """Carry a command out and keep it. Time stands still meanwhile, as it will when the command is repeated."""
        with self._lock:
            self._then = now = self.now()
            try:
                self.advance()
                given = self._commands[command](now, *arguments)
                self._journal.note(now, command, arguments, _id_of(given))
                self._drain(now)
            finally:
                self._then = None
        return given

    def _drain(self, now: datetime) -> bool:
        worked = self._duties.drain(now, self._rules)
        if worked and self._office.news:
            self.on_news()
        return worked

    # Commands

    def _configure(self, _at: datetime, rules: dict[str, str], microseconds: int) -> None:
        known = switches()
        self._rules = rules_from(f"{name}={value}" for name, value in rules.items() if name in known)
        self._settle = timedelta(microseconds=microseconds)
        self._build()

    def _submit(self, at: datetime, request: OrderRequest, late_reject: str) -> str:
        key = request.participant, request.client_order_id
        taken = request.client_order_id and self._market.registry.holder(key)
        if taken and self._rules.duplicate_client_order_id == "conflict":
            raise DuplicateClientOrderId(request.client_order_id)
        order = self._market.registry.put(self._made(self._market.new_id(), request))
        self._schedule.add(at + self._settle, Task.ACCEPT, order.id, Refusal(late_reject) if late_reject else None)
        return order.id

    def _submit_cross(self, at: datetime, prioritized: OrderRequest, other: OrderRequest) -> str:
        host = self._market.new_id()
        made = [
            self._made(self._market.new_id(), replace(request, host_cross_id=host)) for request in (prioritized, other)
        ]
        first, second = (self._market.registry.put(order).id for order in made)
        self._schedule.add(at + self._settle, Task.CROSS, first, second)
        return f"{first} {second}"

    def _cancel(self, at: datetime, participant: str, order_id: str, symbol: str, fill: int | None) -> None:
        order = self._live(participant, order_id, symbol)
        if order.awaiting is OrderState.PENDING_CANCEL:
            return
        self._market.registry.put(replace(order, awaiting=OrderState.PENDING_CANCEL, changed=at))
        self._schedule.add(at + self._settle, Task.CANCEL, order_id)
        if fill is not None and order.place is Place.BOOK:
            self._maker.take(order_id, fill, at)
            self._floor.afterwards(order.request.symbol, at)

    def _amend(
        self, at: datetime, participant: str, order_id: str, symbol: str, amendment: Amendment, late_reject: str = ""
    ) -> None:
        order = self._live(participant, order_id, symbol)
        awaiting = order.awaiting or OrderState.PENDING_REPLACE
        self._market.registry.put(replace(order, awaiting=awaiting, changed=at))
        matter = Refusal(late_reject) if late_reject else amendment
        self._schedule.add(at + self._settle, Task.REPLACE, order_id, matter)

    def _fund(self, at: datetime, account: str, dollars: int) -> None:
        if dollars < 1:
            raise ValueError("an account is funded with one dollar or more")
        paid_in = self.accounts[account]
        self._market.pay(paid_in, dollars * MICROS, LedgerEntryType.DEPOSIT, at, "", "Sandbox test funds")

    def _set_state(self, at: datetime, symbol: str, state: int) -> None:
        self._sessions.move(symbol, InstrumentState(state), at)

    def _settle_instrument(self, at: datetime, symbol: str, price: int) -> None:
        self._sessions.settle(symbol, price, at)

    def _made(self, order_id: str, request: OrderRequest) -> Order:
        instrument = self.instruments.get(request.symbol)
        now = self.now()
        return Order(
            id=order_id,
            request=request,
            stage=OrderState.PENDING_NEW,
            created=now,
            changed=now,
            price_scale=instrument.price_scale if instrument else 0,
            quantity_scale=instrument.quantity_scale if instrument else 0,
        )

    def _live(self, participant: str, order_id: str, symbol: str) -> Order:
        order = self._market.registry.get(order_id)
        if order is None or order.request.participant != participant or symbol not in ("", order.request.symbol):
            raise UnknownOrder(order_id)
        if order.finished:
            raise FinishedOrder(order_id)
        return order


def _id_of(given: object) -> str:
    return given if isinstance(given, str) else ""


def _nothing(_at: datetime) -> None:
    """A question was asked: that does the work that is due, and nothing else."""


def _nobody() -> None:
    """Nobody waits for news."""
