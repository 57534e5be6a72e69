"""What is owed is paid, last owed first, until the venue's own state says so; what can't be settled is said."""

from __future__ import annotations

import pytest
from sandbox.bench import BOB

from engine.exchange import CANCEL, INSERT, OPEN, SEARCH, afterwards, changed, first, lost_after, lost_before, says
from engine.world import FAILING, ORDER, SYMBOL, World, playbook
from runner.record.events import CleanupDone, CleanupOwed, Event, StepStarted

OTHER = ORDER.replace("id: order\n", "id: second\n").replace("order_id: result", "second_id: result")
OTHER = OTHER.replace("{{ order_id }}", "{{ second_id }}").replace("0.5", "0.25")
WITHOUT_CAPTURE = ORDER.replace("capture: {order_id: result.order.id}", "capture: {order_id: result.raw.never}")


def test_after_a_good_run(world: World) -> None:
    """Also a run that passed pays what it owes."""
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (0, [("order", "done")], ["CANCELED"])


def test_last_owed_first(world: World) -> None:
    """Two orders are cancelled in the sequence opposite to their placing, after a failure too."""
    ran = world.run(playbook(ORDER + OTHER + FAILING))
    assert ran.cleanups == [("second", "done"), ("order", "done")]
    assert (ran.exit_code, world.wire.states()) == (1, ["CANCELED", "CANCELED"])
    placed = [each["id"] for each in world.wire.orders()]
    assert [each.body["orderId"] for each in world.wire.of(CANCEL)] == placed[::-1]


def test_one_that_fails_does_not_stop_the_others(world: World) -> None:
    """A cancel that is refused leaves that order owed and goes on with the next."""
    world.wire.plan(CANCEL, says(403))
    ran = world.run(playbook(ORDER + OTHER))
    assert ran.cleanups == [("second", "owed"), ("order", "done")]
    assert (ran.exit_code, world.wire.states()) == (4, ["CANCELED", "NEW"])


def test_nothing_owed_after_a_terminal_state(world: World) -> None:
    """An order that a step has read in a terminal state owes nothing: no second cancel is sent."""
    cancel = f"""
  - id: cancelled
    action: cancel_order
    with: {{order_id: "{{{{ order_id }}}}", symbol: {SYMBOL}}}
    expect: [result.order.state == "ORDER_STATE_CANCELED"]
"""
    ran = world.run(playbook(ORDER + cancel))
    assert (ran.exit_code, ran.cleanups, world.wire.count(CANCEL)) == (0, [("order", "not_needed")], 1)


def test_order_that_never_left(world: World) -> None:
    """A step that failed before its order was intended owes nothing, and nothing is said of it."""
    ran = world.run(playbook(ORDER.replace("price: 0.5", "price: 0.0005")))
    assert (ran.exit_code, ran.cleanups, ran.of(CleanupOwed)) == (5, [], [])


def test_a_list_that_is_behind(world: World) -> None:
    """A cleanup of all open orders, of which the list shows none at first, is paid until the order itself is over."""
    order = ORDER.replace('cancel_order, with: {order_id: "{{ order_id }}", symbol: SYMBOL}', "cancel_open_orders")
    world.wire.plan(OPEN, None, *[says(200, {"orders": []})] * 3)
    ran = world.run(playbook(order))
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (0, [("order", "done")], ["CANCELED"])


def test_captures_never_made(world: World) -> None:
    """A cleanup whose names were never made gets them from the order that is found by its client order id."""
    world.wire.plan(INSERT, lost_after)
    world.wire.plan(OPEN, *[lost_before] * 5)
    ran = world.run(playbook(ORDER))
    assert ran.cleanups == [("order", "done")]
    assert ran.captured("order") == {"order_id": world.wire.orders()[0]["id"]}
    assert world.wire.states() == ["CANCELED"]


def test_captures_that_cannot_be_made(world: World) -> None:
    """Where they can't be made from it either, the order is cancelled by its id and symbol."""
    ran = world.run(playbook(WITHOUT_CAPTURE))
    assert (ran.exit_code, ran.statuses()) == (1, {"order": "failed"})
    assert (ran.cleanups, world.wire.states()) == ([("order", "done")], ["CANCELED"])


def fill(world: World, contracts: str) -> None:
    world.wire.trade("500", contracts, SYMBOL)


