"""Order types, instructions and times in force, one promise a test."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from runner.sandbox.exchange.calendar import next_roll, trade_date
from runner.sandbox.exchange.terms import (
    OrderState,
    OrderType,
    SelfMatchPrevention,
    Side,
    TimeInForce,
    UnsolicitedCancel,
)
from runner.sandbox.rules import Rules
from sandbox.bench import ALICES, BOBS, CAROLS, MovingClock
from sandbox.floor import Floor

MARKET = OrderType.MARKET_TO_LIMIT
IOC, FOK = TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL


@pytest.fixture
def floor() -> Floor:
    return Floor()


def test_each_resting_order_hit_makes_a_trade_of_its_own(floor: Floor) -> None:
    """One execution and one trade id for each resting order, at its price."""
    floor.sell(BOBS, 5, 400)
    floor.sell(CAROLS, 5, 410)
    taker = floor.buy(ALICES, 10, 420)
    assert floor.executions(taker) == ["NEW", "PARTIAL_FILL", "FILL"]
    assert floor.read(taker).fills == {400: 5, 410: 5}


def test_market_to_limit_rests_at_the_last_fill_price(floor: Floor) -> None:
    """It takes the best prices; what is left rests where it last traded and keeps its type."""
    floor.sell(BOBS, 5, 400)
    floor.sell(BOBS, 5, 410)
    order = floor.read(floor.buy(ALICES, 12, 0, type=MARKET))
    assert (order.fills, order.leaves, order.request.price) == ({400: 5, 410: 5}, 2, 410)
    assert (order.request.type, order.state) == (MARKET, OrderState.PARTIALLY_FILLED)
    assert floor.book()[0] == [(410, 2)]


def test_a_plain_market_order_is_market_to_limit_and_ioc(floor: Floor) -> None:
    """What the book does not have expires."""
    floor.sell(BOBS, 5, 400)
    order = floor.read(floor.buy(ALICES, 12, 0, type=MARKET, time_in_force=IOC))
    assert (order.state, order.filled, order.leaves) == (OrderState.EXPIRED, 5, 0)


@pytest.mark.parametrize(
    ("side", "stop", "trade_price", "released"),
    [
        (Side.BUY, 500, 499, False),
        (Side.BUY, 500, 500, True),
        (Side.BUY, 500, 510, True),
        (Side.SELL, 500, 501, False),
        (Side.SELL, 500, 500, True),
    ],
    ids=["buy-below", "buy-at", "buy-above", "sell-above", "sell-at"],
)
def test_stop_is_hidden_until_the_last_price_reaches_it(
    floor: Floor, side: Side, stop: int, trade_price: int, released: bool
) -> None:
    """A stop order is NEW and in no book; the last price releases it as a market-to-limit order, NEW once more."""
    price = 600 if side is Side.BUY else 300
    floor.exchange.submit(floor.request(BOBS, Side.SELL if side is Side.BUY else Side.BUY, 5, price))
    stopped = floor.exchange.submit(floor.request(ALICES, side, 5, 0, type=OrderType.STOP, stop_price=stop)).id
    assert floor.state(stopped) is OrderState.NEW
    floor.sell(CAROLS, 1, trade_price)
    floor.buy(BOBS, 1, trade_price)
    assert (floor.state(stopped) is OrderState.FILLED) == released
    assert floor.executions(stopped) == (["NEW", "NEW", "FILL"] if released else ["NEW"])
    assert floor.read(stopped).request.type is (MARKET if released else OrderType.STOP)


def test_stop_limit_becomes_a_limit_order(floor: Floor) -> None:
    """Released, it rests at its limit under the same id."""
    stopped = floor.buy(ALICES, 5, 490, type=OrderType.STOP_LIMIT, stop_price=500)
    assert floor.book() == ([], [])
    floor.sell(BOBS, 1, 500)
    floor.buy(CAROLS, 1, 500)
    assert floor.book()[0] == [(490, 5)]
    assert floor.read(stopped).request.type is OrderType.LIMIT


def test_stop_that_is_met_already_enters_at_once(floor: Floor) -> None:
    """The last price counts from before the order, too."""
    floor.sell(BOBS, 2, 500)
    floor.buy(CAROLS, 1, 500)
    assert floor.state(floor.buy(ALICES, 1, 0, type=OrderType.STOP, stop_price=450)) is OrderState.FILLED


def test_stop_without_a_market_is_cancelled_when_released(floor: Floor) -> None:
    """Nothing to take: cancelled by the exchange with its words."""
    stopped = floor.buy(ALICES, 1, 0, type=OrderType.STOP, stop_price=500)
    floor.sell(BOBS, 1, 500)
    floor.buy(CAROLS, 1, 500)
    assert (floor.state(stopped), floor.text(stopped)) == (
        OrderState.CANCELED,
        "No liquidity to match market to limit order",
    )


def test_stops_release_each_other(floor: Floor) -> None:
    """A released stop trades, and its price releases the next."""
    floor.sell(BOBS, 1, 500)
    floor.sell(BOBS, 1, 520)
    floor.sell(BOBS, 1, 540)
    stops = [floor.buy(ALICES, 1, 0, type=OrderType.STOP, stop_price=price) for price in (520, 500)]
    floor.buy(CAROLS, 1, 500)
    assert [floor.state(stop) for stop in stops] == [OrderState.FILLED, OrderState.FILLED]
    assert [floor.read(stop).fills for stop in stops] == [{540: 1}, {520: 1}]


def test_hidden_stops_can_be_cancelled_and_replaced(floor: Floor) -> None:
    """They are the participant's open orders like any other."""
    stopped = floor.buy(ALICES, 5, 490, type=OrderType.STOP_LIMIT, stop_price=500)
    floor.amend(stopped, stop_price=495)
    assert (floor.read(stopped).request.stop_price, floor.state(stopped)) == (495, OrderState.REPLACED)
    floor.cancel(stopped)
    assert floor.state(stopped) is OrderState.CANCELED


