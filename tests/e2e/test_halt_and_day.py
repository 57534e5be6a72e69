"""The kill switch and the limits of a day, over processes: what all runs of a machine hold together."""

from __future__ import annotations

import time

import pytest

from e2e.conftest import SYMBOL, Exchange, Machine, Start

LOOP = f"""
version: 1
name: NAME
limits: LIMITS
steps:
  - id: place
    for_each: ITEMS
    action: place_order
    with: {{symbol: {SYMBOL}, side: buy, price: 0.01, quantity: 1}}
    capture: {{placed: result.order.id}}
    cleanup: {{action: cancel_order, with: {{order_id: "{{{{ placed }}}}", symbol: {SYMBOL}}}}}
"""


@pytest.fixture
def exchange(exchanges: Start) -> Exchange:
    """An exchange that many orders may go to."""
    return exchanges("--rates", "off")


def write(machine: Machine, name: str, items: int, limits: str) -> str:
    """A playbook that places so many orders; its file's name."""
    text = LOOP.replace("NAME", name).replace("LIMITS", limits).replace("ITEMS", str(list(range(items))))
    (machine.folder / f"{name}.yaml").write_text(text)
    return f"{name}.yaml"


def test_halt_stops_a_loop(machine: Machine, exchange: Exchange) -> None:
    """Before its next order, in a process that is under way; its cleanups still run. The next run sends none at all,
    until it is allowed again."""
    machine.env = exchange.env
    loop = write(machine, "loop", 400, "{orders: 400, exposure: 400}")
    with machine.started(loop) as process:
        ends = time.monotonic() + 20
        while not exchange.orders() and time.monotonic() < ends:
            time.sleep(0.02)
        assert machine.run("halt").returncode == 0
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (5, "")
    assert "new orders are halted here since 20" in out
    assert "`pmx-run unhalt` allows them again; cleanups go on" in out
    sent = len(exchange.orders())
    assert 0 < sent < 400
    assert exchange.open_orders() == []
    one = write(machine, "one", 1, "{orders: 1, exposure: 1}")
    done = machine.run(one)
    assert (done.returncode, len(exchange.orders())) == (5, sent)
    assert machine.run("unhalt").returncode == 0
    assert machine.run(one).returncode == 0
    assert len(exchange.orders()) == sent + 1


def test_the_last_orders_of_the_day(machine: Machine, exchange: Exchange) -> None:
    """Three playbooks at once that want four orders each, and seven for the day: seven are sent, and not one more."""
    machine.env = exchange.env
    limits = "{orders: 4, exposure: 1, per_day: {orders: 7}}"
    names = [write(machine, name, 4, limits) for name in ("one", "two", "three")]
    with machine.started(names[0]) as one, machine.started(names[1]) as two, machine.started(names[2]) as three:
        told = [process.communicate(timeout=60)[0] for process in (one, two, three)]
    assert sum("limit `per_day.orders` is 7" in each for each in told) == sum(
        process.returncode == 5 for process in (one, two, three)
    )
    assert {process.returncode for process in (one, two, three)} <= {0, 5}
    assert [order["state"] for order in exchange.orders()] == ["ORDER_STATE_CANCELED"] * 7


def test_exposure_of_the_day_is_released(machine: Machine, exchange: Exchange) -> None:
    """What was cancelled without a trade is at risk no more, in the next run either."""
    machine.env = exchange.env
    name = write(machine, "one", 1, "{orders: 1, exposure: 1, per_day: {exposure: 0.01}}")
    assert [machine.run(name).returncode for _ in range(3)] == [0, 0, 0]
    assert len(exchange.orders()) == 3
