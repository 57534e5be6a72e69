"""Trade dates, the daily roll and the weekly maintenance, in New York's time.

The trade day rolls at 17:00 in New York (docs.polymarket.us: institutional/fix-api/fix-faqs and the fee and reporting
pages). The weekly maintenance is on Thursday: by learn/trading/access-and-limits/trading-hours from 6:00 to 8:00, by
the changelog of 2026-07-09 from 2:00 to 6:00.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

Maintenance = Literal["off", "trading_hours", "changelog"]

_ROLL = 17
_THURSDAY = 3
_WINDOWS: dict[Maintenance, range] = {
    "off": range(0),
    "trading_hours": range(6, 8),
    "changelog": range(2, 6),
}


def new_york(at: datetime) -> datetime:
    """A moment as New York's clocks show it, without a zone.

    Written out since a machine may have no time zone data: daylight saving time lasts from 2:00 on the second Sunday
    of March to 2:00 on the first Sunday of November.
    """
    utc = at.astimezone(UTC).replace(tzinfo=None)
    starts = datetime.combine(_sunday(utc.year, 3, 2), time(7))
    ends = datetime.combine(_sunday(utc.year, 11, 1), time(6))
    return utc - timedelta(hours=4 if starts <= utc < ends else 5)


def trade_date(at: datetime) -> date:
    """The trade day a moment belongs to."""
    local = new_york(at)
    return local.date() + timedelta(days=local.hour >= _ROLL)


def next_roll(at: datetime) -> datetime:
    """The moment at which the trade day of ``at`` ends, in UTC."""
    ends = datetime.combine(trade_date(at), time(_ROLL))
    # New York is four or five hours behind; the roll never falls into the hour in which that changes.
    guess = ends.replace(tzinfo=UTC) + timedelta(hours=5)
    return guess + (ends - new_york(guess))


def in_maintenance(at: datetime, window: Maintenance) -> bool:
    """Whether the exchange is down for its weekly maintenance."""
    local = new_york(at)
    return local.weekday() == _THURSDAY and local.hour in _WINDOWS[window]


def _sunday(year: int, month: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (number - 1))
