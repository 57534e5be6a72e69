"""Every documented reject text with its reason (institutional/fix-api/fix-reject-reasons), one test each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runner.sandbox.exchange.surprises import Surprises
from runner.sandbox.exchange.terms import (
    ExecutionType,
    InstrumentState,
    OrderState,
    OrderType,
    RejectReason,
    Side,
    TimeInForce,
)
from sandbox.bench import ALICES, BOBS
from sandbox.floor import Floor

OTHER = RejectReason.EXCHANGE_OPTION


@pytest.fixture
def floor() -> Floor:
    return Floor()


def rejected(floor: Floor, order_id: str, text: str, reason: RejectReason = OTHER) -> None:
    execution = floor.last(order_id)
    assert floor.state(order_id) is OrderState.REJECTED
    assert (execution.type, execution.text, execution.reason) == (ExecutionType.REJECTED, text, reason)
    assert floor.executions(order_id) == ["REJECTED"]
    assert floor.exchange.funds(floor.account(ALICES)).open_orders == 0


def test_low_total_notional(floor: Floor) -> None:
    rejected(floor, floor.buy(ALICES, 118, 80, "mia"), "Low total notional size limit is 1, given 0.944")


def test_high_total_notional(floor: Floor) -> None:
    rejected(floor, floor.buy(ALICES, 100_000, 51, "mia"), "High total notional size limit is 500, given 510")


def test_low_price_limit(floor: Floor) -> None:
    order = floor.buy(ALICES, 1, -10)
    rejected(floor, order, "Low price limit is 0.001, given -0.01", RejectReason.PRICE_OUT_OF_BOUNDS)


def test_high_price_limit(floor: Floor) -> None:
    order = floor.buy(ALICES, 1, 1000)
    rejected(floor, order, "High price limit is 0.999, given 1", RejectReason.PRICE_OUT_OF_BOUNDS)


def test_price_increment(floor: Floor) -> None:
    order = floor.buy(ALICES, 100, 501, "phi")
    rejected(floor, order, "Price increment is 0.005, given 0.501", RejectReason.INVALID_PRICE_INCREMENT)


def test_low_order_size(floor: Floor) -> None:
    order = floor.buy(ALICES, 98, 50, "mia")
    rejected(floor, order, "Low order size limit is 100, given 98", RejectReason.INCORRECT_QUANTITY)


def test_high_order_size(floor: Floor) -> None:
    order = floor.buy(ALICES, 100_001, 1, "mia")
    rejected(floor, order, "High order size limit is 100000, given 100001", RejectReason.INCORRECT_QUANTITY)


def test_minimum_trade_quantity(floor: Floor) -> None:
    order = floor.buy(ALICES, 0, 999, cash=1)
    rejected(floor, order, "Minimum trade quantity is 1, given 0", RejectReason.INCORRECT_QUANTITY)


def test_minimum_quantity_above_the_order(floor: Floor) -> None:
    order = floor.buy(ALICES, 5, 400, minimum=6)
    rejected(floor, order, "Minimum quantity 6 is above the order quantity 5", RejectReason.INCORRECT_QUANTITY)


def test_insufficient_funds() -> None:
    floor = Floor(cash=1000)
    rejected(floor, floor.buy(ALICES, 1098, 911), "1000 USD available, requested 1000.278")


def test_insufficient_collateral_for_a_short() -> None:
    floor = Floor(cash=1000)
    rejected(floor, floor.sell(ALICES, 2001, 500), "1000 USD available, requested 1000.5")


def test_self_match_prevention(floor: Floor) -> None:
    floor.cancel(floor.sell(ALICES, 1, 400, self_match_id="x"))
    resting = floor.sell(ALICES, 1, 400, self_match_id="x")
    order = floor.buy(ALICES, 1, 400, self_match_id="x")
    floor.cancel(resting)
    rejected(floor, order, "Self Match Prevention")


def test_post_only_would_initiate(floor: Floor) -> None:
    floor.sell(BOBS, 1, 400)
    order = floor.buy(ALICES, 1, 400, post_only=True)
    rejected(floor, order, "Order may participate but not initiate in the market")


@pytest.mark.parametrize("flag", ["best", "immediate"])
def test_no_liquidity_to_derive_a_price(floor: Floor, flag: str) -> None:
    derived: dict[str, Any] = {flag: True}
    order = floor.buy(ALICES, 1, 0, **derived)
    rejected(floor, order, "No liquidity to derive limit price", RejectReason.NO_LIQUIDITY)


def test_duplicate_client_order_id(floor: Floor) -> None:
    first = floor.buy(ALICES, 1, 400, client_order_id="x")
    second = floor.buy(ALICES, 1, 400, client_order_id="x")
    floor.cancel(first)
    rejected(floor, second, "ClOrdID already in use by an open order")


def test_market_order_without_a_last_trade(floor: Floor) -> None:
    text = (
        "failed risk check: rpc error: code = FailedPrecondition desc = No last trade when open, no price for the order"
    )
    rejected(floor, floor.buy(ALICES, 1, 0, type=OrderType.MARKET_TO_LIMIT), text)


def test_market_order_without_liquidity(floor: Floor) -> None:
    floor.sell(BOBS, 1, 400)
    floor.buy(ALICES, 1, 400)
    order = floor.buy(ALICES, 1, 0, type=OrderType.MARKET_TO_LIMIT)
    rejected(floor, order, "No liquidity to match market to limit order", RejectReason.NO_LIQUIDITY)


@pytest.mark.parametrize("state", ["CLOSED", "SUSPENDED", "HALTED", "PENDING", "EXPIRED", "TERMINATED"])
def test_book_state(floor: Floor, state: str) -> None:
    floor.put(InstrumentState[state])
    rejected(floor, floor.buy(ALICES, 1, 400), f"Book is {state}", RejectReason.EXCHANGE_CLOSED)


@pytest.mark.parametrize(
    "attribute",
    [
        {"time_in_force": TimeInForce.IMMEDIATE_OR_CANCEL},
        {"time_in_force": TimeInForce.FILL_OR_KILL},
        {"all_or_none": True},
        {"minimum": 1},
        {"post_only": True},
        {"strict": True},
        {"best": True},
        {"immediate": True},
        {"type": OrderType.MARKET_TO_LIMIT},
    ],
    ids=["ioc", "fok", "all-or-none", "minimum", "post-only", "strict", "best", "immediate", "market"],
)
def test_attributes_not_for_pre_open(floor: Floor, attribute: dict[str, Any]) -> None:
    floor.put(InstrumentState.PREOPEN)
    order = floor.buy(ALICES, 1, 400, **attribute)
    rejected(floor, order, "Order has attributes that cannot be placed in PRE_OPEN")


def test_instrument_is_not_tradable(floor: Floor) -> None:
    rejected(floor, floor.buy(ALICES, 1, 40, "den"), "Instrument is not tradable")


def test_unknown_symbol(floor: Floor) -> None:
    request = replace(floor.request(ALICES, Side.BUY, 1, 400), symbol="nowhere")
    order = floor.exchange.submit(request).id
    rejected(floor, order, "Unknown symbol nowhere", RejectReason.UNKNOWN_SYMBOL)


def test_global_rate_limit_exceeded(floor: Floor) -> None:
    """The stopgap for orders that took too long is brought about on demand."""
    floor.exchange.surprises = Surprises(late_reject="Global Rate Limit Exceeded")
    rejected(floor, floor.buy(ALICES, 1, 400), "Global Rate Limit Exceeded")


@pytest.mark.parametrize(
    "attribute",
    [
        {"minimum": 1},
        {"all_or_none": True},
        {"time_in_force": TimeInForce.IMMEDIATE_OR_CANCEL},
        {"time_in_force": TimeInForce.FILL_OR_KILL},
    ],
    ids=["minimum", "all-or-none", "ioc", "fok"],
)
def test_post_only_excludes(floor: Floor, attribute: dict[str, Any]) -> None:
    order = floor.buy(ALICES, 1, 400, post_only=True, **attribute)
    text = "Post-only excludes minimum quantity, all-or-none, IOC and FOK"
    rejected(floor, order, text, RejectReason.INCORRECT_ORDER_TYPE)


@pytest.mark.parametrize(
    ("more", "text", "reason"),
    [
        (
            {"best": True, "immediate": True},
            "Best limit excludes immediately executable limit",
            RejectReason.INCORRECT_ORDER_TYPE,
        ),
        (
            {"best": True, "type": OrderType.MARKET_TO_LIMIT},
            "Only a limit order derives its price",
            RejectReason.INCORRECT_ORDER_TYPE,
        ),
        (
            {"type": OrderType.STOP_LIMIT, "stop_price": 390},
            "Stop price is on the wrong side of the limit price",
            OTHER,
        ),
        (
            {"type": OrderType.STOP_LIMIT, "stop_price": 1000},
            "High price limit is 0.999, given 1",
            RejectReason.PRICE_OUT_OF_BOUNDS,
        ),
    ],
    ids=["best-and-immediate", "market-best", "stop-side", "stop-price"],
)
def test_combinations_that_make_no_sense(floor: Floor, more: dict[str, Any], text: str, reason: RejectReason) -> None:
    """The pages name the rules and no texts; these are the exchange's own."""
    rejected(floor, floor.buy(ALICES, 1, 400, **more), text, reason)


def test_good_till_time_in_the_past(floor: Floor) -> None:
    order = floor.buy(ALICES, 1, 400, time_in_force=TimeInForce.GOOD_TILL_TIME, good_till=floor.clock.now())
    rejected(floor, order, "Good till time has passed", RejectReason.INCORRECT_ORDER_TYPE)