def test_ioc_fills_what_it_can_and_expires(floor: Floor) -> None:
    """First NEW, then its fills, then EXPIRED with what was filled."""
    floor.sell(BOBS, 4, 400)
    taker = floor.buy(ALICES, 10, 400, time_in_force=IOC)
    assert (floor.state(taker), floor.read(taker).filled) == (OrderState.EXPIRED, 4)
    assert floor.executions(taker) == ["NEW", "PARTIAL_FILL", "EXPIRED"]


@pytest.mark.parametrize("order", [{"time_in_force": FOK}, {"all_or_none": True}], ids=["fok", "all-or-none"])
def test_fok_and_all_or_none_fill_wholly_or_expire(floor: Floor, order: dict[str, Any]) -> None:
    """Not a contract trades unless all of them do; all-or-none has the effect of fill-or-kill."""
    resting = floor.sell(BOBS, 4, 400)
    killed = floor.buy(ALICES, 5, 400, **order)
    assert (floor.state(killed), floor.executions(killed)) == (OrderState.EXPIRED, ["NEW", "EXPIRED"])
    assert floor.read(resting).filled == 0
    assert floor.state(floor.buy(ALICES, 4, 400, **order)) is OrderState.FILLED


def test_remainder_of_ioc_can_be_canceled_by_a_switch() -> None:
    """The guides say canceled where FIX says expired."""
    floor = Floor(rules=Rules(immediate_remainder="canceled"))
    floor.sell(BOBS, 4, 400)
    assert floor.state(floor.buy(ALICES, 10, 400, time_in_force=IOC)) is OrderState.CANCELED
    assert floor.state(floor.buy(ALICES, 10, 400, time_in_force=FOK)) is OrderState.CANCELED


def test_gtt_expires_by_the_clock(floor: Floor) -> None:
    """At its moment, whenever somebody looks."""
    until = floor.clock.now() + timedelta(minutes=5)
    order = floor.buy(ALICES, 5, 400, time_in_force=TimeInForce.GOOD_TILL_TIME, good_till=until)
    floor.clock.move(minutes=4)
    assert floor.state(order) is OrderState.NEW
    floor.clock.move(hours=1)
    assert (floor.state(order), floor.last(order).at) == (OrderState.EXPIRED, until)
    assert floor.exchange.funds(floor.account(ALICES)).open_orders == 0


def test_gtt_goes_by_its_replacement(floor: Floor) -> None:
    """A replaced time counts, the older one no longer does."""
    start = floor.clock.now()
    gtt = TimeInForce.GOOD_TILL_TIME
    order = floor.buy(ALICES, 5, 400, time_in_force=gtt, good_till=start + timedelta(minutes=5))
    floor.amend(order, time_in_force=gtt, good_till=start + timedelta(minutes=9))
    floor.clock.move(minutes=6)
    assert floor.state(order) is OrderState.REPLACED
    floor.clock.move(minutes=4)
    assert floor.state(order) is OrderState.EXPIRED


def test_gtc_outlives_days(floor: Floor) -> None:
    """Good till cancelled is just that."""
    order = floor.buy(ALICES, 5, 400)
    floor.clock.move(days=30)
    assert floor.state(order) is OrderState.NEW


