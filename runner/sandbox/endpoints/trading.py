"""Order entry (docs.polymarket.us: institutional/trading/overview and trader-guide/order-management).

A 200 with an id says that an order was received and nothing more; a rejection shows when the order is read back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from runner.sandbox.endpoints.entry import amendment, order_request
from runner.sandbox.endpoints.shapes import order_tree, written_orders
from runner.sandbox.exchange.acceptance import DUPLICATE
from runner.sandbox.exchange.exchange import DuplicateClientOrderId, FinishedOrder, UnknownOrder
from runner.sandbox.exchange.orders import Order, OrderRequest
from runner.sandbox.exchange.searches import OrderSearch
from runner.sandbox.exchange.terms import OrderStateFilter, OrderType, RejectReason, Side
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import (
    aborted,
    already_exists,
    failed_precondition,
    invalid,
    not_found,
)
from runner.sandbox.gateway.fields import Fields
from runner.sandbox.gateway.wire import Tree

_MOST_IN_A_LIST = 20


def insert(call: Call) -> Tree:
    """Take an order: its id in the published dialect, the whole order in the seed's."""
    order = _submitted(call, order_request(call, call.fields))
    return {"order_id": order.id} if call.strict else {"order": order_tree(order)}


def insert_list(call: Call) -> Tree:
    """Take up to 20 orders, all of them well-formed or none."""
    requests = [order_request(call, fields) for fields in _several(call)]
    return {"responses": [{"order_id": _submitted(call, request).id} for request in requests]}


def insert_cross(call: Call) -> Tree:
    """Take two orders that trade with each other; the ids come in the order of the requests."""
    cross_id = call.fields.text("cross_id")
    requests = [order_request(call, fields, cross_id) for fields in _several(call)]
    _demand_cross(call, requests)
    first, second = requests
    turned = call.fields.word("cross_prioritized_side", Side) is second.side
    ids = call.exchange.submit_cross(*((second, first) if turned else (first, second)))
    return {"responses": [{"order_id": order_id} for order_id in (reversed(ids) if turned else ids)]}


def preview(call: Call) -> Tree:
    """Show the order that a request would make, as PENDING_NEW and without id; one that would be rejected is 400.

    What is wrong with a quantity is not told, as the venue was seen to do.
    """
    order, refusal = call.exchange.preview(order_request(call, call.fields.within("request")))
    if refusal and refusal.reason is not RejectReason.INCORRECT_QUANTITY:
        raise failed_precondition(refusal.text)
    return {"preview_order": order_tree(order)}


def cancel(call: Call) -> Tree:
    """Ask for a cancel. The ``clordId`` of the body names the request, it does not find the order."""
    with _answered(call):
        _cancel(call, call.fields)
    return {}


def cancel_list(call: Call) -> Tree:
    """Ask for up to 20 cancels; an order that is unknown or finished is passed over, since no answer could tell."""
    wanted = _several(call)
    for fields in wanted:
        with suppress(UnknownOrder, FinishedOrder):
            _cancel(call, fields)
    return {"responses": [{} for _ in wanted]}


def replace(call: Call) -> Tree:
    """Ask for a replace; whether it was made shows when the order is read back."""
    with _answered(call):
        _replace(call, call.fields)
    return {}


def replace_list(call: Call) -> Tree:
    """Ask for up to 20 replaces, with the same silence as a list of cancels."""
    wanted = _several(call)
    for fields in wanted:
        with suppress(UnknownOrder, FinishedOrder):
            _replace(call, fields)
    return {"responses": [{} for _ in wanted]}


def open_orders(call: Call) -> Tree:
    """The acting user's orders that have not finished."""
    wanted = OrderSearch(
        symbols=call.fields.texts("symbols"),
        accounts=call.fields.texts("accounts"),
        state=OrderStateFilter.OPEN,
    )
    return {"orders": written_orders(call, call.exchange.search(call.acting().name, wanted))}


def _submitted(call: Call, request: OrderRequest) -> Order:
    try:
        return call.exchange.submit(request)
    except DuplicateClientOrderId as error:
        raise already_exists(DUPLICATE.text) from error


def _cancel(call: Call, fields: Fields) -> None:
    call.exchange.cancel(call.acting().name, *_named(call, fields))


def _replace(call: Call, fields: Fields) -> None:
    order_id, symbol = _named(call, fields)
    call.exchange.amend(call.acting().name, order_id, symbol, amendment(fields))


def _named(call: Call, fields: Fields) -> tuple[str, str]:
    """The id and the symbol of the order that a message is about."""
    order_id, symbol = fields.text("order_id"), fields.text("symbol")
    if not order_id:
        raise invalid("orderId is required")
    if call.strict and not symbol and call.setting.rules.cancel_without_symbol == "invalid":
        raise invalid("symbol is required")
    return order_id, symbol


@contextmanager
def _answered(call: Call) -> Iterator[None]:
    """Answer, as the rules say, if there is no such order or if it has finished."""
    rules = call.setting.rules
    try:
        yield
    except UnknownOrder as error:
        if rules.cancel_unknown == "not_found":
            raise not_found("Unknown order") from error
        if rules.cancel_unknown == "conflict":
            raise aborted("Unknown order") from error
    except FinishedOrder as error:
        if rules.cancel_finished == "conflict":
            raise aborted("the order has already finished") from error


def _several(call: Call) -> list[Fields]:
    requests = call.fields.messages("requests")
    if len(requests) > _MOST_IN_A_LIST:
        raise invalid(f"at most {_MOST_IN_A_LIST} requests are taken at once")
    return requests


def _demand_cross(call: Call, requests: list[OrderRequest]) -> None:
    if call.fields.text("cross_type") not in ("", "CROSS_TYPE_ALL_OR_NONE"):
        raise invalid("invalid cross type")
    if sorted(request.side for request in requests) != [Side.BUY, Side.SELL]:
        raise invalid("a cross takes one order of each side")
    if any(request.type is not OrderType.LIMIT or request.derived or request.cash for request in requests):
        raise invalid("the orders of a cross are limit orders with a price and a quantity")
    terms = [(request.symbol, request.price, request.quantity) for request in requests]
    if terms[0] != terms[1]:
        raise invalid("the orders of a cross have the same symbol, price and quantity")
