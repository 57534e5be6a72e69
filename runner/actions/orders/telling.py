"""What is said of orders: in a step's line, and as the failure that they mean."""

from __future__ import annotations

from runner.action import Observation
from runner.actions.orders.lookup import Found
from runner.actions.orders.reasons import advice_on
from runner.errors import StepFailed
from runner.venue.model import Order
from runner.venue.scales import text


def observed(found: Found) -> Observation:
    """An order that was placed or replaced; a rejected one is a failure."""
    order = found.order
    if order.state != "ORDER_STATE_REJECTED":
        return Observation(found.result, said(order))
    failure = rejected(order.reject_text or order.reject_reason, order.reject_text)
    return Observation(found.result, f"{order.id} {short(order.state)}", failure)


def rejected(reason: str, text: str, how: str = "rejected") -> StepFailed:
    """The failure that a reject is; ``text`` is the engine's own, which chooses the advice."""
    return StepFailed(f"the venue {how} the order: {reason or 'no reason given'}", help=advice_on(text))


def said(order: Order) -> str:
    """An order in a few words: id, state, side, quantity and price."""
    return f"{order.id} {short(order.state)} {terms(order)}"


def terms(order: Order) -> str:
    """``buy 10 at $0.5``."""
    price = "" if order.price is None else f" at ${text(order.price)}"
    return f"{_side(order)} {text(order.quantity)}{price}"


def short(state: str) -> str:
    """An order's state without its prefix."""
    return state.removeprefix("ORDER_STATE_")


def traded(order: Order, before: str = "cancel") -> StepFailed | None:
    """What an order that is over left as a position, as the failure of whatever expected none."""
    if not order.filled_quantity:
        return None
    price = "" if order.average_price is None else f" at ${text(order.average_price)}"
    return StepFailed(
        f"{text(order.filled_quantity)} of {text(order.quantity)} contracts had traded before the {before} "
        f"({_side(order)}{price}); they are a position now",
        help="a filled order can't be cancelled: decide what to do with the position that it left",
    )


def _side(order: Order) -> str:
    return order.side.removeprefix("SIDE_").lower()
