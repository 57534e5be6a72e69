"""Replaces and crosses, one promise a test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from runner.sandbox.exchange.terms import OrderState, Side
from sandbox.bench import ALICES, BOBS, CAROLS
from sandbox.floor import Floor


@pytest.fixture
def floor() -> Floor:
    return Floor()


def met_first(floor: Floor, *orders: str) -> str:
    """The order that the next sale meets."""
    floor.sell(CAROLS, 1, 1)
    return next(order for order in orders if floor.read(order).filled)


@pytest.mark.parametrize(
    ("changes", "keeps"),
    [
        ({"quantity": 5}, True),
        ({"client_order_id": "new"}, True),
        ({"quantity": 15}, False),
        ({"price": 410}, True),
    ],
    ids=["smaller", "only-names", "larger", "better-price"],
)
def test_replace_and_priority(floor: Floor, changes: dict[str, Any], keeps: bool) -> None:
    """A smaller quantity or another name keep an order's place; a larger quantity loses it."""
    first, second = floor.buy(ALICES, 10, 400), floor.buy(BOBS, 10, 400)
    floor.amend(first, **changes)
    assert floor.state(first) is OrderState.REPLACED
    assert met_first(floor, first, second) == (first if keeps else second)


def test_replace_to_a_worse_price_and_back_loses_the_place(floor: Floor) -> None:
    """A changed price is a new place in time."""
    first, second = floor.buy(ALICES, 10, 400), floor.buy(BOBS, 10, 400)
    floor.amend(first, price=390)
    floor.amend(first, price=400)
    assert met_first(floor, first, second) == second


def test_replace_counts_what_was_filled(floor: Floor) -> None:
    """The quantity is the whole order's; what was filled stays filled."""
    order = floor.buy(ALICES, 10, 400)
    floor.sell(BOBS, 4, 400)
    floor.amend(order, quantity=6)
    assert (floor.read(order).filled, floor.read(order).leaves) == (4, 2)


def test_replace_may_trade(floor: Floor) -> None:
    """A replaced order that reaches the other side takes from it."""
    floor.sell(BOBS, 4, 420)
    order = floor.buy(ALICES, 10, 400)
    floor.amend(order, price=430)
    assert (floor.read(order).fills, floor.book()) == ({420: 4}, ([(430, 6)], []))


@pytest.mark.parametrize(
    "changes",
    [
        {"price": 1000},
        {"quantity": 4},
        {"quantity": 3},
        {"client_order_id": "taken"},
        {"price": 500, "post_only": True},
        {"quantity": 10_000_000},
    ],
    ids=["price", "filled", "less-than-filled", "duplicate", "post-only", "money"],
)
def test_a_refused_replace_leaves_the_order_working(floor: Floor, changes: dict[str, Any]) -> None:
    """Nothing of it shows: state, price, quantity and place are as before."""
    floor.buy(ALICES, 1, 10, client_order_id="taken")
    floor.sell(BOBS, 1, 500)
    order = floor.buy(ALICES, 10, 400)
    floor.sell(CAROLS, 4, 400)
    before = floor.read(order)
    floor.amend(order, **changes)
    after = floor.read(order)
    assert (after.state, after.request, after.arrival) == (before.state, before.request, before.arrival)
    assert floor.executions(order) == ["NEW", "PARTIAL_FILL"]


def test_replace_shows_as_pending_first() -> None:
    """PENDING_REPLACE until the settling time is over; a fill in between counts."""
    floor = Floor(settle=timedelta(seconds=1))
    order = floor.buy(ALICES, 10, 400)
    floor.clock.move(seconds=1)
    floor.sell(BOBS, 4, 400)
    floor.clock.move(seconds=0.5)
    floor.amend(order, quantity=20)
    floor.clock.move(seconds=0.5)
    assert (floor.state(order), floor.read(order).filled) == (OrderState.PENDING_REPLACE, 4)
    floor.clock.move(seconds=0.5)
    assert (floor.state(order), floor.read(order).leaves) == (OrderState.REPLACED, 16)


def test_a_cross_trades_with_itself_alone(floor: Floor) -> None:
    """Both orders fill at their price, the prioritized side as the resting one."""
    floor.buy(CAROLS, 5, 400)
    floor.sell(CAROLS, 5, 600)
    buy, sell = (floor.request(account, side, 5, 500) for account, side in ((ALICES, Side.BUY), (BOBS, Side.SELL)))
    first, second = floor.exchange.submit_cross(buy, sell)
    assert [floor.read(each).fills for each in (first, second)] == [{500: 5}] * 2
    assert [floor.last(each).aggressor for each in (first, second)] == [False, True]


def test_a_cross_never_trades_through_the_book(floor: Floor) -> None:
    """A better resting price rejects both."""
    floor.buy(CAROLS, 5, 510)
    buy, sell = (floor.request(account, side, 5, 500) for account, side in ((ALICES, Side.BUY), (BOBS, Side.SELL)))
    for order in floor.exchange.submit_cross(buy, sell):
        assert (floor.state(order), floor.text(order)) == (OrderState.REJECTED, "Cross would trade through the book")
