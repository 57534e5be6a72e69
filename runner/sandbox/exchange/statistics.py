"""Figures about trades in one instrument. Prices, volumes and notionals (price x quantity) are wire integers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from runner.sandbox.exchange.calendar import trade_date
from runner.sandbox.exchange.orders import Trade


@dataclass(frozen=True, slots=True)
class Figures:
    """What a stretch of trades comes to; all zero if there was none."""

    first: int = 0
    last: int = 0
    high: int = 0
    low: int = 0
    count: int = 0
    volume: int = 0
    notional: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """The figures of one stretch of time; the last bar holds its end, the others do not."""

    start: datetime
    end: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class Quotation:
    """What an order book tells of its trading: today's figures, the last trade and yesterday's close."""

    today: Figures
    close: int | None
    last_price: int | None
    last_quantity: int | None


def figures(trades: Sequence[Trade]) -> Figures:
    """The figures of these trades, oldest first."""
    prices = [trade.aggressor.price for trade in trades]
    quantities = [trade.aggressor.quantity for trade in trades]
    if not trades:
        return Figures()
    notional = sum(price * quantity for price, quantity in zip(prices, quantities, strict=True))
    return Figures(prices[0], prices[-1], max(prices), min(prices), len(trades), sum(quantities), notional)


def bars(trades: Sequence[Trade], start: datetime, end: datetime, number: int) -> list[Bar]:
    """A span of time in so many equal bars."""
    edges = [start + (end - start) * step / number for step in range(number + 1)]
    made = []
    for first, last in pairwise(edges):
        inside = [trade for trade in trades if first <= trade.aggressor.at < last or trade.aggressor.at == last == end]
        made.append(Bar(first, last, figures(inside)))
    return made


def quotation(trades: Sequence[Trade], today: date) -> Quotation:
    """What the book shows of these trades, oldest first, on a trade day."""
    current = [trade for trade in trades if trade_date(trade.aggressor.at) == today]
    earlier = trades[: len(trades) - len(current)]
    last = trades[-1].aggressor if trades else None
    return Quotation(
        figures(current),
        earlier[-1].aggressor.price if earlier else None,
        last.price if last else None,
        last.quantity if last else None,
    )
