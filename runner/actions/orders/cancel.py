"""Cancelling an order, and reading it back until the venue's own state says that it is over.

A cancel may be asked for again, since it can only ever cancel once. Source: docs.polymarket.us,
trader-guide/order-management and institutional/trading/overview.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.action import Action, Arguments, Context, Observation
from runner.actions.orders.lookup import Found, most_looks, pauses, read_order, reading_orders_foreseen, scales_foreseen
from runner.actions.orders.telling import short, traded
from runner.actions.shapes import ORDER, RAW, record
from runner.errors import InDoubt, Refused, Unreachable
from runner.foreseen import Foreseen, Outlook
from runner.value import FLAG, NAME, Argument
from runner.venue import asks, endpoints
from runner.venue.asks import Word

_ASK_AGAIN_AFTER = 2.0
_BELIEVE_REFUSAL_AFTER = 3
_FORBIDDEN = {401, 403}


def cancel(context: Context, order_id: str, symbol: str) -> Found:
    """Cancel until the order is over, for as long as the step may take.

    Raises ``Refused`` if the venue won't and does not show the order; ``InDoubt`` if it is not over in time.
    """
    asked_at = context.clock.steady() - _ASK_AGAIN_AFTER
    refused: Refused | None = None
    found: Found | None = None
    for looks, pause in enumerate(pauses(), start=1):
        if context.clock.steady() - asked_at >= _ASK_AGAIN_AFTER:
            asked_at = context.clock.steady()
            refused = _ask(context, order_id, symbol)
        found = _read(context, order_id, symbol) or found
        if found is not None and found.order.terminal:
            return found
        if refused is not None and found is None and looks >= _BELIEVE_REFUSAL_AFTER:
            raise refused
        if context.deadline.left <= pause:
            raise _not_over(found, order_id, symbol)
        context.wait(pause, "until the order is cancelled")
    raise AssertionError("pauses never end")


def cancelling_foreseen(order_id: Word, symbol: Word, seconds: float | None) -> Iterator[Foreseen]:
    """The calls of ``cancel``."""
    ask = asks.cancel_order(order_id, symbol)
    yield Foreseen(ask)
    yield Foreseen(ask, most_asked_again(seconds), f"again every {_ASK_AGAIN_AFTER:g} s, until the order is over")
    over = "until the order is over"
    yield from reading_orders_foreseen({"orderId": order_id}, symbol, most_looks(seconds), over)
    yield from scales_foreseen(symbol, 1)


def most_asked_again(seconds: float | None) -> int | None:
    """How often a cancel is asked for again within so many seconds."""
    return None if seconds is None else int(seconds // _ASK_AGAIN_AFTER)


def _ask(context: Context, order_id: str, symbol: str) -> Refused | None:
    """Send the cancel; a refusal may only mean that the order is over already, so it is for the caller to judge."""
    try:
        endpoints.cancel_order(context.desk, order_id, symbol)
    except Refused as refused:
        if refused.status in _FORBIDDEN:
            raise
        return refused
    except Unreachable as unreachable:
        context.note(f"the cancel was not answered: {unreachable.message}")
    return None


def _read(context: Context, order_id: str, symbol: str) -> Found | None:
    try:
        return read_order(context.reading_back(), order_id, symbol)
    except Unreachable:
        return None


def _not_over(found: Found | None, order_id: str, symbol: str) -> InDoubt:
    state = found.order.state if found else "not known"
    return InDoubt(
        f"order {order_id} ({symbol}) was asked to be cancelled and is not over; its last known state is {state}",
        help="look at it at the venue: it may still trade",
        clord_id=found.order.clord_id if found else "",
        order_id=order_id,
        of_end=True,
    )


def _perform(arguments: Arguments, context: Context) -> Observation:
    found = cancel(context, context.order_id_now(arguments["order_id"]), arguments["symbol"])
    order = found.order
    expect_unfilled = context.is_cleanup if arguments["expect_unfilled"] is None else arguments["expect_unfilled"]
    failure = traded(order)
    if failure is not None and not expect_unfilled:
        context.note(failure.message)
        failure = None
    return Observation(found.result, f"{order.id} {short(order.state)}", failure)


def _foreseen(arguments: Arguments, outlook: Outlook) -> Iterator[Foreseen]:
    order_id = outlook.order_id_now(arguments["order_id"])
    yield from cancelling_foreseen(order_id, arguments["symbol"], outlook.seconds)


CANCEL_ORDER = Action(
    name="cancel_order",
    summary="Cancel an order",
    effect="changes",
    repeatable=True,
    arguments={
        "order_id": Argument(NAME, "The venue's id of the order", required=True),
        "symbol": Argument(NAME, "Its instrument", required=True),
        "expect_unfilled": Argument(FLAG, "Fail if any of it had traded; in a cleanup the default is true"),
    },
    result=record(order=ORDER, raw=RAW),
    perform=_perform,
    foresee=_foreseen,
    example=(
        "action: cancel_order\n"
        "with: {order_id: '{{ order_id }}', symbol: '{{ chosen.symbol }}'}\n"
        'expect:\n  - result.order.state == "ORDER_STATE_CANCELED"'
    ),
    source="docs.polymarket.us: institutional/trading/overview",
)
