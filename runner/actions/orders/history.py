"""What happened to orders: their executions, and the trades that they made.

Source: docs.polymarket.us, institutional/report/overview.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from runner.action import Action, Arguments, Context, Observation
from runner.actions.orders.lookup import scales_for, scales_foreseen
from runner.actions.shapes import (
    FLAG,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MAYBE_TIME,
    NUMBER,
    ORDER,
    RAW,
    TEXT,
    many,
    maybe,
    record,
    words,
)
from runner.foreseen import Foreseen, Outlook, pages
from runner.later import Later
from runner.value import FLAG as YES_OR_NO
from runner.value import NAME, TIME, Argument, choice, count, counted, list_of
from runner.venue import asks, endpoints
from runner.venue.wire import moment

_EXECUTION_TYPES = ("new", "partial_fill", "fill", "canceled", "replace", "rejected", "expired", "done_for_day")
_TRADE_TYPES = ("regular", "request_for_quote", "block", "cross")
_TRADE_STATES = (
    *("new", "cleared", "busted", "inflight", "pending_risk", "pending_cleared", "rejected"),
    *("clearing_acknowledged", "retry_request"),
)
_MOST = 100_000
_FOUND = 100
_EXECUTION_TYPE = choice("EXECUTION_TYPE_", *_EXECUTION_TYPES)
_TRADE_TYPE = choice("TRADE_TYPE_", *_TRADE_TYPES)
_TRADE_STATE = choice("TRADE_STATE_", *_TRADE_STATES)
_SEARCH = {
    "symbol": Argument(NAME, "Only this instrument"),
    "order_id": Argument(NAME, "Only of this order, by the venue's id"),
    "clord_id": Argument(NAME, "Only of this order, by our own id"),
    "start": Argument(TIME, "Not before this time"),
    "end": Argument(TIME, "Not after this time"),
    "limit": Argument(count(at_most=_MOST), "At most so many, over all pages", default=1000),
}
_EXECUTION = record(
    id=TEXT,
    type=words("EXECUTION_TYPE_", *map(str.upper, _EXECUTION_TYPES)),
    order=ORDER,
    quantity=NUMBER,
    price=MAYBE_NUMBER,
    trade_id=TEXT,
    aggressor=FLAG,
    commission=NUMBER,
    reject_reason=TEXT,
    unsolicited_cancel_reason=TEXT,
    text=TEXT,
    executed_at=MAYBE_TIME,
    trade_date=MAYBE_TEXT,
)


def _executions(arguments: Arguments, context: Context) -> Observation:
    from runner.venue import history

    filters, limit = _of_executions(arguments), arguments["limit"]
    reply = history.executions(context.desk, filters, limit, lambda order: scales_for(context, order))
    found = [each.plain() for each in reply.value]
    return Observation({"executions": found, "raw": reply.raw}, counted(len(found), "execution"))


def _trades(arguments: Arguments, context: Context) -> Observation:
    """The venue can't search by type, so that is done here, over all trades: the limit is one of those that match.

    Nor by our own id of an order: its own is asked for first.
    """
    from runner.venue import history

    types, limit = arguments["types"], arguments["limit"]
    if arguments["clord_id"] is not None:
        orders = endpoints.search_orders(context.desk, _of_order(arguments), _FOUND)
        order = next((each for each in orders.value if each.clord_id == arguments["clord_id"]), None)
        if order is None:
            return Observation({"trades": [], "raw": orders.raw}, counted(0, "trade"))
        arguments = {**arguments, "order_id": order.id}
    filters, most = _of_trades(arguments), _most_trades(arguments)
    reply = history.trades(context.desk, filters, most, lambda order: scales_for(context, order))
    found = [each.plain() for each in reply.value if types is None or each.type in types][:limit]
    return Observation({"trades": found, "raw": reply.raw}, counted(len(found), "trade"))


def _executions_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    limit = arguments["limit"]
    yield from pages(asks.executions(_of_executions(arguments), limit))
    yield from scales_foreseen(arguments["symbol"], None if isinstance(limit, Later) else limit)


def _trades_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    most, found = _most_trades(arguments), ""
    if arguments["clord_id"] is not None:
        yield from pages(asks.search_orders(_of_order(arguments), _FOUND))
        arguments = {**arguments, "order_id": Later("id of the order with that client order id")}
        found = "if there is such an order"
    for each in pages(asks.trades(_of_trades(arguments), most)):
        yield replace(each, when=", ".join(filter(None, (found, each.when))))
    yield from scales_foreseen(arguments["symbol"], None if isinstance(most, Later) else 2 * most)


def _of_executions(arguments: Arguments) -> dict[str, Any]:
    return _filters(arguments, "clord_id", "types", "newest_first")


def _of_trades(arguments: Arguments) -> dict[str, Any]:
    return _filters(arguments, "trade_id", "states") | {"exec_id": arguments["execution_id"]}


def _of_order(arguments: Arguments) -> dict[str, Any]:
    return {name: arguments[name] for name in ("clord_id", "order_id", "symbol")}


def _most_trades(arguments: Arguments) -> Any:
    return arguments["limit"] if arguments["types"] is None else _MOST


def _filters(arguments: Arguments, *names: str) -> dict[str, Any]:
    times = {"start_time": moment(arguments["start"]), "end_time": moment(arguments["end"])}
    return times | {name: arguments[name] for name in ("symbol", "order_id", *names)}


SEARCH_EXECUTIONS = Action(
    name="search_executions",
    summary="Search executions",
    effect="reads",
    arguments=_SEARCH
    | {
        "types": Argument(list_of(_EXECUTION_TYPE), "Only of these types"),
        "newest_first": Argument(YES_OR_NO, "The latest first"),
    },
    result=record(executions=many(_EXECUTION), raw=RAW),
    perform=_executions,
    foresee=_executions_foreseen,
    example="action: search_executions\nwith: {symbol: '{{ chosen.symbol }}', types: [partial_fill, fill]}\n"
    "expect:\n  - result.executions | length >= 0",
    source="docs.polymarket.us: institutional/report/overview",
)

SEARCH_TRADES = Action(
    name="search_trades",
    summary="Search trades",
    effect="reads",
    arguments=_SEARCH
    | {
        "trade_id": Argument(NAME, "The venue's id of the trade"),
        "execution_id": Argument(NAME, "The venue's id of one of its executions"),
        "types": Argument(list_of(_TRADE_TYPE), "Only of these types"),
        "states": Argument(list_of(_TRADE_STATE), "Only in these states"),
    },
    result=record(
        trades=many(
            record(
                id=TEXT,
                state=words("TRADE_STATE_", "UNDEFINED", *map(str.upper, _TRADE_STATES)),
                type=words("TRADE_TYPE_", "UNDEFINED", *map(str.upper, _TRADE_TYPES)),
                symbol=TEXT,
                price=MAYBE_NUMBER,
                quantity=MAYBE_NUMBER,
                aggressor=maybe(_EXECUTION),
                passive=maybe(_EXECUTION),
                text=TEXT,
                executed_at=MAYBE_TIME,
            )
        ),
        raw=RAW,
    ),
    perform=_trades,
    foresee=_trades_foreseen,
    example="action: search_trades\nwith: {symbol: '{{ chosen.symbol }}'}\nexpect:\n  - result.trades | length >= 0",
    source="docs.polymarket.us: institutional/report/overview",
)
