"""A second exchange, as simple as can be: lists, fractions, no index, nothing shared with the first.

It knows limit and market-to-limit orders, GTC, IOC and FOK, minimum quantity, post-only, self-match prevention,
cancels, replaces, collateral, unsolicited cancels and fees. Orders are numbered in the order of the flow, and settle at
once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

LIVE = ("NEW", "PARTIALLY_FILLED", "REPLACED")


@dataclass
class Terms:
    """What an order asks for. ``side`` is 1 to buy and -1 to sell; prices and quantities are wire integers."""

    account: str
    symbol: str
    side: int
    quantity: int
    price: int
    market: bool = False
    time: str = "GTC"
    minimum: int = 0
    post_only: bool = False
    desk: str = ""
    on_self_match: str = "REJECT"


@dataclass
class Entry:
    terms: Terms
    state: str = "NEW"
    filled: int = 0
    arrival: int = 0
    resting: bool = False
    limit: int = 0
    exact_fee: Fraction = Fraction(0)
    paid_fee: Fraction = Fraction(0)

    @property
    def left(self) -> int:
        return self.terms.quantity - self.filled


@dataclass
class Reference:
    """``scales`` has price scale and wire units of a contract by symbol, ``cash`` dollars by account."""

    scales: dict[str, tuple[int, int]]
    cash: dict[str, Fraction]
    house: Fraction = Fraction(0)
    held: dict[tuple[str, str], int] = field(default_factory=dict)
    orders: list[Entry] = field(default_factory=list)
    trades: list[tuple[str, int, int, int, int]] = field(default_factory=list)
    clock: int = 0
    touched: set[str] = field(default_factory=set)

    def insert(self, terms: Terms) -> None:
        entry = Entry(terms)
        self.orders.append(entry)
        if not self._enter(entry, "NEW"):
            entry.state = "REJECTED"
        self._cancel_unfunded()

    def cancel(self, number: int) -> None:
        entry = self.orders[number]
        if entry.state in LIVE:
            self._end(entry, "CANCELED")

    def replace(self, number: int, quantity: int, price: int) -> None:
        entry = self.orders[number]
        scale, _ = self.scales[entry.terms.symbol]
        if entry.state not in LIVE or quantity <= entry.filled or not 0 < price < scale:
            return
        old, terms = entry.terms, Terms(**vars(entry.terms))
        terms.quantity, terms.price, terms.market, terms.minimum = quantity, price, False, 0
        limit = entry.limit
        if price == limit and quantity <= old.quantity:
            entry.terms, entry.state = terms, "REPLACED"
            return
        before = self._worst(old.account, old.symbol)
        entry.resting, entry.terms = False, terms
        if not self._enter(entry, "REPLACED", before):
            entry.resting, entry.terms, entry.limit = True, old, limit
        self._cancel_unfunded()

    def _enter(self, entry: Entry, state: str, before: Fraction | None = None) -> bool:
        """Let an order in; False, with nothing changed, if it may not."""
        terms = entry.terms
        met, own = self._meets(entry)
        if own and terms.on_self_match == "REJECT":
            return False
        if terms.post_only and (met or own):
            return False
        if terms.market and not met and not own:
            return False
        if not self._can_pay(entry, met, before):
            return False
        self.clock += 1
        entry.state, entry.arrival, entry.limit = state, self.clock, terms.price
        for other in own:
            self._end(other, "CANCELED")
        if own and terms.on_self_match == "BOTH":
            self._end(entry, "CANCELED")
            return True
        self._work(entry, met)
        return True

    def _work(self, entry: Entry, met: list[tuple[Entry, int]]) -> None:
        terms = entry.terms
        least = entry.left if terms.time == "FOK" else terms.minimum
        if sum(quantity for _, quantity in met) < least:
            self._end(entry, "EXPIRED")
            return
        for resting, quantity in met:
            self._trade(entry, resting, quantity)
        if not entry.left:
            return
        if terms.time != "GTC":
            self._end(entry, "EXPIRED")
        elif terms.market and not met:
            self._end(entry, "CANCELED")
        else:
            entry.resting = True
            entry.limit = met[-1][0].limit if terms.market else terms.price

    def _meets(self, entry: Entry) -> tuple[list[tuple[Entry, int]], list[Entry]]:
        """Who is met with how much, in order, and the own orders that stand in the way."""
        terms, left = entry.terms, entry.left
        other_side = [
            other
            for other in self.orders
            if other.resting and other.terms.symbol == terms.symbol and other.terms.side == -terms.side
        ]
        other_side.sort(key=lambda other: (terms.side * other.limit, other.arrival))
        met: list[tuple[Entry, int]] = []
        own: list[Entry] = []
        for other in other_side:
            reached = terms.market or terms.side * (terms.price - other.limit) >= 0
            if not left or not reached:
                break
            if terms.desk and terms.desk == other.terms.desk and terms.account == other.terms.account:
                own.append(other)
                continue
            quantity = min(left, other.left)
            met.append((other, quantity))
            left -= quantity
        return met, own

    def _trade(self, taker: Entry, maker: Entry, quantity: int) -> None:
        symbol, price = maker.terms.symbol, maker.limit
        scale, contract = self.scales[symbol]
        dollars = Fraction(price, scale)
        contracts = Fraction(quantity, contract)
        exact = contracts * dollars * (1 - dollars)
        taker.exact_fee += Fraction(695, 10_000) * exact
        fee = min(_cents(Fraction(695, 10_000) * exact), _cents(taker.exact_fee) - taker.paid_fee)
        taker.paid_fee += fee
        rebate = _cents(Fraction(125, 10_000) * exact)
        for entry, cost in ((taker, fee), (maker, -rebate)):
            account = entry.terms.account
            self.cash[account] -= entry.terms.side * contracts * dollars + cost
            self.house += cost
            self.held[account, symbol] = self.held.get((account, symbol), 0) + entry.terms.side * quantity
            entry.filled += quantity
            entry.state = "PARTIALLY_FILLED" if entry.left else "FILLED"
            entry.resting = entry.resting and entry.left > 0
            self.touched.add(account)
        self.trades.append((symbol, self.orders.index(taker), self.orders.index(maker), price, quantity))

    def _end(self, entry: Entry, state: str) -> None:
        entry.state, entry.resting = state, False

    def _free(self, account: str) -> Fraction:
        short = sum(
            Fraction(-net, self.scales[symbol][1])
            for (holder, symbol), net in self.held.items()
            if holder == account and net < 0
        )
        return self.cash[account] - short

    def _sides(self, account: str, symbol: str, more: tuple[int, int, int] | None = None) -> dict[int, Fraction]:
        """The loss of buying power if all bids filled (1), and if all offers did (-1)."""
        scale, contract = self.scales[symbol]
        net = self.held.get((account, symbol), 0)
        waiting = [
            (entry.terms.side, entry.left, entry.limit * entry.left)
            for entry in self.orders
            if entry.resting and entry.terms.account == account and entry.terms.symbol == symbol
        ]
        waiting += [more] if more else []
        bids = sum(quantity for side, quantity, _ in waiting if side == 1)
        offers = sum(quantity for side, quantity, _ in waiting if side == -1)
        bid_value = sum(value for side, _, value in waiting if side == 1)
        offer_value = sum(value for side, _, value in waiting if side == -1)
        unit = Fraction(1, scale * contract)
        return {
            1: bid_value * unit - Fraction(min(bids, max(0, -net)), contract),
            -1: Fraction(max(0, offers - max(0, net)), contract) - offer_value * unit,
        }

    def _worst(self, account: str, symbol: str, more: tuple[int, int, int] | None = None) -> Fraction:
        return max(Fraction(0), *self._sides(account, symbol, more).values())

    def _can_pay(self, entry: Entry, met: list[tuple[Entry, int]], before: Fraction | None) -> bool:
        terms = entry.terms
        value = terms.price * entry.left
        if terms.market and met:
            filled = sum(quantity for _, quantity in met)
            value = sum(other.limit * quantity for other, quantity in met) + met[-1][0].limit * (entry.left - filled)
        elif terms.market:
            value = 0
        asked = self._worst(terms.account, terms.symbol, (terms.side, entry.left, value))
        standing = self._worst(terms.account, terms.symbol) if before is None else before
        return asked <= max(self._free(terms.account), standing)

    def _cancel_unfunded(self) -> None:
        for account in self.touched:
            for symbol in self.scales:
                while self._worst(account, symbol) > max(Fraction(0), self._free(account)):
                    sides = self._sides(account, symbol)
                    side = 1 if sides[1] >= sides[-1] else -1
                    waiting = [
                        entry
                        for entry in self.orders
                        if entry.resting and (entry.terms.account, entry.terms.symbol) == (account, symbol)
                    ]
                    newest = max(
                        (entry for entry in waiting if entry.terms.side == side), key=lambda entry: entry.arrival
                    )
                    self._end(newest, "CANCELED")
        self.touched.clear()


def _cents(dollars: Fraction) -> Fraction:
    """To the cent, half to even: what ``round`` does with fractions."""
    return Fraction(round(dollars * 100), 100)
