"""Incentive programmes and what they earned (docs.polymarket.us: institutional/incentives/overview).

Each instrument with a finer tick than a cent has one liquidity programme. Nobody has earned anything yet.
"""

from __future__ import annotations

from datetime import timedelta

from runner.sandbox.endpoints.asking import page_size
from runner.sandbox.exchange.instruments import Criteria, Instrument
from runner.sandbox.exchange.terms import InstrumentState, TradableFilter
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import invalid
from runner.sandbox.gateway.fields import Fields
from runner.sandbox.gateway.wire import Tree, moment, word

_TYPE = "LIQUIDITY"
_CENTS = 100
_LASTS = timedelta(days=60)
_DIRECTIONS = ("", "asc", "desc")


def programs(call: Call) -> Tree:
    """One page of programmes, the newest first unless ``orderDirection`` says otherwise."""
    fields = call.fields
    if fields.text("order_by") not in ("", "created_at") or fields.text("order_direction") not in _DIRECTIONS:
        raise invalid("invalid order")
    size = page_size(fields)
    listed = call.exchange.listing(Criteria(fields.texts("symbols"), tradable=TradableFilter.TRADABLE))
    found = [instrument for instrument in listed if instrument.price_scale > _CENTS and _wanted(fields, instrument)]
    if fields.text("order_direction") != "asc":
        found.reverse()
    shown, following = call.page(found, size)
    return {"programs": [_program(instrument) for instrument in shown], "next_page_token": following}


def earnings(call: Call) -> Tree:
    """The acting user's rewards: none."""
    call.fields.day("start_date")
    call.fields.day("end_date")
    return {"rewards": []}


def _wanted(fields: Fields, instrument: Instrument) -> bool:
    states = fields.words("instrument_states", InstrumentState)
    statuses = fields.texts("statuses")
    return (
        (not states or instrument.state in states)
        and (not statuses or "active" in statuses)
        and fields.text("program_type") in ("", _TYPE)
        and fields.text("category") in ("", instrument.metadata["event_category"])
        and fields.text("subcategory") in ("", instrument.metadata["event_subcategory"])
        and fields.text("query").lower() in instrument.symbol.lower()
    )


def _program(instrument: Instrument) -> Tree:
    starts = instrument.created
    return {
        "market_slug": instrument.symbol,
        "time_periods": [
            {
                "program_id": f"liquidity-{instrument.symbol}",
                "program_type": _TYPE,
                "start": moment(starts),
                "end": moment(starts + _LASTS),
                "reward_pool": 1000.0,
                "status": "active",
                "discount_factor": 0.5,
                "target_size": 100,
                "max_spread": 0.05,
                "period": "daily",
                "created_at": moment(starts),
                "min_taker_notional": None,
            }
        ],
        "instrument_state": word(instrument.state),
        "category": instrument.metadata["event_category"],
        "subcategory": instrument.metadata["event_subcategory"],
        "event_start_time": instrument.metadata["event_start_time"],
        "instrument_product": instrument.metadata["instrument_product"],
    }
