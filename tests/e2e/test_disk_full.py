"""The journal's disk is full in mid-run: nothing new is begun, cleanups still run, and a later resume settles it."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable

import pytest

from e2e.conftest import Exchange, Machine, Start

PLAYBOOK = """
version: 1
name: two-orders
limits: {orders: 2, exposure: 1}
steps:
  - id: chosen
    action: list_instruments
    with: {tradable_filter: tradable, states: [open], limit: 1}
    capture: {symbol: "result.instruments[0].symbol"}
  - id: first
    action: place_order
    with: {symbol: "{{ symbol }}", side: buy, price: 0.01, quantity: 1}
    capture: {first_id: result.order.id}
    cleanup: {action: cancel_order, with: {order_id: "{{ first_id }}", symbol: "{{ symbol }}"}}
  - {id: pause, action: wait, with: {for: 300ms}}
  - id: second
    action: place_order
    with: {symbol: "{{ symbol }}", side: buy, price: 0.01, quantity: 1}
    capture: {second_id: result.order.id}
    cleanup: {action: cancel_order, with: {order_id: "{{ second_id }}", symbol: "{{ symbol }}"}}
"""
SMALLEST, LARGEST = 60_000, 320_000
"""Bytes that each of the journal's files may have: from hardly enough to begin to almost all that the run takes."""
ROOM_ENOUGH = 10_000_000


def limited(machine: Machine, limit: int) -> subprocess.CompletedProcess[str]:
    """The playbook, on a disk on which no file grows beyond a limit."""
    command = [sys.executable, "-m", "runner", "two.yaml", "--report", "json=report.json"]
    return subprocess.run(
        command,
        env=machine.environ(),
        cwd=machine.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )


@pytest.fixture
def exchange(exchanges: Start) -> Exchange:
    """An exchange that lets many runs through, one after the other."""
    return exchanges("--rates", "off")


def begin(machine: Machine, exchange: Exchange) -> None:
    """Make a playbook, and a state directory that was used before."""
    machine.env = exchange.env
    (machine.folder / "two.yaml").write_text(PLAYBOOK)
    assert machine.run("check", "two.yaml").returncode == 0


def full_at(limit: int, machine: Machine, exchange: Exchange) -> int:
    """One run with so much room, and the resume after it; the run's exit code."""
    before = len(exchange.orders())
    done = limited(machine, limit)
    seen = f"limit {limit}: {done.returncode}\n{done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr, seen
    assert "mistake of its own" not in done.stdout, seen
    assert done.returncode in {0, 2, 3}, seen
    assert exchange.open_orders() == [], seen
    sent = len(exchange.orders()) - before
    if done.returncode == 3:
        assert "journal" in done.stdout + done.stderr, seen
        assert "pmx-run resume" in done.stdout + done.stderr, seen
    resumed = machine.run("resume")
    assert resumed.returncode in {0, 3}, seen + resumed.stdout + resumed.stderr
    assert exchange.open_orders() == [], seen
    assert len(exchange.orders()) - before <= 2, seen
    assert len({order["clordId"] for order in exchange.orders()}) == len(exchange.orders())
    assert sent <= 2
    again = machine.run("resume")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", ""), seen
    return done.returncode


@pytest.mark.parametrize("limit", [70_000, 110_000, 130_000, 158_304, 10_000_000])
def test_at_some_points(limit: int, exchange: Exchange, machine: Machine) -> None:
    """A sample."""
    begin(machine, exchange)
    full_at(limit, machine, exchange)


@pytest.mark.proof
def test_all_along(exchange: Exchange, machine: Machine, record_property: Callable[[str, object], None]) -> None:
    """The whole: a limit for every second page that the write-ahead file grows by."""
    begin(machine, exchange)
    limits = [*range(SMALLEST, LARGEST, 8192), ROOM_ENOUGH]
    codes = [full_at(limit, machine, exchange) for limit in limits]
    record_property("limits", len(codes))
    record_property("runs that met a full disk", sum(code == 3 for code in codes))
    record_property("orders left open", len(exchange.open_orders()))
    assert {2, 3, 0} >= set(codes)
    assert codes[-1] == 0
