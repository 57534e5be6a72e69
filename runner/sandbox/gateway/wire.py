"""From the exchange's values to JSON, in one of two dialects.

Handlers build trees with snake_case keys. The published dialect turns them into what the venue sends: camelCase and
64-bit integers as strings (docs.polymarket.us: institutional/refdata/overview). The seed dialect sends them as the
older edition of the quickstart page shows: snake_case and plain numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import IntEnum
from functools import cache
from typing import TypeAlias

from runner.sandbox.exchange.terms import (
    ExecutionType,
    InstrumentState,
    LedgerEntryType,
    OrderState,
    OrderStateFilter,
    OrderType,
    RejectReason,
    SelfMatchPrevention,
    Side,
    TimeInForce,
    TradableFilter,
    TradeState,
    TradeType,
    UnsolicitedCancel,
)

Tree: TypeAlias = Mapping[str, object]

_PREFIXES: dict[type[IntEnum], str] = {
    Side: "SIDE_",
    OrderType: "ORDER_TYPE_",
    TimeInForce: "TIME_IN_FORCE_",
    OrderState: "ORDER_STATE_",
    OrderStateFilter: "ORDER_STATE_FILTER_",
    InstrumentState: "INSTRUMENT_STATE_",
    TradableFilter: "TRADABLE_FILTER_",
    ExecutionType: "EXECUTION_TYPE_",
    RejectReason: "ORD_REJECT_REASON_",
    SelfMatchPrevention: "SELF_MATCH_PREVENTION_INSTRUCTION_",
    UnsolicitedCancel: "UNSOLICITED_CXL_REASON_",
    TradeState: "TRADE_STATE_",
    TradeType: "TRADE_TYPE_",
    LedgerEntryType: "LEDGER_ENTRY_TYPE_BALANCE_",
}


class Int64(int):
    """A number that the published dialect sends as a string."""

    __slots__ = ()


class Entries(dict[str, object]):
    """A map whose keys are data, not field names; no dialect touches them."""

    __slots__ = ()


class Lines(list[Tree]):
    """An answer of several JSON objects, one a line, as the venue streams downloads; none of them is an empty body."""

    __slots__ = ()


class Pieces(list[bytes]):
    """A list, directly in an answer, whose items are JSON already."""

    __slots__ = ()


@cache
def camel(name: str) -> str:
    """A field name in camelCase."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def prefix_of(kind: type[IntEnum]) -> str:
    """What the words of an enum begin with on the wire."""
    return _PREFIXES.get(kind, "")


def word(member: IntEnum) -> str:
    """An enum member on the wire."""
    return prefix_of(type(member)) + member.name


def moment(at: datetime | None) -> str | None:
    """A time on the wire: RFC 3339 in UTC, or null."""
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def day(on: date) -> Tree:
    """A day on the wire."""
    return {"year": on.year, "month": on.month, "day": on.day}


def published(value: object) -> object:
    """A tree as the venue sends it."""
    kind = type(value)
    # Most of a tree is texts: asked first, since ten thousand orders have half a million fields.
    if kind is str:
        return value
    if kind is Int64:
        return int.__repr__(value)
    if isinstance(value, Entries):
        return {key: published(inner) for key, inner in value.items()}
    if isinstance(value, dict):
        return {camel(key): published(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [published(inner) for inner in value]
    return value


_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def written(value: object) -> bytes:
    """Plain values as JSON without a blank."""
    return _ENCODER.encode(value).encode()
