"""An order is sent once. When its answer is lost it is looked for, and what is not known is said."""

from __future__ import annotations

from typing import Any

import pytest

from engine.conftest import Worlds
from engine.exchange import (
    INSERT,
    OPEN,
    SEARCH,
    TOKEN,
    Asked,
    Fault,
    Passing,
    changed,
    hangs,
    late,
    lost_after,
    lost_before,
    says,
    unconnected,
)
from engine.world import ORDER, SYMBOL, World, playbook
from runner.errors import Unreachable
from runner.record.events import CallMade, CleanupOwed, OrderIntended, OrderLost
from runner.venue.call import Answer

UNOWED = "\n".join(line for line in ORDER.splitlines() if "cleanup" not in line)


def garbage(passing: Passing) -> Answer:
    """The order is taken, and its answer can't be read."""
    passing.forward()
    raise Unreachable("the answer can't be used: it is not JSON", sent=True, status=200)


ORDERS_THAT_ARE_THERE = {
    "connection lost": lost_after,
    "hangs": hangs,
    "500": late(500),
    "502": late(502),
    "503": late(503),
    "504": late(504),
    "307": late(307),
    "302": late(302),
    "garbage": garbage,
    "no order id": changed(lambda body: {}),
    "order id of another type": changed(lambda body: {"orderId": 7}),
    "empty answer": changed(lambda body: None),
}


@pytest.mark.parametrize("fault", ORDERS_THAT_ARE_THERE.values(), ids=ORDERS_THAT_ARE_THERE)
def test_found(fault: Fault, world: World) -> None:
    """An order whose answer is of no use is found by its client order id, goes on as if nothing had happened, and is
    never sent again."""
    world.wire.plan(INSERT, fault)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.statuses()) == (0, {"order": "passed"})
    assert world.wire.count(INSERT) == 1
    assert world.wire.states() == ["CANCELED"]
    assert ran.captured("order")["order_id"] == world.wire.orders()[0]["id"]


ORDERS_THAT_ARE_NOT = {"connection lost": lost_before, "503": says(503), "redirect": says(307)}


@pytest.mark.parametrize("fault", ORDERS_THAT_ARE_NOT.values(), ids=ORDERS_THAT_ARE_NOT)
def test_not_found(fault: Fault, world: World) -> None:
    """Looks of both kinds over the whole window that all find nothing: the step is errored, exit 3, nothing is sent
    again and nothing is owed."""
    world.wire.plan(INSERT, fault)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.status, ran.statuses()) == (3, "errored", {"order": "errored"})
    assert "5 looks over 20 s did not find it" in ran.error("order")
    looks = world.wire.of(SEARCH)
    assert len(looks) == world.wire.count(OPEN) == 5
    assert looks[-1].at - looks[0].at >= 20
    assert {each.body["clordId"] for each in looks} == {ran.intended[0].clord_id}
    assert world.wire.count(INSERT) == 1
    assert world.wire.states() == []
    assert ran.cleanups == [("order", "not_needed")]
    assert ran.result.orders[0].state == "not_found"


BLIND = {
    "never asked": {OPEN: [lost_before] * 5},
    "one kind alone": {SEARCH: [says(503)] * 5},
    "twice asked": {OPEN: [lost_before, None, None, lost_before, lost_before]},
    "not at the window's end": {OPEN: [None, None, None, None, lost_before]},
    "not allowed to look": {SEARCH: [says(403)] * 5},
}


@pytest.mark.parametrize("faults", BLIND.values(), ids=BLIND)
def test_inconclusive(faults: dict[str, list[Fault | None]], world: World) -> None:
    """Fewer looks than that prove nothing: in doubt, exit 4, and the client order id is told."""
    world.wire.plan(INSERT, lost_before)
    for operation, each in faults.items():
        world.wire.plan(operation, *each)
    ran = world.run(playbook(UNOWED))
    assert (ran.exit_code, ran.status, ran.statuses()) == (4, "in_doubt", {"order": "in_doubt"})
    assert ran.of(OrderLost)[-1].verdict == "inconclusive"
    assert ran.intended[0].clord_id in ran.error("order")
    assert world.wire.count(INSERT) == 1


