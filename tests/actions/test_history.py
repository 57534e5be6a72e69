"""What happened to orders: filters that the venue does not have are applied to all that it lists."""

from __future__ import annotations

from typing import Any

from engine.exchange import changed
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
