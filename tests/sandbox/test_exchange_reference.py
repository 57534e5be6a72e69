"""The exchange against a second, much simpler one on random flows: same fills, prices, sequence, states and money."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

import pytest

from runner.sandbox.exchange.exchange import FinishedOrder
from runner.sandbox.exchange.instruments import MICROS
from runner.sandbox.exchange.orders import Amendment, OrderRequest
from runner.sandbox.exchange.terms import OrderType, SelfMatchPrevention, Side, TimeInForce
from sandbox.bench import ALICES, BOBS, CAROLS, symbol
from sandbox.floor import OWNER, Floor
from sandbox.reference import LIVE, Reference, Terms

EVENTS = 200
CASH = 15
TIMES = {
    "GTC": TimeInForce.GOOD_TILL_CANCEL,
    "IOC": TimeInForce.IMMEDIATE_OR_CANCEL,
    "FOK": TimeInForce.FILL_OR_KILL,
}
PREVENTIONS = {
    "REJECT": SelfMatchPrevention.REJECT_AGGRESSOR,
    "RESTING": SelfMatchPrevention.CANCEL_RESTING,
    "BOTH": SelfMatchPrevention.REMOVE_BOTH,
}
MARKETS = {symbol("kc"): (1000, 1), symbol("buf"): (100, 100)}


class Pair:
    """The two exchanges, told the same."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.floor = Floor(cash=CASH)
        accounts = (ALICES, BOBS, CAROLS)
        self.reference = Reference(dict(MARKETS), {name: Fraction(CASH) for name in accounts})
        self.ids: list[str] = []

    def step(self) -> None:
        dice = self.random.random()
        if not self.ids or dice < 0.7:
            self._insert()
        elif dice < 0.85:
            self._cancel(self._any())
        else:
            self._replace(self._any())

    def compare(self) -> None:
        """Everything that can be seen of either must be the same in the other."""
        floor, reference = self.floor, self.reference
        for order_id, entry in zip(self.ids, reference.orders, strict=True):
            order = floor.read(order_id)
            assert (order.stage.name, order.filled) == (entry.state, entry.filled)
        for name in MARKETS:
            seen = [
                (
                    name,
                    *(self.ids.index(side.order.id) for side in trade.sides),
                    trade.aggressor.price,
                    trade.aggressor.quantity,
                )
                for trade in floor.exchange.market_trades(name)
            ]
            assert seen == [trade for trade in reference.trades if trade[0] == name]
        for account, cash in reference.cash.items():
            assert floor.account(account).cash == cash * MICROS
            assert all(floor.account(account).net(name) == reference.held.get((account, name), 0) for name in MARKETS)
        assert floor.exchange.house.cash == reference.house * MICROS
        assert sum(reference.cash.values()) + reference.house == 3 * CASH

    def _insert(self) -> None:
        terms = self._terms()
        self.reference.insert(terms)
        self.ids.append(self.floor.exchange.submit(_request(terms)).id)

    def _terms(self) -> Terms:
        random = self.random
        name = random.choice(list(MARKETS))
        scale, contract = MARKETS[name]
        time, minimum = random.choice(("GTC", "GTC", "GTC", "GTC", "IOC", "FOK")), random.choice((0, 0, 0, 0, 0, 1))
        return Terms(
            account=random.choice(list(self.reference.cash)),
            symbol=name,
            side=random.choice((1, -1)),
            quantity=random.randint(1, 20) * max(1, contract // 4),
            price=random.randint(3, 8) * scale // 10,
            market=random.random() < 0.1,
            time=time,
            minimum=minimum,
            post_only=time == "GTC" and not minimum and random.random() < 0.1,
            desk=random.choice(("", "", "desk")),
            on_self_match=random.choice(list(PREVENTIONS)),
        )

    def _cancel(self, number: int) -> None:
        self.reference.cancel(number)
        try:
            self.floor.cancel(self.ids[number])
        except FinishedOrder:
            return

    def _replace(self, number: int) -> None:
        terms = self.reference.orders[number].terms
        scale, _ = MARKETS[terms.symbol]
        quantity = self.random.randint(1, 2 * terms.quantity)
        price = self.random.randint(3, 8) * scale // 10
        self.reference.replace(number, quantity, price)
        try:
            self.floor.exchange.amend(OWNER[terms.account], self.ids[number], "", Amendment(quantity, price))
        except FinishedOrder:
            return

    def _any(self) -> int:
        """Mostly a live order, sometimes one that is over."""
        live = [number for number, entry in enumerate(self.reference.orders) if entry.state in LIVE]
        return self.random.choice(live) if live and self.random.random() < 0.9 else self.random.randrange(len(self.ids))


def _request(terms: Terms) -> OrderRequest:
    return OrderRequest(
        OWNER[terms.account],
        terms.account,
        terms.symbol,
        Side.BUY if terms.side == 1 else Side.SELL,
        OrderType.MARKET_TO_LIMIT if terms.market else OrderType.LIMIT,
        TIMES[terms.time],
        terms.quantity,
        0 if terms.market else terms.price,
        minimum=terms.minimum,
        post_only=terms.post_only,
        self_match_id=terms.desk,
        self_match=PREVENTIONS[terms.on_self_match],
    )


def agree(seed: int) -> Pair:
    pair = Pair(seed)
    for _ in range(EVENTS):
        pair.step()
    pair.compare()
    return pair


@pytest.mark.parametrize("seed", range(40))
def test_a_sample_of_flows_agrees(seed: int) -> None:
    """Forty flows of two hundred events."""
    agree(seed)


@pytest.mark.proof
def test_a_thousand_flows_agree(record_property: Callable[[str, object], None]) -> None:
    """A thousand flows; among them every end that an order can come to, many times."""
    ends: dict[str, int] = {}
    for seed in range(1000):
        for entry in agree(seed).reference.orders:
            ends[entry.state] = ends.get(entry.state, 0) + 1
    record_property("flows", 1000)
    record_property("events", 1000 * EVENTS)
    for state, number in sorted(ends.items()):
        record_property(f"orders {state.lower().replace('_', ' ')}", number)
    assert all(ends[state] > 1000 for state in ("FILLED", "CANCELED", "EXPIRED", "REJECTED", "PARTIALLY_FILLED", "NEW"))
