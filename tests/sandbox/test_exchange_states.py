"""Instrument states and what each allows (institutional/refdata/overview), the opening auction, settlement."""

from __future__ import annotations

from datetime import timedelta

import pytest

from runner.sandbox.exchange.calendar import trade_date
from runner.sandbox.exchange.exchange import FinishedOrder
from runner.sandbox.exchange.instruments import MICROS
from runner.sandbox.exchange.terms import GONE, InstrumentState, OrderState, TimeInForce
from sandbox.bench import ALICE, ALICES, BOBS, CAROLS, symbol
from sandbox.floor import Floor
from sandbox.instrument_states import STATES, Allowed

State = InstrumentState


@pytest.fixture
def floor() -> Floor:
    return Floor()


EACH = pytest.mark.parametrize(("state", "allowed"), STATES.items(), ids=[each.name for each in STATES])


def test_every_state_is_there() -> None:
    """The venue has no other."""
    assert {*STATES} == {*State}


@EACH
def test_insert_in(floor: Floor, state: State, allowed: Allowed) -> None:
    """An order is taken, or rejected since the book is in that state."""
    floor.put(state)
    order = floor.buy(ALICES, 1, 300)
    assert floor.state(order) is (OrderState.NEW if allowed.insert else OrderState.REJECTED)
    assert floor.text(order) == ("" if allowed.insert else f"Book is {state.name}")


@EACH
def test_replace_in(floor: Floor, state: State, allowed: Allowed) -> None:
    """A replace is carried out; or it is taken, and the order stays as it is; or the order is over already."""
    resting = floor.buy(ALICES, 5, 400)
    floor.put(state)
    before = floor.state(resting)
    if floor.read(resting).finished:
        with pytest.raises(FinishedOrder):
            floor.amend(resting, quantity=4)
    else:
        floor.amend(resting, quantity=4)
    assert floor.state(resting) is (OrderState.REPLACED if allowed.replace else before)
    assert floor.read(resting).request.quantity == (4 if allowed.replace else 5)


@EACH
def test_cancel_in(floor: Floor, state: State, allowed: Allowed) -> None:
    """A cancel is carried out; or it is taken, and the order stays as it is; or the order is over already."""
    resting = floor.buy(ALICES, 5, 400)
    floor.put(state)
    before = floor.state(resting)
    if floor.read(resting).finished:
        with pytest.raises(FinishedOrder):
            floor.cancel(resting)
    else:
        floor.cancel(resting)
    assert floor.state(resting) is (OrderState.CANCELED if allowed.cancel else before)


@EACH
def test_match_in(floor: Floor, state: State, allowed: Allowed) -> None:
    """Orders that meet trade at once, or when the state is left, or never since one of them is not taken."""
    resting = floor.buy(ALICES, 5, 400)
    floor.put(state)
    floor.sell(BOBS, 5, 400)
    assert floor.read(resting).filled == (5 if allowed.match == "yes" else 0)
    if state not in GONE:
        floor.put(allowed.left_for)
        assert floor.read(resting).filled == (0 if allowed.match == "no" else 5)


def test_expired_ends_resting_orders(floor: Floor) -> None:
    """EXPIRED: all of them, whatever their time in force."""
    order = floor.buy(ALICES, 5, 400)
    floor.put(State.EXPIRED)
    assert (floor.state(order), floor.book()) == (OrderState.EXPIRED, ([], []))


def test_terminated_cancels_resting_orders(floor: Floor) -> None:
    """TERMINATED: the book is removed, its orders are cancelled and stay readable."""
    order = floor.buy(ALICES, 5, 400)
    floor.put(State.TERMINATED)
    assert floor.executions(order) == ["NEW", "CANCELED"]


def test_terminated_needs_a_final_price_where_somebody_holds(floor: Floor) -> None:
    """Positions are closed by a settlement, never without."""
    floor.buy(ALICES, 5, 400)
    floor.sell(BOBS, 5, 400)
    with pytest.raises(ValueError, match="no final price"):
        floor.put(State.TERMINATED)
    floor.exchange.settle(symbol(), 1000)
    floor.put(State.TERMINATED)
    assert floor.account(ALICES).net(symbol()) == 0


def test_closing_ends_orders_of_the_day(floor: Floor) -> None:
    """DAY orders expire when the book closes, others wait for it to open."""
    day, lasting = floor.buy(ALICES, 5, 400, time_in_force=TimeInForce.DAY), floor.buy(ALICES, 5, 400)
    floor.put(State.CLOSED)
    assert (floor.state(day), floor.state(lasting)) == (OrderState.EXPIRED, OrderState.NEW)
    floor.put(State.OPEN)
    floor.sell(BOBS, 5, 400)
    assert floor.state(lasting) is OrderState.FILLED


