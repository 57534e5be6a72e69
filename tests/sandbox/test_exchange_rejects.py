"""Every reject text with its reason (institutional/fix-api/fix-reject-reasons), one test each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.sandbox.exchange import acceptance
from runner.sandbox.exchange.terms import (
    ExecutionType,
    InstrumentState,
    OrderState,
    OrderType,
    RejectReason,
    TimeInForce,
)
from sandbox.bench import ALICES
from sandbox.floor import Floor
from sandbox.refusals import REFUSALS, Refused

CODE = Path(acceptance.__file__).parent
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


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS)
def test_refused(case: Refused) -> None:
    """An order that is taken, then REJECTED with the text and the reason, and that reserves nothing."""
    floor = Floor(cash=case.cash)
    rejected(floor, case.place(floor), case.text, case.reason)


def test_every_reason_is_there() -> None:
    """Each of the venue's reasons is one that an order meets."""
    assert {case.reason for case in REFUSALS.values()} == {*RejectReason}


def test_every_text_is_there() -> None:
    """Whatever words the exchange's code has for a refusal begin a text that an order meets."""
    texts = [case.text for case in REFUSALS.values()]
    words = {*words_of_refusals()}
    assert len(words) > 20
    assert {each for each in words if not any(text.startswith(each) for text in texts)} == {"Unknown order"}


def words_of_refusals() -> Iterator[str]:
    """What the texts of refusals begin with in the exchange's code, up to the first number; empty ones aside."""
    for path in CODE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
                text = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
                if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value:
                    yield text.value


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


def test_stop_price_is_bounded(floor: Floor) -> None:
    """As a limit price is."""
    order = floor.buy(ALICES, 1, 400, type=OrderType.STOP_LIMIT, stop_price=1000)
    rejected(floor, order, "High price limit is 0.999, given 1", RejectReason.PRICE_OUT_OF_BOUNDS)


def test_cash_that_buys_less_than_the_minimum(floor: Floor) -> None:
    """The quantity of a cash order is judged once it has met the book."""
    order = floor.buy(ALICES, 0, 999, cash=1)
    rejected(floor, order, "Minimum trade quantity is 1, given 0", RejectReason.INCORRECT_QUANTITY)
