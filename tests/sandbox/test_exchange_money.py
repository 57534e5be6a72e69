"""Fees, collateral, unsolicited cancels, ledgers, the maker, and what is never lost."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from runner.sandbox import world
from runner.sandbox.exchange import fees
from runner.sandbox.exchange.instruments import MICROS, Instrument
from runner.sandbox.exchange.ledger import BalanceSearch, PositionSearch
from runner.sandbox.exchange.searches import OrderSearch
from runner.sandbox.exchange.surprises import Surprises
from runner.sandbox.exchange.terms import LedgerEntryType, OrderState, Side, TimeInForce, UnsolicitedCancel
from sandbox.bench import ALICE, ALICES, BOBS, CAROLS, MovingClock, symbol
from sandbox.floor import Floor

CENT = MICROS // 100


def listed(team: str) -> Instrument:
    return next(each for each in world.instruments(MovingClock().now()) if each.symbol == symbol(team))


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.mark.parametrize(
    ("team", "quantity", "price", "taker", "maker"),
    [
        ("buf", 312, 97, 1, 0),
        ("gb", 100, 97, 20, -4),
        ("gb", 1000, 50, 1738, -312),
        ("kc", 1000, 500, 1738, -312),
        ("buf", 1, 1, 0, 0),
    ],
    ids=["fractional", "whole", "half-even", "other-scale", "nothing"],
)
def test_documented_fee_vectors(team: str, quantity: int, price: int, taker: int, maker: int) -> None:
    """Rate x contracts x p x (1 - p), in cents, half to even (page ``fees``)."""
    instrument = listed(team)
    basis = fees.basis(instrument, price, quantity)
    assert fees.taker_fee(instrument, 0, 0, basis) == taker * CENT
    assert fees.maker_fee(instrument, basis) == maker * CENT


def test_fee_of_one_order_never_exceeds_the_whole(floor: Floor) -> None:
    """Ten fills of 0.17 each and a whole of 1.74: each fill is rounded, the sum never exceeds the rounded sum."""
    for _ in range(10):
        floor.sell(BOBS, 7, 400)
    order = floor.read(floor.buy(ALICES, 70, 400))
    whole = fees.taker_fee(listed("kc"), 0, 0, fees.basis(listed("kc"), 400, 70))
    assert order.fee <= whole
    tiny = Floor()
    for _ in range(10):
        tiny.sell(BOBS, 1, 100)
    order = tiny.read(tiny.buy(ALICES, 10, 100))
    assert (order.fee, fees.taker_fee(listed("kc"), 0, 0, fees.basis(listed("kc"), 100, 1))) == (6 * CENT, CENT)


def test_fees_go_to_the_house_and_rebates_come_from_it(floor: Floor) -> None:
    """Nothing is made or lost."""
    before = floor.all_money()
    floor.sell(BOBS, 100, 500)
    floor.buy(ALICES, 100, 500)
    assert floor.all_money() == before
    assert floor.exchange.house.cash == (174 - 31) * CENT


def test_a_fill_that_eats_buying_power_cancels_what_relied_on_it() -> None:
    """Ten dollars on each of two instruments are taken; when one fills, the other is cancelled by the exchange."""
    floor = Floor(cash=10)
    first = floor.buy(ALICES, 20, 500)
    second = floor.buy(ALICES, 2000, 50, "buf")
    floor.exchange.accounts[BOBS].cash = 100 * MICROS
    floor.sell(BOBS, 20, 500)
    assert floor.state(first) is OrderState.FILLED
    execution = floor.last(second)
    assert (floor.state(second), execution.unsolicited) == (OrderState.CANCELED, UnsolicitedCancel.EXCHANGE_OPTION)
    assert execution.text == "Insufficient buying power"


def test_the_newest_unfunded_orders_go_first() -> None:
    """Cancelled until the rest is funded: what still can be paid stays."""
    floor = Floor(cash=10)
    older, newer = floor.buy(ALICES, 800, 50, "buf"), floor.buy(ALICES, 800, 50, "buf")
    floor.exchange.accounts[BOBS].cash = 100 * MICROS
    floor.buy(ALICES, 8, 500)
    floor.sell(BOBS, 8, 500)
    assert (floor.state(older), floor.state(newer)) == (OrderState.NEW, OrderState.CANCELED)


def test_a_short_that_fills_takes_its_margin() -> None:
    """A sale costs one dollar less the price, and cancels what that leaves unfunded."""
    floor = Floor(cash=10)
    bid = floor.buy(ALICES, 2000, 50, "buf")
    floor.exchange.accounts[BOBS].cash = 100 * MICROS
    floor.sell(ALICES, 20, 600)
    floor.buy(BOBS, 20, 600)
    assert floor.state(bid) is OrderState.CANCELED
    assert floor.exchange.funds(floor.account(ALICES)).margin == 20 * MICROS


def test_position_cost_and_realized(floor: Floor) -> None:
    """Cost is price x quantity, of a short negative; closing realizes its part."""
    floor.sell(BOBS, 10, 400)
    floor.buy(ALICES, 10, 400)
    floor.buy(BOBS, 4, 500)
    floor.sell(ALICES, 4, 500)
    alice, bob = (floor.account(name).positions[symbol()] for name in (ALICES, BOBS))
    assert (alice.net, alice.cost, alice.realized, alice.bought, alice.sold) == (6, 2400, 400, 10, 4)
    assert (bob.net, bob.cost, bob.realized, bob.bought, bob.sold) == (-6, -2400, -400, 4, 10)


def test_position_may_turn_over(floor: Floor) -> None:
    """Selling more than is held closes the one and opens the other."""
    floor.sell(BOBS, 10, 400)
    floor.buy(ALICES, 10, 400)
    floor.buy(BOBS, 15, 500)
    floor.sell(ALICES, 15, 500)
    alice = floor.account(ALICES).positions[symbol()]
    assert (alice.net, alice.cost, alice.realized) == (-5, -2500, 1000)


def test_available_position(floor: Floor) -> None:
    """What open orders would close is taken, on either side."""
    floor.sell(BOBS, 10, 400)
    floor.buy(ALICES, 10, 400)
    floor.sell(ALICES, 4, 900)
    floor.buy(BOBS, 3, 100)
    assert [floor.account(name).available(symbol()) for name in (ALICES, BOBS)] == [6, -7]


def test_ledgers_join_up(floor: Floor) -> None:
    """Each entry begins where the one before ended, and the last is what is there."""
    floor.exchange.fund(ALICES, 25)
    floor.sell(BOBS, 100, 400)
    floor.buy(ALICES, 100, 400)
    floor.exchange.settle(symbol(), 1000)
    account = floor.account(ALICES)
    entries = floor.exchange.balance_entries(account, BalanceSearch())
    kinds = LedgerEntryType
    assert [entry.type for entry in entries] == [
        kinds.DEPOSIT,
        kinds.ORDER_EXECUTION,
        kinds.COMMISSION,
        kinds.RESOLUTION,
    ]
    assert all(one.after == other.before for one, other in pairwise(entries))
    assert entries[-1].after == account.cash
    moves = floor.exchange.position_entries(account, PositionSearch())
    assert [(entry.before.net, entry.after.net) for entry in moves] == [(0, 100), (100, 0)]


@pytest.mark.parametrize("dollars", [0, -5])
def test_funding_is_at_least_a_dollar(floor: Floor, dollars: int) -> None:
    """It is the sandbox's own switch and adds only."""
    with pytest.raises(ValueError, match="one dollar or more"):
        floor.exchange.fund(ALICES, dollars)


