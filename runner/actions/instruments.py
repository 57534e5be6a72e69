"""Reference data: what can be traded, and in which ticks and scales."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from runner.action import Action, Arguments, Context, Observation
from runner.actions.shapes import INSTRUMENT, RAW, many, record
from runner.errors import StepFailed
from runner.foreseen import Foreseen, Outlook, pages
from runner.value import NAME, TEXT, Argument, choice, count, counted, list_of
from runner.venue import asks, endpoints
from runner.venue.asks import Word
from runner.venue.catalogue import FRESH_SECONDS
from runner.venue.model import Instrument

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
    """One instrument, as it was read within ten minutes unless ``fresh``.

    Raises ``StepFailed`` if the venue lists no such one.
    """
    known = None if fresh else context.catalogue.find(symbol)
    return known or _read(context, symbol)[0]


def instrument_now(context: Context, symbol: str) -> Instrument:
    """The instrument to trade in; one that is remembered as closed is looked up again."""
    known = instrument_of(context, symbol)
    return known if known.tradable else instrument_of(context, symbol, fresh=True)


def reading_foreseen(symbol: Word, *, now: bool = False) -> Iterator[Foreseen]:
    """The calls of ``instrument_of``, or of ``instrument_now``."""
    page = asks.instrument(symbol).page()
    lately = f"unless the instrument was read in the last {FRESH_SECONDS / 60:g} minutes"
    yield Foreseen(page, when=lately, kept=FRESH_SECONDS)
    if now:
        yield Foreseen(page, when="once more if it is remembered as closed")


def instruments_of(context: Context, symbols: Iterable[str]) -> dict[str, Instrument]:
    """Several at once, those that are not known by one listing. Raises ``StepFailed`` if the venue lacks one."""
    found = {symbol: context.catalogue.find(symbol) for symbol in symbols}
    wanted = [symbol for symbol, known in found.items() if known is None]
    if wanted:
        listed = endpoints.instruments(context.desk, {"symbols": wanted}, limit=len(wanted)).value
        context.catalogue.learn(listed)
        found |= {each.symbol: each for each in listed}
    return {symbol: known or _unlisted(symbol) for symbol, known in found.items()}


def _read(context: Context, symbol: str) -> tuple[Instrument, Any]:
    """One instrument and the answer that told of it."""
    reply = endpoints.instrument(context.desk, symbol)
    instrument = reply.value or _unlisted(symbol)
    context.catalogue.learn([instrument])
    return instrument, reply.raw


def _unlisted(symbol: str) -> NoReturn:
    raise StepFailed(
        f"the venue lists no instrument `{symbol}`",
        help="`list_instruments` gives the symbols of this environment; they differ between environments",
    )


def _list(arguments: Arguments, context: Context) -> Observation:
    reply = endpoints.instruments(context.desk, _filters(arguments), arguments["limit"])
    context.catalogue.learn(reply.value)
    found = [instrument.plain() for instrument in reply.value]
    return Observation({"instruments": found, "raw": reply.raw}, counted(len(found), "instrument"))


def _filters(arguments: Arguments) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name != "limit" and value}


def _get(arguments: Arguments, context: Context) -> Observation:
    instrument, raw = _read(context, arguments["symbol"])
    return Observation({"instrument": instrument.plain(), "raw": raw}, instrument.state)


def _list_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    yield from pages(asks.instruments(_filters(arguments), arguments["limit"]))


def _get_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    yield Foreseen(asks.instrument(arguments["symbol"]).page())


LIST_INSTRUMENTS = Action(
    name="list_instruments",
    summary="List instruments",
    effect="reads",
    arguments=_FILTERS | {"limit": Argument(count(at_most=100_000), "At most so many, over all pages", default=1000)},
    result=record(instruments=many(INSTRUMENT), raw=RAW),
    perform=_list,
    foresee=_list_foreseen,
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
    foresee=_get_foreseen,
    example="action: get_instrument\nwith: {symbol: '{{ chosen.symbol }}'}\nexpect:\n  - result.instrument.tradable",
    source="docs.polymarket.us: institutional/refdata/overview",
)
