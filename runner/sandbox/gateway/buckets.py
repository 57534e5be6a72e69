"""Rate limits: one bucket for each firm and method, filled continuously by the exchange's clock.

Rates are those of tier 1 (docs.polymarket.us: trader-guide/rate-limits). A bucket holds one second of its rate, as that
page says; one counted by the minute holds a minute's allowance and starts full, since the page is silent there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runner.sandbox.exchange.clock import Clock


class UnknownRate(Exception):
    """No bucket of this name, or no rate."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a bucket fills, in calls a second, and how many calls it holds."""

    per_second: float
    capacity: float


def every_second(calls: float, burst: float = 0) -> Rate:
    """A rate by the second; it holds one second's calls, but always one, or ``burst``."""
    return Rate(calls, burst or max(1.0, calls))


def every_minute(calls: float, burst: float = 0) -> Rate:
    """A rate by the minute; it holds a minute's calls, or ``burst``."""
    return Rate(calls / 60, burst or max(1.0, calls))


TIER_1: Mapping[str, Rate] = {
    "InsertOrder": every_second(30),
    "CancelReplaceOrder": every_second(30),
    "CancelOrder": every_second(90),
    "InsertOrderList": every_second(50),
    "CancelOrderList": every_second(50),
    "CancelReplaceOrderList": every_second(50),
    "GetTradeStats": every_minute(60),
    "ListInstruments": every_minute(6),
    "ListSymbols": every_minute(6),
    "GetOrderBook": every_minute(12),
    "GetBBO": every_minute(12),
    "SearchOrders": every_minute(12),
    "SearchExecutions": every_minute(12),
    "SearchTrades": every_minute(12),
    "GetInstrumentSettlement": every_second(10),
    "GetPositionLedger": every_second(0.5, burst=5),
    "GetBalanceLedger": every_second(0.5, burst=5),
    "DownloadPositionLedger": every_minute(5, burst=1),
    "DownloadBalanceLedger": every_minute(5, burst=1),
    "Incentives": every_second(5),
}
_OFF: Mapping[str, Rate] = {}
PLANS = {"tier1": TIER_1, "off": _OFF}
_SPOKEN = re.compile(r"([A-Za-z]+)=([0-9]+(?:\.[0-9]+)?)/(s|min)\Z", re.ASCII)


def rates_from(settings: Iterable[str], plan: Mapping[str, Rate]) -> dict[str, Rate]:
    """A plan with buckets changed by ``NAME=N/s`` or ``NAME=N/min`` texts. Raises UnknownRate."""
    rates = dict(plan)
    for setting in settings:
        spoken = _SPOKEN.match(setting)
        if not spoken or not float(spoken[2]):
            raise UnknownRate(f"{setting!r} is not NAME=N/s or NAME=N/min")
        if spoken[1] not in TIER_1:
            raise UnknownRate(f"there is no bucket {spoken[1]!r}; there are: {', '.join(TIER_1)}")
        rates[spoken[1]] = (every_second if spoken[3] == "s" else every_minute)(float(spoken[2]))
    return rates


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Buckets:
    """What is left in every bucket; a name without a rate is never empty."""

    __slots__ = ("_buckets", "_clock", "_rates")

    def __init__(self, rates: Mapping[str, Rate], clock: Clock) -> None:
        self._rates = rates
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, firm: str, name: str) -> float:
        """Take one call from a firm's bucket: 0, or the seconds until there would be one, and nothing is taken."""
        rate = self._rates.get(name)
        if rate is None:
            return 0
        now = self._clock.now().timestamp()
        bucket = self._buckets.setdefault((firm, name), _Bucket(rate.capacity, now))
        # A clock that was set back fills nothing and empties nothing.
        bucket.left = min(rate.capacity, bucket.left + max(0.0, now - bucket.at) * rate.per_second)
        bucket.at = now
        if bucket.left < 1 - 1e-9:
            return (1 - bucket.left) / rate.per_second
        bucket.left -= 1
        return 0


def whole_seconds(wait: float) -> int:
    """A wait as ``Retry-After`` states it: whole seconds, at least one."""
    return max(1, math.ceil(wait))
