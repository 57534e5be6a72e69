"""Previewing an order: the venue checks it as it would on entry, and nothing is placed.

It is informational only: what is taken here may be rejected a moment later. Source: docs.polymarket.us,
institutional/trading/overview.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.action import Action, Arguments, Context, Observation
from runner.actions.instruments import instrument_now, reading_foreseen
from runner.actions.orders.telling import rejected, terms
from runner.actions.orders.terms import ARGUMENTS, intent, order_body
from runner.actions.shapes import ORDER, RAW, record
from runner.errors import Refused
from runner.foreseen import Foreseen, Outlook
from runner.venue import asks, endpoints
from runner.venue.scales import Scales, ScalesToCome

_JUDGED = frozenset({400, 409, 422})


def _perform(arguments: Arguments, context: Context) -> Observation:
    instrument = instrument_now(context, arguments["symbol"])
    order = intent(arguments, instrument, arguments["account"] or context.account, "")
    try:
        reply = endpoints.preview_order(context.desk, _without_id(order.body))
    except Refused as refused:
        if refused.status not in _JUDGED:
            raise
        raise rejected(refused.reason, refused.reason, "would reject") from refused
    shown = reply.value.order(Scales.of(instrument))
    result = {"order": shown.plain(), "raw": reply.raw}
    if shown.state == "ORDER_STATE_REJECTED":
        return Observation(result, terms(shown), rejected("", "", "would reject"))
    return Observation(result, f"no objection to {terms(shown)}")


def _without_id(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "clordId"}


def _foreseen(arguments: Arguments, outlook: Outlook) -> Iterator[Foreseen]:
    yield from reading_foreseen(arguments["symbol"], now=True)
    body = order_body(arguments, ScalesToCome(), arguments["account"] or outlook.account, "")
    yield Foreseen(asks.preview_order(_without_id(body)))


PREVIEW_ORDER = Action(
    name="preview_order",
    summary="Preview an order",
    effect="reads",
    arguments=ARGUMENTS,
    result=record(order=ORDER, raw=RAW),
    perform=_perform,
    foresee=_foreseen,
    example=(
        "action: preview_order\n"
        "with: {symbol: '{{ chosen.symbol }}', side: buy, price: 0.01, quantity: 1}\n"
        "expect:\n  - result.order.quantity == 1"
    ),
    source="docs.polymarket.us: institutional/trading/overview",
)
