"""The market in an instrument: its order book, best prices, settlement, and what traded."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from runner.action import Action, Arguments, Context, Observation
from runner.actions.instruments import instrument_of, reading_foreseen
from runner.actions.shapes import (
    FLAG,
    INSTRUMENT_STATE,
    MAYBE_NUMBER,
    MAYBE_TIME,
    NUMBER,
    RAW,
    TEXT,
    WHOLE,
    many,
    record,
)
from runner.foreseen import Foreseen, Outlook
from runner.value import NAME, TIME, Argument, count, counted
from runner.venue import asks
from runner.venue.model import Plain
from runner.venue.scales import Scales, text
from runner.venue.wire import moment

_SYMBOL = Argument(NAME, "The instrument", required=True)
_LEVEL = record(price=NUMBER, quantity=NUMBER)
_TRADED = {
    "start": MAYBE_TIME,
    "end": MAYBE_TIME,
    "first": MAYBE_NUMBER,
    "last": MAYBE_NUMBER,
    "high": MAYBE_NUMBER,
    "low": MAYBE_NUMBER,
    "trade_count": WHOLE,
    "cleared_trade_count": WHOLE,
    "volume": NUMBER,
    "cleared_volume": NUMBER,
    "notional": NUMBER,
    "cleared_notional": NUMBER,
}


def _book(arguments: Arguments, context: Context) -> Observation:
    from runner.venue import market

    symbol = arguments["symbol"]
    reply = market.order_book(context.desk, symbol, _scales(context, symbol), arguments["depth"])
    bids, offers = counted(len(reply.value.bids), "bid"), counted(len(reply.value.offers), "offer")
    return _observed(reply.value, reply.raw, f"{bids}, {offers}")


def _best(arguments: Arguments, context: Context) -> Observation:
    from runner.venue import market

    symbol = arguments["symbol"]
    reply = market.best_prices(context.desk, symbol, _scales(context, symbol))
    return _observed(reply.value, reply.raw, f"bid {_price(reply.value.bid)}, offer {_price(reply.value.offer)}")


def _settlement(arguments: Arguments, context: Context) -> Observation:
    from runner.venue import market

    reply = market.settlement(context.desk, arguments["symbol"])
    learned = f"settled at {_price(reply.value.price)}" if reply.value.settled else "not settled"
    return _observed(reply.value, reply.raw, learned)


def _trade_stats(arguments: Arguments, context: Context) -> Observation:
    from runner.venue import trade_stats

    symbol = arguments["symbol"]
    reply = trade_stats.trade_stats(context.desk, _filters(arguments), _scales(context, symbol))
    return _observed(reply.value, reply.raw, counted(reply.value.stats.trade_count, "trade"))


def _filters(arguments: Arguments) -> dict[str, Any]:
    times = {"start_time": moment(arguments["start"]), "end_time": moment(arguments["end"])}
    return {"symbol": arguments["symbol"], **times, "bars": arguments["bars"]}


def _book_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    yield from reading_foreseen(arguments["symbol"])
    yield Foreseen(asks.order_book(arguments["symbol"], arguments["depth"]))


def _best_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    yield from reading_foreseen(arguments["symbol"])
    yield Foreseen(asks.best_prices(arguments["symbol"]))


def _settlement_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    yield Foreseen(asks.settlement(arguments["symbol"]))


def _trade_stats_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    yield from reading_foreseen(arguments["symbol"])
    yield Foreseen(asks.trade_stats(_filters(arguments)))


def _scales(context: Context, symbol: str) -> Scales:
    return Scales.of(instrument_of(context, symbol))


def _observed(value: Plain, raw: Any, learned: str) -> Observation:
    return Observation(value.plain() | {"raw": raw}, learned)


def _price(dollars: Decimal | None) -> str:
    return "none" if dollars is None else f"${text(dollars)}"


GET_ORDER_BOOK = Action(
    name="get_order_book",
    summary="Look at an order book",
    effect="reads",
    arguments={
        "symbol": _SYMBOL,
        "depth": Argument(count(at_most=10), "Levels of each side; 3 if not given"),
    },
    result=record(
        bids=many(_LEVEL),
        offers=many(_LEVEL),
        state=INSTRUMENT_STATE,
        stats=record(
            open=MAYBE_NUMBER,
            close=MAYBE_NUMBER,
            low=MAYBE_NUMBER,
            high=MAYBE_NUMBER,
            last_price=MAYBE_NUMBER,
            last_quantity=MAYBE_NUMBER,
            indicative_open=MAYBE_NUMBER,
            settlement_price=MAYBE_NUMBER,
            volume=MAYBE_NUMBER,
            notional=MAYBE_NUMBER,
            open_interest=MAYBE_NUMBER,
        ),
        updated_at=MAYBE_TIME,
        raw=RAW,
    ),
    perform=_book,
    foresee=_book_foreseen,
    example="action: get_order_book\nwith: {symbol: '{{ chosen.symbol }}', depth: 5}\n"
    "expect:\n  - result.bids | length <= 5",
    source="docs.polymarket.us: institutional/orderbook/overview",
)

GET_BEST_PRICES = Action(
    name="get_best_prices",
    summary="Look at the best prices",
    effect="reads",
    arguments={"symbol": _SYMBOL},
    result=record(
        bid=MAYBE_NUMBER,
        bid_quantity=MAYBE_NUMBER,
        offer=MAYBE_NUMBER,
        offer_quantity=MAYBE_NUMBER,
        spread=MAYBE_NUMBER,
        mid=MAYBE_NUMBER,
        state=INSTRUMENT_STATE,
        updated_at=MAYBE_TIME,
        raw=RAW,
    ),
    perform=_best,
    foresee=_best_foreseen,
    example="action: get_best_prices\nwith: {symbol: '{{ chosen.symbol }}'}\n"
    "expect:\n  - result.bid is none or result.bid > 0",
    source="docs.polymarket.us: institutional/orderbook/overview",
)

GET_SETTLEMENT = Action(
    name="get_settlement",
    summary="Look up a settlement price",
    effect="reads",
    arguments={"symbol": _SYMBOL},
    result=record(settled=FLAG, price=MAYBE_NUMBER, method=TEXT, text=TEXT, settled_at=MAYBE_TIME, raw=RAW),
    perform=_settlement,
    foresee=_settlement_foreseen,
    example="action: get_settlement\nwith: {symbol: '{{ chosen.symbol }}'}\nexpect:\n  - not result.settled",
    source="docs.polymarket.us: institutional/settlement/overview",
)

GET_TRADE_STATS = Action(
    name="get_trade_stats",
    summary="Look up what traded",
    effect="reads",
    arguments={
        "symbol": _SYMBOL,
        "start": Argument(TIME, "Not before this time"),
        "end": Argument(TIME, "Not after this time"),
        "bars": Argument(count(at_most=1000), "Equal parts of the time to look at one by one"),
    },
    result=record(stats=record(**_TRADED), bars=many(record(**_TRADED)), raw=RAW),
    perform=_trade_stats,
    foresee=_trade_stats_foreseen,
    example="action: get_trade_stats\nwith: {symbol: '{{ chosen.symbol }}'}\n"
    "expect:\n  - result.stats.trade_count >= 0",
    source="docs.polymarket.us: institutional/report/overview",
)
