"""Orders, executions and trades as CSV in a stream of JSON objects (docs.polymarket.us: institutional/report/overview).

The columns are this exchange's own choice: the pages print none.
"""

from __future__ import annotations

from collections.abc import Iterable

from runner.sandbox.endpoints.asking import period
from runner.sandbox.endpoints.shapes import execution_tree, order_tree
from runner.sandbox.endpoints.tables import csv_lines
from runner.sandbox.exchange.orders import Execution, Trade
from runner.sandbox.exchange.searches import ExecutionSearch, OrderSearch, TradeSearch
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.wire import Lines, Tree, camel

_ROWS_A_LINE = 200
_ORDER = (
    "id",
    "clord_id",
    "symbol",
    "side",
    "type",
    "time_in_force",
    "state",
    "order_qty",
    "price",
    "cum_qty",
    "avg_px",
    "leaves_qty",
    "account",
    "participant",
    "create_time",
    "last_transact_time",
    "price_scale",
    "fractional_quantity_scale",
    "commission_notional_total_collected",
)
_EXECUTION = (
    "id",
    "type",
    "last_shares",
    "last_px",
    "trade_id",
    "aggressor",
    "text",
    "order_reject_reason",
    "commission_notional_collected",
    "transact_time",
)
_OF_ITS_ORDER = ("id", "clord_id", "symbol", "side", "account", "price_scale", "fractional_quantity_scale")


def orders(call: Call) -> Lines:
    """The acting user's orders."""
    wanted = OrderSearch(period=period(call.fields), accounts=call.fields.texts("accounts"))
    found = (order_tree(order) for order in call.exchange.search(call.acting().name, wanted))
    return _stream([camel(name) for name in _ORDER], ([tree[name] for name in _ORDER] for tree in found))


def executions(call: Call) -> Lines:
    """The acting user's executions."""
    wanted = ExecutionSearch(period=period(call.fields), accounts=call.fields.texts("accounts"))
    found = call.exchange.executions(call.acting().name, wanted)
    return _stream(_execution_names(), (_execution_row(execution) for execution in found))


def trades(call: Call) -> Lines:
    """The acting user's trades, each of his own executions in a row of its own."""
    wanted = TradeSearch(period=period(call.fields), accounts=call.fields.texts("accounts"))
    user = call.acting().name
    found = call.exchange.trades(user, wanted)
    rows = ([trade.id, *_execution_row(side)] for trade in found for side in _own(trade, user))
    return _stream(["tradeId", *_execution_names()], rows)


def _stream(names: list[str], rows: Iterable[list[object]]) -> Lines:
    """Chunks of rows, the names at the head of the first."""
    lines: list[list[object]] = [[*names], *rows]
    chunks = [lines[start : start + _ROWS_A_LINE] for start in range(0, len(lines), _ROWS_A_LINE)]
    return Lines({"result": {"filechunk": csv_lines(chunk)}} for chunk in chunks)


def _own(trade: Trade, user: str) -> list[Execution]:
    return [side for side in trade.sides if side.order.request.participant == user]


def _execution_names() -> list[str]:
    return [*(camel(name) for name in _EXECUTION), *(camel(f"order_{name}") for name in _OF_ITS_ORDER)]


def _execution_row(execution: Execution) -> list[object]:
    tree: Tree = execution_tree(execution)
    order = order_tree(execution.order)
    return [*(tree[name] for name in _EXECUTION), *(order[name] for name in _OF_ITS_ORDER)]
