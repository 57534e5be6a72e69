"""The exchange from inside: priority, money, pending states. Nothing here goes over HTTP or JSON."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.sandbox import world
from runner.sandbox.exchange.accounts import Account, Exposure, worst_case
from runner.sandbox.exchange.exchange import Exchange, FinishedOrder, UnknownOrder
from runner.sandbox.exchange.instruments import MICROS, Instrument
from runner.sandbox.exchange.orders import Order, OrderRequest
from runner.sandbox.exchange.searches import OrderSearch
from runner.sandbox.exchange.terms import OrderState, OrderType, Side, TimeInForce
from runner.sandbox.rules import Rules
from sandbox.bench import ALICE, ALICES, BOB, BOBS, CAROL, CAROLS, SETTLE, MovingClock, symbol

OWNER = {ALICES: ALICE, BOBS: BOB, CAROLS: CAROL}


class Floor:
    """An exchange with the usual world, and short words for what tests do on it."""

    def __init__(self, settle: timedelta = timedelta(0), cash: int | None = None) -> None:
        self.clock = MovingClock()
        listed = world.instruments(self.clock.now())
        accounts = world.accounts()
        for account in accounts:
            account.cash = account.cash if cash is None else cash * MICROS
        self.exchange = Exchange(listed, accounts, self.clock, Rules(), settle, Random(7))

    def order(self, account: str, side: Side, quantity: int, price: int, on: str = "kc") -> str:
        request = OrderRequest(
            OWNER[account],
            account,
            symbol(on),
            side,
            OrderType.LIMIT,
            TimeInForce.GOOD_TILL_CANCEL,
            quantity,
            price,
        )
        return self.exchange.submit(request).id

    def buy(self, account: str, quantity: int, price: int, on: str = "kc") -> str:
        return self.order(account, Side.BUY, quantity, price, on)

    def sell(self, account: str, quantity: int, price: int, on: str = "kc") -> str:
        return self.order(account, Side.SELL, quantity, price, on)

    def read(self, order_id: str) -> Order:
        orders = (self.exchange.search(who, OrderSearch(order_id=order_id)) for who in OWNER.values())
        return next(order for found in orders for order in found)

    def state(self, order_id: str) -> OrderState:
        return self.read(order_id).state

    def account(self, name: str) -> Account:
        return self.exchange.accounts[name]

    def cash(self, name: str) -> float:
        return self.account(name).cash / MICROS


@pytest.fixture
def floor() -> Floor:
    return Floor()


def kc() -> Instrument:
    return next(each for each in world.instruments(MovingClock().now()) if each.symbol == symbol("kc"))


def test_best_price_first_then_oldest(floor: Floor) -> None:
    """An incoming order meets the best price, at one price the oldest order, and trades at the resting price."""
    late_best = floor.sell(BOBS, 5, 400)
    first, second = floor.sell(BOBS, 5, 410), floor.sell(CAROLS, 5, 410)
    too_dear = floor.sell(CAROLS, 5, 430)
    taker = floor.buy(ALICES, 12, 420)
    assert floor.read(taker).fills == {400: 5, 410: 7}
    assert [floor.read(each).filled for each in (late_best, first, second, too_dear)] == [5, 5, 2, 0]
    assert floor.state(taker) is OrderState.FILLED
    assert floor.read(taker).average_price == (5 * 400 + 7 * 410 + 6) // 12


def test_remainder_rests_and_can_be_met(floor: Floor) -> None:
    """What does not fill at once rests with its own price and time."""
    floor.sell(BOBS, 5, 400)
    taker = floor.buy(ALICES, 8, 400)
    order = floor.read(taker)
    assert (order.state, order.leaves) == (OrderState.PARTIALLY_FILLED, 3)
    floor.sell(CAROLS, 3, 390)
    assert floor.read(taker).fills == {400: 8}
    assert floor.state(taker) is OrderState.FILLED


def test_orders_that_do_not_cross_do_not_trade(floor: Floor) -> None:
    """A bid below the best offer rests; equal prices trade."""
    offer = floor.sell(BOBS, 5, 401)
    bid = floor.buy(ALICES, 5, 400)
    assert {floor.state(offer), floor.state(bid)} == {OrderState.NEW}
    assert floor.read(floor.buy(ALICES, 5, 401)).fills == {401: 5}


def test_cash_and_contracts_move_exactly(floor: Floor) -> None:
    """A quarter of a cent at a hundredth of a contract is 25 millionths of a dollar, and none is lost."""
    floor.sell(BOBS, 1, 25, on="det")
    floor.buy(ALICES, 1, 25, on="det")
    assert floor.account(ALICES).cash == world.OPENING_BALANCE - 25
    assert floor.account(BOBS).cash == world.OPENING_BALANCE + 25
    assert (floor.account(ALICES).net(symbol("det")), floor.account(BOBS).net(symbol("det"))) == (1, -1)


def test_a_short_keeps_one_dollar_a_contract(floor: Floor) -> None:
    """The seller receives the price and must keep the payout; buying back frees it. Taking costs 0.17 and 0.15."""
    floor.buy(ALICES, 10, 400)
    floor.sell(BOBS, 10, 400)
    funds = floor.exchange.funds(floor.account(BOBS))
    assert (funds.cash, funds.margin) == (world.OPENING_BALANCE + 3_830_000, 10 * MICROS)
    assert funds.buying_power == world.OPENING_BALANCE - 6_170_000
    floor.sell(ALICES, 10, 300)
    floor.buy(BOBS, 10, 300)
    funds = floor.exchange.funds(floor.account(BOBS))
    assert (funds.cash, funds.margin, funds.buying_power) == (world.OPENING_BALANCE + 680_000, 0, funds.cash)


def test_collateral_is_counted_by_instrument() -> None:
    """With ten dollars: one order of eleven no; two of ten on one instrument no; ten on each of two yes."""
    floor = Floor(cash=10)
    assert floor.state(floor.buy(ALICES, 22, 500)) is OrderState.REJECTED
    assert floor.state(floor.buy(ALICES, 20, 500)) is OrderState.NEW
    assert floor.state(floor.buy(ALICES, 20, 500)) is OrderState.REJECTED
    assert floor.state(floor.buy(ALICES, 2000, 50, on="buf")) is OrderState.NEW


def test_closing_a_holding_needs_no_collateral() -> None:
    """Who holds contracts may offer them with no cash left but a fee owed; who is short may buy back."""
    floor = Floor(cash=5)
    floor.sell(BOBS, 10, 500)
    floor.buy(ALICES, 10, 500)
    assert (floor.cash(ALICES), floor.cash(BOBS)) == (-0.17, 10.03)
    assert floor.state(floor.sell(ALICES, 10, 900)) is OrderState.NEW
    assert floor.state(floor.sell(ALICES, 200, 900)) is OrderState.REJECTED
    assert floor.state(floor.buy(BOBS, 10, 800)) is OrderState.NEW


@pytest.mark.parametrize(
    ("net", "bids", "offers", "expected"),
    [
        (0, (10, 400), (0, 0), 4_000_000),
        (0, (0, 0), (10, 400), 6_000_000),
        (0, (10, 400), (10, 450), 5_500_000),
        (10, (0, 0), (10, 400), 0),
        (4, (0, 0), (10, 400), 2_000_000),
        (-10, (10, 400), (0, 0), 0),
        (-4, (10, 500), (0, 0), 1_000_000),
    ],
    ids=["bid", "offer", "both-larger-counts", "closing-long", "part-long", "closing-short", "part-short"],
)
def test_worst_case(net: int, bids: tuple[int, int], offers: tuple[int, int], expected: int) -> None:
    """The larger loss of the two sides, after what would close the holding."""
    exposure = Exposure()
    for side, (quantity, price) in ((Side.BUY, bids), (Side.SELL, offers)):
        exposure.add(side, quantity, kc().value(price, quantity))
    assert worst_case(kc(), net, exposure) == expected


def test_states_follow_the_clock_and_not_the_questions() -> None:
    """What is due happens as of its own moment, however late somebody looks."""
    floor = Floor(settle=SETTLE)
    placed = floor.buy(ALICES, 10, 400)
    assert floor.state(placed) is OrderState.PENDING_NEW
    floor.clock.move(hours=1)
    order = floor.read(placed)
    assert (order.state, order.inserted) == (OrderState.NEW, order.created + SETTLE)
    floor.exchange.cancel(ALICE, placed)
    assert floor.state(placed) is OrderState.PENDING_CANCEL
    floor.clock.at += SETTLE
    assert floor.state(placed) is OrderState.CANCELED


def test_a_cancel_may_overtake_the_acknowledgement() -> None:
    """An order may be cancelled while it is PENDING_NEW; if it trades on entry, what is left is cancelled."""
    floor = Floor(settle=SETTLE)
    resting = floor.sell(BOBS, 4, 400)
    floor.clock.at += SETTLE
    placed = floor.buy(ALICES, 10, 400)
    floor.clock.at += SETTLE / 2
    floor.exchange.cancel(ALICE, placed)
    floor.clock.at += SETTLE / 2
    order = floor.read(placed)
    assert (order.state, order.filled) == (OrderState.PENDING_CANCEL, 4)
    assert floor.state(resting) is OrderState.FILLED
    floor.clock.at += SETTLE
    order = floor.read(placed)
    assert (order.state, order.filled, order.leaves) == (OrderState.CANCELED, 4, 0)


def test_a_fill_may_overtake_a_cancel() -> None:
    """An order that fills while its cancel is under way is FILLED and stays so."""
    floor = Floor(settle=SETTLE)
    placed = floor.buy(ALICES, 10, 400)
    floor.clock.at += SETTLE
    floor.sell(BOBS, 10, 400)
    floor.clock.at += SETTLE / 2
    floor.exchange.cancel(ALICE, placed)
    floor.clock.move(seconds=1)
    assert floor.state(placed) is OrderState.FILLED
    with pytest.raises(FinishedOrder):
        floor.exchange.cancel(ALICE, placed)


def test_cancel_frees_the_reservation(floor: Floor) -> None:
    """A cancelled order takes no buying power, and is nobody else's to cancel."""
    placed = floor.buy(ALICES, 10, 400)
    assert floor.exchange.funds(floor.account(ALICES)).open_orders == 4 * MICROS
    with pytest.raises(UnknownOrder):
        floor.exchange.cancel(BOB, placed)
    floor.exchange.cancel(ALICE, placed)
    assert floor.exchange.funds(floor.account(ALICES)).open_orders == 0