def test_inconclusive_with_a_cleanup(world: World) -> None:
    """The cleanup of an order in doubt looks for it as long as it may, and stays owed if that was in vain."""
    world.wire.plan(INSERT, lost_before)
    world.wire.always[OPEN] = lost_before
    ran = world.run(playbook(ORDER))
    assert ran.exit_code == 4
    assert ran.cleanups == [("order", "owed")]
    owed = ran.result.cleanups[0]
    assert ran.intended[0].clord_id in owed.message
    assert SYMBOL in owed.message
    assert world.participant in owed.message


def test_order_in_doubt_that_its_cleanup_finds(world: World) -> None:
    """An order that shows up only when the cleanup looks is cancelled; the doubt is gone, exit 3 for the step."""
    world.wire.plan(INSERT, lost_after)
    world.wire.plan(OPEN, *[lost_before] * 5)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.cleanups) == (3, [("order", "done")])
    assert world.wire.states() == ["CANCELED"]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 422])
def test_refused(status: int, world: World) -> None:
    """Any 4xx but 401 and 429 is a refusal: failed, exit 1, nothing owed, not looked for."""
    world.wire.plan(INSERT, says(status))
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.statuses()) == (1, {"order": "failed"})
    assert f"{status} made up: {status}" in ran.error("order")
    assert (world.wire.count(INSERT), world.wire.count(SEARCH)) == (1, 0)
    assert ran.cleanups == [("order", "not_needed")]


@pytest.mark.parametrize(
    ("fault", "exit_code", "sent"),
    [
        pytest.param([says(429)], 0, 2, id="429"),
        pytest.param([says(429, retry_after="7")], 0, 2, id="429-with-a-time"),
        pytest.param([says(429), says(429)], 3, 2, id="429-twice"),
        pytest.param([says(429, retry_after="3600")], 3, 1, id="429-beyond-the-steps-time"),
        pytest.param([says(401)], 0, 2, id="401"),
        pytest.param([says(401), says(401)], 3, 2, id="401-twice"),
        pytest.param([says(429), lost_after], 0, 2, id="429-then-lost"),
    ],
)
def test_not_carried_out(fault: list[Fault], exit_code: int, sent: int, world: World) -> None:
    """A 401 or 429 was not carried out: once more, under the same client order id, and no further time."""
    world.wire.plan(INSERT, *fault)
    ran = world.run(playbook(ORDER))
    assert ran.exit_code == exit_code
    inserts = world.wire.of(INSERT)
    assert len(inserts) == sent
    assert {each.body["clordId"] for each in inserts} == {ran.intended[0].clord_id}
    assert len(world.wire.states()) == (exit_code == 0)
    assert len(ran.intended) == 1


def test_retry_after_is_obeyed(world: World) -> None:
    """The second sending of a 429 waits as long as the venue asked for."""
    world.wire.plan(INSERT, says(429, retry_after="7"))
    world.run(playbook(ORDER))
    first, second = world.wire.of(INSERT)
    assert second.at - first.at >= 7


def test_401_gets_a_new_token(world: World) -> None:
    """The repeat of a write after a 401 carries a token that was fetched anew."""
    world.wire.plan(INSERT, says(401))
    world.run(playbook(ORDER))
    first, second = world.wire.of(INSERT)
    assert first.headers["authorization"] != second.headers["authorization"]
    assert world.wire.count(TOKEN) == 2


def test_not_connected(world: World) -> None:
    """No byte left: errored, exit 3, not looked for, nothing owed."""
    world.wire.plan(INSERT, unconnected)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.cleanups) == (3, [("order", "not_needed")])
    assert world.wire.count(SEARCH) == 0
    assert ran.of(OrderLost)[0].verdict == "not_sent"


def test_intent_is_recorded_before_the_call(worlds: Worlds) -> None:
    """When the order leaves, its intent with the exact body, and what is owed for it, stand in the record already."""
    world = worlds()
    seen: list[tuple[Asked, list[object]]] = []
    told: list[object] = []
    world.listeners.append(told.append)

    def look(passing: Passing) -> Answer:
        seen.append((world.wire.asked[-1], list(told)))
        return passing.forward()

    world.wire.plan(INSERT, look)
    world.run(playbook(ORDER))
    sent, before = seen[0]
    intended = next(each for each in before if isinstance(each, OrderIntended))
    assert intended.body == sent.body
    assert CleanupOwed("order", "order", intended.clord_id) in before
    assert not any(isinstance(each, CallMade) and each.url.endswith("/v1/trading/orders") for each in before)


