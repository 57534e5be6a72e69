"""What goes wrong in a simulated year, and when: drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["outage", "refused", "storm", "lost", "off", "killed", "stopped", "second", "disk"]
Fault: TypeAlias = Mapping[str, object]

_INSERT, _CANCEL = "POST /v1/trading/orders", "POST /v1/trading/orders/cancel"
_OUTAGES: tuple[Fault, ...] = (
    {"fault": "status", "status": 503},
    {"fault": "status", "status": 502, "commit": "after"},
    {"fault": "reset"},
    {"fault": "no_answer", "commit": "before"},
    {"fault": "no_answer", "commit": "after"},
    {"fault": "garbage"},
    {"fault": "no_answer", "commit": "after", "share": 0.5},
)
_STORMS: tuple[Fault, ...] = (
    {"fault": "status", "status": 429},
    {"fault": "status", "status": 429, "retry_after": 7},
    {"fault": "status", "status": 429, "retry_after": 1, "share": 0.7},
)
_LOST: tuple[Fault, ...] = (
    {"fault": "no_answer", "commit": "after", "operation": _INSERT},
    {"fault": "no_answer", "commit": "before", "operation": _INSERT},
    {"fault": "no_answer", "commit": "after", "operation": _CANCEL},
    {"fault": "no_answer", "commit": "before", "operation": _CANCEL},
    {"fault": "status", "status": 504, "commit": "after", "operation": _INSERT},
    {"fault": "delay", "seconds": 0.6, "commit": "after", "operation": _INSERT},
    {"fault": "delay", "seconds": 0.1, "commit": "after", "operation": "*"},
    {"fault": "late_reject", "operation": _INSERT},
    {"fault": "fill_during_cancel", "quantity": 0, "operation": _CANCEL},
    {"fault": "truncated", "operation": "GET /v1/trading/orders/open"},
    {"fault": "stale_read", "seconds": 30, "operation": "GET /v1/trading/orders/open"},
)
_A_YEAR = timedelta(days=365)
_OFTEN: Mapping[Kind, int] = {
    "outage": 30, "refused": 12, "storm": 60, "lost": 400, "off": 16, "killed": 40, "stopped": 40, "second": 4,
    "disk": 6,
}  # fmt: skip
_HOURS: Mapping[Kind, tuple[float, float]] = {
    "outage": (0.1, 6), "refused": (0.1, 6), "storm": (0.1, 2), "off": (0.2, 60), "second": (24, 14 * 24),
    "disk": (1, 8),
}  # fmt: skip


@dataclass(frozen=True)
class Trouble:
    """Something that happens at ``at``, and is over at ``until``; ``fault`` is the exchange's."""

    kind: Kind
    at: datetime
    until: datetime
    fault: Fault


def troubles(start: datetime, span: timedelta, chance: random.Random) -> list[Trouble]:
    """Those of a span of time, as often as in a year, and each kind at least once; in their sequence."""
    return sorted(_all(start, span, chance), key=lambda each: each.at)


def _all(start: datetime, span: timedelta, chance: random.Random) -> Iterator[Trouble]:
    for kind, often in _OFTEN.items():
        for _ in range(max(1, round(often * (span / _A_YEAR)))):
            at = start + span * chance.random()
            lasts = timedelta(hours=chance.uniform(*_HOURS.get(kind, (0, 0))))
            yield Trouble(kind, at, at + min(lasts, span / 10), _fault(kind, chance))


def _fault(kind: Kind, chance: random.Random) -> Fault:
    if kind == "lost":
        return {**chance.choice(_LOST), "calls": [1]}
    return {"operation": "*", **chance.choice(_STORMS if kind == "storm" else _OUTAGES)}
