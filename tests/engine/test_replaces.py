"""A replace is sent once and read back until it is decided; whatever becomes of it, the right order is cleaned up."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sandbox.bench import SETTLE

from engine.conftest import Worlds
from engine.exchange import (
    CANCEL,
    OPEN,
    SEARCH,
    TOKEN,
    Asked,
    Fault,
    Passing,
    changed,
    first,
    hangs,
    late,
    lost_after,
    lost_before,
    says,
    unconnected,
)
from engine.world import FAILING, ORDER, SYMBOL, Ran, World, playbook
from runner.errors import Unreachable
from runner.record.events import CallMade, CleanupOwed, ReplaceIntended, ReplaceSettled
from runner.reporters.json_report import report
from runner.venue.call import Answer

REPLACE = "POST /v1/trading/orders/replace"
REPLACED = """
  - id: higher
    action: replace_order
    with: {order_id: "{{ order_id }}", symbol: SYMBOL, price: 0.6}
    capture: {new_price: result.order.price}
"""
WITHOUT_SETTLING = "\n".join(line for line in ORDER.splitlines() if "cleanup" not in line)


def agrees(world: World, ran: Ran) -> bool:
    """Whether each row of the report says of its order what the exchange's own record says."""
    rows = {row["order_id"]: row for row in report(ran.result)["orders"]}
    venue = {each["id"]: each for each in world.wire.orders()}
    assert rows.keys() == venue.keys()
    return all(told(rows[id]) == recorded(venue[id]) for id in rows)


def told(row: dict[str, Any]) -> tuple[object, ...]:
    numbers = [None if row[name] is None else Decimal(row[name]) for name in NUMBERS]
    return (row["clord_id"], row["state"], *numbers)


def recorded(order: dict[str, Any]) -> tuple[object, ...]:
    scale = Decimal(1000)
    price, average = (Decimal(order[name]) / scale or None for name in ("price", "avgPx"))
    return order["clordId"], order["state"], price, Decimal(order["orderQty"]), Decimal(order["cumQty"]), average


NUMBERS = ("price", "quantity", "filled_quantity", "average_price")


def verdicts(ran: Ran) -> list[str]:
    return [each.verdict for each in ran.of(ReplaceSettled)]


def test_carried_out(world: World) -> None:
    """The order has its new terms and client order id; its cleanup cancels it; its row agrees with the exchange."""
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, ran.statuses()) == (0, {"order": "passed", "higher": "passed"})
    order = world.wire.orders()[0]
    assert (order["price"], order["state"], order["clordId"]) == (
        "600",
        "ORDER_STATE_CANCELED",
        ran.of(ReplaceIntended)[0].clord_id,
    )
    assert (verdicts(ran), ran.cleanups, ran.captured("higher")) == (
        ["carried_out"],
        [("order", "done")],
        {"new_price": Decimal("0.6")},
    )
    assert agrees(world, ran)
    assert ran.result.orders[0].clord_ids == (ran.intended[0].clord_id, order["clordId"])


def test_several_replaces(world: World) -> None:
    """Each goes out once under an id of its own, and the order stays one row."""
    again = REPLACED.replace("higher", "lower").replace("0.6", "0.4, quantity: 5").replace("new_", "last_")
    ran = world.run(playbook(ORDER + REPLACED + again))
    assert (ran.exit_code, world.wire.count(REPLACE), agrees(world, ran)) == (0, 2, True)
    assert len(ran.result.orders[0].clord_ids) == 3


def forwarded(passing: Passing) -> Answer:
    return passing.forward()


def garbage(passing: Passing) -> Answer:
    passing.forward()
    raise Unreachable("the answer can't be used: it is not JSON", sent=True, status=200)


CARRIED_OUT = {
    "connection lost": lost_after,
    "hangs": hangs,
    "500": late(500),
    "502": late(502),
    "503": late(503),
    "504": late(504),
    "307": late(307),
    "garbage": garbage,
    "answer of another type": changed(lambda body: [7]),
}


