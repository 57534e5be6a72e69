"""Replacing an order's terms: intended, recorded, sent once, and read back until the venue has decided about it.

A replace that is refused leaves the order working as it was. Source: docs.polymarket.us,
trader-guide/order-management and institutional/trading/overview.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.action import Action, Arguments, Context, Observation
from runner.actions.instruments import instrument_now, reading_foreseen
from runner.actions.orders.amending import ARGUMENTS, body_to_come, demand_a_change, replacing, stated
from runner.actions.orders.deciding import Decision, Sent, decided, deciding_foreseen, reconcile_replace
from runner.actions.orders.lookup import (
    Found,
    Placed,
    least,
    read_order,
    reading_orders_foreseen,
    scales_foreseen,
    settled,
    settling_foreseen,
)
from runner.actions.orders.reasons import advice_on
from runner.actions.orders.sending import CLORD_ID_TO_COME, sending_foreseen, sent_once
from runner.actions.orders.telling import observed, said, short, traded
from runner.actions.shapes import ORDER, RAW, record
from runner.errors import (
    GuardRefused,
    InDoubt,
    Interrupted,
    NotRecorded,
    NotSignedIn,
    Refused,
    StepErrored,
    StepFailed,
    Unreachable,
)
from runner.foreseen import Foreseen, Outlook
from runner.later import Later
from runner.venue import asks, endpoints
from runner.venue.normal import RawOrder
from runner.venue.scales import Scales, text

_SEND = "send"


def _perform(arguments: Arguments, context: Context) -> Observation:
    demand_a_change(arguments)
    instrument = context.looked_up(lambda: instrument_now(context, arguments["symbol"]))
    context.looked_up(context.desk.authenticate)  # no token to be had now must not leave a recorded replace in doubt
    raw = context.step("before", lambda: dict(context.looked_up(lambda: _working(arguments, context)).raw))
    before = Found(RawOrder(raw).order(Scales.of(instrument)), raw)
    clord_id, order = context.intend(_SEND, lambda clord_id: replacing(arguments, before, instrument, clord_id))
    sent = Sent(before.order.id, instrument.symbol, clord_id, order.body, before)
    try:
        _send(context, sent)
    except (Interrupted, GuardRefused, NotRecorded):
        # Raised before it was sent or while a 429 was waited for, never once an answer is lost.
        context.lost(clord_id, "not_sent")
        raise
    except NotSignedIn:
        raise
    except Refused as refused:
        return _unchanged(context, before, _read_after(context, sent, refused), refused.message, refused.help)
    return _told(context, before, decided(context, sent, arguments["settle"] / 1000))


def _working(arguments: Arguments, context: Context) -> Found:
    """The order as it works now. Raises ``StepFailed`` if it is not there or over, ``StepErrored`` if not decided."""
    order_id, symbol = context.order_id_now(arguments["order_id"]), arguments["symbol"]
    found = read_order(context, order_id, symbol)
    if found is not None and found.order.pending:
        placed = Placed(order_id, found.order.clord_id, symbol)
        try:
            found = settled(context, placed, arguments["settle"] / 1000)
        except InDoubt as doubt:
            raise StepErrored(f"it can't be replaced now: {doubt.message}", help="nothing was sent") from doubt
    if found is None:
        raise StepFailed(f"the venue shows no order {order_id} in {symbol}", help="nothing was sent; check its id")
    if found.order.terminal:
        raise _over(found, "the order can't be replaced, nothing was sent")
    return found


def _send(context: Context, sent: Sent) -> None:
    def send() -> str:
        endpoints.replace_order(context.desk, sent.body)
        return sent.order_id

    def look() -> str:
        return reconcile_replace(context, sent)

    context.step(_SEND, lambda: sent_once(context, sent.clord_id, send, look), look)


def _told(context: Context, before: Found, decision: Decision) -> Observation:
    """What to say of a replace that was decided; what traded meanwhile is a position whatever became of it."""
    found = decision.found
    if not decision.carried_out:
        reason = f"the venue did not carry the replace out: {decision.reason or 'it gave no reason'}"
        return _unchanged(context, before, found, reason, advice_on(decision.reason))
    _note_trades(context, before, found)
    if found.order.id != before.order.id:
        context.note(f"order {before.order.id} is {found.order.id} since it was replaced")
    seen = observed(found)
    return Observation(seen.result, seen.learned or said(found.order), seen.failure)


def _unchanged(context: Context, before: Found, found: Found, reason: str, help: str) -> Observation:
    """A replace that was refused: the step's failure, with the order as it works on, or as it ended before."""
    _note_trades(context, before, found)
    if found.order.terminal:
        return Observation(found.result, said(found.order), _over(found, reason))
    failure = StepFailed(f"{reason}; the order works on unchanged: {said(found.order)}", help=help)
    return Observation(found.result, said(found.order), failure)


def _read_after(context: Context, sent: Sent, refused: Refused) -> Found:
    """The order after the venue has said no; raises what it said if the order can't be read."""
    try:
        found = read_order(context.reading_back(), sent.order_id, sent.symbol)
    except (Refused, Unreachable):
        raise refused from None
    if found is None:
        raise refused
    return found


def _over(found: Found, reason: str) -> StepFailed:
    order = found.order
    left = traded(order, "replace")
    message = f"{reason}; order {order.id} is {short(order.state)}"
    return StepFailed(f"{message}: {left.message}" if left else message, help=left.help if left else "")


def _note_trades(context: Context, before: Found, found: Found) -> None:
    more = found.order.filled_quantity - before.order.filled_quantity
    if more > 0:
        contracts = f"{text(more)} of {text(found.order.quantity)} contracts"
        context.note(f"{contracts} traded while the order was replaced; they are a position now")


def _foreseen(arguments: Arguments, outlook: Outlook) -> Iterator[Foreseen]:
    order_id = outlook.order_id_now(arguments["order_id"])
    symbol, settle = arguments["symbol"], arguments["settle"]
    seconds = least(None if isinstance(settle, Later) else settle / 1000, outlook.seconds)
    yield from reading_foreseen(symbol, now=True)
    yield from reading_orders_foreseen({"orderId": order_id}, symbol, 1, "", counted=True)
    yield from settling_foreseen(order_id, symbol, settle, outlook)
    yield from sending_foreseen(asks.replace_order(body_to_come(arguments, order_id, CLORD_ID_TO_COME)))
    yield from deciding_foreseen(order_id, CLORD_ID_TO_COME, symbol, seconds)
    yield from scales_foreseen(symbol, 1)


REPLACE_ORDER = Action(
    name="replace_order",
    summary="Replace an order's terms",
    effect="changes",
    arguments=ARGUMENTS,
    result=record(order=ORDER, raw=RAW),
    perform=_perform,
    foresee=_foreseen,
    terms=stated,
    example=(
        "action: replace_order\n"
        "with:\n"
        "  order_id: '{{ order_id }}'\n"
        "  symbol: '{{ chosen.symbol }}'\n"
        "  price: 0.02\n"
        "expect:\n  - result.order.price == 0.02"
    ),
    source="docs.polymarket.us: institutional/trading/overview",
)