@pytest.mark.parametrize(
    ("contracts", "state", "message"),
    [
        ("10", "FILLED", "10 of 10 contracts had traded before the cancel (buy at $0.5); they are a position now"),
        ("4", "CANCELED", "4 of 10 contracts had traded before the cancel (buy at $0.5); they are a position now"),
    ],
    ids=["filled", "partly"],
)
@pytest.mark.parametrize("text", [ORDER, WITHOUT_CAPTURE], ids=["captured", "not captured"])
def test_filled_is_not_cancelled(text: str, contracts: str, state: str, message: str, world: World) -> None:
    """A cleanup that meets an order that traded fails with its own message and what to do: exit 1, nothing owed."""
    world.wire.plan(CANCEL, first(lambda: fill(world, contracts)))
    world.wire.plan(SEARCH, first(lambda: None))
    ran = world.run(playbook(text))
    done = ran.of(CleanupDone)[0]
    assert (ran.exit_code, done.status, done.message) == (1, "failed", message)
    assert "position" in done.help
    assert world.wire.states() == [state]


def test_filled_before_it_is_found(world: World) -> None:
    """An order whose answer was lost, and that is found as filled by its cleanup, is a failure too."""
    world.wire.plan(INSERT, lost_after)
    world.wire.plan(OPEN, *[lost_before] * 5, first(lambda: fill(world, "10")))
    ran = world.run(playbook(ORDER))
    assert ran.cleanups == [("order", "failed")]
    assert "10 of 10 contracts had traded" in ran.result.cleanups[0].message


def test_filled_may_be_expected(world: World) -> None:
    """With `expect_unfilled: false` a fill is no failure of the cleanup."""
    world.wire.plan(CANCEL, first(lambda: fill(world, "4")))
    ran = world.run(playbook(ORDER.replace("symbol: SYMBOL}}", "symbol: SYMBOL, expect_unfilled: false}}")))
    assert (ran.exit_code, ran.cleanups) == (0, [("order", "done")])


OWED = {
    "refused": {CANCEL: says(403)},
    "not answered": {CANCEL: lost_before, OPEN: lost_before},
    "never over": {CANCEL: says(200, {})},
}


@pytest.mark.parametrize("faults", OWED.values(), ids=OWED)
def test_owed(faults: dict[str, object], world: World) -> None:
    """What can't be settled in 30 seconds stays owed: exit 4, with order id, symbol, participant and last state."""
    spoil = first(lambda: world.wire.always.update(faults))  # type: ignore[arg-type]
    world.wire.plan("GET /v1/health", spoil)
    ran = world.run(playbook(ORDER + "\n  - {id: health, action: check_health}"))
    assert (ran.exit_code, ran.status, ran.cleanups) == (4, "in_doubt", [("order", "owed")])
    owed = ran.result.cleanups[0]
    for wanted in (
        world.wire.orders()[0]["id"],
        SYMBOL,
        world.participant,
        "ORDER_STATE_NEW",
        ran.intended[0].clord_id,
    ):
        assert wanted in owed.message
    assert SYMBOL in owed.help
    assert ran.events[-1].duration_ms <= 35_000  # type: ignore[union-attr]


BRIEFLY = {
    "cancel": {CANCEL: [lost_before, says(503)]},
    "cancel with its answer lost": {CANCEL: [lost_after]},
    "cancel refused as too many": {CANCEL: [says(429)]},
    "reading back": {OPEN: [lost_before] * 4},
}


@pytest.mark.parametrize("faults", BRIEFLY.values(), ids=BRIEFLY)
@pytest.mark.parametrize("text", [ORDER, WITHOUT_CAPTURE], ids=["captured", "not captured"])
def test_trouble_that_passes(text: str, faults: dict[str, list[object]], world: World) -> None:
    """A cleanup is tried again while time is left, with its captures and without them."""
    for operation, each in faults.items():
        world.wire.plan(operation, None, None) if operation == OPEN else None
        world.wire.plan(operation, *each)  # type: ignore[arg-type]
    ran = world.run(playbook(text))
    assert (ran.cleanups, world.wire.states()) == ([("order", "done")], ["CANCELED"])


def test_stale_answer_is_not_believed(world: World) -> None:
    """A cancel that the venue answers with 409, since the order is over already, is done."""
    world.wire.plan(CANCEL, afterwards(lambda: world.clock.move(1), before=lost_after), None)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.cleanups) == (0, [("order", "done")])


def test_for_the_same_participant(world: World) -> None:
    """A cleanup acts for its step's participant."""
    text = ORDER.replace("action: place_order", f"action: place_order\n    participant: {BOB}")
    world.account = ""
    ran = world.run(playbook(text))
    assert ran.cleanups == [("order", "done")]
    assert {each.headers["x-participant-id"] for each in world.wire.of(CANCEL)} == {BOB}


