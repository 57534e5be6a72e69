"""What the exchange holds: instruments, books, accounts, orders. Whoever acts on it does so through these words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from random import Random

from runner.sandbox.exchange.accounts import Account
from runner.sandbox.exchange.book import Book, opposite
from runner.sandbox.exchange.calendar import trade_date
from runner.sandbox.exchange.holdings import EMPTY, Position
from runner.sandbox.exchange.instruments import Instrument
from runner.sandbox.exchange.ledger import BalanceEntry, PositionEntry
from runner.sandbox.exchange.orders import Order, Place
from runner.sandbox.exchange.registry import Registry
from runner.sandbox.exchange.terms import LedgerEntryType, Side

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Market:
    """The state of the exchange. ``house`` takes the fees and pays the rebates, so that no cash is made or lost."""

    def __init__(self, instruments: Iterable[Instrument], accounts: Iterable[Account], random: Random) -> None:
        self.instruments = {instrument.symbol: instrument for instrument in instruments}
        self.accounts = {account.name: account for account in accounts}
        self.house = Account("firms/Exchange/accounts/FEES", "", "Fees", 0)
        self.books = {symbol: Book() for symbol in self.instruments}
        self.hidden: dict[str, dict[str, None]] = {symbol: {} for symbol in self.instruments}
        self.last_price: dict[str, int] = {}
        self.registry = Registry()
        self._random = random
        self._arrivals = 0

    def new_id(self) -> str:
        """Twelve characters of Crockford's base 32, the shape of the venue's own ids."""
        number = self._random.getrandbits(60)
        return "".join(_CROCKFORD[number >> shift & 31] for shift in range(55, -5, -5))

    def next_arrival(self) -> int:
        """The place in time of an order that takes one now."""
        self._arrivals += 1
        return self._arrivals

    def instrument_of(self, order: Order) -> Instrument:
        """The instrument of an order that was accepted."""
        return self.instruments[order.request.symbol]

    def facing(self, side: Side, symbol: str) -> Iterator[Order]:
        """The resting orders that one of ``side`` would meet, best first."""
        return self.queue(opposite(side), symbol)

    def queue(self, side: Side, symbol: str) -> Iterator[Order]:
        """The resting orders of a side, best first."""
        return (self.registry[order_id] for order_id in self.books[symbol].queue(side))

    def spendable(self, account: Account) -> int:
        """Cash above the margin of short holdings; what open orders could cost is still in it."""
        return account.cash - account.margin(self.instruments)

    def rest(self, order: Order) -> Order:
        """Put an order into the book, where it reserves money."""
        order = self.registry.put(replace(order, place=Place.BOOK))
        self.books[order.request.symbol].add(order)
        self.expose(order, order.remaining)
        return order

    def hide(self, order: Order) -> Order:
        """Keep a stop order until its price is met."""
        order = self.registry.put(replace(order, place=Place.HIDDEN))
        self.hidden[order.request.symbol][order.id] = None
        return order

    def lift(self, order: Order) -> Order:
        """Take an order out from where it is kept."""
        if order.place is Place.BOOK:
            self.books[order.request.symbol].remove(order)
            self.expose(order, -order.remaining)
        elif order.place is Place.HIDDEN:
            del self.hidden[order.request.symbol][order.id]
        return self.registry.put(replace(order, place=Place.OUTSIDE))

    def expose(self, order: Order, quantity: int) -> None:
        """Count resting quantity in, or out with a negative figure."""
        request = order.request
        value = self.instruments[request.symbol].value(request.price, quantity)
        self.accounts[request.account].exposures[request.symbol].add(request.side, quantity, value)

    def pay(
        self,
        account: Account,
        micros: int,
        kind: LedgerEntryType,
        at: datetime,
        symbol: str = "",
        description: str = "",
    ) -> None:
        """Change an account's cash by so many millionths of a dollar, with an entry in its ledger."""
        before, after = account.cash, account.cash + micros
        account.cash = after
        entry = BalanceEntry(
            f"bl_{self.new_id()}", account.name, kind, before, after, at, trade_date(at), symbol, description
        )
        account.balance_ledger.append(entry)

    def charge(self, account: Account, fee: int, at: datetime, symbol: str, description: str) -> None:
        """Take a fee, or pay a rebate, in millionths of a dollar; nothing is booked for none."""
        if fee:
            self.pay(account, -fee, LedgerEntryType.COMMISSION, at, symbol, description)
            self.house.cash += fee

    def hold(self, account: Account, symbol: str, after: Position, at: datetime, description: str) -> None:
        """Give an account a new position, with an entry in its ledger."""
        before = account.positions.get(symbol, EMPTY)
        account.positions[symbol] = after
        entry = PositionEntry(
            f"pl_{self.new_id()}", account.name, symbol, before, after, at, trade_date(at), description
        )
        account.position_ledger.append(entry)

    def open_interest(self, symbol: str) -> int:
        """The quantity held long, which equals the quantity held short."""
        return sum(max(0, account.net(symbol)) for account in self.accounts.values())
