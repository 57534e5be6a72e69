"""What an instrument goes through: its states, the auction when it opens, its settlement.

States follow docs.polymarket.us: institutional/refdata/overview; settlement pays the final price for each contract
(market-structure/collateral-and-margin and institutional/settlement/overview).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from runner.sandbox.exchange import auction
from runner.sandbox.exchange.calendar import trade_date
from runner.sandbox.exchange.dealing import Dealer
from runner.sandbox.exchange.instruments import Settlement
from runner.sandbox.exchange.market import Market
from runner.sandbox.exchange.orders import Order
from runner.sandbox.exchange.terms import GONE, InstrumentState, LedgerEntryType, Side, TimeInForce, UnsolicitedCancel
from runner.sandbox.exchange.trading import Floor


class Sessions:
    """Moves instruments from state to state and settles them."""

    def __init__(self, market: Market, dealer: Dealer, floor: Floor) -> None:
        self._market = market
        self._dealer = dealer
        self._floor = floor

    def move(self, symbol: str, state: InstrumentState, at: datetime) -> None:
        """Bring an instrument into a state, with what that does to its orders.

        Raises ValueError if it is to be terminated while somebody holds it and no final price was set.
        """
        instrument = self._market.instruments[symbol]
        if state is InstrumentState.TERMINATED and self._market.open_interest(symbol):
            raise ValueError(f"{symbol} is held and has no final price")
        leaves_auction = instrument.state is InstrumentState.MATCH_AND_CLOSE_AUCTION and state is not instrument.state
        self._market.instruments[symbol] = replace(instrument, state=state, updated=at)
        if leaves_auction or state is InstrumentState.OPEN:
            self._uncross(symbol, at)
        self._clear(symbol, state, at)
        self._floor.afterwards(symbol, at)

    def settle(self, symbol: str, price: int, at: datetime) -> None:
        """Pay the final price, a wire integer, for every contract; the instrument is EXPIRED then.

        Raises ValueError for a price outside zero to one dollar, or if there is a final price already.
        """
        instrument = self._market.instruments[symbol]
        if instrument.settlement or not 0 <= price <= instrument.price_scale:
            raise ValueError(f"{symbol} cannot settle at {price}")
        if instrument.state not in GONE:
            self.move(symbol, InstrumentState.EXPIRED, at)
        self._market.instruments[symbol] = replace(
            self._market.instruments[symbol], settlement=Settlement(price, at), updated=at
        )
        for account in self._market.accounts.values():
            self._pay_out(account.name, symbol, price, at)
        self._floor.afterwards(symbol, at)

    def indicative_price(self, symbol: str) -> int | None:
        """The price at which the book would uncross now, as a wire integer, or None."""
        bids, offers = self._sides(symbol)
        return auction.clearing_price(bids, offers, self._market.instruments[symbol].tick)

    def _uncross(self, symbol: str, at: datetime) -> None:
        if not self._market.books[symbol].crossed():
            return
        bids, offers = self._sides(symbol)
        price = auction.clearing_price(bids, offers, self._market.instruments[symbol].tick)
        if price is None:
            return
        registry = self._market.registry
        for bid, fill in auction.pairs(bids, offers, price):
            passive, aggressor = sorted((registry[bid.id], registry[fill.order_id]), key=lambda order: order.arrival)
            self._dealer.trade(aggressor, passive, price, fill.quantity, at)

    def _clear(self, symbol: str, state: InstrumentState, at: datetime) -> None:
        """End the orders that a state ends: of the day when the book closes, all when the instrument is over."""
        if state is InstrumentState.TERMINATED:
            for order in self._live(symbol):
                self._dealer.cancel(order, at, "", UnsolicitedCancel.EXCHANGE_OPTION)
        elif state is InstrumentState.EXPIRED:
            for order in self._live(symbol):
                self._dealer.expire(order, at)
        elif state is InstrumentState.CLOSED:
            for order in self._live(symbol):
                if order.request.time_in_force is TimeInForce.DAY:
                    self._dealer.expire(order, at)

    def _pay_out(self, account_name: str, symbol: str, price: int, at: datetime) -> None:
        account, instrument = self._market.accounts[account_name], self._market.instruments[symbol]
        net = account.net(symbol)
        if not net:
            return
        what = f"Resolution {net} @ {price}"
        self._market.pay(account, instrument.value(price, net), LedgerEntryType.RESOLUTION, at, symbol, what)
        after = account.positions[symbol].settled(price, at, trade_date(at))
        self._market.hold(account, symbol, after, at, what)
        self._dealer.touched[account.name] = None

    def _live(self, symbol: str) -> list[Order]:
        bids, offers = self._sides(symbol)
        hidden = [self._market.registry[order_id] for order_id in self._market.hidden[symbol]]
        return [*bids, *offers, *hidden]

    def _sides(self, symbol: str) -> tuple[list[Order], list[Order]]:
        return list(self._market.queue(Side.BUY, symbol)), list(self._market.queue(Side.SELL, symbol))
