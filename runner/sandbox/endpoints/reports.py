"""Searches of orders, executions and trades (docs.polymarket.us: institutional/report/overview).

Only the acting user's own are ever shown. Keys outside the schema filter nothing. The venue documents no order of the
answers; here they are oldest first unless a field says otherwise.
"""

from __future__ import annotations

from runner.sandbox.endpoints.asking import days, period, report_page_size
from runner.sandbox.endpoints.shapes import execution_tree, trade_tree, written_orders
from runner.sandbox.exchange.searches import ExecutionSearch, OrderSearch, TradeSearch
from runner.sandbox.exchange.terms import ExecutionType, OrderStateFilter, OrderType, Side, TradeState
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.wire import Tree

_LABELS = ("client_account_id", "client_participant_id")


def search_orders(call: Call) -> Tree:
    """One page of orders; there is no ``eof``."""
    size = report_page_size(call)
    shown, following = call.page(call.exchange.search(call.acting().name, _orders_wanted(call)), size)
    last = call.fields.flag("with_last_execution")
    executions = [call.exchange.last_execution(order.id) for order in shown] if last else []
    return {
        "order" if call.strict else "orders": written_orders(call, shown),
        "next_page_token": following,
        "last_executions": [execution_tree(execution) for execution in executions if execution],
    }


def search_executions(call: Call) -> Tree:
    """One page of executions."""
    size, fields = report_page_size(call), call.fields
    wanted = ExecutionSearch(
        order_id=fields.text("order_id"),
        client_order_id=fields.text("clord_id"),
        symbol=fields.text("symbol"),
        accounts=fields.texts("accounts"),
        types=fields.words("types", ExecutionType),
        ids=fields.texts("exec_ids"),
        period=period(fields),
        days=days(fields, "start_transact_trade_date", "end_transact_trade_date"),
        labels=_labels(call),
    )
    found = call.exchange.executions(call.acting().name, wanted)
    if fields.flag("newest_first"):
        found = found[::-1]
    shown, following = call.page(found, size)
    return {
        "executions": [execution_tree(execution) for execution in shown],
        "next_page_token": following,
        "eof": not following,
    }


def search_trades(call: Call) -> Tree:
    """One page of trades; there is no ``eof``."""
    size, fields = report_page_size(call), call.fields
    wanted = TradeSearch(
        trade_id=fields.text("trade_id"),
        order_id=fields.text("order_id"),
        execution_id=fields.text("exec_id"),
        symbol=fields.text("symbol"),
        accounts=fields.texts("accounts"),
        states=fields.words("states", TradeState),
        period=period(fields),
    )
    user = call.acting().name
    found = [] if fields.text("trade_link_id") else call.exchange.trades(user, wanted)
    shown, following = call.page(found, size)
    return {"trade": [trade_tree(trade, user) for trade in shown], "next_page_token": following}


def _orders_wanted(call: Call) -> OrderSearch:
    fields = call.fields
    return OrderSearch(
        order_id=fields.text("order_id"),
        client_order_id=fields.text("clord_id"),
        symbols=_symbols(call),
        accounts=fields.texts("accounts"),
        side=fields.word("side", Side),
        type=fields.word("type", OrderType),
        state=_state(call),
        cross_id=fields.text("cross_id"),
        host_cross_id=fields.text("host_cross_id"),
        period=period(fields),
        days=days(fields, "start_transact_trade_date", "end_transact_trade_date"),
        labels=_labels(call),
    )


def _symbols(call: Call) -> frozenset[str]:
    """One symbol; the seed's dialect knows a list as well."""
    symbol = call.fields.text("symbol")
    several = frozenset[str]() if call.strict else call.fields.texts("symbols")
    return several | {symbol} if symbol else several


def _state(call: Call) -> OrderStateFilter:
    """The state asked for; the seed's dialect has a second name for the field."""
    given = call.fields.word("order_state_filter", OrderStateFilter)
    return given if call.strict or given else call.fields.word("state_filter", OrderStateFilter)


def _labels(call: Call) -> dict[str, str]:
    """The labels asked for; no order here has a parent, so that asking for one finds nothing."""
    return {name: text for name in (*_LABELS, "parent_order_id") if (text := call.fields.text(name))}
