"""What happened to orders: executions and trades, in dollars and contracts.

Source: docs.polymarket.us, institutional/report/overview and partners/orders/data-model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from runner.frozen import frozen
from runner.venue import asks
from runner.venue.endpoints import Reply
from runner.venue.model import Order, Plain
from runner.venue.normal import RawOrder
from runner.venue.paging import all_pages
from runner.venue.scales import Scales
from runner.venue.wire import Fields

if TYPE_CHECKING:
    from runner.venue.desk import Desk

ScalesFor: TypeAlias = Callable[[RawOrder], Scales]
"""The scales of an order: its own, or its instrument's."""


@frozen
class Execution(Plain):
    """Something that happened to an order. ``quantity`` is what traded by it, ``price`` None if nothing did.

    ``commission`` is in dollars, negative for a rebate.
    """

    id: str
    type: str
    order: Order
    quantity: Decimal
    price: Decimal | None
    trade_id: str
    aggressor: bool
    commission: Decimal
    reject_reason: str
    unsolicited_cancel_reason: str
    text: str
    executed_at: datetime | None
    trade_date: date | None


@frozen
class Trade(Plain):
    """Two orders that met; a side that the venue does not show is None."""

    id: str
    state: str
    type: str
    symbol: str
    price: Decimal | None
    quantity: Decimal | None
    aggressor: Execution | None
    passive: Execution | None
    text: str
    executed_at: datetime | None


def executions(
    desk: Desk, filters: Mapping[str, Any], limit: int, scales_for: ScalesFor
) -> Reply[tuple[Execution, ...]]:
    """Executions that match all ``filters`` (either spelling), all pages up to ``limit``."""
    raw = all_pages(desk, asks.executions(filters, limit), ("executions",))
    rows = Fields(raw).items("executions")[:limit]
    found = (_execution(Fields(each, f"executions[{at}]."), each, scales_for) for at, each in enumerate(rows))
    return Reply(tuple(found), raw)


def trades(desk: Desk, filters: Mapping[str, Any], limit: int, scales_for: ScalesFor) -> Reply[tuple[Trade, ...]]:
    """Trades that match all ``filters`` (either spelling), all pages up to ``limit``."""
    raw = all_pages(desk, asks.trades(filters, limit), ("trade", "trades"))
    rows = Fields(raw).items("trade", "trades")[:limit]
    return Reply(tuple(_trade(Fields(each, f"trade[{at}]."), scales_for) for at, each in enumerate(rows)), raw)


def _execution(got: Fields, values: Mapping[str, Any], scales_for: ScalesFor) -> Execution:
    order = RawOrder(got.values("order"), values)
    scales = scales_for(order)
    price = got.whole("lastPx")
    return Execution(
        id=got.text("id"),
        type=got.text("type", "EXECUTION_TYPE_NEW"),
        order=order.order(scales),
        quantity=scales.contracts(got.whole("lastShares")),
        price=scales.dollars(price) if price else None,
        trade_id=got.text("tradeId", ""),
        aggressor=got.flag("aggressor"),
        commission=scales.money(got.whole("commissionNotionalCollected", 0)),
        reject_reason=got.text("orderRejectReason", ""),
        unsolicited_cancel_reason=got.text("unsolicitedCancelReason", ""),
        text=got.text("text", ""),
        executed_at=got.time("transactTime"),
        trade_date=got.day("transactTradeDate"),
    )


def _trade(got: Fields, scales_for: ScalesFor) -> Trade:
    aggressor, passive = _side(got, "aggressor", scales_for), _side(got, "passive", scales_for)
    seen = aggressor or passive
    return Trade(
        id=got.text("id"),
        state=got.text("state", "TRADE_STATE_UNDEFINED"),
        type=got.text("tradeType", ""),
        symbol=seen.order.symbol if seen else "",
        price=seen.price if seen else None,
        quantity=seen.quantity if seen else None,
        aggressor=aggressor,
        passive=passive,
        text=got.text("text", ""),
        executed_at=seen.executed_at if seen else None,
    )


def _side(got: Fields, name: str, scales_for: ScalesFor) -> Execution | None:
    """One side of a trade; another firm's may come empty."""
    if not got.has(name):
        return None
    side = got.part(name)
    if not side.has("order") or not side.part("order").text("id", ""):
        return None
    return _execution(side, got.values(name), scales_for)
