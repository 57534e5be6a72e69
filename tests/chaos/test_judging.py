"""What `pmx-run chaos` calls a broken promise, and how it says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from runner.cli.chaos.judging import Evidence, Violation, violations
from runner.cli.chaos.points import Point, Reach, point_of, points_of, sampled
from runner.cli.chaos.showing import Found, lines
from runner.cli.chaos.trial import Tried, Undisturbed
from runner.record.events import OrderIntended, RunStarted, Surroundings
from runner.record.result import OrderResult, RunResult

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STARTED = RunStarted("run-1", NOON, "0.0", "tried", "tried.yaml", "", Surroundings("sandbox", "127.0.0.1", "", ""))
INTENDED = OrderIntended(
    "order", "c1", "kc", "SIDE_BUY", Decimal("0.5"), Decimal(10), Decimal(5), "", "", {"orderQty": 1000}, NOON
)
TOLD = OrderResult(INTENDED, "O1", "ORDER_STATE_CANCELED")
THERE = {"id": "O1", "client_order_id": "c1", "state": "CANCELED", "filled": 0, "quantity": 1000}


def result(*orders: OrderResult) -> RunResult:
    return RunResult(STARTED, None, (), orders, ())


GOOD = Evidence(0, 0, "passed", result(TOLD), (THERE,), 0)
KEPT = {
    "all is well": GOOD,
    "never begun": Evidence(0, 0, None, None, (), 0),
    "not found": replace(GOOD, result=result(replace(TOLD, state="not_found")), orders=(), resumed=3),
    "left open on purpose": replace(
        GOOD, result=result(replace(TOLD, state="ORDER_STATE_NEW")), orders=({**THERE, "state": "NEW"},)
    ),
    "part filled": replace(
        GOOD, result=result(replace(TOLD, filled_quantity=Decimal("2.5"))), orders=({**THERE, "filled": 250},)
    ),
}
BROKEN: dict[str, tuple[Evidence, str]] = {
    "twice": (replace(GOOD, orders=(THERE, THERE)), "double order"),
    "foreign": (replace(GOOD, orders=(THERE, {**THERE, "client_order_id": "c2"})), "double order"),
    "other state": (replace(GOOD, orders=({**THERE, "state": "FILLED"},)), "report disagrees"),
    "other quantity": (replace(GOOD, orders=({**THERE, "filled": 1},)), "report disagrees"),
    "never there": (replace(GOOD, orders=()), "report disagrees"),
    "in doubt": (replace(GOOD, resumed=4, status="in_doubt"), "not settled"),
    "not ended": (replace(GOOD, status=None), "not settled"),
    "calls once more": (replace(GOOD, calls_again=2), "not settled"),
}


@pytest.mark.parametrize("evidence", KEPT.values(), ids=KEPT)
def test_kept(evidence: Evidence) -> None:
    """Nothing is said of what is right; an order may be open where the undisturbed run leaves one open."""
    assert [*violations(evidence, frozenset({"order"}))] == []


@pytest.mark.parametrize(("evidence", "promise"), BROKEN.values(), ids=BROKEN)
def test_broken(evidence: Evidence, promise: str) -> None:
    """Each promise by its name."""
    assert {each.promise for each in violations(evidence, frozenset())} == {promise}


def test_left_open() -> None:
    """An order that nobody meant to leave open."""
    open_order: dict[str, Any] = {**THERE, "state": "NEW"}
    told = result(replace(TOLD, state="ORDER_STATE_NEW"))
    seen = [*violations(replace(GOOD, orders=(open_order,), result=told), frozenset())]
    assert seen == [Violation("order left open", "order O1 (client order id c1) is NEW at the exchange")]


def test_points() -> None:
    """Every point has a name that leads back to it; a sample is the same for the same seed."""
    points = [*points_of(Reach(("a", "b"), ("c",)), Reach(("a",), ("c", "d")))]
    assert len(points) == 2 * 3 + 2 * 3 + 1
    assert [point_of(point.name) for point in points] == points
    assert sampled(points, 5, 1) == sampled(points, 5, 1) != sampled(points, 5, 2)
    assert sampled(points, None, 1) == sampled(points, 99, 1) == points


@pytest.mark.parametrize("name", ["", "write-0-before", "write-1-lost", "call-1-lost+lost", "call-x-after", "call-1"])
def test_no_point(name: str) -> None:
    """What names no point is known as such."""
    assert point_of(name) is None


def test_picture() -> None:
    """A broken promise says where, what was seen, and what to type to see it again."""
    reach = Reach(("RunStarted", "start of order#1/send"), ("POST /v1/trading/orders",))
    plain = Undisturbed(0, reach, 1, frozenset(), "")
    good = Tried(Point("write", 1, "after"), True, 0, 1, (), "")
    bad = Tried(Point("write", 2, "after"), True, 0, 2, (Violation("double order", "2 orders with c1"),), "")
    found = Found("my own.yaml", plain, plain, [good, bad])
    assert "\n".join(lines(found, ["pmx-run", "chaos", "my own.yaml", "--only"], verbose=False)) == (
        "my own.yaml · undisturbed: exit 0, 2 journal writes, 1 call, 1 order\n"
        "\n"
        "                                                         trials  broken\n"
        "  killed after a journal write                                2       1\n"
        "\n"
        "✘ write-2-after: killed after a journal write (start of order#1/send)\n"
        "    double order      2 orders with c1\n"
        "    see it again      pmx-run chaos 'my own.yaml' --only write-2-after\n"
        "\n"
        "`resume` ended with 0 (2 times)\n"
        "broken: 2 trials, 2 kills: 1 double orders, 0 orders left open, 0 reports that disagree, 0 runs not settled"
    )
