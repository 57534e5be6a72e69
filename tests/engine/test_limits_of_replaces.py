"""A replace is held against the limits: the whole order as it will be, and in sum what it adds."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.conftest import Worlds
from engine.exchange import HEALTH, first, lost_before, says
from engine.test_limits import LOOKED_UP, one
from engine.test_replaces import REPLACE
from engine.world import SYMBOL, Alone, World, playbook
from runner.record.events import ReplaceIntended

ORDER = """
  - id: order
    action: place_order
    with: {symbol: "{{ chosen.symbol }}", side: SIDE, price: "{{ 0.5 * 1 }}", quantity: 10}
    capture: {order_id: result.order.id}
    cleanup: {action: cancel_order, with: {order_id: "{{ order_id }}", symbol: SYMBOL}}
"""


def order(side: str = "buy") -> str:
    return LOOKED_UP + ORDER.replace("SIDE", side)


def replaced(terms: str, at: int = 0) -> str:
    """A replace of which nothing is known before the run."""
    written = ", ".join(f'{name}: "{{{{ {value} * chosen.price_scale / 1000 }}}}"' for name, value in pairs(terms))
    return (
        f"\n  - {{id: replaced{at}, action: replace_order, "
        f'with: {{order_id: "{{{{ order_id }}}}", symbol: SYMBOL, {written}}}}}\n'
    )


def pairs(terms: str) -> list[list[str]]:
    return [each.split(": ") for each in terms.split(", ")]


CROSSED = {
    "exposure": ("{exposure: 5.99}", "buy", "price: 0.6", "6.0 dollars at risk in this run, and the limit `exposure`"),
    "exposure of a sale": ("{exposure: 5.99}", "sell", "price: 0.4", "6.0 dollars at risk in this run"),
    "quantity in sum": ("{exposure: 9.99}", "buy", "quantity: 20", "10.0 dollars at risk in this run"),
    "order exposure": ("{order_exposure: 5.99}", "buy", "price: 0.6", "6.0 dollars at risk in one order"),
    "order quantity": ("{order_quantity: 11}", "buy", "quantity: 12", "12 contracts in one order"),
    # Whatever trades at the old price before it is replaced, and the rest at the new one.
    "at the worst": ("{exposure: 8.99}", "buy", "price: 0.4, quantity: 20", "9.0 dollars at risk in this run"),
}


@pytest.mark.parametrize(("limits", "side", "terms", "message"), CROSSED.values(), ids=CROSSED)
def test_crossed(limits: str, side: str, terms: str, message: str, world: World) -> None:
    """A replace beyond a limit is refused before it is recorded: exit 5, and the order is cleaned up."""
    ran = world.run(playbook(order(side) + replaced(terms), head=f"limits: {limits}"))
    assert (ran.exit_code, ran.statuses()["replaced0"]) == (5, "refused")
    assert message in ran.error("replaced0")
    assert (world.wire.count(REPLACE), ran.of(ReplaceIntended), world.wire.states()) == (0, [], ["CANCELED"])


KEPT = {
    "exposure": ("{exposure: 6}", "buy", "price: 0.6"),
    "exposure of a sale": ("{exposure: 6}", "sell", "price: 0.4"),
    "order exposure": ("{order_exposure: 6, order_quantity: 10}", "buy", "price: 0.6"),
    "no further order": ("{orders: 1}", "buy", "price: 0.6"),
    "reduced": ("{exposure: 5}", "buy", "price: 0.4"),
    "smaller": ("{exposure: 5}", "buy", "quantity: 5"),
    "cheaper and more": ("{exposure: 9, order_exposure: 8}", "buy", "price: 0.4, quantity: 20"),
}


@pytest.mark.parametrize(("limits", "side", "terms"), KEPT.values(), ids=KEPT)
def test_kept(limits: str, side: str, terms: str, world: World) -> None:
    """A limit that is just reached is not crossed."""
    assert world.run(playbook(order(side) + replaced(terms), head=f"limits: {limits}")).exit_code == 0


def test_up_and_down(world: World) -> None:
    """What a replace took back is free again: going up and down adds nothing in sum."""
    steps = [replaced(f"price: {price}", at) for at, price in enumerate(["0.6", "0.5", "0.6", "0.4", "0.6"])]
    ran = world.run(playbook(order() + "".join(steps), head="limits: {exposure: 6}"))
    assert (ran.exit_code, world.wire.count(REPLACE)) == (0, 5)


@pytest.mark.parametrize(("fills", "status"), [("4", "passed"), ("5", "refused")])
def test_what_traded_before_stays(fills: str, status: str, world: World) -> None:
    """What traded at the old price counts at that, the rest at the new one."""
    world.wire.plan(HEALTH, first(lambda: world.wire.trade("500", fills, SYMBOL)))
    pause = "\n  - {id: pause, action: check_health}"
    # 4 at 0.50 and 6 at 0.10 are 2.60, 5 and 5 are 3.00; the other order is for 2.40.
    text = order() + pause + replaced("price: 0.1") + one(1, "0.24")
    ran = world.run(playbook(text, head="limits: {exposure: 5}"))
    assert (ran.statuses()["replaced0"], ran.statuses()["order1"]) == ("passed", status)


REFUSED = {"at once": says(422), "too many": says(429, retry_after="9999")}


@pytest.mark.parametrize("fault", REFUSED.values(), ids=REFUSED)
def test_refused_adds_nothing(fault: object, world: World) -> None:
    """What the venue never took puts nothing at risk."""
    world.wire.plan(REPLACE, fault)  # type: ignore[arg-type]
    text = order() + replaced("price: 0.6") + replaced("price: 0.6", 1)
    ran = world.run(playbook(text, head="defaults: {on_failure: continue}\nlimits: {exposure: 6}"))
    assert ran.statuses()["replaced1"] == "passed"


def test_lost_counts_on(world: World) -> None:
    """One whose answer was lost and that was not found counts on: nobody knows for certain."""
    world.wire.plan(REPLACE, lost_before)
    text = order() + replaced("price: 0.6") + replaced("price: 0.7", 1)
    ran = world.run(playbook(text, head="defaults: {on_failure: continue}\nlimits: {exposure: 7.5}"))
    assert (ran.statuses()["replaced0"], ran.statuses()["replaced1"]) == ("errored", "refused")


def test_order_of_another_run(worlds: Worlds) -> None:
    """Of an order that another run placed, what is added counts."""
    world = worlds()
    text = order().replace("cleanup", "help: x #")
    placed = world.run(playbook(text)).captured("order")["order_id"]
    world.run_id = "run-2"
    changing = LOOKED_UP + replaced("price: 0.6").replace("{{ order_id }}", placed)
    assert world.run(playbook(changing, head="limits: {exposure: 0.99, orders: 0}")).exit_code == 5
    ran = world.run(playbook(changing, head="limits: {exposure: 1, orders: 0}"))
    assert (ran.exit_code, ran.of(ReplaceIntended)[0].added) == (0, Decimal(1))


class Today(Alone):
    """Other runs of the firm have put this much at risk today."""

    def others_today(self, clord_id: str, firm: str, now: datetime) -> tuple[int, Decimal]:
        return 3, Decimal(10)


class Halted(Alone):
    """Somebody has pulled the switch since the order was placed."""

    halted = False

    def halted_since(self) -> datetime | None:
        return datetime(2026, 11, 22, 11, tzinfo=UTC) if self.halted else None


@pytest.mark.parametrize(("terms", "status"), [("price: 0.9", "passed"), ("price: 0.9, quantity: 12", "refused")])
def test_of_the_day(terms: str, status: str, worlds: Worlds) -> None:
    """What it adds counts in the trade day, too; the day's orders are not used up by it."""
    limits = "limits: {per_day: {exposure: 15, orders: 4}}"
    ran = worlds(shared=Today()).run(playbook(order() + replaced(terms), head=limits))
    assert (ran.statuses()["order"], ran.statuses()["replaced0"]) == ("passed", status)


def test_halt(worlds: Worlds) -> None:
    """The kill switch refuses replaces; the order is cleaned up all the same."""
    shared = Halted()
    world = worlds(shared=shared)
    world.wire.plan(HEALTH, first(lambda: setattr(shared, "halted", True)))
    pause = "\n  - {id: pause, action: check_health}"
    ran = world.run(playbook(order() + pause + replaced("price: 0.4")))
    assert (ran.exit_code, world.wire.count(REPLACE), world.wire.states()) == (5, 0, ["CANCELED"])
    assert "new orders are halted here" in ran.error("replaced0")


def test_clock(worlds: Worlds) -> None:
    """A clock that is far off the venue's refuses them, too."""
    world = worlds()
    world.wire.plan(HEALTH, first(lambda: setattr(world.wire, "clock_offset_ms", 31_000)))
    pause = "\n  - {id: pause, action: check_health}"
    ran = world.run(playbook(order() + pause + replaced("price: 0.4")))
    assert (ran.exit_code, world.wire.count(REPLACE)) == (5, 0)
