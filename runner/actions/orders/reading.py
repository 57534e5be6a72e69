"""Reading orders: one by its id, those that are open, and all that were.

Source: docs.polymarket.us, institutional/trading/overview and institutional/report/overview.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.action import Action, Arguments, Context, Observation
from runner.actions.orders.lookup import find_order, in_our_terms, read_order, reading_orders_foreseen, scales_foreseen
from runner.actions.shapes import ORDER, RAW, many, record
from runner.errors import StepErrored, StepFailed
from runner.foreseen import Foreseen, Outlook, pages
from runner.later import Later
from runner.value import NAME, TIME, Argument, choice, count, counted
from runner.venue import asks, endpoints
from runner.venue.endpoints import Reply
from runner.venue.normal import RawOrder
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
    reply = endpoints.open_orders(context.desk, _symbols(arguments))
    orders = [each for each in _in_our_terms(context, reply) if _fits(each, arguments)]
    return _observed(orders[: arguments["limit"]], reply)


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
    reply = endpoints.search_orders(context.desk, _filters(arguments), arguments["limit"])
    return _observed(_in_our_terms(context, reply), reply)


def _symbols(arguments: Arguments) -> list[Any]:
    return [arguments["symbol"]] if arguments["symbol"] else []


def _filters(arguments: Arguments) -> dict[str, Any]:
    return {
        "symbol": arguments["symbol"],
        "orderStateFilter": arguments["state_filter"],
        "orderId": arguments["order_id"],
        "clordId": arguments["clord_id"],
        "startTime": moment(arguments["start"]),
        "endTime": moment(arguments["end"]),
    }


def _check_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    order_id, clord_id, symbol = (arguments[name] for name in ("order_id", "clord_id", "symbol"))
    order = {"orderId": order_id} if order_id else {"clordId": clord_id}
    yield from reading_orders_foreseen(order, symbol or "", 1, "", counted=True)
    yield from scales_foreseen(symbol, 1)


def _list_open_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    yield Foreseen(asks.open_orders(_symbols(arguments)))
    yield from scales_foreseen(arguments["symbol"], None)


def _search_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    limit = arguments["limit"]
    yield from pages(asks.search_orders(_filters(arguments), limit))
    yield from scales_foreseen(arguments["symbol"], None if isinstance(limit, Later) else limit)


def _in_our_terms(context: Context, reply: Reply[tuple[RawOrder, ...]]) -> list[dict[str, Any]]:
    return [in_our_terms(context, raw).plain() for raw in reply.value]


def _observed(orders: list[dict[str, Any]], reply: Reply[tuple[RawOrder, ...]]) -> Observation:
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
    foresee=_check_foreseen,
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
    foresee=_list_open_foreseen,
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
    foresee=_search_foreseen,
    example="action: search_orders\nwith: {symbol: '{{ chosen.symbol }}', state_filter: open}\n"
    "expect:\n  - result.orders | length >= 0",
    source="docs.polymarket.us: institutional/report/overview",
)
