"""Placing an order: intended, recorded, sent once, and read back until the venue has decided about it.

The promise is that it is never sent twice: an answer that is lost is looked for, never asked for again.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.action import Action, Arguments, Context, Observation
from runner.actions.instruments import instrument_now, reading_foreseen
from runner.actions.orders.lookup import (
    Placed,
    reconcile,
    reconciling_foreseen,
    scales_foreseen,
    settled,
    settling_foreseen,
)
from runner.actions.orders.sending import CLORD_ID_TO_COME, ORDER_ID_TO_COME, sending_foreseen, sent_once
from runner.actions.orders.telling import observed
from runner.actions.orders.terms import ARGUMENTS, intent, order_body, stated
from runner.actions.shapes import ORDER, RAW, record
from runner.errors import GuardRefused, Interrupted, NotRecorded
from runner.foreseen import Foreseen, Outlook
from runner.venue import asks, endpoints
from runner.venue.scales import ScalesToCome

_SEND = "send"


def _perform(arguments: Arguments, context: Context) -> Observation:
    instrument = context.looked_up(lambda: instrument_now(context, arguments["symbol"]))
    account = arguments["account"] or context.account
    context.looked_up(context.desk.authenticate)  # no token to be had now must not leave a recorded order in doubt
    clord_id, order = context.intend(_SEND, lambda clord_id: intent(arguments, instrument, account, clord_id))
    try:
        order_id = context.step(
            _SEND,
            lambda: sent_once(
                context,
                clord_id,
                lambda: endpoints.insert_order(context.desk, order.body).value,
                lambda: _found(context, clord_id, instrument.symbol),
            ),
            lambda: _found(context, clord_id, instrument.symbol),
        )
    except (Interrupted, GuardRefused, NotRecorded):
        # Raised before it was sent or while a 429 was waited for, never once an answer is lost.
        context.lost(clord_id, "not_sent")
        raise
    placed = Placed(order_id, clord_id, instrument.symbol)
    return observed(settled(context, placed, arguments["settle"] / 1000))


def _found(context: Context, clord_id: str, symbol: str) -> str:
    return reconcile(context, clord_id, symbol).order.id


def _foreseen(arguments: Arguments, outlook: Outlook) -> Iterator[Foreseen]:
    symbol, account = arguments["symbol"], arguments["account"] or outlook.account
    yield from reading_foreseen(symbol, now=True)
    yield from sending_foreseen(asks.insert_order(order_body(arguments, ScalesToCome(), account, CLORD_ID_TO_COME)))
    yield from settling_foreseen(ORDER_ID_TO_COME, symbol, arguments["settle"], outlook)
    yield from scales_foreseen(symbol, 1)
    yield from reconciling_foreseen(CLORD_ID_TO_COME, symbol)


PLACE_ORDER = Action(
    name="place_order",
    summary="Place an order",
    effect="changes",
    arguments=ARGUMENTS,
    result=record(order=ORDER, raw=RAW),
    perform=_perform,
    foresee=_foreseen,
    terms=stated,
    example=(
        "action: place_order\n"
        "with: {symbol: '{{ chosen.symbol }}', side: buy, price: 0.01, quantity: 1}\n"
        'expect:\n  - result.order.state == "ORDER_STATE_NEW"'
    ),
    source="docs.polymarket.us: institutional/trading/overview",
)
