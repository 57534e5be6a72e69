"""What an account holds and what became of it: positions and the two ledgers, in dollars and contracts.

Source: docs.polymarket.us, institutional/positions/overview and institutional/funding/overview. Cost and realized
profit are in units of both scales together: dollars are their value by price scale times quantity scale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from runner.frozen import frozen
from runner.venue import asks
from runner.venue.endpoints import Reply
from runner.venue.model import Plain
from runner.venue.paging import all_pages
from runner.venue.scales import Scales, difference
from runner.venue.wire import Fields, broken

if TYPE_CHECKING:
    from runner.venue.desk import Desk

ScalesOf: TypeAlias = Callable[[Iterable[str]], Mapping[str, Scales]]
"""The scales of instruments by their symbols, all of them."""


@frozen
class Position(Plain):
    """A holding: contracts (negative when short) and dollars. ``available`` is what open orders leave free."""

    account: str
    symbol: str
    net_position: Decimal
    bought: Decimal | None
    sold: Decimal | None
    cost: Decimal
    realized: Decimal
    available: Decimal
    expired: bool
    updated_at: datetime | None


@frozen
class PositionEntry(Plain):
    """A change of a position, and the position after it; ``business_date`` is the venue's, as YYYY-MM-DD."""

    id: str
    account: str
    symbol: str
    quantity_change: Decimal
    cost_change: Decimal
    realized_change: Decimal
    net_position: Decimal
    cost: Decimal
    realized: Decimal
    description: str
    updated_at: datetime | None
    business_date: str


@frozen
class BalanceEntry(Plain):
    """A change of a balance, in currency units; ``business_date`` is the venue's, as YYYY-MM-DD."""

    id: str
    account: str
    currency: str
    type: str
    before: Decimal
    after: Decimal
    change: Decimal
    symbol: str
    security: str
    description: str
    updated_at: datetime | None
    business_date: str


def positions(
    desk: Desk, account: str, filters: Mapping[str, Any], limit: int, scales_of: ScalesOf
) -> Reply[tuple[Position, ...]]:
    """The positions of one account (full resource name), all pages up to ``limit``."""
    raw = all_pages(desk, asks.positions(account, filters, limit), ("positions",))
    got = Fields(raw)
    rows, available = got.items("positions"), got.items("availablePosition")
    if len(rows) != len(available):
        broken(f"`availablePosition` has {len(available)} rows beside {len(rows)} of `positions`")
    fields = [
        Fields({**row, "available": free}, f"positions[{at}].")
        for at, (row, free) in enumerate(zip(rows[:limit], available, strict=False))
    ]
    scales = scales_of([each.text("symbol") for each in fields])
    return Reply(tuple(_position(each, scales[each.text("symbol")]) for each in fields), raw)


def position_ledger(
    desk: Desk, account: str, filters: Mapping[str, Any], limit: int, scales_of: ScalesOf
) -> Reply[tuple[PositionEntry, ...]]:
    """What changed the positions of one account, all pages up to ``limit``. Nothing before 2026-05-01 is kept."""
    raw, rows = _entries(desk, "position_ledger", account, filters, limit)
    scales = scales_of([each.text("symbol") for each in rows])
    return Reply(tuple(_position_entry(each, scales[each.text("symbol")]) for each in rows), raw)


def balance_ledger(desk: Desk, account: str, filters: Mapping[str, Any], limit: int) -> Reply[tuple[BalanceEntry, ...]]:
    """What changed the balance of one account, all pages up to ``limit``. Nothing before 2026-05-01 is kept."""
    raw, rows = _entries(desk, "balance_ledger", account, filters, limit)
    return Reply(tuple(map(_balance_entry, rows)), raw)


def _entries(
    desk: Desk, operation: str, account: str, filters: Mapping[str, Any], limit: int
) -> tuple[Any, Sequence[Fields]]:
    raw = all_pages(desk, asks.ledger(operation, account, filters, limit), ("entries",))
    rows = Fields(raw).items("entries")[:limit]
    return raw, [Fields(each, f"entries[{at}].") for at, each in enumerate(rows)]


def _position(got: Fields, scales: Scales) -> Position:
    return Position(
        account=got.text("account", ""),
        symbol=got.text("symbol"),
        net_position=scales.contracts(got.whole("netPosition")),
        bought=scales.contracts(got.whole("qtyBought")) if got.has("qtyBought") else None,
        sold=scales.contracts(got.whole("qtySold")) if got.has("qtySold") else None,
        cost=scales.money(got.whole("cost")),
        realized=scales.money(got.whole("realized")),
        available=scales.contracts(got.whole("available")),
        expired=got.flag("expired"),
        updated_at=got.time("updateTime"),
    )


def _position_entry(got: Fields, scales: Scales) -> PositionEntry:
    return PositionEntry(
        id=got.text("id"),
        account=got.text("account", ""),
        symbol=got.text("symbol"),
        quantity_change=scales.contracts(got.whole("quantityChange")),
        cost_change=scales.money(got.whole("costChange")),
        realized_change=scales.money(got.whole("realizedChange")),
        net_position=scales.contracts(got.whole("netPosition")),
        cost=scales.money(got.whole("cost")),
        realized=scales.money(got.whole("realized")),
        description=got.text("description", ""),
        updated_at=got.time("updateTime"),
        business_date=got.text("updateBusinessDate", ""),
    )


def _balance_entry(got: Fields) -> BalanceEntry:
    before, after = got.number("beforeBalance"), got.number("afterBalance")
    return BalanceEntry(
        id=got.text("id"),
        account=got.text("account", ""),
        currency=got.text("currency", ""),
        type=got.text("entryType", ""),
        before=before,
        after=after,
        change=difference(after, before),
        symbol=got.text("symbol", ""),
        security=got.text("modifiedSecurityId", ""),
        description=got.text("description", ""),
        updated_at=got.time("updateTime"),
        business_date=got.text("updateBusinessDate", ""),
    )