@pytest.mark.parametrize("fault", CARRIED_OUT.values(), ids=CARRIED_OUT)
def test_found(fault: Fault, world: World) -> None:
    """A replace whose answer is of no use is found by what the order shows, and never sent again."""
    world.wire.plan(REPLACE, fault)
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, ran.statuses()) == (0, {"order": "passed", "higher": "passed"})
    assert (world.wire.count(REPLACE), verdicts(ran), agrees(world, ran)) == (1, ["carried_out"], True)
    assert world.wire.states() == ["CANCELED"]


NOT_THERE = {"connection lost": lost_before, "503": says(503), "redirect": says(307)}


@pytest.mark.parametrize("fault", NOT_THERE.values(), ids=NOT_THERE)
def test_not_found(fault: Fault, world: World) -> None:
    """Looks over the whole window that all show the order as it was: errored, exit 3; it is not sent again, and the
    order is cleaned up as ever."""
    world.wire.plan(REPLACE, fault)
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, ran.statuses()) == (3, {"order": "passed", "higher": "errored"})
    assert "5 looks over 20 s showed the order as it was" in ran.error("higher")
    looks = [each for each in world.wire.of(SEARCH) if each.body.get("clordId") == ran.of(ReplaceIntended)[0].clord_id]
    assert len(looks) == 5
    assert looks[-1].at - looks[0].at >= 20
    assert (world.wire.count(REPLACE), verdicts(ran), agrees(world, ran)) == (1, ["not_found"], True)
    assert (world.wire.orders()[0]["price"], world.wire.states()) == ("500", ["CANCELED"])


BLIND = {"not answered": lost_before, "not allowed": says(403)}


@pytest.mark.parametrize("fault", BLIND.values(), ids=BLIND)
def test_inconclusive(fault: Fault, world: World) -> None:
    """Fewer looks prove nothing: in doubt, exit 4, and both ids are told."""
    world.wire.plan(REPLACE, first(lambda: world.wire.always.update({OPEN: fault}), lost_before))
    ran = world.run(playbook(WITHOUT_SETTLING + REPLACED))
    assert (ran.exit_code, ran.statuses()) == (4, {"order": "passed", "higher": "in_doubt"})
    assert (verdicts(ran), world.wire.count(REPLACE)) == (["inconclusive"], 1)
    assert world.wire.orders()[0]["id"] in ran.error("higher")
    finished = ran.step("higher").finished
    assert finished is not None
    assert finished.error is not None
    assert ran.of(ReplaceIntended)[0].clord_id in finished.error.help


@pytest.mark.parametrize("fault", [lost_before, lost_after], ids=["never there", "carried out"])
def test_doubt_that_its_cleanup_settles(fault: Fault, world: World) -> None:
    """Once the order is cancelled nothing can come of the replace any more: exit 3 for the step, not 4."""
    world.wire.plan(REPLACE, fault)
    world.wire.plan(OPEN, None, None, None, *[lost_before] * 5)
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.statuses()["higher"], ran.exit_code, ran.cleanups) == ("in_doubt", 3, [("order", "done")])
    assert (world.wire.states(), agrees(world, ran)) == (["CANCELED"], True)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_refused_at_once(status: int, world: World) -> None:
    """Any 4xx but 401 and 429 is a refusal: failed with the venue's words, and the order works on unchanged."""
    world.wire.plan(REPLACE, says(status))
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, ran.statuses()) == (1, {"order": "passed", "higher": "failed"})
    assert f"{status} made up: {status}; the order works on unchanged: " in ran.error("higher")
    assert ran.error("higher").endswith("NEW buy 10 at $0.5")
    assert (ran.captured("higher"), verdicts(ran)) == ({"new_price": Decimal("0.5")}, ["refused"])
    assert (world.wire.count(REPLACE), world.wire.states(), agrees(world, ran)) == (1, ["CANCELED"], True)


REFUSED_LATER = {"money": "quantity: 10000000", "post-only": "price: 0.9, post_only: true"}


