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
from runner.record.result import fold, item_of

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


def item(index: int, owner: str = "place") -> StepStarted:
    return StepStarted(
        f"{owner}[{index}]", "place", f"Place {index}", "place_order", "required", "", NOW, f"i{index}", 3
    )


LOOP = StepStarted("place", "place", "Place", "place_order", "required", "", NOW)


def test_items_of_a_loop() -> None:
    """Items stand in their loop, in the sequence of its list, each with its own, however their events came mixed."""
    check = Checked("place[1]", "a", False, "", "p:1:1")
    mixed: list[Event] = [item(2), item(0), item(1), check, Captured("place[0]", "x", 1), Noted("place[2]", "n")]
    ends: list[Event] = [StepFinished(f"place[{at}]", "passed", NOW, 5, 1) for at in (1, 2, 0)]
    end = StepFinished("place", "passed", NOW, 9, 3, "3 of 3")
    result = fold([STARTED, STEP, ENDED, LOOP, *mixed, *ends, Captured("place", "x", [1, None, None]), end])
    assert [step.started.path for step in result.steps] == ["order", "place"]
    loop = result.steps[1]
    assert (loop.finished, loop.checks, loop.calls, loop.captures) == (end, (), (), {"x": [1, None, None]})
    assert [each.started.item for each in loop.items] == ["i0", "i1", "i2"]
    assert [each.status for each in loop.items] == ["passed"] * 3
    assert [each.captures for each in loop.items] == [{"x": 1}, {}, {}]
    assert [each.checks for each in loop.items] == [(), (check,), ()]
    assert [each.notes for each in loop.items] == [(), (), ("n",)]
    assert result.steps[0].items == ()


def test_more_than_ten_items_stand_in_their_sequence() -> None:
    """By number, not by text."""
    events = [item(at, "finally.tidy") for at in (10, 9, 2, 11)]
    loop = fold([STARTED, StepStarted("finally.tidy", "tidy", "", "log", "required", "", NOW), *events]).steps[0]
    assert [each.started.path for each in loop.items] == [f"finally.tidy[{at}]" for at in (2, 9, 10, 11)]


def test_an_item_under_way_when_the_run_was_killed() -> None:
    """It is in doubt, and the others are what they were; a loop that is taken up again keeps them."""
    begun: list[Event] = [STARTED, LOOP, item(0), StepFinished("place[0]", "passed", NOW, 5, 1), item(1)]
    assert [each.status for each in fold(begun).steps[0].items] == ["passed", "in_doubt"]
    ended = fold([*begun, LOOP, item(1), StepFinished("place[1]", "failed", NOW, 5, 1)])
    assert [each.status for each in ended.steps[0].items] == ["passed", "failed"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("place[0]", ("place", 0)),
        ("finally.tidy[12]", ("finally.tidy", 12)),
        ("order.cleanup[0]", ("order.cleanup", 0)),
        ("place", None),
        ("place[]", None),
        ("place[0].cleanup", None),
        ("place[0", None),
    ],
)
def test_paths_of_items(path: str, found: tuple[str, int] | None) -> None:
    """A path with an index belongs to what stands before it; it is an item only if that is a step."""
    assert item_of(path) == found


def test_calls_of_an_items_cleanup_are_nobodys() -> None:
    """As those of any step's."""
    call = CallMade("place[0].cleanup[0]", "GET", "http://h/", 200, NOW, 1, {}, {})
    (loop,) = fold([STARTED, LOOP, item(0), call]).steps
    assert (loop.calls, loop.items[0].calls) == ((), ())


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


def test_what_the_venue_showed_outweighs_a_verdict() -> None:
    """An order that was seen is not lost: the row keeps its state; one that never was takes the latest verdict."""
    doubtful, gone = OrderLost("order", "c1", "inconclusive"), OrderLost("order", "c1", "not_found")
    assert fold([STARTED, STEP, INTENDED, doubtful, gone]).orders[0].state == "not_found"
    seen = OrderSeen("order", "c1", "o1", "ORDER_STATE_NEW", Decimal(0), None)
    assert fold([STARTED, STEP, INTENDED, seen, gone]).orders[0].state == "ORDER_STATE_NEW"
