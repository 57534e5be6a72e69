"""Loops: each item a step of its own, in sequence or several at once, and what is left of them afterwards."""

from __future__ import annotations

import signal
import threading

import pytest

from engine.exchange import INSERT, WHOAMI, afterwards, says
from engine.world import SYMBOL, World, playbook
from runner.record.events import CleanupDone, StepFinished

FIVE = """
  - id: place
    action: place_order
    for_each: [0.1, 0.2, 0.3, 0.4, 0.5]
    as: price
    with: {symbol: SYMBOL, side: buy, price: "{{ price }}", quantity: 1}
    capture: {order_id: result.order.id}
    cleanup: {action: cancel_order, with: {order_id: "{{ order_id }}", symbol: SYMBOL}}
"""
AT_ONCE = FIVE.replace("as: price", "as: price\n    concurrency: 3")


@pytest.mark.parametrize("text", [FIVE, AT_ONCE], ids=["in sequence", "at once"])
def test_each_item_is_an_order_of_its_own(text: str, world: World) -> None:
    """Five intents with five client order ids, five cleanups; the capture is the list of the items' values."""
    ran = world.run(playbook(text))
    assert ran.exit_code == 0
    assert [str(each.price) for each in sorted(ran.intended, key=lambda each: each.path)] == [
        *("0.1", "0.2", "0.3", "0.4", "0.5")
    ]
    assert len({each.clord_id for each in ran.intended}) == 5
    assert world.wire.states() == ["CANCELED"] * 5
    ids = {each["clordId"]: each["id"] for each in world.wire.orders()}
    by_path = {each.path: ids[each.clord_id] for each in ran.intended}
    assert ran.captured("place")["order_id"] == [by_path[f"place[{index}]"] for index in range(5)]


def test_cleanups_of_items_come_last_first(world: World) -> None:
    """Each item's cleanup sees the item's own capture."""
    ran = world.run(playbook(FIVE))
    assert [each.path for each in ran.of(CleanupDone)] == [f"place[{index}]" for index in (4, 3, 2, 1, 0)]


def test_a_failed_item_ends_the_loop(world: World) -> None:
    """The third is refused: two orders were placed and are cleaned up, the rest is skipped, the run fails."""
    world.wire.plan(INSERT, None, None, says(400, {"code": 3, "message": "no", "details": []}))
    ran = world.run(playbook(FIVE))
    assert ran.exit_code == 1
    items = ran.step("place").items
    assert [each.status for each in items] == ["passed", "passed", "failed", "skipped", "skipped"]
    assert ran.step("place").status == "failed"
    captured = ran.captured("place")["order_id"]
    assert [each is None for each in captured] == [False, False, True, True, True]
    assert world.wire.states() == ["CANCELED", "CANCELED"]


def test_a_loop_that_goes_on(world: World) -> None:
    """With `on_failure: continue` the others are performed, and what follows is, too."""
    world.wire.plan(INSERT, None, says(400, {"code": 3, "message": "no", "details": []}))
    text = FIVE.replace("as: price", "as: price\n    on_failure: continue")
    ran = world.run(playbook(text + "\n  - {id: after, action: whoami}"))
    assert ran.exit_code == 1
    assert [each.status for each in ran.step("place").items] == ["passed", "failed", "passed", "passed", "passed"]
    assert ran.step("after").status == "passed"


def test_when_is_judged_per_item(world: World) -> None:
    """The item is in sight; what was skipped makes null."""
    text = """
  - id: some
    action: set
    for_each: [1, 2, 3]
    when: item != 2
    with: {double: "{{ item * 2 }}", at: "{{ index }}"}
    capture: {doubled: result.double}
  - {id: seen, action: assert, with: {that: ["doubled == [2, none, 6]", "steps.some.result[2].at == 2"]}}
"""
    ran = world.run(playbook(text))
    assert (ran.exit_code, [each.status for each in ran.step("some").items]) == (0, ["passed", "skipped", "passed"])


@pytest.mark.parametrize(
    ("list_", "status", "error"),
    [
        ("[]", "passed", ""),
        ("any(run.id)", "errored", "`for_each` goes through a list"),
        ("run.nothing | default(5)", "errored", "`for_each` goes through a list"),
    ],
)
def test_lists(list_: str, status: str, error: str, world: World) -> None:
    """An empty list is done at once; anything else than a list is an error of the step."""
    text = f"  - {{id: it, action: set, for_each: '{list_}', with: {{a: 1}}, capture: {{b: result.a}}}}"
    if list_.startswith("run.nothing"):
        five = '  - {id: five, action: set, with: {n: "{{ any(5) }}"}, capture: {n: result.n}}\n'
        text = five + text.replace(list_, "n")
    ran = world.run(playbook(text))
    assert ran.step("it").status == status
    assert ran.error("it").startswith(error)


def test_a_loop_over_something_that_was_not_made_is_blocked(world: World) -> None:
    """The cause is named, and the loop is no error of its own."""
    text = """
  - {id: first, action: set, when: false, with: {a: [1]}, capture: {list: result.a}}
  - {id: then, action: set, for_each: list, with: {b: 1}}
"""
    ran = world.run(playbook(text))
    finished = ran.step("then").finished
    assert finished is not None
    assert (finished.status, finished.blocked_by, ran.exit_code) == ("blocked", "first", 0)


@pytest.mark.parametrize("text", [FIVE, AT_ONCE], ids=["in sequence", "at once"])
def test_a_signal_in_a_loop(text: str, world: World) -> None:
    """No further item begins, but for those that had begun beside it; what was placed is cleaned up."""
    world.wire.plan(INSERT, None, afterwards(world.terminate))
    ran = world.run(playbook(text))
    assert ran.exit_code == 128 + signal.SIGTERM
    assert set(world.wire.states()) == {"CANCELED"}
    assert text == AT_ONCE or [each.status for each in ran.step("place").items][2:] == ["skipped"] * 3


def test_limits_hold_at_once(world: World) -> None:
    """Items that run side by side are counted one after the other."""
    text = """
  - id: prices
    action: set
    with: {all: [0.1, 0.2, 0.3, 0.4, 0.5]}
    capture: {prices: result.all}
""" + AT_ONCE.replace("[0.1, 0.2, 0.3, 0.4, 0.5]", "prices")
    ran = world.run(playbook(text, head="limits: {orders: 3, exposure: 5}"))
    assert ran.exit_code == 5
    assert len(ran.intended) == 3
    assert world.wire.states() == ["CANCELED"] * 3


def test_at_most_so_many_at_once(world: World) -> None:
    """`concurrency: 3` means three."""
    together = threading.Barrier(3, timeout=10)
    most: list[int] = []

    def meet() -> None:
        together.wait()
        most.append(sum(thread.name.startswith("item") for thread in threading.enumerate()))

    world.wire.always[WHOAMI] = afterwards(meet)
    text = "  - {id: them, action: whoami, for_each: [1, 2, 3, 4, 5, 6], concurrency: 3}"
    ran = world.run(playbook(text))
    assert ran.exit_code == 0
    assert set(most) == {3}


def test_one_row_for_each(world: World) -> None:
    """Every item ends with an event of its own, and the loop after them."""
    ran = world.run(playbook(FIVE))
    assert [each.path for each in ran.of(StepFinished)] == [*(f"place[{index}]" for index in range(5)), "place"]
    assert {each.symbol for each in ran.intended} == {SYMBOL}