@pytest.mark.parametrize("terms", REFUSED_LATER.values(), ids=REFUSED_LATER)
@pytest.mark.parametrize("settle", [0.0, 0.3], ids=["at once", "after a while"])
def test_refused_by_the_exchange(settle: float, terms: str, world: World) -> None:
    """One that the exchange took and did not carry out is told as soon as the order shows that it was asked."""
    world.wire.trade("800", "5", SYMBOL)
    if settle:
        pending = [changed(as_pending)] * 3
        world.wire.plan(OPEN, None, None, *pending)
    ran = world.run(playbook(ORDER + REPLACED.replace("price: 0.6", terms)))
    assert (ran.exit_code, ran.statuses()["higher"]) == (1, "failed")
    assert ran.error("higher").startswith("the venue did not carry the replace out: it gave no reason; the order works")
    assert (verdicts(ran), world.wire.count(REPLACE), agrees(world, ran)) == (["refused"], 1, True)
    assert world.clock.moved < 2


def as_pending(body: Any) -> object:
    return {"orders": [each | {"state": "ORDER_STATE_PENDING_REPLACE"} for each in body["orders"]]}


def test_reason_of_a_refusal(world: World) -> None:
    """The text of the order's last execution is told, if that is a reject."""
    execution = {"type": "EXECUTION_TYPE_REJECTED", "text": "1000 USD available, requested 5000"}

    def with_reason(body: Any) -> object:
        order = body["order"]
        return body | {"lastExecutions": [{**execution, "id": "E", "order": each} for each in order]}

    world.wire.always[SEARCH] = changed(with_reason)
    ran = world.run(playbook(WITHOUT_SETTLING + REPLACED.replace("price: 0.6", "quantity: 10000000")))
    assert "did not carry the replace out: 1000 USD available, requested 5000; the order" in ran.error("higher")


def test_never_processed(world: World) -> None:
    """One that was acknowledged and of which nothing ever shows is taken as rejected after six seconds: the exchange
    rejects what it has not done within five."""
    world.wire.plan(REPLACE, lambda passing: Answer(200, {}, {}))
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, verdicts(ran)) == (1, ["refused"])
    assert 6 < world.clock.moved < 8


def test_not_decided_in_time(world: World) -> None:
    """With less time than that it is in doubt, and settled at the end of the run if the order shows by then."""
    world.wire.plan(REPLACE, lambda passing: Answer(200, {}, {}))
    ran = world.run(playbook(WITHOUT_SETTLING + REPLACED.replace("0.6", "0.6, settle: 2s")))
    assert (ran.exit_code, ran.statuses()["higher"]) == (4, "in_doubt")
    assert "is not decided after 2 s; the order is ORDER_STATE_NEW" in ran.error("higher")


@pytest.mark.parametrize(
    ("faults", "exit_code", "sent"),
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
def test_not_carried_out(faults: list[Fault], exit_code: int, sent: int, world: World) -> None:
    """A 401 or 429 was not carried out: once more, under the same client order id, and no further time."""
    world.wire.plan(REPLACE, *faults)
    ran = world.run(playbook(ORDER + REPLACED))
    assert ran.exit_code == exit_code
    bodies = [each.body for each in world.wire.of(REPLACE)]
    assert len(bodies) == sent
    assert all(body == bodies[0] for body in bodies)
    assert (len(ran.of(ReplaceIntended)), world.wire.states(), agrees(world, ran)) == (1, ["CANCELED"], True)


def test_not_connected(world: World) -> None:
    """No byte left: errored, exit 3, not looked for."""
    world.wire.plan(REPLACE, unconnected)
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, verdicts(ran), world.wire.count(SEARCH)) == (3, ["not_sent"], 1)


def test_intent_is_recorded_before_the_call(world: World) -> None:
    """When the replace leaves, its intent with the exact body, and what is owed for it, stand in the record."""
    seen: list[tuple[Asked, list[object]]] = []
    told: list[object] = []
    world.listeners.append(told.append)

    def look(passing: Passing) -> Answer:
        seen.append((world.wire.asked[-1], list(told)))
        return passing.forward()

    world.wire.plan(REPLACE, look)
    cleanup = '    cleanup: {action: cancel_order, with: {order_id: "{{ order_id }}", symbol: SYMBOL}}\n'
    world.run(playbook(ORDER + REPLACED + cleanup))
    sent, before = seen[0]
    intended = next(each for each in before if isinstance(each, ReplaceIntended))
    assert intended.body == sent.body
    assert CleanupOwed("higher", "higher", intended.clord_id) in before
    assert not any(isinstance(each, CallMade) and each.url.endswith("/replace") for each in before)


