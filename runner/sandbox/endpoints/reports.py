"""Order search (docs.polymarket.us: institutional/report/overview). Keys outside the schema filter nothing."""

from __future__ import annotations

from runner.sandbox.endpoints.shapes import execution_tree, order_tree
from runner.sandbox.exchange.orders import Order, OrderSearch
from runner.sandbox.exchange.terms import OrderStateFilter, OrderType, Side
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import out_of_range
from runner.sandbox.gateway.paging import page
from runner.sandbox.gateway.wire import Tree

_LARGEST_PAGE = 5000
_NEVER_SET = ("cross_id", "host_cross_id", "parent_order_id")


def search_orders(call: Call) -> Tree:
    """One page of the acting user's orders, oldest first; the venue documents no order."""
    size = _page_size(call)
    found = call.exchange.search(call.acting().name, _wanted(call))
    shown, following = page([order for order in found if _labelled(call, order)], size, call.fields.text("page_token"))
    last = call.fields.flag("with_last_execution")
    executions = [call.exchange.last_execution(order.id) for order in shown] if last else []
    return {
        "order" if call.strict else "orders": [order_tree(order) for order in shown],
        "next_page_token": following,
        "last_executions": [execution_tree(execution) for execution in executions if execution],
    }


def _page_size(call: Call) -> int:
    """The venue answers a missing page size as it answers one that is too large."""
    size = call.fields.integer("page_size", 32)
    if not size and not call.strict:
        return _LARGEST_PAGE
    if not 1 <= size <= _LARGEST_PAGE:
        raise out_of_range(f"Maximum requested records is {_LARGEST_PAGE}")
    return size


def _wanted(call: Call) -> OrderSearch:
    fields = call.fields
    return OrderSearch(
        order_id=fields.text("order_id"),
        client_order_id=fields.text("clord_id"),
        symbols=_symbols(call),
        accounts=fields.texts("accounts"),
        side=fields.word("side", Side),
        type=fields.word("type", OrderType),
        state=_state(call),
        start=fields.moment("start_time"),
        end=fields.moment("end_time"),
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


def _labelled(call: Call, order: Order) -> bool:
    """Whether the order carries the labels asked for; some labels no order here can carry."""
    if any(call.fields.text(name) for name in _NEVER_SET):
        return False
    labels = order.request.labels
    asked = ((name, call.fields.text(name)) for name in ("client_account_id", "client_participant_id"))
    return all(not text or labels.get(name) == text for name, text in asked)
