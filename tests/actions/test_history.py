"""What happened to orders: filters that the venue does not have are applied to all that it lists."""

from __future__ import annotations

from typing import Any

from engine.exchange import SEARCH, changed
from engine.world import SYMBOL, World, playbook

TRADES = "POST /v1/report/trades/search"
STEPS = """
  - {id: order, action: place_order, with: {symbol: SYMBOL, side: buy, price: 0.5, quantity: 3}}
  - id: trades
    action: search_trades
    with: {types: [block], limit: 1}
    capture: {ids: 'result.trades | map(attribute="id")'}
"""


def test_limit_counts_trades_of_the_type(world: World) -> None:
    """The limit is on what matches, not on what was looked at."""
    for _ in range(3):
        world.wire.trade("400", "1", SYMBOL)

    def of_two_types(body: Any) -> object:
        types = ["TRADE_TYPE_REGULAR", "TRADE_TYPE_BLOCK", "TRADE_TYPE_BLOCK"]
        listed = [{**each, "tradeType": type} for each, type in zip(body["trade"], types, strict=True)]
        seen.extend(each["id"] for each in listed)
        return body | {"trade": listed}

    seen: list[str] = []
    world.wire.plan(TRADES, changed(of_two_types))
    ran = world.run(playbook(STEPS))
    assert (ran.exit_code, ran.captured("trades")) == (0, {"ids": [seen[1]]})
    assert world.wire.of(TRADES)[0].body["pageSize"] == 5000


BY_OUR_ID = """
  - id: order
    action: place_order
    with: {symbol: SYMBOL, side: buy, price: 0.5, quantity: 3}
    capture: {ours: result.order.clord_id, theirs: result.order.id}
  - {id: other, action: place_order, with: {symbol: SYMBOL, side: buy, price: 0.5, quantity: 2}}
  - id: trades
    action: search_trades
    with: {clord_id: "{{ ours }}", symbol: SYMBOL}
    expect:
      - result.trades | map(attribute="aggressor") | reject("none") | map(attribute="order.id") | unique == [theirs]
      - result.trades | length == 3
  - id: none
    action: search_trades
    with: {clord_id: "{{ ours }}x"}
    expect: ['result.trades == []']
  - id: neither
    action: search_trades
    with: {clord_id: "{{ ours }}", order_id: "{{ theirs }}x"}
    expect: ['result.trades == []']
"""


def test_trades_of_an_order_by_our_own_id(world: World) -> None:
    """The venue knows trades by its own ids alone: that of the order is looked up first, and without one there are
    none."""
    for _ in range(5):
        world.wire.trade("400", "1", SYMBOL)
    ran = world.run(playbook(BY_OUR_ID))
    assert ran.exit_code == 0, ran.statuses
    order = world.wire.orders()[0]
    looked = next(each.body for each in world.wire.of(SEARCH) if each.body.get("clordId"))
    (asked,) = world.wire.of(TRADES)
    assert looked == {"clordId": order["clordId"], "symbol": SYMBOL, "pageSize": 100}
    assert asked.body["orderId"] == order["id"]
