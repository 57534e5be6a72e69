"""Reading orders and replaces from requests (docs.polymarket.us: institutional/trading/overview).

What is missing that no order can do without is refused at once; all else is the exchange's to judge, later.
"""

from __future__ import annotations

from runner.sandbox.exchange.orders import STOPS, Amendment, OrderRequest
from runner.sandbox.exchange.terms import OrderType, SelfMatchPrevention, Side, TimeInForce
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import denied, invalid
from runner.sandbox.gateway.fields import Fields

_PRICED = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_LABEL_TEXTS = ("client_account_id", "client_participant_id")
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


def order_request(call: Call, fields: Fields, cross_id: str = "") -> OrderRequest:
    """The order that a message asks for. Raises Refused: 400 for what is missing, 403 for another's account or user."""
    request = OrderRequest(
        participant=_participant(call, fields),
        account=_account_name(call, fields),
        symbol=fields.text("symbol"),
        side=fields.word("side", Side),
        type=fields.word("type", OrderType),
        time_in_force=_time_in_force(call, fields),
        quantity=fields.integer("order_qty"),
        price=fields.integer("price"),
        client_order_id=fields.text("clord_id"),
        stop_price=fields.integer("stop_price"),
        minimum=fields.integer("min_qty"),
        cash=fields.integer("cash_order_qty"),
        all_or_none=fields.flag("all_or_none"),
        post_only=fields.flag("participate_dont_initiate"),
        strict=fields.flag("strict_limit"),
        best=fields.flag("best_limit"),
        immediate=fields.flag("immediately_executable_limit"),
        good_till=fields.moment("good_till_time"),
        self_match_id=fields.text("self_match_prevention_id"),
        self_match=fields.word("self_match_prevention_instruction", SelfMatchPrevention),
        cross_id=cross_id,
        labels=_labels(fields),
    )
    _demand(request)
    return request


def amendment(fields: Fields) -> Amendment:
    """What a replace changes. Raises Refused (400)."""
    wanted = Amendment(
        quantity=fields.integer("order_qty"),
        price=fields.integer("price"),
        client_order_id=fields.text("clord_id"),
        time_in_force=fields.word("time_in_force", TimeInForce),
        stop_price=fields.integer("stop_price"),
        minimum=fields.integer("min_qty"),
        all_or_none=fields.flag("all_or_none"),
        post_only=fields.flag("participate_dont_initiate"),
        strict=fields.flag("strict_limit"),
        best=fields.flag("best_limit"),
        immediate=fields.flag("immediately_executable_limit"),
        good_till=fields.moment("good_till_time"),
    )
    if wanted.quantity < 0 or wanted.minimum < 0:
        raise invalid("invalid order quantity")
    if wanted.time_in_force is TimeInForce.GOOD_TILL_TIME and wanted.good_till is None:
        raise invalid("goodTillTime is required")
    return wanted


def _demand(request: OrderRequest) -> None:
    if not request.symbol:
        raise invalid("symbol is required")
    if request.side is Side.UNDEFINED:
        raise invalid("invalid order side")
    if request.type is OrderType.UNDEFINED:
        raise invalid("invalid order type")
    if min(request.quantity, request.cash, request.minimum) < 0 or bool(request.quantity) == bool(request.cash):
        raise invalid("invalid order quantity")
    if request.type in _PRICED and not request.price and not request.derived:
        raise invalid("price is required")
    if request.type in STOPS and not request.stop_price:
        raise invalid("stopPrice is required")
    if request.time_in_force is TimeInForce.GOOD_TILL_TIME and request.good_till is None:
        raise invalid("goodTillTime is required")


def _participant(call: Call, fields: Fields) -> str:
    """The acting user; an order that names a user must name him. Quotes belong to RFQs, which are not served here."""
    name = call.acting().name
    if fields.text("user") not in ("", name):
        raise denied("the user is not the participant that the call acts for")
    if fields.text("quote"):
        raise invalid("quote is not supported")
    return name


def _time_in_force(call: Call, fields: Fields) -> TimeInForce:
    given = fields.word("time_in_force", TimeInForce)
    if given is not TimeInForce.UNDEFINED:
        return given
    if call.setting.rules.missing_time_in_force == "invalid":
        raise invalid("invalid time in force")
    return TimeInForce.DAY


def _account_name(call: Call, fields: Fields) -> str:
    name = fields.text("account")
    if name:
        return call.account(name).name
    account = call.first_account() if call.setting.rules.missing_account == "only_account" else None
    if account is None:
        raise invalid("account is required")
    return account.name


def _labels(fields: Fields) -> dict[str, object]:
    """Fields that change nothing and are shown again with the order; an unknown word is the zero member.

    Price checks can be ignored for market-to-limit sales alone (fix-order-entry-overview), which have none.
    """
    labels: dict[str, object] = {name: fields.text(name) for name in _LABEL_TEXTS}
    labels["ignore_price_validity_checks"] = fields.flag("ignore_price_validity_checks")
    for name, members in _LABEL_WORDS.items():
        prefix = f"{name.upper()}_"
        known = {prefix + member for member in members}
        given = fields.text(name)
        labels[name] = given if given in known else f"{prefix}UNDEFINED"
    return labels