@pytest.mark.parametrize(("rule", "state"), [("stay", OrderState.NEW), ("expire", OrderState.EXPIRED)])
def test_day_orders_at_the_roll(rule: str, state: OrderState) -> None:
    """At 17:00 in New York a DAY order stays, as since 2026-09-13, or expires by the switch."""
    floor = Floor(rules=Rules(day_orders=rule))  # type: ignore[arg-type]
    order = floor.buy(ALICES, 5, 400, time_in_force=TimeInForce.DAY)
    floor.clock.move(hours=9, minutes=59)
    assert floor.state(order) is OrderState.NEW
    floor.clock.move(minutes=2)
    assert floor.state(order) is state


def test_minimum_quantity_must_fill_on_entry(floor: Floor) -> None:
    """Several fills may make it up; if they do not, the whole order expires; once resting it has no effect."""
    floor.sell(BOBS, 2, 400)
    floor.sell(CAROLS, 2, 410)
    assert floor.state(floor.buy(ALICES, 10, 410, minimum=5)) is OrderState.EXPIRED
    order = floor.buy(ALICES, 10, 410, minimum=4)
    assert (floor.state(order), floor.read(order).leaves) == (OrderState.PARTIALLY_FILLED, 6)
    floor.sell(BOBS, 1, 410)
    assert floor.read(order).filled == 5


def test_post_only_never_takes(floor: Floor) -> None:
    """It rests, or is rejected in the venue's words."""
    floor.sell(BOBS, 2, 400)
    assert floor.state(floor.buy(ALICES, 2, 399, post_only=True)) is OrderState.NEW
    rejected = floor.buy(ALICES, 2, 400, post_only=True)
    assert floor.text(rejected) == "Order may participate but not initiate in the market"


def test_strict_limit_fills_only_at_its_price(floor: Floor) -> None:
    """A better price in the way rejects it; its own price fills it; resting it is met at its price."""
    floor.sell(BOBS, 2, 400)
    refused = floor.buy(ALICES, 2, 410, strict=True)
    assert (floor.state(refused), floor.text(refused)) == (
        OrderState.REJECTED,
        "Strict limit order would trade at a better price",
    )
    taker = floor.buy(ALICES, 3, 400, strict=True)
    floor.sell(BOBS, 1, 390)
    assert floor.read(taker).fills == {400: 3}


def test_best_limit_takes_the_best_price_of_its_own_side(floor: Floor) -> None:
    """It joins the best bid."""
    floor.buy(BOBS, 2, 400)
    assert floor.read(floor.buy(ALICES, 2, 0, best=True)).request.price == 400


def test_immediately_executable_limit_takes_the_best_price_of_the_other_side(floor: Floor) -> None:
    """It meets the best offer, and rests there with what is left."""
    floor.sell(BOBS, 2, 450)
    floor.sell(BOBS, 2, 460)
    order = floor.read(floor.buy(ALICES, 3, 0, immediate=True))
    assert (order.request.price, order.filled, order.leaves) == (450, 2, 1)


@pytest.mark.parametrize(
    ("side", "cash", "fills", "quantity"),
    [
        (Side.BUY, 3000, {400: 5, 500: 2}, 7),
        (Side.BUY, 2500, {400: 5, 500: 1}, 6),
        (Side.SELL, 3000, {600: 5, 500: 2}, 7),
    ],
    ids=["buy", "buy-with-change", "sell-by-collateral"],
)
def test_cash_quantity_buys_what_it_can(
    floor: Floor, side: Side, cash: int, fills: dict[int, int], quantity: int
) -> None:
    """Dollars x price scale: a buy spends them as principal, a sale as collateral of one less the price."""
    other = Side.SELL if side is Side.BUY else Side.BUY
    for price in fills:
        floor.exchange.submit(floor.request(BOBS, other, 5, price))
    order = floor.read(floor.exchange.submit(floor.request(ALICES, side, 0, 500, cash=cash)).id)
    assert (order.fills, order.request.quantity, order.state) == (fills, quantity, OrderState.FILLED)


def test_cash_quantity_rests_at_its_limit(floor: Floor) -> None:
    """What is left rests as the quantity that the cash comes to at the limit; price improvement buys more."""
    floor.sell(BOBS, 5, 400)
    order = floor.read(floor.buy(ALICES, 0, 500, cash=4000))
    assert (order.filled, order.leaves, order.request.quantity) == (5, 4, 9)


