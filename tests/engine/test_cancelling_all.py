"""All open orders are cancelled by lists, and each is read back until the venue's own state says that it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

import pytest
from sandbox.bench import symbol

from engine.conftest import Worlds
from engine.exchange import (
    CANCEL,
    OPEN,
    SEARCH,
    Fault,
    afterwards,
    changed,
    first,
    hangs,
    late,
    lost_after,
    lost_before,
    says,
)
from engine.world import FAILING, SYMBOL, Ran, World, playbook
from runner.record.events import OrderSeen
from runner.venue.call import Answer

LIST = "POST /v1/trading/orders/cancel/list"
OTHER = symbol("buf")
PLACE = "  - {id: placeAT, action: place_order, with: {symbol: SYM, side: buy, price: 0.5, quantity: 10}}\n"
ALL = "  - {id: all, action: cancel_open_orders, capture: {orders: result.orders}WITH}\n"


def places(count: int, symbol: str = SYMBOL, since: int = 0) -> str:
    return "".join(PLACE.replace("AT", str(at)).replace("SYM", symbol) for at in range(since, since + count))


def cancels(written: str = "") -> str:
    return ALL.replace("WITH", written)


def learned(ran: Ran) -> str:
    finished = ran.step("all").finished
    assert finished is not None
    return finished.learned


COUNTS = {1: (0, 1), 2: (1, 0), 20: (1, 0), 21: (1, 1), 45: (3, 0)}


@pytest.mark.parametrize(("count", "calls"), COUNTS.items(), ids=[str(count) for count in COUNTS])
def test_cancelled(count: int, calls: tuple[int, int], world: World) -> None:
    """Twenty by one call, a single one by its own; none is left, and few searches are spent on it."""
    ran = world.run(playbook(places(count) + cancels(), head="limits: {exposure: 10000}"))
    assert (ran.exit_code, world.wire.states()) == (0, ["CANCELED"] * count)
    assert learned(ran) == ("1 order cancelled" if count == 1 else f"{count} orders cancelled")
    assert (world.wire.count(LIST), world.wire.count(CANCEL)) == calls
    assert world.wire.count(SEARCH) <= 3
    orders = ran.captured("all")["orders"]
    assert [each["id"] for each in orders] == [each["id"] for each in world.wire.orders()]
    assert {each["state"] for each in orders} == {"ORDER_STATE_CANCELED"}


def test_none_open(world: World) -> None:
    """Nothing to cancel is as good as all cancelled."""
    ran = world.run(playbook(cancels()))
    assert (ran.exit_code, learned(ran), ran.captured("all")) == (0, "no open orders", {"orders": []})
    assert world.wire.count(LIST) == world.wire.count(CANCEL) == 0


def test_of_one_instrument(world: World) -> None:
    """Only those that were asked for."""
    steps = places(2) + places(1, OTHER, since=2) + cancels(", with: {symbol: SYMBOL}")
    ran = world.run(playbook(steps))
    assert (ran.exit_code, world.wire.states()) == (0, ["CANCELED", "CANCELED", "NEW"])


def test_older_than(world: World) -> None:
    """Orders that were placed since are left."""
    pause = "  - {id: pause, action: wait, with: {for: 10m}}\n"
    ran = world.run(playbook(places(1) + pause + places(1, since=1) + cancels(", with: {older_than: 5m}")))
    assert (ran.exit_code, world.wire.states(), learned(ran)) == (0, ["CANCELED", "NEW"], "1 order cancelled")


def test_of_unknown_age(world: World) -> None:
    """Of which the venue does not tell the age, none is cancelled for it; that is told."""
    world.wire.always[OPEN] = changed(
        lambda body: {"orders": [{**each, "createTime": None} for each in body["orders"]]}
    )
    ran = world.run(playbook(places(1) + cancels(", with: {older_than: 1ms}")))
    assert (ran.exit_code, world.wire.states()) == (0, ["NEW"])
    assert "does not tell how old they are" in ran.step("all").notes[0]


def test_of_the_steps_account(world: World) -> None:
    """The venue is asked for the account's orders, acting for the step's participant."""
    world.run(playbook(places(1) + cancels()))
    asked = [each for each in world.wire.of(OPEN) if world.account in unquote(each.query)]
    assert len(asked) >= 2
    assert {each.headers["x-participant-id"] for each in asked} == {world.participant}


FAULTS: Mapping[str, tuple[Sequence[Fault], int, int]] = {
    "lost before": ([lost_before], 2, 0),
    "lost after": ([lost_after], 1, 0),
    "hangs": ([hangs], 1, 0),
    "503": ([says(503)], 2, 0),
    "504 after": ([late(504)], 1, 0),
    "redirect": ([says(307)], 2, 0),
    "429": ([says(429)], 2, 0),
    "401": ([says(401)], 2, 0),
    "lost many times": ([lost_before] * 4, 5, 0),
    "list refused": ([says(400)], 1, 2),
    "no such call": ([says(404)], 1, 2),
}


@pytest.mark.parametrize(("faults", "lists", "singles"), FAULTS.values(), ids=FAULTS)
def test_list_that_goes_wrong(faults: Sequence[Fault], lists: int, singles: int, world: World) -> None:
    """A cancel can only cancel once, so that it is asked for again until the orders are over; one by one where the
    venue takes no list."""
    world.wire.plan(LIST, *faults)
    ran = world.run(playbook(places(2) + cancels()))
    assert (ran.exit_code, world.wire.states(), learned(ran)) == (0, ["CANCELED"] * 2, "2 orders cancelled")
    assert (world.wire.count(LIST), world.wire.count(CANCEL)) == (lists, singles)


def test_not_allowed(world: World) -> None:
    """A client that may not cancel is told so at once."""
    world.wire.plan(LIST, says(403))
    ran = world.run(playbook(places(2) + cancels()))
    assert (ran.exit_code, ran.statuses()["all"], world.wire.states()) == (1, "failed", ["NEW"] * 2)


SINGLE = {
    "lost before": ([lost_before], 2),
    "lost after": ([lost_after], 1),
    "503": ([says(503)], 2),
    "409, and not over": ([says(409)], 2),
}


@pytest.mark.parametrize(("faults", "sent"), SINGLE.values(), ids=SINGLE)
def test_single_that_goes_wrong(faults: list[Fault], sent: int, world: World) -> None:
    """The same for one that is cancelled alone."""
    world.wire.plan(CANCEL, *faults)
    ran = world.run(playbook(places(1) + cancels()))
    assert (ran.exit_code, world.wire.states(), world.wire.count(CANCEL)) == (0, ["CANCELED"], sent)


READS = {
    "not answered": {OPEN: [None, lost_before, lost_before]},
    "503": {OPEN: [None, says(503)]},
    "search not answered": {SEARCH: [lost_before, says(503)]},
    "search refused": {SEARCH: [says(429)]},
}


@pytest.mark.parametrize("faults", READS.values(), ids=READS)
@pytest.mark.parametrize("count", [1, 5])
def test_reading_back_goes_on(count: int, faults: dict[str, list[Fault | None]], world: World) -> None:
    """An order is over when the venue says so, however often it has to be asked."""
    placing = 2 * count
    for operation, each in faults.items():
        world.wire.plan(operation, *([None] * placing if operation == OPEN else []), *each)
    ran = world.run(playbook(places(count) + cancels()))
    assert (ran.exit_code, world.wire.states()) == (0, ["CANCELED"] * count)


def test_not_over_in_time(world: World) -> None:
    """Orders that the exchange does not cancel are told, and in doubt: exit 4."""
    world.wire.always[LIST] = lambda passing: Answer(200, {}, {"responses": [{}, {}]})
    ran = world.run(playbook(places(2) + cancels(", timeout: 5s")))
    assert (ran.exit_code, ran.statuses()["all"]) == (4, "in_doubt")
    assert "2 orders asked to be cancelled and not over, 0 cancelled: " in ran.error("all")
    assert world.wire.count(LIST) == 3


def filled(world: World, quantity: str) -> Fault:
    """Somebody trades with the oldest order just when the cancels leave."""
    return first(lambda: world.wire.trade("500", quantity, SYMBOL))


@pytest.mark.parametrize(("quantity", "words"), [("10", "1 order cancelled, 1 filled"), ("4", "2 orders cancelled")])
def test_filled_is_not_cancelled(quantity: str, words: str, world: World) -> None:
    """What trades meanwhile is told as the position that it is; a step passes with it unless it expects otherwise."""
    world.wire.plan(LIST, filled(world, quantity))
    ran = world.run(playbook(places(2) + cancels()))
    assert (ran.exit_code, learned(ran)) == (0, words)
    traded = f"{quantity} of 10 contracts had traded before the cancel (buy at $0.5); they are a position now"
    assert ran.step("all").notes == (f"order {world.wire.orders()[0]['id']}: {traded}",)


def test_expect_unfilled(world: World) -> None:
    """With that, it is a failure."""
    world.wire.plan(LIST, filled(world, "20"))
    ran = world.run(playbook(places(3) + cancels(", with: {expect_unfilled: true}")))
    assert (ran.exit_code, ran.statuses()["all"], learned(ran)) == (1, "failed", "1 order cancelled, 2 filled")
    assert ran.error("all").endswith("they are a position now; so had 1 other order")


def test_as_a_cleanup(world: World) -> None:
    """It settles what the step owes: the order's own state is known then."""
    owing = places(1).replace("quantity: 10}}", "quantity: 10}, cleanup: {action: cancel_open_orders}}")
    ran = world.run(playbook(owing + FAILING))
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (1, [("place0", "done")], ["CANCELED"])


