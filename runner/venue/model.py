"""What the venue knows, in our own terms: dollars and contracts as exact decimals, one spelling, bare firm ids.

A text that is not known is empty; a number or time that does not exist is None. ``plain`` gives the same as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from runner.frozen import frozen

PENDING_STATES = frozenset(
    f"ORDER_STATE_{word}" for word in ("PENDING_NEW", "PENDING_REPLACE", "PENDING_CANCEL", "PENDING_RISK")
)
"""States that the venue leaves by itself; source: docs.polymarket.us, streaming-endpoints/order-stream."""

TERMINAL_STATES = frozenset(f"ORDER_STATE_{word}" for word in ("FILLED", "CANCELED", "REJECTED", "EXPIRED"))
"""States that an order never leaves."""

ENTRY_STATES = frozenset(f"INSTRUMENT_STATE_{word}" for word in ("OPEN", "PREOPEN", "MATCH_AND_CLOSE_AUCTION"))
"""Instrument states in which orders may be entered; source: docs.polymarket.us, institutional/refdata/overview."""


class Plain:
    """A frozen dataclass that shows itself as plain data."""

    __slots__ = ()

    def plain(self) -> dict[str, Any]:
        """Field names and values; aware times stay as they are, a date becomes ISO text."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}  # type: ignore[arg-type]


@frozen
class Identity(Plain):
    """Who the token speaks for."""

    user: str
    user_display_name: str
    firm: str
    firm_display_name: str
    firm_type: str
    audience: str


@frozen
class User(Plain):
    """A participant of the firm; ``id`` is what ``x-participant-id`` carries."""

    id: str
    display_name: str
    firm: str
    firm_display_name: str


@frozen
class Account(Plain):
    """A trading account by its full resource name."""

    name: str
    display_name: str


@frozen
class DocumentVerification(Plain):
    """How a person uploads the documents that the venue waits for: a link, the same as a picture, and a token.

    All but ``event_id`` are personal: whoever has them can stand in for that person.
    """

    url: str
    qr_code: str
    transaction_token: str
    event_id: str


@frozen
class Verification(Plain):
    """Where the check of a person stands, in the provider's words, which may be ones never seen before.

    ``participant_id`` and ``account`` are empty until they are provisioned; ``document_verification`` is None unless
    documents are waited for.
    """

    external_id: str
    decision: str
    status: str
    sub_status: str
    participant_id: str
    account: str
    document_verification: DocumentVerification | None


@frozen
class Instrument(Plain):
    """What can be traded. Prices in dollars, quantities in contracts; the two scales are the wire's divisors.

    ``tradable`` is whether orders may be entered now: the venue's flag and its state together.
    """

    symbol: str
    description: str
    state: str
    price_scale: int
    quantity_scale: int
    tick_size: Decimal
    minimum_quantity: Decimal
    price_low: Decimal | None
    price_high: Decimal | None
    tradable: bool
    expires_on: date | None
    metadata: Mapping[str, str]


@frozen
class Balance(Plain):
    """Money of one account in one currency, in its units (dollars)."""

    balance: Decimal
    buying_power: Decimal
    open_orders: Decimal | None
    margin_requirement: Decimal | None
    capital_requirement: Decimal | None
    excess_capital: Decimal | None
    unsettled_funds: Decimal | None
    updated_at: datetime | None


@frozen
class Order(Plain):
    """An order as the venue tells it: dollars and contracts."""

    id: str
    clord_id: str
    symbol: str
    side: str
    type: str
    time_in_force: str
    state: str
    price: Decimal | None
    quantity: Decimal
    leaves_quantity: Decimal | None
    filled_quantity: Decimal
    average_price: Decimal | None
    account: str
    reject_reason: str
    reject_text: str
    created_at: datetime | None
    updated_at: datetime | None

    @property
    def pending(self) -> bool:
        """Whether the venue has yet to decide something about it."""
        return self.state in PENDING_STATES

    @property
    def terminal(self) -> bool:
        """Whether it is over: filled, cancelled, rejected or expired."""
        return self.state in TERMINAL_STATES


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value
        case date():
            return value.isoformat()
        case Mapping():
            return dict(value)
        case Plain():
            return value.plain()
        case tuple():
            return [_plain(each) for each in value]
    return value