def test_odd_scales_are_refused() -> None:
    """An instrument whose smallest value is no whole number of millionths cannot be listed."""
    good = kc()
    fields = {name: getattr(good, name) for name in good.__slots__}
    with pytest.raises(ValueError, match="do not divide"):
        Instrument(**(fields | {"price_scale": 300}))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([ALICES, BOBS, CAROLS]),
            st.sampled_from([Side.BUY, Side.SELL]),
            st.integers(1, 20),
            st.integers(1, 9).map(lambda tenth: tenth * 100),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_nothing_is_made_or_lost(flow: list[tuple[str, Side, int, int, bool]]) -> None:
    """Whatever is ordered and cancelled: cash is conserved, holdings cancel out, the book never stays crossed."""
    floor = Floor(cash=30)
    for account, side, quantity, price, cancelled in flow:
        placed = floor.order(account, side, quantity, price)
        if cancelled and not floor.read(placed).finished:
            floor.exchange.cancel(OWNER[account], placed)
    accounts = floor.exchange.accounts.values()
    assert sum(account.cash for account in accounts) + floor.exchange.house.cash == 90 * MICROS
    assert sum(account.net(symbol()) for account in accounts) == 0
    for each in accounts:
        assert each.reserved(kc()) <= max(0, floor.exchange.funds(each).excess)
    resting = [order for who in OWNER.values() for order in floor.exchange.search(who, OrderSearch()) if order.leaves]
    bids = [order.request.price for order in resting if order.request.side is Side.BUY]
    offers = [order.request.price for order in resting if order.request.side is Side.SELL]
    assert max(bids, default=0) < min(offers, default=1000)
