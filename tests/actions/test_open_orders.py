"""`list_open_orders` takes what `search_orders` takes, and both understand it alike."""

from __future__ import annotations

import pytest
from engine.world import World, playbook

TWO = """
  - {id: one, action: place_order, with: {symbol: SYMBOL, side: buy, price: 0.5, quantity: 10},
     capture: {a: result.order}}
  - {id: pause, action: wait, with: {for: 10s}}
  - {id: two, action: place_order, with: {symbol: SYMBOL, side: buy, price: 0.4, quantity: 10},
     capture: {b: result.order}}
"""
LIST = """
  - {id: list, action: ACTION, with: {symbol: SYMBOL, WITH}, capture: {found: 'result.orders | map(attribute="id")'}}
  - {id: right, action: assert, with: {that: ['found | sort == EXPECTED | sort']}}
"""
FILTERS = [
    ("", "[a.id, b.id]"),
    ("order_id: '{{ a.id }}'", "[a.id]"),
    ("clord_id: '{{ b.clord_id }}'", "[b.id]"),
    ("order_id: '{{ a.id }}', clord_id: '{{ b.clord_id }}'", "[]"),
    ("state_filter: open", "[a.id, b.id]"),
    ("state_filter: new", "[a.id, b.id]"),
    ("state_filter: filled", "[]"),
    ("state_filter: closed", "[]"),
    ("start: '{{ any(a.created_at) + duration(\"5s\") }}'", "[b.id]"),
    ("end: '{{ any(a.created_at) + duration(\"5s\") }}'", "[a.id]"),
    ("start: '{{ any(b.created_at) + duration(\"5s\") }}'", "[]"),
]


@pytest.mark.parametrize("action", ["list_open_orders", "search_orders"])
@pytest.mark.parametrize(("filters", "expected"), FILTERS, ids=[row[0] for row in FILTERS])
def test_filters(filters: str, expected: str, action: str, world: World) -> None:
    """Two orders, ten seconds apart."""
    steps = LIST.replace("ACTION", action).replace("WITH", filters).replace("EXPECTED", expected)
    ran = world.run(playbook(TWO + steps.replace(", }", "}")))
    assert (ran.exit_code, ran.statuses()["right"]) == (0, "passed"), ran.step("right").checks


@pytest.mark.parametrize("action", ["list_open_orders", "search_orders"])
def test_limit(action: str, world: World) -> None:
    """No more than so many."""
    ran = world.run(
        playbook(TWO + f"  - {{id: it, action: {action}, with: {{limit: 1}}, expect: [result.orders | length == 1]}}")
    )
    assert ran.exit_code == 0
