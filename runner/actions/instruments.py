"""Reference data: what can be traded, and in which ticks and scales."""

from __future__ import annotations

from typing import Any

from runner.action import Action, Arguments, Context, Observation
from runner.actions.shapes import INSTRUMENT, RAW, many, record
from runner.errors import StepFailed
from runner.value import NAME, TEXT, Argument, choice, count, counted, list_of
from runner.venue import endpoints
from runner.venue.model import Instrument

FRESH_SECONDS = 600.0
"""How long reference data are used without reading them again; the venue advises 5 to 15 minutes, and allows
6 listings a minute. Source: docs.polymarket.us, trader-guide/rate-limits."""

_FILTERS = {
    "symbols": Argument(list_of(NAME), "Only these exact symbols"),
    "tradable_filter": Argument(choice("TRADABLE_FILTER_", "tradable", "non_tradable"), "Tradable or not"),
    "states": Argument(
        list_of(
            choice(
                "INSTRUMENT_STATE_",
                "closed",
                "open",
                "preopen",
                "suspended",
                "expired",
                "terminated",
                "halted",
                "match_and_close_auction",
                "pending",
            )
        ),
        "Only these states",
    ),
    "product_id": Argument(NAME, "Only this product"),
    "event_series": Argument(NAME, "Only this series of events"),
    "event_category": Argument(NAME, "Only this category of events"),
    "market_category": Argument(NAME, "Only this category of markets"),
    "market_type": Argument(NAME, "Only this type of market"),
    "game_id": Argument(NAME, "Only this game"),
    "clearing_sym": Argument(TEXT, "Only clearing symbols that begin so"),
    "start_time_gte": Argument(TEXT, "Starting at this date or time, or later"),
    "start_time_lte": Argument(TEXT, "Starting at this date or time, or earlier"),
    "end_time_gte": Argument(TEXT, "Expiring at this date or time, or later"),
    "end_time_lte": Argument(TEXT, "Expiring at this date or time, or earlier"),
}


def instrument_of(context: Context, symbol: str, *, fresh: bool = False) -> Instrument:
    """One instrument, from what this run has read within ten minutes unless ``fresh``.

    Raises ``StepFailed`` if the venue lists no such one.
    """
    known = context.instruments.get(symbol)
    if known is not None and not fresh and context.clock.steady() - known[0] < FRESH_SECONDS:
        return known[1]
    return _read(context, symbol)[0]


def _read(context: Context, symbol: str) -> tuple[Instrument, Any]:
    """One instrument and the answer that told of it."""
    reply = endpoints.instrument(context.desk, symbol)
    if reply.value is None:
        raise StepFailed(
            f"the venue lists no instrument `{symbol}`",
            help="`list_instruments` gives the symbols of this environment; they differ between environments",
        )
    _remember(context, reply.value)
    return reply.value, reply.raw


def _remember(context: Context, instrument: Instrument) -> None:
    context.instruments[instrument.symbol] = (context.clock.steady(), instrument)


def _list(arguments: Arguments, context: Context) -> Observation:
    limit: int = arguments["limit"]
    filters: dict[str, Any] = {name: value for name, value in arguments.items() if name != "limit" and value}
    reply = endpoints.instruments(context.desk, filters, limit)
    for instrument in reply.value:
        _remember(context, instrument)
    found = [instrument.plain() for instrument in reply.value]
    return Observation({"instruments": found, "raw": reply.raw}, counted(len(found), "instrument"))


def _get(arguments: Arguments, context: Context) -> Observation:
    instrument, raw = _read(context, arguments["symbol"])
    return Observation({"instrument": instrument.plain(), "raw": raw}, instrument.state)


LIST_INSTRUMENTS = Action(
    name="list_instruments",
    summary="List instruments",
    effect="reads",
    arguments=_FILTERS | {"limit": Argument(count(at_most=100_000), "At most so many, over all pages", default=1000)},
    result=record(instruments=many(INSTRUMENT), raw=RAW),
    perform=_list,
    example="action: list_instruments\nwith: {tradable_filter: tradable, limit: 5}\n"
    "expect:\n  - result.instruments | length > 0",
    source="docs.polymarket.us: institutional/refdata/overview",
)

GET_INSTRUMENT = Action(
    name="get_instrument",
    summary="Look up an instrument",
    effect="reads",
    arguments={"symbol": Argument(NAME, "The instrument", required=True)},
    result=record(instrument=INSTRUMENT, raw=RAW),
    perform=_get,
    example="action: get_instrument\nwith: {symbol: '{{ chosen.symbol }}'}\nexpect:\n  - result.instrument.tradable",
    source="docs.polymarket.us: institutional/refdata/overview",
)