def test_cash_quantity_with_market_to_limit_and_fok(floor: Floor) -> None:
    """It works with either type; fill-or-kill wants all of the cash spent but what no lot costs."""
    floor.sell(BOBS, 5, 400)
    assert floor.state(floor.buy(ALICES, 0, 400, cash=2400, time_in_force=FOK)) is OrderState.EXPIRED
    assert floor.state(floor.buy(ALICES, 0, 400, cash=2300, time_in_force=FOK)) is OrderState.FILLED
    floor.sell(BOBS, 5, 400)
    assert floor.read(floor.buy(ALICES, 0, 0, cash=2000, type=MARKET)).fills == {400: 5}


def test_cash_too_small_for_a_lot_is_rejected(floor: Floor) -> None:
    """No quantity comes of it."""
    assert floor.text(floor.buy(ALICES, 0, 500, cash=499)) == "Minimum trade quantity is 1, given 0"


SMP = {"self_match_id": "desk"}


@pytest.mark.parametrize("word", [SelfMatchPrevention.UNDEFINED, SelfMatchPrevention.REJECT_AGGRESSOR], ids=str)
def test_self_match_rejects_the_aggressor_whole(floor: Floor, word: SelfMatchPrevention) -> None:
    """Not even the part before it trades."""
    theirs = floor.sell(BOBS, 2, 390)
    own = floor.sell(ALICES, 2, 400, **SMP)
    taker = floor.buy(ALICES, 4, 400, self_match=word, **SMP)
    assert (floor.state(taker), floor.text(taker)) == (OrderState.REJECTED, "Self Match Prevention")
    assert [floor.read(each).filled for each in (theirs, own)] == [0, 0]


def test_self_match_cancels_the_resting_order(floor: Floor) -> None:
    """Before any trade, with the text; then the incoming order trades on behind it."""
    own = floor.sell(ALICES, 2, 390, **SMP)
    floor.sell(BOBS, 2, 400)
    taker = floor.buy(ALICES, 2, 400, self_match=SelfMatchPrevention.CANCEL_RESTING, **SMP)
    assert (floor.state(own), floor.text(own)) == (OrderState.CANCELED, "Self Match Prevention")
    assert floor.last(own).unsolicited is UnsolicitedCancel.EXCHANGE_OPTION
    assert floor.read(taker).fills == {400: 2}


def test_self_match_removes_both(floor: Floor) -> None:
    """Neither stays and nothing trades."""
    theirs = floor.sell(BOBS, 2, 380)
    own = floor.sell(ALICES, 2, 390, **SMP)
    taker = floor.buy(ALICES, 4, 400, self_match=SelfMatchPrevention.REMOVE_BOTH, **SMP)
    assert [floor.state(each) for each in (own, taker)] == [OrderState.CANCELED] * 2
    assert floor.read(theirs).filled == 0


def test_self_match_needs_the_same_id_and_participant(floor: Floor) -> None:
    """Without an id, with another or between participants, orders trade."""
    floor.sell(ALICES, 2, 400)
    assert floor.state(floor.buy(ALICES, 2, 400, self_match_id="desk")) is OrderState.FILLED
    floor.sell(ALICES, 2, 400, self_match_id="other")
    assert floor.state(floor.buy(ALICES, 2, 400, self_match_id="desk")) is OrderState.FILLED
    floor.sell(BOBS, 2, 400, self_match_id="desk")
    assert floor.state(floor.buy(ALICES, 2, 400, self_match_id="desk")) is OrderState.FILLED


def test_preview_keeps_nothing(floor: Floor) -> None:
    """It tells what would be wrong and leaves no order."""
    order, refusal = floor.exchange.preview(floor.request(ALICES, Side.BUY, 5, 1000))
    assert (order.id, order.state, refusal and refusal.text) == (
        "",
        OrderState.PENDING_NEW,
        "High price limit is 0.999, given 1",
    )
    assert floor.exchange.preview(floor.request(ALICES, Side.BUY, 5, 500))[1] is None
    assert list(floor.exchange.everything()) == []


def test_trade_days_roll_at_five_in_new_york() -> None:
    """In winter that is 22:00 UTC, in summer 21:00."""
    assert trade_date(datetime(2026, 11, 22, 21, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert trade_date(datetime(2026, 11, 22, 22, 0, tzinfo=UTC)) == date(2026, 11, 23)
    assert trade_date(datetime(2026, 7, 1, 21, 0, tzinfo=UTC)) == date(2026, 7, 2)
    assert next_roll(MovingClock().now()) == datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
    assert next_roll(datetime(2026, 7, 1, 20, 0, tzinfo=UTC)) == datetime(2026, 7, 1, 21, 0, tzinfo=UTC)
