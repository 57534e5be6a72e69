"""An answer of each operation that the client uses, in the published dialect, and how the client comes to read it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.people import PERSON

from runner.venue import endpoints, history, holdings, market, trade_stats
from runner.venue.desk import Desk
from runner.venue.operations import OPERATIONS
from runner.venue.scales import Scales

ANSWERS = Path(__file__).parents[1] / "data" / "answers"
SCHEMAS = Path(__file__).parents[2] / "schemas" / "venue"
SYMBOL = "tec-nfl-sbw-2027-02-14-kc"
SCALES = Scales(100, 100)
ORDER = {"symbol": SYMBOL, "side": "SIDE_BUY", "type": "ORDER_TYPE_LIMIT", "price": 57, "orderQty": 1000}


def scales_of(symbols: Iterable[str]) -> Mapping[str, Scales]:
    return dict.fromkeys(symbols, SCALES)


CALLS: dict[str, Callable[[Desk], endpoints.Reply[Any]]] = {
    "health": endpoints.health,
    "whoami": endpoints.whoami,
    "users": endpoints.users,
    "accounts": endpoints.accounts,
    "instruments": endpoints.instruments,
    "symbols": endpoints.symbols,
    "metadata": endpoints.exchange_metadata,
    "order_book": lambda desk: market.order_book(desk, SYMBOL, SCALES),
    "best_prices": lambda desk: market.best_prices(desk, SYMBOL, SCALES),
    "settlement": lambda desk: market.settlement(desk, SYMBOL),
    "kyc_start": lambda desk: endpoints.start_kyc(desk, PERSON),
    "kyc_status": lambda desk: endpoints.kyc_status(desk, "user-1"),
    "insert_order": lambda desk: endpoints.insert_order(desk, ORDER),
    "cancel_order": lambda desk: endpoints.cancel_order(desk, "CDHM9PJV16R7", SYMBOL),
    "open_orders": lambda desk: in_our_terms(endpoints.open_orders(desk)),
    "search_orders": lambda desk: in_our_terms(endpoints.search_orders(desk, with_last_execution=True)),
    "search_executions": lambda desk: history.executions(desk, {}, 10, lambda _: SCALES),
    "search_trades": lambda desk: history.trades(desk, {}, 10, lambda _: SCALES),
    "trade_stats": lambda desk: trade_stats.trade_stats(desk, {"symbol": SYMBOL}, SCALES),
    "positions": lambda desk: holdings.positions(desk, "a", {}, 10, scales_of),
    "balance": lambda desk: endpoints.balance(desk, "a"),
    "position_ledger": lambda desk: holdings.position_ledger(desk, "a", {}, 10, scales_of),
    "balance_ledger": lambda desk: holdings.balance_ledger(desk, "a", {}, 10),
}


def in_our_terms(reply: endpoints.Reply[Any]) -> endpoints.Reply[Any]:
    """Orders are read when their scales are known."""
    return endpoints.Reply(tuple(each.order(SCALES) for each in reply.value), reply.raw)


def recorded(name: str) -> Any:
    """The answer, exact."""
    return json.loads((ANSWERS / f"{name}.json").read_text(), parse_float=Decimal)


def route(name: str) -> str:
    """Where the answer is asked for."""
    operation = OPERATIONS[name]
    return f"{operation.method} {operation.path.replace('{symbol}', SYMBOL)}"


def schema(reference: str) -> Any:
    """A definition of the contract: ``trading.schema.json#/$defs/insert_order_answer``."""
    file, _, name = reference.partition("#/$defs/")
    return json.loads((SCHEMAS / file).read_text())["$defs"][name]


def promises(value: Any, of: Any, file: str, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each field of ``value`` that its schema promises, found without the help of what is tested."""
    if "$ref" in of:
        beside, _, name = of["$ref"].partition("#")
        yield from promises(value, schema(f"{beside or file}#{name}"), beside or file, at)
    for form in of.get("anyOf", [])[:1]:
        if value is not None:
            yield from promises(value, form, file, at)
    if isinstance(value, dict):
        beside_others = [each for names in of.get("dependentRequired", {}).values() for each in names]
        for name in {*of.get("required", []), *beside_others} & value.keys():
            yield (*at, name)
        for name in of.get("properties", {}).keys() & value.keys():
            yield from promises(value[name], of["properties"][name], file, (*at, name))
    for index, item in enumerate(value) if isinstance(value, list) else ():
        yield from promises(item, of.get("items", {}), file, (*at, index))
