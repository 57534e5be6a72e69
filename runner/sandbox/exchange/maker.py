"""Liquidity that the exchange brings itself: seeded quotes, and fills on demand.

The maker is a participant of its own firm with an account of its own, so that what it wins and loses stays inside the
exchange's sums. Its quotes depend on the symbol and the seed alone: the same order fills the same way each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from random import Random

from runner.sandbox.exchange.accounts import Account, Participant
from runner.sandbox.exchange.book import opposite
from runner.sandbox.exchange.dealing import Dealer
from runner.sandbox.exchange.instruments import MICROS, Instrument
from runner.sandbox.exchange.market import Market
from runner.sandbox.exchange.orders import Order, OrderRequest
from runner.sandbox.exchange.terms import OrderState, OrderType, Side, TimeInForce

MAKER = Participant("firms/Sandbox-Maker/users/maker", "Sandbox maker", "Sandbox-Maker")
_ACCOUNT = "firms/Sandbox-Maker/accounts/MAKER"
_CAPITAL = 1_000_000_000 * MICROS
_LEVELS = 5


def maker_account() -> Account:
    """The maker's account, rich enough for whatever it quotes."""
    return Account(_ACCOUNT, MAKER.name, MAKER.display_name, _CAPITAL)


def quotes(instrument: Instrument, seed: int) -> Iterator[OrderRequest]:
    """The maker's orders for an instrument: five levels on each side of a price between 0.30 and 0.70 dollars.

    Each level has 5 to 50 contracts; levels are one to three ticks apart, but never less than half a cent.
    """
    random = Random(f"{instrument.symbol} {seed}")
    step = max(instrument.tick, instrument.price_scale // 200 // instrument.tick * instrument.tick)
    middle = round(instrument.price_scale * random.uniform(0.3, 0.7)) // step * step
    for side, away in ((Side.BUY, -1), (Side.SELL, 1)):
        price = middle
        for _ in range(_LEVELS):
            price += away * step * random.randint(1, 3)
            yield _request(instrument, side, price, random.randint(5, 50) * instrument.contract)


class Maker:
    """Fills orders that rest, when somebody asks for it."""

    def __init__(self, market: Market, dealer: Dealer) -> None:
        self._market = market
        self._dealer = dealer

    def take(self, order_id: str, quantity: int, at: datetime) -> None:
        """Fill a resting order at its price, past everybody before it; a quantity of 0 fills all of it.

        Where the maker has no account nothing happens.
        """
        resting = self._market.registry[order_id]
        if _ACCOUNT not in self._market.accounts:
            return
        quantity = min(quantity or resting.remaining, resting.remaining)
        instrument = self._market.instrument_of(resting)
        request = _request(instrument, opposite(resting.request.side), resting.request.price, quantity)
        request = replace(request, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL)
        taker = Order(
            id=self._market.new_id(),
            request=request,
            stage=OrderState.NEW,
            created=at,
            changed=at,
            price_scale=instrument.price_scale,
            quantity_scale=instrument.quantity_scale,
        )
        self._dealer.trade(self._market.registry.put(taker), resting, request.price, quantity, at)


def _request(instrument: Instrument, side: Side, price: int, quantity: int) -> OrderRequest:
    return OrderRequest(
        MAKER.name,
        _ACCOUNT,
        instrument.symbol,
        side,
        OrderType.LIMIT,
        TimeInForce.GOOD_TILL_CANCEL,
        quantity,
        price,
    )
