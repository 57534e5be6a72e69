"""Limits at run time: what is really about to be sent is held against each of them, just before it is recorded."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.conftest import Worlds
from engine.exchange import CANCEL, HEALTH, INSERT, OPEN, first, lost_after, lost_before, says
from engine.world import ORDER, SYMBOL, World, plan_of, playbook
from runner.plan import Bound, Bounds

LOOKED_UP = "  - {id: chosen, action: get_instrument, with: {symbol: SYMBOL}, capture: {chosen: result.instrument}}\n"
ONE = """
  - id: orderAT
    action: place_order
    when: chosen.tradable
    with:
      symbol: "{{ chosen.symbol }}"
      side: buy
      price: "{{ PRICE * chosen.price_scale / 1000 }}"
      quantity: "{{ QUANTITY * chosen.price_scale / 1000 }}"
    capture: {idAT: result.order.id}
    cleanup: {action: cancel_order, with: {order_id: "{{ idAT }}", symbol: SYMBOL}}
"""


def one(at: int, price: str = "0.5", quantity: str = "10") -> str:
    """An order of which nothing is known before the run, at a price for a number of contracts."""
    return (
        ONE.replace("AT", str(at), 1).replace("idAT", f"id{at}").replace("PRICE", price).replace("QUANTITY", quantity)
    )


def orders(*terms: tuple[str, str]) -> str:
    return LOOKED_UP + "".join(one(at, *each) for at, each in enumerate(terms))


def cancelled(at: int) -> str:
    return f'\n  - {{id: gone{at}, action: cancel_order, with: {{order_id: "{{{{ id{at} }}}}", symbol: SYMBOL}}}}'


HALF = ("0.5", "10")
CROSSED = {
    "orders": ("{orders: 1}", [HALF, HALF], 1, "2 orders in this run, and the limit `orders` is 1"),
    "exposure": ("{exposure: 9.99}", [HALF, HALF], 1, "10.0 dollars at risk in this run, and the limit `exposure` is"),
    "order exposure": ("{order_exposure: 4.99}", [HALF], 0, "5.0 dollars at risk in one order"),
    "order quantity": ("{order_quantity: 9}", [HALF], 0, "10 contracts in one order"),
    "symbols": ("{symbols: ['other-*']}", [HALF], 0, "and the limit `symbols` allows other-*"),
    "zero": ("{orders: 0}", [HALF], 0, "1 orders in this run, and the limit `orders` is 0"),
}


@pytest.mark.parametrize(("limits", "terms", "sent", "message"), CROSSED.values(), ids=CROSSED)
def test_crossed(limits: str, terms: list[tuple[str, str]], sent: int, message: str, world: World) -> None:
    """An order beyond a limit is refused before it is recorded: exit 5, its place is named, and cleanups run."""
    ran = world.run(playbook(orders(*terms), head=f"limits: {limits}"))
    assert (ran.exit_code, ran.status) == (5, "refused")
    last = f"order{len(terms) - 1}"
    assert message in ran.error(last)
    finished = ran.step(last).finished
    assert finished is not None
    assert finished.error is not None
    assert "playbooks/tried.yaml:3:" in finished.error.help
    assert (world.wire.count(INSERT), len(ran.intended)) == (sent, sent)
    assert world.wire.states() == ["CANCELED"] * sent


KEPT = {
    "orders": ("{orders: 2}", [HALF, HALF]),
    "exposure": ("{exposure: 10}", [HALF, HALF]),
    "order exposure": ("{order_exposure: 5}", [HALF]),
    "order quantity": ("{order_quantity: 10}", [HALF]),
    "symbols": ("{symbols: ['tec-*-kc']}", [HALF]),
}


@pytest.mark.parametrize(("limits", "terms"), KEPT.values(), ids=KEPT)
def test_kept(limits: str, terms: list[tuple[str, str]], world: World) -> None:
    """A limit that is just reached is not crossed."""
    assert world.run(playbook(orders(*terms), head=f"limits: {limits}")).exit_code == 0


def test_sell_risks_what_it_may_have_to_pay(world: World) -> None:
    """A sale's exposure is what one minus the price comes to."""
    text = LOOKED_UP + one(0, "0.9").replace("side: buy", "side: sell")
    ran = world.run(playbook(text, head="limits: {exposure: 1}"))
    assert (ran.exit_code, ran.intended[0].exposure) == (0, Decimal(1))


def test_exposure_is_released_by_a_cancel(world: World) -> None:
    """What is known not to have traded is at risk no more; the number of orders stays."""
    text = orders(HALF) + cancelled(0) + one(1) + one(2)
    assert world.run(playbook(text, head="limits: {exposure: 10}")).exit_code == 0
    ran = world.run(playbook(text, head="limits: {orders: 2}"))
    assert (ran.exit_code, ran.statuses()["order2"]) == (5, "refused")


