"""Order book, best prices, settlement price and trade statistics: what everybody sees of an instrument.

Follows docs.polymarket.us: institutional/orderbook/overview, institutional/settlement/overview and
institutional/report/overview.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from runner.sandbox.endpoints.asking import days, period
from runner.sandbox.exchange.calendar import trade_date
from runner.sandbox.exchange.instruments import Instrument
from runner.sandbox.exchange.orders import Trade
from runner.sandbox.exchange.searches import Days
from runner.sandbox.exchange.statistics import Figures, bars, figures
from runner.sandbox.exchange.terms import AUCTIONS, Side
from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import invalid, not_found
from runner.sandbox.gateway.wire import Int64, Tree, moment, word

_DEFAULT_DEPTH, _MOST_DEPTH, _MOST_BARS = 3, 10, 1000
_METHOD = "SETTLEMENT_PRICE_CALCULATION_METHOD_EVENT_TIER_1"


def order_book(call: Call) -> Tree:
    """The best levels of both sides, three unless ``depth`` says otherwise, ten at most."""
    instrument, depth = _instrument(call), call.fields.integer("depth", 32)
    if not 0 <= depth <= _MOST_DEPTH:
        raise invalid(f"depth must be at most {_MOST_DEPTH}")
    symbol, levels = instrument.symbol, depth or _DEFAULT_DEPTH
    return {
        "symbol": symbol,
        "bids": [_level(level) for level in call.exchange.depth(symbol, Side.BUY, levels)],
        "offers": [_level(level) for level in call.exchange.depth(symbol, Side.SELL, levels)],
        "state": word(instrument.state),
        "stats": _stats(call, instrument),
        "transact_time": moment(call.exchange.now()),
    }


def best_prices(call: Call) -> Tree:
    """Best bid and offer. Half a price unit in the middle is dropped; the venue does not document its rounding."""
    instrument = _instrument(call)
    bid, offer = (call.exchange.depth(instrument.symbol, side, 1) for side in (Side.BUY, Side.SELL))
    both = bool(bid and offer)
    return {
        "symbol": instrument.symbol,
        "best_bid": _level(bid[0]) if bid else None,
        "best_offer": _level(offer[0]) if offer else None,
        "spread": Int64(offer[0][0] - bid[0][0] if both else 0),
        "mid_price": Int64((offer[0][0] + bid[0][0]) // 2 if both else 0),
        "state": word(instrument.state),
        "transact_time": moment(call.exchange.now()),
    }


def settlement(call: Call) -> Tree:
    """The final price, if there is one: else the answer has no ``stats``."""
    symbol = call.fields.text("symbol")
    if not symbol or symbol[0] in "/!":
        raise invalid("invalid symbol")
    instrument = _instrument(call)
    known: Tree = {"symbol": symbol, "price_scale": Int64(instrument.price_scale)}
    return {**known, "stats": _settlement_stats(instrument)} if instrument.settlement else known


def trade_stats(call: Call) -> Tree:
    """The figures of an instrument's trades in a span of time, as a whole and in bars of equal length."""
    fields = call.fields
    if not fields.text("symbol"):
        raise invalid("symbol is required")
    number = fields.integer("bars", 32)
    if not 0 <= number <= _MOST_BARS:
        raise invalid(f"at most {_MOST_BARS} bars are given")
    asked, trade_days = period(fields), days(fields, "start_trade_date", "end_trade_date")
    trades = call.exchange.market_trades(_instrument(call).symbol)
    inside = [trade for trade in trades if asked.holds(trade.aggressor.at) and _on_days(trade, trade_days)]
    start, end = _span(asked.start, asked.end, inside, call.exchange.now())
    made = bars(inside, start, end, number) if number else []
    return {
        "stats": _figures(figures(inside)),
        "bars": [_figures(bar.figures) for bar in made],
        "bar_start_time": [moment(bar.start) for bar in made],
        "bar_end_time": [moment(bar.end) for bar in made],
    }


def _instrument(call: Call) -> Instrument:
    instrument = call.exchange.instruments.get(call.fields.text("symbol"))
    if instrument is None:
        raise not_found("instrument does not exist")
    return instrument


def _level(level: tuple[int, int]) -> Tree:
    price, quantity = level
    return {"px": Int64(price), "qty": Int64(quantity)}


def _stats(call: Call, instrument: Instrument) -> Tree:
    quoted = call.exchange.quotation(instrument.symbol)
    today = quoted.today
    auction = instrument.state in AUCTIONS
    return {
        "open_px": _known(today.first or None),
        "close_px": _known(quoted.close),
        "low_px": _known(today.low or None),
        "high_px": _known(today.high or None),
        "last_trade_px": _known(quoted.last_price),
        "last_trade_qty": _known(quoted.last_quantity),
        "indicative_open_px": _known(call.exchange.indicative_price(instrument.symbol) if auction else None),
        "shares_traded": Int64(today.volume),
        "notional_traded": Int64(today.notional),
        "open_interest": Int64(call.exchange.open_interest(instrument.symbol)),
        **(_settlement_stats(instrument) if instrument.settlement else _UNSETTLED),
    }


def _settlement_stats(instrument: Instrument) -> Tree:
    final = instrument.settlement
    return {
        "settlement_px": _known(final.price if final else None),
        "settlement_preliminary": False,
        "settlement_price_calculation_method": _METHOD,
        "settlement_price_calculation_text": "",
        "settlement_set_time": moment(final.at if final else None),
    }


_UNSETTLED: Tree = {
    "settlement_px": None,
    "settlement_preliminary": None,
    "settlement_price_calculation_method": None,
    "settlement_price_calculation_text": None,
}


def _known(number: int | None) -> Int64 | None:
    return None if number is None else Int64(number)


def _figures(figures: Figures) -> Tree:
    """Everything clears at once here."""
    return {
        "first": Int64(figures.first),
        "last": Int64(figures.last),
        "high": Int64(figures.high),
        "low": Int64(figures.low),
        "total_trade_count": Int64(figures.count),
        "cleared_trade_count": Int64(figures.count),
        "volume": Int64(figures.volume),
        "cleared_volume": Int64(figures.volume),
        "notional": Int64(figures.notional),
        "cleared_notional": Int64(figures.notional),
    }


def _on_days(trade: Trade, wanted: Days) -> bool:
    first, last = wanted
    day = trade_date(trade.aggressor.at)
    return (first is None or day >= first) and (last is None or day <= last)


def _span(
    start: datetime | None, end: datetime | None, trades: list[Trade], now: datetime
) -> tuple[datetime, datetime]:
    """From where to where bars go: as asked for, else from the first trade to now. Raises Refused (400)."""
    last = end or now
    first = start or (trades[0].aggressor.at if trades else last - timedelta(hours=1))
    if first > last:
        raise invalid("endTime is before startTime")
    return first, last
