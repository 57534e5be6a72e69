"""The venue's trade day.

It begins at 17:00 in New York and has the date on which it ends. Source: docs.polymarket.us,
institutional/fix-api/fix-faqs.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

_ROLL_HOUR = 17


def trade_day(moment: datetime) -> date:
    """The trade day that an aware ``moment`` belongs to."""
    from zoneinfo import ZoneInfo

    in_new_york = moment.astimezone(ZoneInfo("America/New_York"))
    return (in_new_york.replace(tzinfo=None) + timedelta(hours=24 - _ROLL_HOUR)).date()
