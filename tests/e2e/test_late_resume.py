"""A run that died long ago is settled and cleaned up, and nothing new is sent: the 03:00 order is not for 09:00."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from e2e.conftest import ROOT, Exchange, Machine

PLAYBOOK = (ROOT / "tests" / "chaos" / "playbooks" / "lifecycle.yaml").read_text(encoding="utf-8")
TWO = PLAYBOOK.partition("  - id: checked")[0].replace("orders: 1", "orders: 2").replace("for: 300ms", "for: 2s") + (
    "  - id: second\n"
    "    action: place_order\n"
    '    with: {symbol: "{{ chosen.symbol }}", side: buy, price: 0.02, quantity: 1}\n'
    "    capture: {second_id: result.order.id}\n"
    '    cleanup: {action: cancel_order, with: {order_id: "{{ second_id }}", symbol: "{{ chosen.symbol }}"}}\n'
)
MARKED = "environments: {preprod: {production: true}}\n"


def killed_while_it_waits(machine: Machine) -> None:
    """One order is there, the second one is to come."""
    with machine.started("two.yaml", "--yes") as process:
        assert process.stdout
        seen = ""
        while "pause" not in seen:
            seen += process.stdout.read(1)
        process.kill()


def let_pass(machine: Machine, hours: float) -> None:
    """The journal as it would look had the run died so long ago."""
    then = datetime.now(UTC) - timedelta(hours=hours)
    with closing(sqlite3.connect(machine.state / "journal.sqlite3")) as journal, journal:
        journal.execute("UPDATE runs SET last_at = ?", (then.isoformat(),))


@pytest.mark.parametrize(
    ("config", "hours", "code", "orders"),
    [
        pytest.param("", 0, 0, 2, id="at once"),
        pytest.param("", 6, 5, 1, id="six hours later"),
        pytest.param("", 0.1, 5, 1, id="six minutes later"),
        pytest.param("resume_within: 7h\n", 6, 0, 2, id="six hours later where seven are allowed"),
    ],
)
def test_resume(config: str, hours: float, code: int, orders: int, exchange: Exchange, machine: Machine) -> None:
    """The order that is there is cancelled in any case, without asking anybody (no `--yes`); the next one is sent only
    within `resume_within`, else its step is refused by name: exit 5."""
    machine.env = exchange.env
    (machine.folder / "two.yaml").write_text(TWO, encoding="utf-8")
    (machine.folder / "pmx.yaml").write_text(MARKED + config, encoding="utf-8")
    killed_while_it_waits(machine)
    let_pass(machine, hours)
    done = machine.run("resume")
    assert done.returncode == code, done.stdout + done.stderr
    assert [order["state"] for order in exchange.orders()] == ["ORDER_STATE_CANCELED"] * orders
    assert ("step `second` would change something" in done.stdout) == (code == 5)
    again = machine.run("resume")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


@pytest.mark.parametrize("hours", [0, 6])
def test_next_run(hours: float, exchange: Exchange, machine: Machine) -> None:
    """A new run of the playbook cleans up after the dead one first and performs nothing more of it."""
    machine.env = exchange.env
    (machine.folder / "two.yaml").write_text(TWO, encoding="utf-8")
    (machine.folder / "pmx.yaml").write_text(MARKED, encoding="utf-8")
    killed_while_it_waits(machine)
    let_pass(machine, hours)
    done = machine.run("two.yaml", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [order["state"] for order in exchange.orders()] == ["ORDER_STATE_CANCELED"] * 3