def test_no_token_no_intent(world: World) -> None:
    """A replace for which no token can be had is not recorded."""
    pause = "\n  - {id: pause, action: wait, with: {for: 5m}}"
    world.wire.plan(TOKEN, None, *[lost_before] * 3)
    ran = world.run(playbook(ORDER + pause + REPLACED))
    assert (ran.exit_code, ran.of(ReplaceIntended), world.wire.count(REPLACE)) == (3, [], 0)


def bought(world: World) -> None:
    world.wire.trade("500", "10", SYMBOL)


def being_bought(world: World) -> None:
    """It trades a moment after the exchange has taken the replace."""
    bought(world)
    world.clock.moved -= SETTLE.total_seconds()


FILLED: dict[str, tuple[Callable[[World], None], Fault, str]] = {
    "just before it": (bought, forwarded, "409 the order has already"),
    "while it is under way": (being_bought, forwarded, "it gave no"),
    "and its answer is lost": (bought, lost_before, "it gave no"),
}


@pytest.mark.parametrize(("act", "fault", "reason"), FILLED.values(), ids=FILLED)
def test_filled_meanwhile(act: Callable[[World], None], fault: Fault, reason: str, world: World) -> None:
    """An order that fills before it is replaced is told as the position that it is."""
    world.wire.plan(REPLACE, first(lambda: act(world), fault))
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, ran.statuses()["higher"], world.wire.states()) == (1, "failed", ["FILLED"])
    assert reason in ran.error("higher")
    assert "is FILLED: 10 of 10 contracts had traded before the replace (buy at $0.5)" in ran.error("higher")
    assert (ran.cleanups, agrees(world, ran)) == ([("order", "not_needed")], True)


def test_filled_in_part_meanwhile(world: World) -> None:
    """What trades while an order is replaced is told, and counts as traded of the whole order."""
    world.wire.plan(REPLACE, first(lambda: world.wire.trade("500", "4", SYMBOL)))
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.statuses()["higher"], world.wire.states()) == ("passed", ["CANCELED"])
    assert ran.step("higher").notes == (
        "4 of 10 contracts traded while the order was replaced; they are a position now",
    )
    assert agrees(world, ran)


def test_replaced_and_filled(world: World) -> None:
    """A replace that trades at once is carried out, and its order is filled."""
    world.wire.trade("550", "10", SYMBOL)
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, ran.statuses()["higher"], world.wire.states()) == (0, "passed", ["FILLED"])
    assert agrees(world, ran)


def test_over_already(world: World) -> None:
    """An order that is over is not asked to be replaced."""
    over = '\n  - {id: gone, action: cancel_order, with: {order_id: "{{ order_id }}", symbol: SYMBOL}}'
    ran = world.run(playbook(ORDER + over + REPLACED))
    assert (ran.exit_code, ran.of(ReplaceIntended), world.wire.count(REPLACE)) == (1, [], 0)
    assert ran.error("higher").startswith("the order can't be replaced, nothing was sent; order ")
    assert ran.error("higher").endswith("is CANCELED")


def test_not_there(world: World) -> None:
    """Nor is one that the venue does not show."""
    ran = world.run(playbook(REPLACED.replace('"{{ order_id }}"', "NOTHING")))
    assert (ran.exit_code, ran.error("higher")) == (1, f"the venue shows no order NOTHING in {SYMBOL}")


def test_order_without_captures(world: World) -> None:
    """An order whose captures were never made is found for its cleanup by the id that the venue has for it: its client
    order id is another one since it was replaced."""
    order = ORDER.replace("result.order.id", "any(1 / result.order.filled_quantity)")
    find = "\n  - {id: find, action: list_open_orders, capture: {one: 'result.orders[0].id'}}"
    text = playbook(order + find + REPLACED.replace("order_id }}", "one }}"), head="defaults: {on_failure: continue}")
    ran = world.run(text)
    assert ran.statuses() == {"order": "failed", "find": "passed", "higher": "passed"}
    assert (ran.cleanups, world.wire.states(), agrees(world, ran)) == ([("order", "done")], ["CANCELED"], True)


