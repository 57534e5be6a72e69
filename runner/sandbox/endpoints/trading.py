"""Order entry (docs.polymarket.us: institutional/trading/overview and trader-guide/order-management).

A 200 with an id says that an order was received and nothing more; a rejection shows when the order is read back.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.sandbox.endpoints.shapes import order_tree
from runner.sandbox.exchange.exchange import DuplicateClientOrderId, FinishedOrder, UnknownOrder
from runner.sandbox.exchange.orders import OrderRequest, OrderSearch
from runner.sandbox.exchange.terms import OrderStateFilter, OrderType, Side, TimeInForce
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import aborted, already_exists, invalid, not_found
from runner.sandbox.gateway.fields import Fields
from runner.sandbox.gateway.wire import Tree, camel

_PRICED = (OrderType.LIMIT, OrderType.STOP_LIMIT)
_SPECIAL: dict[str, Callable[[Fields, str], object]] = {
    "cash_order_qty": Fields.integer,
    "stop_price": Fields.integer,
    "min_qty": Fields.integer,
    "all_or_none": Fields.flag,
    "participate_dont_initiate": Fields.flag,
    "strict_limit": Fields.flag,
    "best_limit": Fields.flag,
    "immediately_executable_limit": Fields.flag,
    "ignore_price_validity_checks": Fields.flag,
    "good_till_time": Fields.moment,
    "self_match_prevention_id": Fields.text,
    "self_match_prevention_instruction": Fields.is_set,
    "quote": Fields.text,
    "session_id": Fields.text,
    "user": Fields.text,
}
_LABEL_WORDS = {
    "manual_order_indicator": ("MANUAL", "AUTOMATED"),
    "order_capacity": (
        "AGENCY",
        "PRINCIPAL",
        "PROPRIETARY",
        "INDIVIDUAL",
        "RISKLESS_PRINCIPAL",
        "AGENT_FOR_OTHER_MEMBER",
    ),
}
_LABEL_TEXTS = ("client_account_id", "client_participant_id")


def insert(call: Call) -> Tree:
    """Take an order: its id in the published dialect, the whole order in the seed's."""
    try:
        order = call.exchange.submit(_order_request(call))
    except DuplicateClientOrderId as error:
        raise already_exists("ClOrdID already in use by an open order") from error
    return {"order_id": order.id} if call.strict else {"order": order_tree(order)}


def cancel(call: Call) -> Tree:
    """Ask for a cancel. The ``clordId`` of the body names the request, it does not find the order."""
    order_id, symbol = call.fields.text("order_id"), call.fields.text("symbol")
    if not order_id:
        raise invalid("orderId is required")
    if call.strict and not symbol:
        raise invalid("symbol is required")
    rules = call.setting.rules
    try:
        call.exchange.cancel(call.acting().name, order_id, symbol)
    except UnknownOrder as error:
        if rules.cancel_unknown == "not_found":
            raise not_found("Unknown order") from error
    except FinishedOrder as error:
        if rules.cancel_finished == "conflict":
            raise aborted("the order has already finished") from error
    return {}


def open_orders(call: Call) -> Tree:
    """The acting user's orders that have not finished."""
    wanted = OrderSearch(
        symbols=frozenset(call.query.get("symbols", ())),
        accounts=frozenset(call.query.get("accounts", ())),
        state=OrderStateFilter.OPEN,
    )
    return {"orders": [order_tree(order) for order in call.exchange.search(call.acting().name, wanted)]}


def _order_request(call: Call) -> OrderRequest:
    fields = call.fields
    request = OrderRequest(
        participant=call.acting().name,
        account=_account_name(call),
        symbol=fields.text("symbol"),
        side=fields.word("side", Side),
        type=fields.word("type", OrderType),
        time_in_force=_time_in_force(call),
        quantity=_quantity(fields),
        price=fields.integer("price"),
        client_order_id=fields.text("clord_id"),
        special=tuple(camel(name) for name, given in _SPECIAL.items() if given(fields, name)),
        labels=_labels(fields),
    )
    _demand(request)
    return request


def _demand(request: OrderRequest) -> None:
    """Refuse an order that lacks what no order can do without."""
    if not request.symbol:
        raise invalid("symbol is required")
    if request.side is Side.UNDEFINED:
        raise invalid("invalid order side")
    if request.type is OrderType.UNDEFINED:
        raise invalid("invalid order type")
    if request.type in _PRICED and not request.price:
        raise invalid("price is required")


def _quantity(fields: Fields) -> int:
    quantity, cash = fields.integer("order_qty"), fields.integer("cash_order_qty")
    if quantity < 0 or cash < 0 or bool(quantity) == bool(cash):
        raise invalid("invalid order quantity")
    return quantity


def _time_in_force(call: Call) -> TimeInForce:
    given = call.fields.word("time_in_force", TimeInForce)
    if given is not TimeInForce.UNDEFINED:
        return given
    if call.setting.rules.missing_time_in_force == "invalid":
        raise invalid("invalid time in force")
    return TimeInForce.DAY


def _account_name(call: Call) -> str:
    name = call.fields.text("account")
    if name:
        return call.account(name).name
    account = call.first_account() if call.setting.rules.missing_account == "only_account" else None
    if account is None:
        raise invalid("account is required")
    return account.name


def _labels(fields: Fields) -> dict[str, str]:
    """Fields that change nothing and are shown again with the order; an unknown word is the zero member."""
    labels = {name: fields.text(name) for name in _LABEL_TEXTS}
    for name, members in _LABEL_WORDS.items():
        prefix = f"{name.upper()}_"
        known = {prefix + member for member in members}
        given = fields.text(name)
        labels[name] = given if given in known else f"{prefix}UNDEFINED"
    return labels