def test_cleanup_that_is_repeated(world: World) -> None:
    """A cleanup whose calls are not answered is tried again while there is time."""
    owing = places(1).replace("quantity: 10}}", "quantity: 10}, cleanup: {action: cancel_open_orders}}")
    world.wire.plan(OPEN, None, None, lost_before, lost_before)
    ran = world.run(playbook(owing))
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (0, [("place0", "done")], ["CANCELED"])


def test_in_finally_after_a_signal(world: World) -> None:
    """In `finally` it goes on to its end whatever happened before."""
    world.clock.at(0.1, world.terminate)
    tail = "finally:\n" + cancels()
    pause = "  - {id: pause, action: wait, with: {for: 1m}}\n"
    ran = world.run(playbook(places(3) + pause, tail=tail))
    assert (ran.exit_code, ran.statuses()["all"], world.wire.states()) == (143, "passed", ["CANCELED"] * 3)


def test_orders_of_the_run_owe_nothing_more(world: World) -> None:
    """An order that it has read as over needs no cleanup of its own."""
    cleanup = (
        'quantity: 10}, capture: {id: result.order.id}, cleanup: {action: cancel_order, with: {order_id: "{{ id }}"'
    )
    owing = places(1).replace("quantity: 10}}", f"{cleanup}, symbol: SYMBOL}}}}}}")
    ran = world.run(playbook(owing + cancels()))
    assert (ran.cleanups, world.wire.count(CANCEL)) == ([("place0", "not_needed")], 1)


def test_killed_and_done_again(worlds: Worlds) -> None:
    """Done again, it finds fewer orders, and cancels those."""
    world = worlds()
    assert world.run(playbook(places(2))).exit_code == 0
    world.wire.plan(LIST, afterwards(world.terminate))
    assert world.run(playbook(cancels())).exit_code == 143
    again = worlds()
    again.wire, again.clock = world.wire, world.clock
    ran = again.run(playbook(cancels()))
    assert (ran.exit_code, world.wire.states()) == (0, ["CANCELED"] * 2)


def test_states_are_told(world: World) -> None:
    """Each order's end is an event: a report of another run that knows the order agrees."""
    ran = world.run(playbook(places(2) + cancels()))
    told = [each for each in ran.of(OrderSeen) if each.path == "all" and each.state == "ORDER_STATE_CANCELED"]
    assert {each.order_id for each in told} == {each["id"] for each in world.wire.orders()}
    assert [each.state for each in ran.result.orders] == ["ORDER_STATE_CANCELED"] * 2
