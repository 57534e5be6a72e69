"""What traded of an instrument, over a time and its parts, in dollars and contracts.

Source: docs.polymarket.us, institutional/report/overview.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from runner.frozen import frozen
from runner.venue import asks
from runner.venue.endpoints import Reply
from runner.venue.model import Plain
from runner.venue.normal import price
from runner.venue.scales import Scales
from runner.venue.wire import Fields, broken

if TYPE_CHECKING:
    from runner.venue.desk import Desk


@frozen
class TradeStats(Plain):
    """What traded in a time: prices are None where nothing did.

    ``start`` and ``end`` are those of a bar, None for the whole.
    """

    start: datetime | None
    end: datetime | None
    first: Decimal | None
    last: Decimal | None
    high: Decimal | None
    low: Decimal | None
    trade_count: int
    cleared_trade_count: int
    volume: Decimal
    cleared_volume: Decimal
    notional: Decimal
    cleared_notional: Decimal


@frozen
class Trading(Plain):
    """Trade statistics over a time, and over its equal parts."""

    stats: TradeStats
    bars: tuple[TradeStats, ...]


def trade_stats(desk: Desk, filters: Mapping[str, Any], scales: Scales) -> Reply[Trading]:
    """Statistics of one instrument's trades; ``filters`` in either spelling, ``symbol`` among them."""
    raw = desk.send(asks.trade_stats(filters)).body
    got = Fields(raw)
    rows, starts, ends = got.items("bars"), got.items("barStartTime"), got.items("barEndTime")
    if not len(rows) == len(starts) == len(ends):
        broken(f"`bars`, `barStartTime` and `barEndTime` are {len(rows)}, {len(starts)} and {len(ends)} long")
    bars = (
        _stats(Fields({**row, "startTime": start, "endTime": end}, f"bars[{at}]."), scales)
        for at, (row, start, end) in enumerate(zip(rows, starts, ends, strict=True))
    )
    return Reply(Trading(_stats(got.part("stats"), scales), tuple(bars)), raw)


def _stats(got: Fields, scales: Scales) -> TradeStats:
    return TradeStats(
        start=got.time("startTime"),
        end=got.time("endTime"),
        first=price(got, "first", scales),
        last=price(got, "last", scales),
        high=price(got, "high", scales),
        low=price(got, "low", scales),
        trade_count=got.whole("totalTradeCount"),
        cleared_trade_count=got.whole("clearedTradeCount"),
        volume=scales.contracts(got.whole("volume")),
        cleared_volume=scales.contracts(got.whole("clearedVolume")),
        notional=scales.money(got.whole("notional")),
        cleared_notional=scales.money(got.whole("clearedNotional")),
    )