@pytest.mark.parametrize(("fills", "exit_code"), [("4", 0), ("5", 5)])
def test_filled_exposure_stays(fills: str, exit_code: int, world: World) -> None:
    """Of a cancelled order the part that traded stays at risk."""
    world.wire.plan(HEALTH, first(lambda: world.wire.trade("500", fills, SYMBOL)))
    text = orders(HALF) + "\n  - {id: pause, action: check_health}" + cancelled(0) + one(1)
    ran = world.run(playbook(text, head="limits: {exposure: 7.25}"))
    assert ran.exit_code == exit_code


@pytest.mark.parametrize("fault", [says(422), says(429, retry_after="9999")], ids=["refused", "too many"])
def test_refused_exposure_is_released(fault: object, world: World) -> None:
    """An order that the venue never took puts nothing at risk."""
    world.wire.plan(INSERT, fault)  # type: ignore[arg-type]
    text = playbook(orders(HALF, HALF), head="defaults: {on_failure: continue}\nlimits: {exposure: 5}")
    assert world.run(text).statuses()["order1"] == "passed"


def test_lost_exposure_stays(world: World) -> None:
    """One whose answer was lost and that was not found counts on: nobody knows for certain."""
    world.wire.plan(INSERT, lost_before)
    text = playbook(orders(HALF, HALF), head="defaults: {on_failure: continue}\nlimits: {exposure: 5}")
    assert world.run(text).statuses() == {"chosen": "passed", "order0": "errored", "order1": "refused"}


def test_strictest_wins(world: World) -> None:
    """Settings can tighten what the playbook states, and not the other way round."""
    strict = Bounds({"orders": Bound("orders", Decimal(1), "pmx.yaml:3:5")}, ())
    ran = world.perform(plan_of(playbook(orders(HALF, HALF), head="limits: {orders: 5}"), bounds=[strict]))
    assert (ran.exit_code, world.wire.count(INSERT)) == (5, 1)
    loose = Bounds({"orders": Bound("orders", Decimal(5), "pmx.yaml:3:5")}, ())
    ran = world.perform(plan_of(playbook(orders(HALF, HALF), head="limits: {orders: 1}"), bounds=[loose]))
    assert ran.exit_code == 5


def test_requests(world: World) -> None:
    """Calls beyond the limit are refused before they are sent; a try again is a call, a token is none."""
    world.wire.plan("GET /v1/whoami", says(503))
    text = "".join(f"  - {{id: it{at}, action: whoami}}\n" for at in range(4))
    ran = world.run(playbook(text, head="limits: {requests: 4}"))
    assert list(ran.statuses().values()) == ["passed", "passed", "passed", "refused"]
    assert (ran.exit_code, world.wire.count("GET /v1/whoami")) == (5, 4)
    assert "5 calls, and the limit `requests` is 4" in ran.error("it3")


def test_requests_that_do_not_count(world: World) -> None:
    """Reading an order back, its cleanup and `finally` use up nothing: a limit never leaves an order behind."""
    tail = "finally:\n  - {id: last, action: check_health}"
    ran = world.run(playbook(ORDER, head="limits: {requests: 2}", tail=tail))
    assert (ran.exit_code, ran.statuses(), ran.cleanups) == (
        0,
        {"order": "passed", "last": "passed"},
        [("order", "done")],
    )
    assert sum(world.wire.counts.values()) > 6


def test_reconciling_does_not_count(world: World) -> None:
    """Nor does looking for an order whose answer was lost."""
    world.wire.plan(INSERT, lost_after)
    world.wire.plan(OPEN, lost_before, lost_before)
    ran = world.run(playbook(ORDER, head="limits: {requests: 2}"))
    assert (ran.exit_code, world.wire.states()) == (0, ["CANCELED"])


def test_limit_between_intent_and_sending(world: World) -> None:
    """An order whose own call is one too many is not sent, and nothing is in doubt."""
    ran = world.run(playbook(ORDER, head="limits: {requests: 1}"))
    assert (ran.exit_code, world.wire.count(INSERT), world.wire.count(CANCEL)) == (5, 0, 0)
    assert not {status for _, status in ran.cleanups} & {"owed", "failed"}


@pytest.mark.parametrize(("offset", "exit_code"), [(30_000, 0), (-30_000, 0), (30_001, 5), (-31_000, 5), (None, 0)])
def test_clock(offset: int | None, exit_code: int, worlds: Worlds) -> None:
    """A clock that is more than 30 s off the venue's stops an order before it is sent; one that was not measured
    does not."""
    world = worlds()
    world.wire.clock_offset_ms = offset
    ran = world.run(playbook(ORDER))
    assert (ran.exit_code, world.wire.count(INSERT)) == (exit_code, int(exit_code == 0))
