"""A signal at any moment ends the run in good order; a second one stops waiting and says what is owed."""

from __future__ import annotations

import signal

import pytest

from engine.exchange import (
    CANCEL,
    HEALTH,
    INSERT,
    OPEN,
    SEARCH,
    Fault,
    afterwards,
    first,
    hangs,
    lost_after,
    lost_before,
    says,
)
from engine.world import ORDER, SYMBOL, World, playbook

CANCELLED = f"""
  - {{id: found, action: search_orders, with: {{symbol: {SYMBOL}}}}}
  - {{id: cancelled, action: cancel_order, with: {{order_id: "{{{{ order_id }}}}", symbol: {SYMBOL}}}}}
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("moment", range(1, 10))
@pytest.mark.parametrize("when", [first, afterwards])
def test_at_every_call(moment: int, number: int, when: object, world: World) -> None:
    """A signal just before or just after any call of a flow that places and cancels: no order stays open, and the exit
    code is the signal's."""
    calls = 0

    def signalled() -> None:
        nonlocal calls
        calls += 1
        if calls == moment:
            world.stop.request(number)

    for operation in ("POST /v1/refdata/instruments", INSERT, OPEN, SEARCH, CANCEL):
        world.wire.always[operation] = when(signalled)  # type: ignore[operator]
    ran = world.run(playbook(ORDER + CANCELLED))
    assert calls >= moment
    assert ran.exit_code == 128 + number
    assert set(world.wire.states()) <= {"CANCELED"}
    assert world.wire.count(INSERT) <= 1
    assert not {status for _, status in ran.cleanups} & {"owed", "failed"}


@pytest.mark.parametrize("fault", [lost_after, lost_before, hangs], ids=["after", "before", "hangs"])
@pytest.mark.parametrize("operation", [INSERT, OPEN, CANCEL])
def test_cut_by_the_signal(operation: str, fault: Fault, world: World) -> None:
    """The same when the signal cuts the call that it meets."""
    world.wire.plan(operation, first(world.terminate, fault))
    ran = world.run(playbook(ORDER + CANCELLED))
    assert (ran.exit_code, ran.status) == (143, "interrupted")
    assert set(world.wire.states()) <= {"CANCELED"}
    assert world.wire.count(INSERT) == 1


def test_rest_is_skipped(world: World) -> None:
    """No step begins after a signal; the one under way is errored, the rest skipped, `finally` runs."""
    world.wire.plan(HEALTH, first(world.terminate, lost_before))
    text = playbook(
        "  - {id: one, action: check_health}\n  - {id: two, action: whoami}",
        tail="finally:\n  - {id: last, action: check_health}",
    )
    ran = world.run(text)
    assert ran.statuses() == {"one": "errored", "two": "skipped", "last": "passed"}
    assert ran.exit_code == 143


def test_between_intent_and_sending(world: World) -> None:
    """A signal that comes when the order is recorded and not yet sent: it is not sent, and nothing is in doubt."""
    world.listeners.append(lambda event: world.terminate() if type(event).__name__ == "CleanupOwed" else None)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, world.wire.count(INSERT), ran.cleanups) == (143, 0, [("order", "not_needed")])
    assert ran.result.orders[0].state == "not_sent"


def test_while_waiting_after_a_429(world: World) -> None:
    """A signal during the wait that a 429 asked for: the order is not sent again, and nothing is in doubt."""
    world.wire.plan(INSERT, says(429, retry_after="20"))
    world.clock.at(5, world.terminate)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, world.wire.count(INSERT), ran.cleanups) == (143, 1, [("order", "not_needed")])
    assert world.clock.moved < 6


@pytest.mark.parametrize("moment", [1.0, 7.0, 18.0])
def test_while_reconciling(moment: float, world: World) -> None:
    """The look for a lost order goes on through a signal, over its whole window."""
    world.wire.plan(INSERT, lost_before)
    world.clock.at(moment, world.terminate)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.cleanups) == (143, [("order", "not_needed")])
    looks = world.wire.of(SEARCH)
    assert (len(looks), looks[-1].at - looks[0].at >= 20) == (5, True)


def test_during_the_cleanup(world: World) -> None:
    """A signal that cuts a read of the cleanup does not leave its order."""
    text = ORDER.replace("result.order.id}", "result.raw.never}")
    world.wire.plan(OPEN, None, None, first(world.terminate, lost_before))
    ran = world.run(playbook(text))
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (143, [("order", "done")], ["CANCELED"])


def test_all_that_follows_takes_45_seconds(world: World) -> None:
    """Cleanups and `finally` together end 45 seconds after the signal; what was not settled is owed."""
    steps = ORDER + "\n  - {id: pause, action: wait, with: {for: 1h}}"
    tail = "finally:\n  - {id: one, action: wait, with: {for: 20s}}\n  - {id: two, action: check_health}"
    world.clock.at(60, world.terminate)
    world.clock.at(60, lambda: world.wire.always.update({CANCEL: says(503), OPEN: hangs, HEALTH: hangs}))
    ran = world.run(playbook(steps, tail=tail))
    assert (ran.exit_code, ran.cleanups) == (4, [("order", "owed")])
    assert world.clock.moved <= 60 + 45.5


def test_finally_has_30_seconds(world: World) -> None:
    """`finally` as a whole has 30 seconds; a wait for longer is errored at once, a poll ends with the time."""
    tail = """finally:
  - {id: long, action: wait, with: {for: 10m}}
  - {id: poll, action: check_health, repeat: {until: result.status == "bad", every: 1s, within: 10m}}
"""
    ran = world.run(playbook("  - {id: one, action: check_health}", tail=tail))
    assert ran.statuses() == {"one": "passed", "long": "errored", "poll": "failed"}
    assert 25 <= world.clock.moved <= 31


def test_second_signal(world: World) -> None:
    """A second signal stops waiting: what is owed stays owed, exit 4, with the order's name."""
    world.wire.plan(OPEN, None, None, first(world.terminate), first(world.terminate))
    world.wire.always[CANCEL] = says(503)
    ran = world.run(playbook(ORDER))
    began = world.clock.moved
    assert (ran.exit_code, ran.cleanups) == (4, [("order", "owed")])
    assert world.wire.orders()[0]["id"] in ran.result.cleanups[0].message
    assert began < 3


def test_second_signal_with_nothing_owed(world: World) -> None:
    """With nothing owed the exit code is the first signal's, and `finally` is left out."""
    world.wire.plan(HEALTH, first(world.terminate, first(world.terminate, lost_before)))
    ran = world.run(
        playbook("  - {id: one, action: check_health}", tail="finally:\n  - {id: last, action: check_health}")
    )
    assert (ran.exit_code, ran.statuses()) == (143, {"one": "errored", "last": "skipped"})


def test_second_signal_while_reconciling(world: World) -> None:
    """An order whose answer was lost and that nobody waits for any more is in doubt: exit 4."""
    world.wire.plan(INSERT, lost_before)
    world.clock.at(1, world.terminate)
    world.clock.at(2, world.terminate)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.cleanups) == (4, [("order", "owed")])
    assert ran.result.orders[0].state == "inconclusive"
    assert world.clock.moved < 3


def test_signal_before_the_first_step(world: World) -> None:
    """A run that was told to stop before it began does nothing."""
    world.terminate()
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.statuses(), world.wire.asked) == (143, {"order": "skipped"}, [])