def test_the_maker_quotes_the_same_each_time() -> None:
    """Two exchanges have the same books, on some instruments; the first tradable one has none."""
    one, other = Floor.founded(liquidity="seeded"), Floor.founded(liquidity="seeded")
    for team in ("phi", "det", "gb"):
        bids, offers = one.book(team)
        assert (bids, offers) == other.book(team)
        assert len(bids) == len(offers) == 5
        assert bids[0][0] < offers[0][0]
    assert one.book("kc") == ([], [])
    assert Floor.founded().book("phi") == ([], [])


@pytest.mark.parametrize(("share", "state"), [(1, OrderState.FILLED), (2, OrderState.EXPIRED)], ids=["whole", "part"])
def test_marketable_orders_fill_against_the_maker(share: int, state: OrderState) -> None:
    """Wholly within what is offered, partly beyond it, the same way each time."""

    def fills() -> tuple[OrderState, object]:
        floor = Floor.founded(liquidity="seeded")
        offered = floor.exchange.depth(symbol("gb"), Side.SELL, 10)
        wanted = sum(quantity for _, quantity in offered) * share
        ioc = TimeInForce.IMMEDIATE_OR_CANCEL
        order = floor.read(floor.buy(ALICES, wanted, offered[-1][0], "gb", time_in_force=ioc))
        return order.state, order.fills

    assert fills() == fills()
    assert fills()[0] is state


@pytest.mark.parametrize(("wanted", "filled"), [(0, 10), (4, 4), (99, 10)], ids=["all", "part", "more-than-all"])
def test_a_fill_may_come_while_a_cancel_is_under_way(wanted: int, filled: int) -> None:
    """On demand the maker takes the order before its cancel takes effect."""
    floor = Floor(settle=timedelta(seconds=1))
    order = floor.buy(ALICES, 10, 400)
    floor.clock.move(seconds=1)
    money = floor.all_money()
    floor.exchange.surprises = Surprises(fill_during_cancel=wanted)
    floor.cancel(order)
    floor.clock.move(seconds=1)
    assert floor.read(order).filled == filled
    assert floor.state(order) is (OrderState.FILLED if filled == 10 else OrderState.CANCELED)
    assert floor.all_money() == money


def test_reads_may_lag_behind_writes(floor: Floor) -> None:
    """On demand a search does not see what was entered just now."""
    floor.buy(ALICES, 10, 400)
    floor.exchange.surprises = Surprises(stale=timedelta(seconds=5))
    assert floor.exchange.search(ALICE, OrderSearch()) == []
    floor.clock.move(seconds=5)
    assert len(floor.exchange.search(ALICE, OrderSearch())) == 1


def test_isolated_accounts(floor: Floor) -> None:
    """One user's trades leave another's account alone."""
    floor.sell(BOBS, 10, 400)
    floor.buy(ALICES, 10, 400)
    assert (floor.account(CAROLS).cash, floor.account(CAROLS).positions) == (world.OPENING_BALANCE, {})