def test_own_cleanup(world: World) -> None:
    """A replace may be undone by a replace of its own, before its order's cleanup."""
    back = """    cleanup:
      - {action: replace_order, with: {order_id: "{{ order_id }}", symbol: SYMBOL, price: 0.5}}
"""
    ran = world.run(playbook(ORDER + REPLACED + back + FAILING))
    assert (ran.exit_code, ran.cleanups) == (1, [("higher", "done"), ("order", "done")])
    assert (world.wire.count(REPLACE), world.wire.orders()[0]["price"], agrees(world, ran)) == (2, "500", True)


def test_own_cleanup_of_a_refused_one(world: World) -> None:
    """A replace that was not carried out leaves nothing to undo."""
    back = '    cleanup: {action: cancel_order, with: {order_id: "{{ order_id }}", symbol: SYMBOL}}\n'
    world.wire.plan(REPLACE, says(422))
    ran = world.run(playbook(ORDER + REPLACED + back))
    assert ran.cleanups == [("higher", "not_needed"), ("order", "done")]
    assert ran.result.cleanups[1].message == "the replace was not carried out"


class Renaming:
    """An exchange that gives a replaced order another id, under which alone it is known then."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.cancelled: list[str] = []
        world.wire.always |= {OPEN: changed(self._shown), SEARCH: self._search, CANCEL: self._cancel}

    def _shown(self, body: Any) -> Any:
        return {"orders": [self._renamed(each) for each in body["orders"]]}

    def _search(self, passing: Passing) -> Answer:
        passing.clock.move(0.005)
        wanted = self._world.wire.asked[-1].body
        found = [self._renamed(each) for each in self._world.wire.orders()]
        matching = [each for each in found if wanted.get("orderId", each["id"]) == each["id"]]
        matching = [each for each in matching if wanted.get("clordId", each["clordId"]) == each["clordId"]]
        return Answer(200, {}, {"order": matching, "nextPageToken": "", "lastExecutions": []})

    def _cancel(self, passing: Passing) -> Answer:
        order_id = str(self._world.wire.asked[-1].body["orderId"])
        self.cancelled.append(order_id)
        if not order_id.endswith("-2"):
            return says(404)(passing)
        body = {"orderId": order_id.removesuffix("-2"), "symbol": SYMBOL}
        self._world.wire._ask("/v1/trading/orders/cancel", body, self._world.participant)
        return Answer(200, {}, {})

    @staticmethod
    def _renamed(order: Any) -> Any:
        return {**order, "id": f"{order['id']}-2"} if order["price"] == "600" else order


def test_another_id_at_the_venue(world: World) -> None:
    """Should the venue give the replaced order another id, that one is told, and cancelled."""
    exchange = Renaming(world)
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, ran.cleanups, world.wire.states()) == (0, [("order", "done")], ["CANCELED"])
    order_id = world.wire.orders()[0]["id"]
    assert exchange.cancelled == [f"{order_id}-2"]
    assert ran.step("higher").notes == (f"order {order_id} is {order_id}-2 since it was replaced",)
    assert [(each.order_id, each.state) for each in ran.result.orders] == [(f"{order_id}-2", "ORDER_STATE_CANCELED")]


def test_another_id_of_an_order_in_doubt(world: World) -> None:
    """Also when the answer to the replace was lost."""
    exchange = Renaming(world)
    world.wire.plan(REPLACE, lost_after)
    ran = world.run(playbook(ORDER + REPLACED))
    assert (ran.exit_code, world.wire.states(), len(set(exchange.cancelled))) == (0, ["CANCELED"], 1)


def test_order_of_another_run(worlds: Worlds) -> None:
    """An order that another run left can be replaced; it is the run's own row from then on."""
    world = worlds()
    placed = world.run(playbook(WITHOUT_SETTLING)).captured("order")["order_id"]
    world.run_id = "run-2"
    text = REPLACED.replace("{{ order_id }}", placed)
    owing = text + f"    cleanup: {{action: cancel_order, with: {{order_id: {placed}, symbol: SYMBOL}}}}\n"
    ran = world.run(playbook(owing))
    assert (ran.exit_code, world.wire.states(), agrees(world, ran)) == (0, ["CANCELED"], True)
    assert ran.result.orders[0].intended.path == "higher"
