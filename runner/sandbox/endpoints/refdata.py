"""Reference data: instruments, symbols, metadata (docs.polymarket.us: institutional/refdata/overview)."""

from __future__ import annotations

from datetime import date

from runner.sandbox.exchange.instruments import Criteria, Instrument
from runner.sandbox.exchange.terms import InstrumentState, TradableFilter
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import invalid
from runner.sandbox.gateway.fields import Fields
from runner.sandbox.gateway.wire import Entries, Int64, Tree, day, moment, word

_DEFAULT_PAGE = 50
_LARGEST_PAGE = 1000
_BY_METADATA = {
    "event_series": "event_series",
    "event_category": "event_category",
    "market_category": "market_category",
    "market_type": "market_type",
    "game_id": "game_id",
}
_EVENT = "INSTRUMENT_TYPE_EVENT"


def instruments(call: Call) -> Tree:
    """One page of the instruments that meet all filters of the request.

    ``whereClause`` and ``fieldFilters`` are refused: a filter that filters nothing would mislead.
    """
    size = _page_size(call.fields)
    listed = call.exchange.listing(_criteria(call.fields)) if _may_be_event(call.fields) else []
    shown, following = call.page(listed, size)
    return {
        "instruments": [_instrument(instrument) for instrument in shown],
        "next_page_token": following,
        "eof": not following,
    }


def symbols(call: Call) -> Tree:
    """All symbols, those of expired instruments included."""
    return {"symbols": [instrument.symbol for instrument in call.exchange.listing(Criteria())]}


def metadata(_call: Call) -> Tree:
    """What the exchange says of itself."""
    about = {"exchange_name": "Polymarket US sandbox", "server_version": "1", "timezone": "America/New_York"}
    return {"metadata": Entries(about)}


def _page_size(fields: Fields) -> int:
    size = fields.integer("page_size", 32)
    if not 0 <= size <= _LARGEST_PAGE:
        raise invalid(f"page size must be at most {_LARGEST_PAGE}")
    return size or _DEFAULT_PAGE


def _may_be_event(fields: Fields) -> bool:
    """Every instrument here is an event; a listing of another known type is empty."""
    kind = fields.text("type")
    return kind in ("", _EVENT) or not kind.startswith("INSTRUMENT_TYPE_")


def _criteria(fields: Fields) -> Criteria:
    given = fields.within("filter")
    if given.is_set("where_clause") or given.is_set("field_filters"):
        raise invalid("this sandbox does not know whereClause and fieldFilters")
    return Criteria(
        symbols=fields.texts("symbols"),
        states=fields.words("states", InstrumentState),
        tradable=fields.word("tradable_filter", TradableFilter),
        product=fields.text("product_id"),
        clearing_prefix=fields.text("clearing_sym"),
        metadata=tuple((key, text) for name, key in _BY_METADATA.items() if (text := fields.text(name))),
        starts=_days(fields, "start_time"),
        expires=_days(fields, "end_time"),
    )


def _days(fields: Fields, name: str) -> tuple[date | None, date | None]:
    return fields.day(f"{name}_gte"), fields.day(f"{name}_lte")


def _instrument(instrument: Instrument) -> Tree:
    return {
        "symbol": instrument.symbol,
        "tick_size": float(instrument.tick_size),
        "base_currency": "USD",
        "multiplier": 1,
        "minimum_trade_qty": Int64(instrument.minimum_quantity),
        "start_date": day(instrument.starts),
        "expiration_date": day(instrument.expires),
        "termination_date": None,
        "trading_schedule": [],
        "description": instrument.description,
        "clearing_house": "QCC",
        "minimum_unaffiliated_firms": Int64(0),
        "non_tradable": instrument.non_tradable,
        "json_attributes": "",
        "product_id": instrument.product,
        "price_limit": _price_limit(instrument),
        "order_size_limit": _order_size_limit(instrument),
        "expiration_time": {"hours": 0, "minutes": 0, "seconds": 0},
        "trade_settlement_period": Int64(0),
        "state": word(instrument.state),
        "price_scale": Int64(instrument.price_scale),
        "fractional_qty_scale": Int64(instrument.quantity_scale),
        "settlement_currency": "",
        "settlement_price_scale": Int64(0),
        "metadata": Entries(instrument.metadata),
        "event_attributes": _event_attributes(instrument),
        "create_time": moment(instrument.created),
        "update_time": moment(instrument.updated or instrument.created),
    }


def _price_limit(instrument: Instrument) -> Tree:
    return {
        "low": Int64(instrument.low_price),
        "high": Int64(instrument.high_price),
        "low_set": True,
        "high_set": True,
        "relative_low": 0,
        "relative_high": 0,
        "relative_low_set": False,
        "relative_high_set": False,
    }


def _order_size_limit(instrument: Instrument) -> Tree | None:
    """The bounds of an order's size; notional ones in price units, as all scaled values here (the schema is silent)."""
    limit = instrument.size
    if limit is None:
        return None
    low, high = (
        None if bound is None else int(bound * instrument.price_scale)
        for bound in (limit.notional_low, limit.notional_high)
    )
    return {
        "low": Int64(limit.low or 0),
        "high": Int64(limit.high or 0),
        "total_notional_low": Int64(low or 0),
        "total_notional_high": Int64(high or 0),
        "low_set": limit.low is not None,
        "high_set": limit.high is not None,
        "total_notional_low_set": low is not None,
        "total_notional_high_set": high is not None,
    }


def _event_attributes(instrument: Instrument) -> Tree:
    return {
        "question": instrument.description,
        "payout_value": str(instrument.price_scale),
        "evaluation_type": "",
        "event_id": instrument.metadata["event_id"],
        "event_display_name": "",
        "strike_value": "",
        "strike_unit": "",
        "calculation_method": "",
        "position_accountability_value": "50000",
        "time_specifier": day(instrument.expires),
        "event_outcome": "EVENT_OUTCOME_MUTUALLY_EXCLUSIVE",
    }
