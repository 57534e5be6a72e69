"""The world as the exchange starts: one ISV, three of its users, a handful of instruments.

Every date is counted from the exchange's clock, so that the world never grows old. Two descriptions are hostile on
purpose: whoever shows them must treat them as text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from runner.sandbox.exchange.accounts import Account, Participant
from runner.sandbox.exchange.instruments import MICROS, Instrument, SizeLimit
from runner.sandbox.exchange.terms import InstrumentState

CLEARING_FIRM = "ISV-Acme"
PARTICIPANT_FIRM = "ISV-Participant-Acme"
CLIENT_ID = "sandbox-acme-client"
OPENING_BALANCE = 1_000_000 * MICROS

PARTICIPANTS = (
    Participant(f"firms/{PARTICIPANT_FIRM}/users/alice", "Alice Example", PARTICIPANT_FIRM),
    Participant(f"firms/{PARTICIPANT_FIRM}/users/bob", "Bob Example", PARTICIPANT_FIRM),
    Participant(f"firms/{PARTICIPANT_FIRM}/users/carol", "Carol Example", PARTICIPANT_FIRM),
)
_ACCOUNT_IDS = ("7QK2M9XW4TZC", "3HD8V5RPB1NE", "9WJ4C6YGT0SA")
HOSTILE = "<script>alert(1)</script> \x1b[31mred\x1b[0m ::error::not an error"


@dataclass(frozen=True, slots=True)
class _Grid:
    """An instrument's scales: wire prices run from ``tick`` to ``price_scale`` less ``tick``."""

    price_scale: int
    tick: int
    quantity_scale: int


_CENT = _Grid(100, 1, 100)
_HALF_CENT = _Grid(1000, 5, 100)
_MILL_WHOLE = _Grid(1000, 1, 1)
_QUARTER_CENT = _Grid(10_000, 25, 100)
_OLDER = _Grid(100, 1, 0)

_BOUNDED = SizeLimit(low=100, high=100_000, notional_low=Decimal(1), notional_high=Decimal(500))
_QUOTED = ("phi", "det", "gb")


def accounts() -> list[Account]:
    """One trading account a participant, opaque id, under the clearing firm, funded with 1,000,000 USD."""
    return [
        Account(f"firms/{CLEARING_FIRM}/accounts/{opaque}", user.name, user.display_name, OPENING_BALANCE)
        for user, opaque in zip(PARTICIPANTS, _ACCOUNT_IDS, strict=True)
    ]


def instruments(now: datetime) -> list[Instrument]:
    """The listing in its order: an expired instrument first, and a tradable one first among the tradable."""
    today = now.date()
    bowl, soon, past = (_near(today, days) for days in (84, 7, -14))
    state = InstrumentState
    return [
        _title(past, "den", "Denver wins the past final", _OLDER, now, state.EXPIRED, non_tradable=True),
        _title(bowl, "kc", "Kansas City wins the final", _MILL_WHOLE, now),
        _title(bowl, "buf", "Buffalo wins the final", _CENT, now),
        _title(bowl, "phi", "Philadelphia wins the final", _HALF_CENT, now),
        _title(bowl, "det", "Detroit wins the final", _QUARTER_CENT, now),
        _title(bowl, "gb", "Green Bay wins the final", _OLDER, now),
        _title(bowl, "sf", "{{ 7 * 7 }}", _CENT, now),
        _title(bowl, "dal", HOSTILE, _CENT, now),
        _title(bowl, "mia", "Miami wins the final", _CENT, now, size=_BOUNDED),
        _title(soon, "bal", "Baltimore wins next week", _CENT, now, state.CLOSED),
        _title(soon, "cin", "Cincinnati wins next week", _CENT, now, state.HALTED),
    ]


def quoted(listed: Iterable[str]) -> list[str]:
    """The symbols whose books the maker quotes; all others are empty, the first tradable one among them."""
    return [symbol for symbol in listed if symbol.rpartition("-")[2] in _QUOTED]


def _near(today: date, days: int) -> date:
    return today + timedelta(days=days)


def _title(
    day: date,
    team: str,
    description: str,
    grid: _Grid,
    now: datetime,
    state: InstrumentState = InstrumentState.OPEN,
    *,
    non_tradable: bool = False,
    size: SizeLimit | None = None,
) -> Instrument:
    symbol = f"tec-nfl-sbw-{day.isoformat()}-{team}"
    return Instrument(
        symbol=symbol,
        description=description,
        product="tec-nfl-sbw",
        state=state,
        tick=grid.tick,
        price_scale=grid.price_scale,
        quantity_scale=grid.quantity_scale,
        minimum_quantity=1,
        low_price=grid.tick,
        high_price=grid.price_scale - grid.tick,
        starts=day - timedelta(days=120),
        expires=day,
        created=now - timedelta(days=30),
        metadata=_metadata(symbol, day, team),
        non_tradable=non_tradable,
        size=size,
    )


def _metadata(symbol: str, day: date, team: str) -> dict[str, str]:
    return {
        "event_id": f"nfl-sbw-{day.isoformat()}",
        "event_series": "nfl-sbw",
        "event_category": "SPR",
        "event_subcategory": "football",
        "event_start_time": f"{day.isoformat()}T23:30:00Z",
        "clearing_sym": symbol.upper().replace("-", ""),
        "instrument_product": "tec",
        "product_id": "tec-nfl-sbw",
        "long_participant_id": team,
        "participant_type": "team",
        "outcome_type": "title",
        "market_category": "sports",
        "market_type": "title",
        "game_id": f"nfl-{day.isoformat()}",
    }
