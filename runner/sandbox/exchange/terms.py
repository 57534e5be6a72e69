"""The venue's closed vocabularies with their wire numbers.

Numbers come from docs.polymarket.us: streaming-endpoints/proto-reference and order-stream. The numbers of
``OrderStateFilter`` and ``TradableFilter`` are documented nowhere; they count the words in the order of the schemas.
"""

from __future__ import annotations

from enum import IntEnum


class Side(IntEnum):
    """Which side of the book an order stands on; every book is in YES terms."""

    UNDEFINED = 0
    BUY = 1
    SELL = 2


class OrderType(IntEnum):
    """How an order finds its price."""

    UNDEFINED = 0
    MARKET_TO_LIMIT = 1
    LIMIT = 2
    STOP = 3
    STOP_LIMIT = 4


class TimeInForce(IntEnum):
    """How long an order works."""

    UNDEFINED = 0
    DAY = 1
    GOOD_TILL_CANCEL = 2
    IMMEDIATE_OR_CANCEL = 3
    GOOD_TILL_TIME = 4
    FILL_OR_KILL = 5


class OrderState(IntEnum):
    """Where an order is in its life."""

    NEW = 0
    PARTIALLY_FILLED = 1
    FILLED = 2
    CANCELED = 3
    REPLACED = 4
    REJECTED = 5
    EXPIRED = 6
    PENDING_NEW = 7
    PENDING_REPLACE = 8
    PENDING_CANCEL = 9
    PENDING_RISK = 10


FINISHED = frozenset({OrderState.FILLED, OrderState.CANCELED, OrderState.REJECTED, OrderState.EXPIRED})


class OrderStateFilter(IntEnum):
    """What an order search may ask for: one state, or all open or all closed orders."""

    UNDEFINED = 0
    OPEN = 1
    CLOSED = 2
    NEW = 3
    PARTIALLY_FILLED = 4
    FILLED = 5
    CANCELED = 6
    REPLACED = 7
    REJECTED = 8
    EXPIRED = 9
    PENDING_RISK = 10


class InstrumentState(IntEnum):
    """What an instrument's book allows at the moment."""

    CLOSED = 0
    OPEN = 1
    PREOPEN = 2
    SUSPENDED = 3
    EXPIRED = 4
    TERMINATED = 5
    HALTED = 6
    MATCH_AND_CLOSE_AUCTION = 7
    PENDING = 8


class TradableFilter(IntEnum):
    """Which instruments a listing shows."""

    ALL = 0
    TRADABLE = 1
    NON_TRADABLE = 2


class ExecutionType(IntEnum):
    """What happened to an order."""

    NEW = 0
    PARTIAL_FILL = 1
    FILL = 2
    CANCELED = 3
    REPLACE = 4
    REJECTED = 5
    EXPIRED = 6
    DONE_FOR_DAY = 7


class RejectReason(IntEnum):
    """Why an order was turned away."""

    EXCHANGE_OPTION = 0
    UNKNOWN_SYMBOL = 1
    EXCHANGE_CLOSED = 2
    INCORRECT_QUANTITY = 3
    INVALID_PRICE_INCREMENT = 4
    INCORRECT_ORDER_TYPE = 5
    PRICE_OUT_OF_BOUNDS = 6
    NO_LIQUIDITY = 7
