"""What the exchange answers. Every question does the work first that has come due."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from runner.sandbox.exchange.accounts import Account
from runner.sandbox.exchange.calendar import trade_date
from runner.sandbox.exchange.instruments import Criteria, Instrument
from runner.sandbox.exchange.ledger import BalanceEntry, BalanceSearch, PositionEntry, PositionSearch
from runner.sandbox.exchange.market import Market
from runner.sandbox.exchange.office import Office
from runner.sandbox.exchange.onboarding import Application, News, Webhook
from runner.sandbox.exchange.orders import Execution, Order, Trade
from runner.sandbox.exchange.searches import ExecutionSearch, OrderSearch, TradeSearch
from runner.sandbox.exchange.statistics import Quotation, quotation
from runner.sandbox.exchange.surprises import NONE
from runner.sandbox.exchange.terms import Side


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


class Questions(ABC):
    """The part of the exchange that changes nothing."""

    def __init__(self, market: Market, office: Office, lock: threading.RLock) -> None:
        self.surprises = NONE
        self._market = market
        self._office = office
        self._lock = lock

    @abstractmethod
    def now(self) -> datetime:
        """The moment by the exchange's clock."""

    @abstractmethod
    def advance(self) -> None:
        """Do all work that is due by now."""

    @property
    def instruments(self) -> dict[str, Instrument]:
        """The instruments by symbol, in the order of their listing."""
        return self._market.instruments

    @property
    def accounts(self) -> dict[str, Account]:
        """The accounts by name."""
        return self._market.accounts

    @property
    def house(self) -> Account:
        """The account that takes the fees and pays the rebates."""
        return self._market.house

    def search(self, participant: str, wanted: OrderSearch) -> list[Order]:
        """The participant's orders that meet the criteria, oldest first, finished ones included."""
        with self._lock:
            self.advance()
            found = self._market.registry.orders(participant, wanted)
        stale = self.surprises.stale
        return [order for order in found if order.created <= self.now() - stale] if stale else found

    def executions(self, participant: str, wanted: ExecutionSearch) -> list[Execution]:
        """The participant's executions that meet the criteria, oldest first."""
        with self._lock:
            self.advance()
            return self._market.registry.executions(participant, wanted)

    def trades(self, participant: str, wanted: TradeSearch) -> list[Trade]:
        """The participant's trades that meet the criteria, oldest first."""
        with self._lock:
            self.advance()
            return self._market.registry.trades(participant, wanted)

    def market_trades(self, symbol: str) -> Sequence[Trade]:
        """All trades in an instrument, oldest first."""
        with self._lock:
            self.advance()
            return self._market.registry.market_trades(symbol)

    def last_execution(self, order_id: str) -> Execution | None:
        """The latest execution of an order; None while it is PENDING_NEW."""
        return self._market.registry.last_execution(order_id)

    def everything(self) -> Iterable[Order]:
        """Every order there ever was, whoever's, oldest first."""
        with self._lock:
            self.advance()
            return list(self._market.registry.everything())

    def listing(self, wanted: Criteria) -> list[Instrument]:
        """The instruments that meet the criteria, in the order of their listing."""
        with self._lock:
            self.advance()
            return [instrument for instrument in self.instruments.values() if wanted.accept(instrument)]

    def depth(self, symbol: str, side: Side, levels: int) -> list[tuple[int, int]]:
        """The best wire prices of a side with the quantity that rests at each."""
        with self._lock:
            self.advance()
            found: dict[int, int] = {}
            for order in self._market.queue(side, symbol):
                price = order.request.price
                if price not in found and len(found) == levels:
                    break
                found[price] = found.get(price, 0) + order.remaining
            return list(found.items())

    def quotation(self, symbol: str) -> Quotation:
        """What an instrument's book tells of its trading."""
        return quotation(self.market_trades(symbol), trade_date(self.now()))

    def open_interest(self, symbol: str) -> int:
        """The quantity of an instrument that is held."""
        with self._lock:
            return self._market.open_interest(symbol)

    def funds(self, account: Account) -> Funds:
        """What an account holds and could still spend."""
        with self._lock:
            self.advance()
            margin = account.margin(self.instruments)
            open_orders = account.open_orders(self.instruments)
        excess = account.cash - margin
        return Funds(account.cash, margin, excess, open_orders, excess - open_orders)

    def accounts_of(self, participant: str) -> list[Account]:
        """The trading accounts of a participant."""
        with self._lock:
            self.advance()
            return [account for account in self.accounts.values() if account.owner == participant]

    def balance_entries(self, account: Account, wanted: BalanceSearch) -> list[BalanceEntry]:
        """The entries of an account's balance ledger that meet the criteria, oldest first."""
        with self._lock:
            self.advance()
            return [entry for entry in account.balance_ledger if wanted.accept(entry)]

    def position_entries(self, account: Account, wanted: PositionSearch) -> list[PositionEntry]:
        """The entries of an account's position ledger that meet the criteria, oldest first."""
        with self._lock:
            self.advance()
            return [entry for entry in account.position_ledger if wanted.accept(entry)]

    def application(self, firm: str, external_id: str) -> Application | None:
        """A firm's application for a person, by the firm's own id."""
        with self._lock:
            self.advance()
            return self._office.applications.get((firm, external_id))

    def webhook_of(self, firm: str) -> Webhook | None:
        """Where a firm wants to be told."""
        return self._office.webhooks.get(firm)

    def news(self) -> list[News]:
        """What firms have not been told yet."""
        with self._lock:
            self.advance()
            return list(self._office.news.values())

    def has_news(self) -> bool:
        """Whether there is something that a firm has not been told yet."""
        return bool(self._office.news)

    def expects_news(self) -> bool:
        """Whether there will be something to tell a firm sooner or later."""
        with self._lock:
            return self._office.expecting()
