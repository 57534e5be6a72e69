"""Orders, executions and trades as frozen values: every change of an order is a new value.

Fields and states follow docs.polymarket.us: institutional/trading/overview and streaming-endpoints/order-stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from runner.sandbox.exchange.terms import (
    FINISHED,
    ExecutionType,
    OrderState,
    OrderType,
    RejectReason,
    SelfMatchPrevention,
    Side,
    TimeInForce,
    TradeType,
    UnsolicitedCancel,
)

STOPS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
AT_ONCE = frozenset({TimeInForce.IMMEDIATE_OR_CANCEL, TimeInForce.FILL_OR_KILL})


class Place(Enum):
    """Where an order is kept: nowhere, hidden until its stop price is met, or in the book."""

    OUTSIDE = 0
    HIDDEN = 1
    BOOK = 2


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a participant asked for. Prices, quantities and the cash quantity (dollars x price scale) are wire integers.

    ``labels`` are fields that change nothing and are only shown again.
    """

    participant: str
    account: str
    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    quantity: int
    price: int
    client_order_id: str = ""
    stop_price: int = 0
    minimum: int = 0
    cash: int = 0
    all_or_none: bool = False
    post_only: bool = False
    strict: bool = False
    best: bool = False
    immediate: bool = False
    good_till: datetime | None = None
    self_match_id: str = ""
    self_match: SelfMatchPrevention = SelfMatchPrevention.UNDEFINED
    cross_id: str = ""
    host_cross_id: str = ""
    labels: Mapping[str, object] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether the order must fill wholly on entry; all-or-none has the effect of fill-or-kill."""
        return self.all_or_none or self.time_in_force is TimeInForce.FILL_OR_KILL

    @property
    def derived(self) -> bool:
        """Whether the price is taken from the book."""
        return self.best or self.immediate


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a replace changes; zero, empty and false leave things as they are. Numbers are wire integers."""

    quantity: int = 0
    price: int = 0
    client_order_id: str = ""
    time_in_force: TimeInForce = TimeInForce.UNDEFINED
    stop_price: int = 0
    minimum: int = 0
    all_or_none: bool = False
    post_only: bool = False
    strict: bool = False
    best: bool = False
    immediate: bool = False
    good_till: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order at one moment.

    ``stage`` is where it stands, ``awaiting`` a cancel or replace that has been asked for and not yet happened.
    ``filled_value`` sums price x quantity over its fills, in wire units. ``fee`` is what it has paid so far in
    millionths of a dollar; ``taken`` and ``taken_fee`` are the basis and the charge of the fills it was aggressor of.
    """

    id: str
    request: OrderRequest
    stage: OrderState
    created: datetime
    changed: datetime
    price_scale: int = 0
    quantity_scale: int = 0
    awaiting: OrderState | None = None
    place: Place = Place.OUTSIDE
    inserted: datetime | None = None
    arrival: int = 0
    filled: int = 0
    filled_value: int = 0
    fills: Mapping[int, int] = field(default_factory=dict)
    last_trade: str = ""
    fee: int = 0
    taken: int = 0
    taken_fee: int = 0

    @property
    def finished(self) -> bool:
        """Whether nothing can happen to the order any more."""
        return self.stage in FINISHED

    @property
    def state(self) -> OrderState:
        """The state as it is shown: what is awaited hides where a live order stands."""
        return self.stage if self.awaiting is None or self.finished else self.awaiting

    @property
    def remaining(self) -> int:
        """The quantity that still could fill, finished or not."""
        return self.request.quantity - self.filled

    @property
    def leaves(self) -> int:
        """The quantity that still works; zero once the order has finished."""
        return 0 if self.finished else self.remaining

    @property
    def average_price(self) -> int:
        """Mean fill price in wire units, half rounded up; zero before the first fill."""
        return (2 * self.filled_value + self.filled) // (2 * self.filled) if self.filled else 0

    @property
    def client_key(self) -> tuple[str, str]:
        """Participant and client order id; live orders of one participant must differ in it, if it is set."""
        return self.request.participant, self.request.client_order_id


@dataclass(frozen=True, slots=True)
class Execution:
    """What happened to an order, with the order as it was right after. ``fee`` is in millionths of a dollar."""

    id: str
    order: Order
    type: ExecutionType
    at: datetime
    text: str = ""
    reason: RejectReason = RejectReason.EXCHANGE_OPTION
    quantity: int = 0
    price: int = 0
    trade: str = ""
    aggressor: bool = False
    fee: int = 0
    unsolicited: UnsolicitedCancel = UnsolicitedCancel.UNDEFINED


@dataclass(frozen=True, slots=True)
class Trade:
    """Two executions that met."""

    id: str
    aggressor: Execution
    passive: Execution
    type: TradeType = TradeType.REGULAR

    @property
    def symbol(self) -> str:
        """The instrument traded."""
        return self.aggressor.order.request.symbol

    @property
    def sides(self) -> tuple[Execution, Execution]:
        """Both executions."""
        return self.aggressor, self.passive
