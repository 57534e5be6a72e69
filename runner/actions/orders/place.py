"""Placing an order: intended, recorded, sent once, and read back until the venue has decided about it.

The promise is that it is never sent twice: an answer that is lost is looked for, never asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.action import Action, Arguments, Context, Observation
from runner.actions.instruments import instrument_of
from runner.actions.orders.lookup import Found, Placed, reconcile, settled
from runner.actions.orders.reasons import advice_on
from runner.actions.orders.terms import ARGUMENTS, intent, stated
from runner.actions.shapes import ORDER, RAW, record
from runner.errors import (
    ComeBackLater,
    GuardRefused,
    HeldBack,
    Interrupted,
    NotRecorded,
    Refused,
    StepFailed,
    Unreachable,
)
from runner.venue import endpoints
from runner.venue.model import Instrument, Order
from runner.venue.scales import text

_WAIT_AFTER_429 = 1.0
_SEND = "send"


def _perform(arguments: Arguments, context: Context) -> Observation:
    instrument = _instrument(context, arguments["symbol"])
    account = arguments["account"] or context.account
    context.desk.authenticate()  # a token that can't be had now must not leave a recorded order in doubt
    clord_id, order = context.intend(_SEND, lambda clord_id: intent(arguments, instrument, account, clord_id))
    try:
        order_id = context.step(
            _SEND,
            lambda: _send(context, order.body, clord_id, instrument.symbol),
            lambda: _found(context, clord_id, instrument.symbol),
        )
    except (Interrupted, GuardRefused, NotRecorded):
        # Raised before it was sent or while a 429 was waited for, never once an answer is lost.
        context.lost(clord_id, "not_sent")
        raise
    placed = Placed(order_id, clord_id, instrument.symbol)
    return _observed(settled(context, placed, arguments["settle"] / 1000))


def _instrument(context: Context, symbol: str) -> Instrument:
    """The instrument; one that is remembered as closed is looked up again."""
    known = instrument_of(context, symbol)
    return known if known.tradable else instrument_of(context, symbol, fresh=True)


def _send(context: Context, body: Mapping[str, Any], clord_id: str, symbol: str) -> str:
    """Send once, and look for the order if its answer is lost."""
    try:
        return _insert(context, body)
    except (Refused, ComeBackLater) as no:
        context.lost(clord_id, "not_sent" if isinstance(no, HeldBack) else "refused")
        raise
    except Unreachable as unreachable:
        if not unreachable.sent:
            context.lost(clord_id, "not_sent")
            raise
        context.note(f"the order's answer was lost: {unreachable.message}")
        return _found(context, clord_id, symbol)


def _insert(context: Context, body: Mapping[str, Any]) -> str:
    """A 429 was not carried out: it is sent once more after the wait that the venue asks for, if there is time."""
    try:
        return endpoints.insert_order(context.desk, body).value
    except ComeBackLater as later:
        wait = _WAIT_AFTER_429 if later.retry_after is None else later.retry_after
        if wait >= context.deadline.left:
            raise
        context.wait(wait, "since the venue asked to come back later")
    return endpoints.insert_order(context.desk, body).value


def _found(context: Context, clord_id: str, symbol: str) -> str:
    return reconcile(context, clord_id, symbol).order.id


def _observed(found: Found) -> Observation:
    order, result = found.order, found.result
    state = order.state.removeprefix("ORDER_STATE_")
    if order.state != "ORDER_STATE_REJECTED":
        return Observation(result, f"{order.id} {state} {_terms(order)}")
    reason = order.reject_text or order.reject_reason or "no reason given"
    failure = StepFailed(f"the venue rejected the order: {reason}", help=advice_on(order.reject_text))
    return Observation(result, f"{order.id} {state}", failure)


def _terms(order: Order) -> str:
    side = order.side.removeprefix("SIDE_").lower()
    price = "" if order.price is None else f" at ${text(order.price)}"
    return f"{side} {text(order.quantity)}{price}"


PLACE_ORDER = Action(
    name="place_order",
    summary="Place an order",
    effect="changes",
    arguments=ARGUMENTS,
    result=record(order=ORDER, raw=RAW),
    perform=_perform,
    terms=stated,
    example=(
        "action: place_order\n"
        "with: {symbol: '{{ chosen.symbol }}', side: buy, price: 0.01, quantity: 1}\n"
        'expect:\n  - result.order.state == "ORDER_STATE_NEW"'
    ),
    source="docs.polymarket.us: institutional/trading/overview",
)
