"""Orders and executions as frozen values: every change of an order is a new value.

Fields and states follow docs.polymarket.us: institutional/trading/overview and streaming-endpoints/order-stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from runner.sandbox.exchange.terms import (
    FINISHED,
    ExecutionType,
    OrderState,
    OrderStateFilter,
    OrderType,
    RejectReason,
    Side,
    TimeInForce,
)


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a participant asked for. Price and quantity are wire integers.

    ``special`` names the instructions that were set beside these; ``labels`` are fields that are only shown again.
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
    special: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """One order at one moment. ``filled_value`` is the sum of price x quantity over its fills, in wire units."""

    id: str
    request: OrderRequest
    state: OrderState
    created: datetime
    changed: datetime
    price_scale: int = 0
    quantity_scale: int = 0
    inserted: datetime | None = None
    arrival: int = 0
    filled: int = 0
    filled_value: int = 0
    fills: Mapping[int, int] = field(default_factory=dict)
    last_trade: str = ""
    cancel_requested: bool = False

    @property
    def finished(self) -> bool:
        """Whether nothing can happen to the order any more."""
        return self.state in FINISHED

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


@dataclass(frozen=True, slots=True)
class Execution:
    """What happened to an order, with the order as it was right after."""

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


@dataclass(frozen=True, slots=True)
class OrderSearch:
    """What an order search asks for; every criterion that is set must hold. Times bound the creation, inclusively."""

    order_id: str = ""
    client_order_id: str = ""
    symbols: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    side: Side = Side.UNDEFINED
    type: OrderType = OrderType.UNDEFINED
    state: OrderStateFilter = OrderStateFilter.UNDEFINED
    start: datetime | None = None
    end: datetime | None = None

    def accept(self, order: Order) -> bool:
        """Whether an order meets all of the criteria."""
        asked = order.request
        return (
            (not self.order_id or order.id == self.order_id)
            and (not self.client_order_id or asked.client_order_id == self.client_order_id)
            and (not self.symbols or asked.symbol in self.symbols)
            and (not self.accounts or asked.account in self.accounts)
            and (not self.side or asked.side is self.side)
            and (not self.type or asked.type is self.type)
            and self._state(order)
            and (self.start is None or order.created >= self.start)
            and (self.end is None or order.created <= self.end)
        )

    def _state(self, order: Order) -> bool:
        if self.state is OrderStateFilter.UNDEFINED:
            return True
        if self.state in (OrderStateFilter.OPEN, OrderStateFilter.CLOSED):
            return order.finished == (self.state is OrderStateFilter.CLOSED)
        return order.state.name == self.state.name
