"""A signal at any moment between an order's sending and its cancel leaves no order open, whatever hangs then."""

from __future__ import annotations

import contextlib
import signal
import time

import pytest

from e2e.conftest import QUICKSTART, Exchange, Machine
from e2e.proxy import Proxy

INSERT = "POST /v1/trading/orders"
CANCEL = "POST /v1/trading/orders/cancel"
OPEN = "GET /v1/trading/orders/open"
SEARCH = "POST /v1/report/orders/search"
TERM, INT = signal.SIGTERM, signal.SIGINT

MOMENTS = {
    "order": (INSERT, "", False, (TERM,)),
    "order that never arrives": (INSERT, "", True, (INT,)),
    "reading back": (OPEN, "", False, (TERM, INT)),
    "search": (SEARCH, "", False, (TERM, INT)),
    "cancel": (CANCEL, "", False, (INT,)),
    "cancel that never arrives": (CANCEL, "", True, (TERM,)),
    "reading the cancel back": (OPEN, CANCEL, False, (TERM, INT)),
}
TABLE = [
    pytest.param(operation, after, lost, number, id=f"{name}-{number.name}")
    for name, (operation, after, lost, numbers) in MOMENTS.items()
    for number in numbers
]


@pytest.mark.parametrize(("operation", "after", "lost", "number"), TABLE)
def test_hanging(
    operation: str, after: str, lost: bool, number: signal.Signals, exchange: Exchange, machine: Machine
) -> None:
    """The answer of one call (of the first after another one) hangs at a signal: its exit code, and no open order."""
    (machine.folder / "pmx.yaml").write_text("reconcile_window: 1s\n")
    machine.env = exchange.env
    with contextlib.closing(Proxy(exchange.env["PMX_BASE_URL"], operation, lost=lost, after=after)) as proxy:
        words = (str(QUICKSTART), "--config", "pmx.yaml")
        with machine.started(*words, PMX_BASE_URL=proxy.url) as process:
            assert proxy.reached.wait(20)
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (128 + number, "")
    assert "interrupted: " in out
    assert exchange.open_orders() == []
    assert proxy.counts[INSERT] == 1


@pytest.mark.parametrize("number", [TERM, INT], ids=lambda number: number.name)
@pytest.mark.parametrize("word", ["order", "found", "cancelled"])
def test_as_it_goes(word: str, number: signal.Signals, exchange: Exchange, machine: Machine) -> None:
    """The same without any hang, as soon as a step's line begins."""
    machine.env = exchange.env
    with machine.started(str(QUICKSTART)) as process:
        assert process.stdout
        seen = ""
        while word not in seen.rpartition("\n")[2]:
            seen += process.stdout.read(1)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert err == ""
    assert process.returncode in {128 + number, 0}
    assert exchange.open_orders() == []


def test_second_signal(exchange: Exchange, machine: Machine) -> None:
    """A second signal stops waiting: exit 4, and the order that is owed is named with what to do."""
    machine.env = exchange.env
    proxy = Proxy(exchange.env["PMX_BASE_URL"], OPEN, 1, 1000)
    with contextlib.closing(proxy), machine.started(str(QUICKSTART), PMX_BASE_URL=proxy.url) as process:
        assert proxy.reached.wait(20)
        process.send_signal(TERM)
        ends = time.monotonic() + 20
        while proxy.counts[OPEN] < 2 and time.monotonic() < ends:
            time.sleep(0.01)
        process.send_signal(TERM)
        began = time.monotonic()
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 4
    assert time.monotonic() - began < 5
    assert "STILL OWED after order" in out
    clord_id = exchange.orders()[0]["clordId"]
    assert f"cancel it by its order id and symbol {exchange.orders()[0]['symbol']}" in out
    assert clord_id in out