def test_a_cancel_that_the_state_refuses_shows_as_pending_first() -> None:
    """PENDING_CANCEL, then what it was."""
    floor = Floor(settle=timedelta(seconds=1))
    order = floor.buy(ALICES, 5, 400)
    floor.clock.move(seconds=1)
    floor.put(State.HALTED)
    floor.cancel(order)
    assert floor.state(order) is OrderState.PENDING_CANCEL
    floor.clock.move(seconds=1)
    assert floor.state(order) is OrderState.NEW


@pytest.mark.parametrize("before", [State.PREOPEN, State.MATCH_AND_CLOSE_AUCTION], ids=lambda state: state.name)
def test_the_auction_trades_at_one_price(floor: Floor, before: State) -> None:
    """One at which most is traded, for everybody; best prices first, then the oldest."""
    floor.put(before)
    first, second, low = floor.buy(ALICES, 10, 450), floor.buy(CAROLS, 10, 430), floor.buy(CAROLS, 10, 400)
    offer, dear = floor.sell(BOBS, 15, 410), floor.sell(BOBS, 10, 470)
    assert floor.exchange.indicative_price(symbol()) == 420
    floor.put(State.OPEN)
    assert [floor.read(each).fills for each in (first, second, low, offer, dear)] == [
        {420: 10},
        {420: 5},
        {},
        {420: 15},
        {},
    ]
    assert floor.book() == ([(430, 5), (400, 10)], [(470, 10)])


def test_the_auction_splits_the_difference(floor: Floor) -> None:
    """Where prices tie, the middle of them."""
    floor.put(State.PREOPEN)
    buy = floor.buy(ALICES, 5, 450)
    floor.sell(BOBS, 5, 400)
    floor.put(State.OPEN)
    assert floor.read(buy).fills == {425: 5}


def test_a_halt_keeps_the_book(floor: Floor) -> None:
    """Orders gathered before opening wait through a halt and trade when the book opens."""
    floor.put(State.PREOPEN)
    buy = floor.buy(ALICES, 5, 450)
    floor.sell(BOBS, 5, 450)
    floor.put(State.HALTED)
    assert floor.state(buy) is OrderState.NEW
    floor.put(State.OPEN)
    assert floor.state(buy) is OrderState.FILLED


@pytest.mark.parametrize(("price", "alice", "bob"), [(1000, 6, -6), (0, -4, 4), (250, -1.5, 1.5)], ids=str)
def test_settlement_pays_the_final_price(price: int, alice: float, bob: float) -> None:
    """A dollar, nothing or what the price says for each contract, from the short to the long; margin is released."""
    floor = Floor(cash=100)
    floor.buy(ALICES, 10, 400)
    floor.sell(BOBS, 10, 400)
    fees = {name: floor.cash(name) for name in (ALICES, BOBS)}
    resting = floor.buy(ALICES, 1, 300)
    floor.exchange.settle(symbol(), price)
    assert floor.cash(ALICES) == pytest.approx(fees[ALICES] + 4 + alice)
    assert floor.cash(BOBS) == pytest.approx(fees[BOBS] - 4 + bob)
    position = floor.account(ALICES).positions[symbol()]
    assert (position.net, position.cost, position.realized) == (0, 0, int(alice * 1000))
    assert floor.state(resting) is OrderState.EXPIRED
    assert floor.exchange.instruments[symbol()].state is State.EXPIRED
    assert floor.exchange.funds(floor.account(BOBS)).margin == 0
    assert floor.all_money() == (300 * MICROS + floor.exchange.accounts["firms/Sandbox-Maker/accounts/MAKER"].cash)


def test_settlement_happens_once_and_inside_a_dollar(floor: Floor) -> None:
    """A price above a dollar or below nothing is refused, and so is a second one."""
    for price in (-1, 1001):
        with pytest.raises(ValueError, match="cannot settle"):
            floor.exchange.settle(symbol(), price)
    floor.exchange.settle(symbol(), 0)
    with pytest.raises(ValueError, match="cannot settle"):
        floor.exchange.settle(symbol(), 0)


def test_bod_position_follows_the_trade_day(floor: Floor) -> None:
    """What a trade day began with stays so while it lasts, and rolls at 17:00 in New York."""
    floor.sell(BOBS, 10, 400)
    floor.buy(ALICES, 4, 400)
    held = floor.account(ALICES).positions[symbol()]
    assert held.at_open(trade_date(floor.clock.now())) == 0
    floor.clock.move(hours=10)
    assert held.at_open(trade_date(floor.clock.now())) == 4
    floor.buy(ALICES, 2, 400)
    held = floor.account(ALICES).positions[symbol()]
    assert (held.net, held.at_open(trade_date(floor.clock.now()))) == (6, 4)
    assert floor.open_of(ALICE) == []