@pytest.mark.parametrize(
    ("when", "status", "states"),
    [("inputs.tidy", "not_needed", ["NEW"]), ("not inputs.tidy", "done", ["CANCELED"])],
    ids=["not wanted", "wanted"],
)
def test_when(when: str, status: str, states: list[str], world: World) -> None:
    """A cleanup whose `when` does not hold is not owed, and leaves its order on purpose."""
    head = "inputs:\n  tidy: {type: boolean, default: false}"
    ran = world.run(playbook(ORDER.replace("cleanup: {", f"cleanup: {{when: {when}, "), head=head))
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (0, [("order", status)], states)


def test_list_of_acts(world: World) -> None:
    """A cleanup may have several acts, in their sequence."""
    text = ORDER.replace("cleanup: {", "cleanup:\n      - {action: log, with: {message: cleaning}}\n      - {")
    ran = world.run(playbook(text))
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (0, [("order", "done")], ["CANCELED"])


def test_cleanup_without_an_order(world: World) -> None:
    """A step without an order owes its cleanup from its start, whatever became of it."""
    step = """
  - id: note
    action: check_health
    expect: [result.status == "bad"]
    cleanup: {action: http, with: {method: GET, path: /v1/health}}
"""
    ran = world.run(playbook(step))
    assert (ran.exit_code, ran.cleanups, world.wire.count("GET /v1/health")) == (1, [("note", "done")], 2)


def test_cleanups_come_before_finally(world: World) -> None:
    """First what is owed, then `finally`; what `finally` owes is paid after it."""
    tail = "finally:" + OTHER
    ran = world.run(playbook(ORDER, tail=tail))
    told = [each for each in ran.events if isinstance(each, (CleanupDone, StepStarted))]
    assert [(type(each).__name__, each.path) for each in told] == [
        ("StepStarted", "order"),
        ("CleanupDone", "order"),
        ("StepStarted", "finally.second"),
        ("CleanupDone", "finally.second"),
    ]
    assert world.wire.states() == ["CANCELED", "CANCELED"]


def test_mistake_of_our_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that nobody meant is told as a bug, and what is owed is still paid."""
    world.wire.plan("GET /v1/health", changed(lambda body: 1 / 0))
    ran = world.run(playbook(ORDER + "\n  - {id: health, action: check_health}"))
    finished = ran.step("health").finished
    assert finished is not None
    assert finished.error is not None
    assert finished.error.kind == "bug"
    assert "ZeroDivisionError" in finished.error.message
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (3, [("order", "done")], ["CANCELED"])


@pytest.mark.parametrize("mistake", [BrokenPipeError("gone"), ValueError("a bug")], ids=["pipe", "bug"])
@pytest.mark.parametrize("at", ["RunStarted", "OrderIntended", "CallMade", "StepFinished", "CleanupDone"])
def test_whoever_listens_may_fail(at: str, mistake: Exception, world: World) -> None:
    """A closed pipe, or a mistake in a reporter, stops neither the run nor its cleanup, and is none of the run's."""

    def listen(event: Event) -> None:
        if type(event).__name__ == at:
            raise mistake

    world.listeners.append(listen)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (0, [("order", "done")], ["CANCELED"])
    assert ran.result.finished is not None
    assert ran.result.finished.error is None


CANCELLED = f"""
  - id: cancelled
    action: cancel_order
    with: {{order_id: "{{{{ order_id }}}}", symbol: {SYMBOL}}}
"""


def go_dark(world: World, seconds: float) -> None:
    """From the first cancel on the exchange can't be asked for so long."""

    def dark() -> None:
        world.wire.always.update({CANCEL: lost_before, OPEN: lost_before, SEARCH: lost_before})
        world.clock.at(world.clock.moved + seconds, world.wire.always.clear)

    world.wire.plan(CANCEL, first(dark, lost_before))


def test_cancel_in_doubt_that_the_cleanup_settles(world: World) -> None:
    """A cancel of which nothing was heard is in doubt no longer once the cleanup has seen the order's end."""
    go_dark(world, 65)
    ran = world.run(playbook(ORDER + CANCELLED))
    assert ran.statuses() == {"order": "passed", "cancelled": "in_doubt"}
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (3, [("order", "done")], ["CANCELED"])


def test_silence_is_noted_once(world: World) -> None:
    """A cancel that is asked for again and again says so once."""
    go_dark(world, 65)
    ran = world.run(playbook(ORDER + CANCELLED))
    assert len(ran.step("cancelled").notes) == 1


def test_cancel_in_doubt_that_nobody_settles(world: World) -> None:
    """An order that should be over and was last seen working is in doubt: exit 4, though its state was known before."""
    go_dark(world, 1000)
    unowed = "\n".join(line for line in ORDER.splitlines() if "cleanup" not in line)
    ran = world.run(playbook(unowed + CANCELLED))
    assert (ran.exit_code, ran.status) == (4, "in_doubt")
