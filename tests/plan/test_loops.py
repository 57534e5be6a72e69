"""Loops that look odd and are right: no alarm is raised for any of them."""

from __future__ import annotations

import pytest
from engine.world import plan_of, playbook

HEAD = "inputs: {symbols: {type: list, default: []}, markets: {type: object, default: {}}}"
PLACE = """
  - id: place
    title: "Order {{ index + 1 }} in {{ market.symbol }}"
    help: "Look at {{ market.symbol }}."
    for_each: inputs.symbols | slice(2) | first
    as: market
    concurrency: 5
    when: market.wanted and index < 10
    participant: "{{ market.participant }}"
    action: place_order
    timeout: "{{ market.timeout }}"
    with: {symbol: "{{ market.symbol }}", side: buy, price: "{{ market.price }}", quantity: "{{ index + 1 }}"}
    expect:
      - result.order.quantity == index + 1
      - {check: result.order.symbol == market.symbol, title: "{{ market.symbol }}", help: "{{ index }}"}
    capture: {order: result.order, order_id: order.id ~ index}
    cleanup:
      action: cancel_order
      title: "Undo {{ index }}"
      when: order.id != "" and market.wanted
      timeout: "{{ market.timeout }}"
      with: {order_id: "{{ order.id }}", symbol: "{{ steps.place.result.order.symbol }}"}
"""
ODD = {
    "everything of an item is seen in its step": PLACE,
    "what a loop made is a list": PLACE
    + """
  - id: after
    action: assert
    with:
      that:
        - steps.place.result | length == order | count
        - steps.place.result[0].order.id == order[0].id
        - order | reject("none") | map(attribute="id") | list == steps.place.order | select | map(attribute="id") | list
        - order_id[0] is defined and steps.place.status == "passed"
""",
    "a loop over what another loop made": """
  - {id: read, action: get_instrument, for_each: inputs.symbols, with: {symbol: "{{ item }}"}, capture: {read: result}}
  - {id: again, action: get_best_prices, for_each: read, with: {symbol: "{{ item.instrument.symbol }}"}}
  - {id: last, action: log, for_each: steps.again.result, with: {message: "{{ item.bid }} of {{ read[index] }}"}}
""",
    "an item's name is an input's, a step's and another loop's": """
  - {id: symbols, action: log, for_each: inputs.symbols, as: symbols, with: {message: "{{ symbols }}"}}
  - {id: b, for_each: [[1], null, {a: "{{ inputs.symbols }}"}], as: symbols, action: set, with: {a: "{{ symbols }}"}}
""",
    "texts that only look like expressions": """
  - {id: a, action: log, for_each: [item.symbol, index.html, a: b], with: {message: "{{ item }}"}}
  - {id: b, action: log, with: {message: item.symbol}}
""",
    "polling in a loop": """
  - id: poll
    action: search_orders
    for_each: inputs.symbols
    with: {symbol: "{{ item }}"}
    repeat: {until: result.orders | length > index, every: "{{ item }}", within: 5s}
""",
    "an input of a field of another": "  - {id: a, action: log, for_each: inputs.markets.open, with: {message: x}}",
}


@pytest.mark.parametrize("steps", ODD.values(), ids=ODD)
def test_right_but_odd(steps: str) -> None:
    """It is checked and planned without a word."""
    assert plan_of(playbook(steps, head=HEAD)).steps
