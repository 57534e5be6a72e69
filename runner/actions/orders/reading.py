"""Reading orders: one by its id, those that are open, and all that were.

Source: docs.polymarket.us, institutional/trading/overview and institutional/report/overview.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.action import Action, Arguments, Context, Observation
from runner.actions.orders.lookup import find_order, in_our_terms, read_order
from runner.actions.shapes import ORDER, RAW, many, record
from runner.errors import StepErrored, StepFailed
from runner.value import NAME, TIME, Argument, choice, count, counted
from runner.venue import endpoints
from runner.venue.wire import moment

_FILTER = "ORDER_STATE_FILTER_"
_OPEN = f"{_FILTER}OPEN"
_STATE_FILTER = choice(
    _FILTER,
    "open",
    "closed",
    "new",
    "partially_filled",
    "filled",
    "canceled",
    "replaced",
    "rejected",
    "expired",
    "pending_risk",
)
_SYMBOL = Argument(NAME, "Only this instrument")
_SEARCH = {
    "symbol": _SYMBOL,
    "state_filter": Argument(_STATE_FILTER, "Only orders in this state; `open` and `closed` take several"),
    "order_id": Argument(NAME, "The venue's id"),
    "clord_id": Argument(NAME, "Our own id"),
    "start": Argument(TIME, "Not before this time"),
    "end": Argument(TIME, "Not after this time"),
    "limit": Argument(count(at_most=100_000), "At most so many, over all pages", default=1000),
}


def _check(arguments: Arguments, context: Context) -> Observation:
    order_id, clord_id = arguments["order_id"], arguments["clord_id"]
    if (order_id is None) == (clord_id is None):
        raise StepErrored("an order is named by `order_id` or `clord_id`", help="give exactly one of the two")
    symbol = arguments["symbol"] or ""
    found = read_order(context, order_id, symbol) if order_id else find_order(context, clord_id, symbol)
    if found is None:
        raise StepFailed(
            f"the venue shows no order {order_id or clord_id}",
            help="a new order may take a moment to show: use `repeat`, or look with `search_orders`",
        )
    return Observation(found.result, found.order.state.removeprefix("ORDER_STATE_"))


def _list_open(arguments: Arguments, context: Context) -> Observation:
    symbols = [arguments["symbol"]] if arguments["symbol"] else []
    reply = endpoints.open_orders(context.desk, symbols)
    orders = [in_our_terms(context, raw).plain() for raw in reply.value]
    found = [each for each in orders if _fits(each, arguments)][: arguments["limit"]]
    return Observation({"orders": found, "raw": reply.raw}, counted(len(found), "order"))


def _fits(order: Mapping[str, Any], arguments: Arguments) -> bool:
    """Whether an open order is meant; the venue itself can pick by symbol alone here."""
    state = (arguments["state_filter"] or _OPEN).removeprefix(_FILTER)
    start, end, created_at = arguments["start"], arguments["end"], order["created_at"]
    return (
        state in {"OPEN", order["state"].removeprefix("ORDER_STATE_")}
        and arguments["order_id"] in {None, order["id"]}
        and arguments["clord_id"] in {None, order["clord_id"]}
        and (start is None or (created_at is not None and created_at >= start))
        and (end is None or (created_at is not None and created_at <= end))
    )


def _search(arguments: Arguments, context: Context) -> Observation:
    filters: dict[str, Any] = {
        "symbol": arguments["symbol"],
        "orderStateFilter": arguments["state_filter"],
        "orderId": arguments["order_id"],
        "clordId": arguments["clord_id"],
        "startTime": moment(arguments["start"]),
        "endTime": moment(arguments["end"]),
    }
    reply = endpoints.search_orders(context.desk, filters, arguments["limit"])
    orders = [in_our_terms(context, raw).plain() for raw in reply.value]
    return Observation({"orders": orders, "raw": reply.raw}, counted(len(orders), "order"))


CHECK_ORDER = Action(
    name="check_order",
    summary="Check an order",
    effect="reads",
    arguments={
        "order_id": Argument(NAME, "The venue's id of the order; or give `clord_id`"),
        "clord_id": Argument(NAME, "Our own id of the order"),
        "symbol": _SYMBOL,
    },
    result=record(order=ORDER, raw=RAW),
    perform=_check,
    example="action: check_order\nwith: {order_id: '{{ order_id }}', symbol: '{{ chosen.symbol }}'}\n"
    "expect:\n  - result.order.filled_quantity == 0",
    source="docs.polymarket.us: institutional/trading/overview",
)

LIST_OPEN_ORDERS = Action(
    name="list_open_orders",
    summary="List open orders",
    effect="reads",
    arguments=_SEARCH,
    result=record(orders=many(ORDER), raw=RAW),
    perform=_list_open,
    example="action: list_open_orders\nexpect:\n  - result.orders | length >= 0",
    source="docs.polymarket.us: institutional/trading/overview",
)

SEARCH_ORDERS = Action(
    name="search_orders",
    summary="Search orders",
    effect="reads",
    arguments=_SEARCH,
    result=record(orders=many(ORDER), raw=RAW),
    perform=_search,
    example="action: search_orders\nwith: {symbol: '{{ chosen.symbol }}', state_filter: open}\n"
    "expect:\n  - result.orders | length >= 0",
    source="docs.polymarket.us: institutional/report/overview",
)
