"""Previewing an order: the venue checks it as it would on entry, and nothing is placed.

It is informational only: what is taken here may be rejected a moment later. Source: docs.polymarket.us,
institutional/trading/overview.
"""

from __future__ import annotations

from runner.action import Action, Arguments, Context, Observation
from runner.actions.instruments import instrument_now
from runner.actions.orders.telling import rejected, terms
from runner.actions.orders.terms import ARGUMENTS, intent
from runner.actions.shapes import ORDER, RAW, record
from runner.errors import Refused
from runner.venue import endpoints
from runner.venue.scales import Scales

_JUDGED = frozenset({400, 409, 422})


def _perform(arguments: Arguments, context: Context) -> Observation:
    instrument = instrument_now(context, arguments["symbol"])
    order = intent(arguments, instrument, arguments["account"] or context.account, "")
    body = {name: value for name, value in order.body.items() if name != "clordId"}
    try:
        reply = endpoints.preview_order(context.desk, body)
    except Refused as refused:
        if refused.status not in _JUDGED:
            raise
        raise rejected(refused.reason, refused.reason, "would reject") from refused
    shown = reply.value.order(Scales.of(instrument))
    result = {"order": shown.plain(), "raw": reply.raw}
    if shown.state == "ORDER_STATE_REJECTED":
        return Observation(result, terms(shown), rejected("", "", "would reject"))
    return Observation(result, f"no objection to {terms(shown)}")


PREVIEW_ORDER = Action(
    name="preview_order",
    summary="Preview an order",
    effect="reads",
    arguments=ARGUMENTS,
    result=record(order=ORDER, raw=RAW),
    perform=_perform,
    example=(
        "action: preview_order\n"
        "with: {symbol: '{{ chosen.symbol }}', side: buy, price: 0.01, quantity: 1}\n"
        "expect:\n  - result.order.quantity == 1"
    ),
    source="docs.polymarket.us: institutional/trading/overview",
)