def test_same_id_for_the_same_run_and_step(worlds: Worlds) -> None:
    """The client order id depends on where, who, which run and which step, and on nothing else."""

    def clord_id(run_id: str = "a", text: str = ORDER, participant: str = "") -> str:
        world = worlds(run_id=run_id)
        world.participant = participant or world.participant
        return world.run(playbook(text)).intended[0].clord_id

    other_step = ORDER.replace("id: order\n", "id: another\n")
    other_terms = ORDER.replace("price: 0.5", "price: 0.25")
    assert clord_id() == clord_id() == clord_id(text=other_terms)
    assert len({clord_id(), clord_id("b"), clord_id(text=other_step)}) == 3


READS_THAT_FAIL = {
    "not answered": [lost_before],
    "503": [says(503)],
    "429": [says(429)],
    "many times": [says(503)] * 8,
    "garbage": [changed(lambda body: {"orders": 7})],
}


@pytest.mark.parametrize("faults", READS_THAT_FAIL.values(), ids=READS_THAT_FAIL)
def test_reading_back_goes_on(faults: list[Fault], world: World) -> None:
    """A read-back that is not answered is followed by another: the order is there, and its state is wanted."""
    world.wire.plan(OPEN, *faults)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.statuses()) == (0, {"order": "passed"})
    assert world.wire.count(INSERT) == 1


@pytest.mark.parametrize("fault", [says(503), says(403)], ids=["503", "403"])
def test_order_that_is_never_read(fault: Fault, world: World) -> None:
    """An order that was taken and can't be read is in doubt, never passed."""
    world.wire.always[OPEN] = fault
    ran = world.run(playbook(UNOWED))
    assert (ran.exit_code, ran.statuses()) == (4, {"order": "in_doubt"})
    assert world.wire.orders()[0]["id"] in ran.error("order")


def pending(body: Any) -> object:
    return {"orders": [each | {"state": "ORDER_STATE_PENDING_NEW"} for each in body["orders"]]}


def test_order_that_stays_pending(world: World) -> None:
    """An order that the venue has not decided about in time is in doubt until its cleanup has settled it."""
    world.wire.always[OPEN] = changed(pending)
    ran = world.run(playbook(UNOWED.replace("quantity: 10", "quantity: 10, settle: 5s")))
    assert (ran.exit_code, ran.statuses()) == (4, {"order": "in_doubt"})
    assert "is still ORDER_STATE_PENDING_NEW after 5 s" in ran.error("order")


def test_doubt_that_is_cleaned_up(world: World) -> None:
    """What its cleanup cancelled is in doubt no longer: exit 3 for the step, not 4 for the run."""
    world.wire.plan(OPEN, *[says(503)] * 30)
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, ran.statuses(), ran.cleanups) == (3, {"order": "in_doubt"}, [("order", "done")])
    assert world.wire.states() == ["CANCELED"]


def test_rejected(world: World) -> None:
    """A rejected order fails its step with the venue's reason, and owes nothing."""
    ran = world.run(playbook(ORDER.replace("quantity: 10", "quantity: 100000000")))
    assert (ran.exit_code, ran.statuses()) == (1, {"order": "failed"})
    assert ran.error("order").startswith("the venue rejected the order: 1000000 USD available, requested 50000000")
    assert ran.cleanups == [("order", "not_needed")]
    assert ran.captured("order")["order_id"]


def test_no_token_no_intent(world: World) -> None:
    """An order for which no token can be had is not even recorded: it can't be in doubt."""
    look = (
        "  - {id: look, action: get_instrument, with: {symbol: SYMBOL}}\n  - {id: pause, action: wait, with: {for: 5m}}"
    )
    world.wire.plan(TOKEN, None, *[lost_before] * 3)
    ran = world.run(playbook(look + ORDER))
    assert (ran.exit_code, ran.intended, ran.cleanups, world.wire.count(INSERT)) == (3, [], [], 0)
    assert world.clock.moved < 310
