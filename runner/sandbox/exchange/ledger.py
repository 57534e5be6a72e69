"""The entries of the two ledgers.

Follows docs.polymarket.us: institutional/funding/overview and institutional/positions/overview. A fill makes an entry
for what was traded and one of its own for the commission; pages disagree on that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from runner.sandbox.exchange.holdings import Position
from runner.sandbox.exchange.terms import LedgerEntryType

FLOOR = datetime(2026, 5, 1, tzinfo=UTC)
"""Ledgers show nothing before this moment, whatever is asked for."""


@dataclass(frozen=True, slots=True)
class BalanceEntry:
    """One change of cash; balances are millionths of a dollar, ``day`` is the trade day."""

    id: str
    account: str
    type: LedgerEntryType
    before: int
    after: int
    at: datetime
    day: date
    symbol: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class PositionEntry:
    """One change of a position, from one value to the next."""

    id: str
    account: str
    symbol: str
    before: Position
    after: Position
    at: datetime
    day: date
    description: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time, both ends included; None leaves an end open."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether a moment is inside."""
        return (self.start is None or at >= self.start) and (self.end is None or at <= self.end)


EVER = Period()


@dataclass(frozen=True, slots=True)
class BalanceSearch:
    """What a reading of the balance ledger asks for; every criterion that is set must hold."""

    period: Period = EVER
    types: frozenset[LedgerEntryType] = frozenset()
    symbol: str = ""
    description: str = ""

    def accept(self, entry: BalanceEntry) -> bool:
        """Whether an entry meets all of the criteria."""
        return (
            self.period.holds(entry.at)
            and (not self.types or entry.type in self.types)
            and (not self.symbol or entry.symbol == self.symbol)
            and self.description in entry.description
        )


@dataclass(frozen=True, slots=True)
class PositionSearch:
    """What a reading of the position ledger asks for."""

    period: Period = EVER
    symbol: str = ""

    def accept(self, entry: PositionEntry) -> bool:
        """Whether an entry meets all of the criteria."""
        return self.period.holds(entry.at) and (not self.symbol or entry.symbol == self.symbol)
