"""A run's result is a fold of its events: what was said last of each step, order and cleanup."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from runner.record.events import (
    AttemptFailed,
    CallMade,
    Captured,
    Checked,
    CleanupDone,
    CleanupOwed,
    Event,
    Noted,
    OrderIntended,
    OrderLost,
    OrderSeen,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    Surroundings,
    Waiting,
)
from runner.record.result import fold

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STARTED = RunStarted("r", NOW, "0", "p", "p.yaml", "0" * 64, Surroundings("sandbox", "h", "", ""))
STEP = StepStarted("order", "order", "Place", "place_order", "required", "", NOW)
ENDED = StepFinished("order", "passed", NOW, 5, 1)
CALL = CallMade("order", "GET", "http://h/", 200, NOW, 1, {}, {})
INTENDED = OrderIntended("order", "c1", "s", "SIDE_BUY", Decimal(1), Decimal(2), Decimal(2), "p", "a", {}, NOW)


def test_steps_in_their_sequence() -> None:
    """Each step holds what was told of it, in the sequence it was told in."""
    check = Checked("order", "a", True, "", "p:1:1")
    said: list[Event] = [CALL, check, Captured("order", "x", 1), Captured("order", "x", 2), Noted("order", "n")]
    result = fold([STARTED, STEP, *said, AttemptFailed("order", 1, "m", 0.5), Waiting("order", "r", 1), ENDED])
    step = result.steps[0]
    assert (step.started, step.finished, step.status) == (STEP, ENDED, "passed")
    assert (step.calls, step.checks, step.captures) == ((CALL,), (check,), {"x": 2})
    assert step.notes == ("n", "attempt 1: m")


def test_what_no_step_did() -> None:
    """Events of a cleanup belong to no step's row."""
    result = fold([STARTED, STEP, ENDED, CallMade("order.cleanup[0]", "GET", "http://h/", 200, NOW, 1, {}, {})])
    assert result.steps[0].calls == ()


def test_killed_run() -> None:
    """A run without an end has none, and its step under way is in doubt."""
    result = fold([STARTED, STEP])
    assert (result.finished, result.steps[0].status) == (None, "in_doubt")


def test_finished_run() -> None:
    """The last event is the run's end."""
    end = RunFinished("passed", 0, NOW, 7, {}, None)
    assert fold([STARTED, end]).finished == end


@pytest.mark.parametrize(
    ("told", "state", "order_id"),
    [
        ([], "", ""),
        ([OrderSeen("order", "c1", "o1", "ORDER_STATE_NEW", Decimal(0), None)], "ORDER_STATE_NEW", "o1"),
        ([OrderLost("order", "c1", "not_found")], "not_found", ""),
        (
            [
                OrderSeen("order", "c1", "o1", "ORDER_STATE_NEW", Decimal(0), None),
                OrderSeen("other", "c1", "o1", "ORDER_STATE_CANCELED", Decimal(0), None),
            ],
            "ORDER_STATE_CANCELED",
            "o1",
        ),
        (
            [
                OrderLost("order", "c1", "inconclusive"),
                OrderSeen("order", "c1", "o1", "ORDER_STATE_FILLED", Decimal(2), None),
            ],
            "ORDER_STATE_FILLED",
            "o1",
        ),
        ([OrderSeen("order", "another", "o2", "ORDER_STATE_NEW", Decimal(0), None)], "", ""),
    ],
    ids=["intended", "seen", "lost", "seen twice", "lost, then seen", "somebody else's"],
)
def test_orders(told: list[Event], state: str, order_id: str) -> None:
    """An order is what was last told of it; one that this run did not send is not its own."""
    orders = fold([STARTED, STEP, INTENDED, *told]).orders
    assert [(each.state, each.order_id) for each in orders] == [(state, order_id)]


def test_cleanups() -> None:
    """What is owed stays so until it is told to be done."""
    owed = CleanupOwed("order", "order", "c1")
    assert fold([STARTED, STEP, owed]).cleanups[0].status == "owed"
    done = fold([STARTED, STEP, owed, CleanupDone("order", "order", "done", "m", "h")]).cleanups[0]
    assert (done.status, done.message, done.help, done.clord_id) == ("done", "m", "h", "c1")


def test_without_a_beginning() -> None:
    """Events that do not begin with a run's start are no run."""
    with pytest.raises(ValueError, match="begin with RunStarted"):
        fold([STEP])
