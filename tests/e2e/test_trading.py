"""Preview, replace and cancel of all in whole processes: the report says what the exchange's own record says."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from reporters.schema import check

from e2e.conftest import Exchange, Machine, Start

PLAYBOOK = """\
version: 1
name: requote
limits: {orders: 3, exposure: 5.00, order_exposure: 1.00}
steps:
  - id: instruments
    action: list_instruments
    with: {tradable_filter: tradable, states: [open], limit: 1}
    capture: {chosen: "result.instruments[0]"}
  - id: preview
    action: preview_order
    with: {symbol: "{{ chosen.symbol }}", side: buy, price: 0.05, quantity: 10}
    expect: [result.order.quantity == 10]
  - id: order
    action: place_order
    with: {symbol: "{{ chosen.symbol }}", side: buy, price: 0.05, quantity: 10}
    capture: {order_id: result.order.id}
    cleanup: {action: cancel_order, with: {order_id: "{{ order_id }}", symbol: "{{ chosen.symbol }}"}}
  - id: higher
    action: replace_order
    with: {order_id: "{{ order_id }}", symbol: "{{ chosen.symbol }}", price: 0.06, quantity: 12}
    expect: [result.order.id == order_id, result.order.price == 0.06, result.order.quantity == 12]
  - id: others
    for_each: [0.02, 0.03]
    action: place_order
    with: {symbol: "{{ chosen.symbol }}", side: buy, price: "{{ item }}", quantity: 1}
finally:
  - id: tidy
    action: cancel_open_orders
    with: {symbol: "{{ chosen.symbol }}"}
    expect: ['result.orders | map(attribute="state") | unique == ["ORDER_STATE_CANCELED"]']
"""


def rows(orders: list[dict[str, Any]]) -> set[tuple[object, ...]]:
    return {tuple(order[name] for name in ("order_id", "clord_id", "state", "quantity", "price")) for order in orders}


def recorded(exchange: Exchange) -> set[tuple[object, ...]]:
    found: set[tuple[object, ...]] = set()
    for order in exchange.orders():
        got = {name.replace("_", "").lower(): value for name, value in order.items()}
        quantity = Decimal(got["orderqty"]) / (Decimal(got["fractionalquantityscale"]) or 1)
        price = Decimal(got["price"]) / Decimal(got["pricescale"])
        found.add((got["id"], got["clordid"], got["state"], quantity.normalize(), price.normalize()))
    return found


@pytest.mark.parametrize("dialect", ["published", "seed"])
def test_requoting(dialect: str, exchanges: Start, machine: Machine) -> None:
    """One playbook with all three against an exchange of its own; nothing is left open, and one row is one order."""
    exchange = exchanges("--dialect", dialect)
    machine.env = exchange.env
    Path(machine.folder / "requote.yaml").write_text(PLAYBOOK)
    done = machine.run("requote.yaml", "--env", "preprod", "--report", "json=report.json")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "no objection to buy 10 at $0.05" in done.stdout
    assert "REPLACED buy 12 at $0.06" in done.stdout
    assert "2 orders cancelled" in done.stdout
    report = json.loads((machine.folder / "report.json").read_text())
    check(report)
    told = [
        {**row, "quantity": Decimal(row["quantity"]).normalize(), "price": Decimal(row["price"]).normalize()}
        for row in report["orders"]
    ]
    assert rows(told) == recorded(exchange)
    assert (len(told), exchange.open_orders()) == (3, [])


def test_refused_by_check(machine: Machine) -> None:
    """A replace whose constants cross a limit is a mistake that is found before anything is sent."""
    (machine.folder / "requote.yaml").write_text(PLAYBOOK.replace("quantity: 12}", "quantity: 100}"))
    done = machine.run("check", "requote.yaml")
    assert done.returncode == 2
    assert "limit `order_exposure` would be crossed" in done.stderr + done.stdout
