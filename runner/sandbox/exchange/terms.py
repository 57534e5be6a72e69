"""The venue's closed vocabularies with their wire numbers.

Numbers come from docs.polymarket.us: streaming-endpoints/proto-reference, order-stream and dropcopy-stream. Those of
``OrderStateFilter``, ``TradableFilter``, ``SelfMatchPrevention``, ``TradeType`` and ``UnsolicitedCancel`` are
documented nowhere; they count the words in the order of the schemas.
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


ENTERABLE = frozenset({InstrumentState.OPEN, InstrumentState.PREOPEN, InstrumentState.MATCH_AND_CLOSE_AUCTION})
"""Where orders may be entered and changed (docs.polymarket.us: institutional/refdata/overview)."""

CANCELLABLE = ENTERABLE | {InstrumentState.SUSPENDED}
"""Where orders may be cancelled."""

AUCTIONS = frozenset({InstrumentState.PREOPEN, InstrumentState.MATCH_AND_CLOSE_AUCTION})
"""Where orders gather without trading until the book leaves the state."""

GONE = frozenset({InstrumentState.EXPIRED, InstrumentState.TERMINATED})
"""Where nothing is ever traded again."""


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


class SelfMatchPrevention(IntEnum):
    """What becomes of an order that would trade with one of its own participant; the incoming order's word rules."""

    UNDEFINED = 0
    REJECT_AGGRESSOR = 1
    CANCEL_RESTING = 2
    REMOVE_BOTH = 3


class UnsolicitedCancel(IntEnum):
    """Why the exchange cancelled an order that nobody asked it to cancel."""

    UNDEFINED = 0
    CONNECTION_LOSS = 1
    LOGOUT = 2
    EXCHANGE_OPTION = 3
    OTHER = 4


class TradeState(IntEnum):
    """How far the clearing of a trade is."""

    UNDEFINED = 0
    NEW = 1
    CLEARED = 2
    BUSTED = 3
    INFLIGHT = 4
    PENDING_RISK = 5
    PENDING_CLEARED = 6
    REJECTED = 7
    CLEARING_ACKNOWLEDGED = 8
    RETRY_REQUEST = 9


class TradeType(IntEnum):
    """How a trade came about."""

    UNDEFINED = 0
    REGULAR = 1
    REQUEST_FOR_QUOTE = 2
    BLOCK = 3
    CROSS = 4


class LedgerEntryType(IntEnum):
    """Why a balance changed."""

    UNDEFINED = 0
    DEPOSIT = 1
    WITHDRAWAL = 2
    ORDER_EXECUTION = 3
    CORRECTION = 4
    NETTING = 5
    RESOLUTION = 6
    MANUAL_ADJUSTMENT = 7
    SECURITY_BALANCE_ADJUSTMENT = 8
    SECURITY_MARK_TO_MARKET = 9
    ACCOUNT_PROPERTY_ADJUSTMENT = 10
    COMMISSION = 11
    CONTRACT_EXPIRATION = 12
    PENDING_CREDIT_ADJUSTMENT = 13
    BEGINNING_OF_DAY = 14
    SECURITY_WITHDRAWAL = 15
    WITHDRAWAL_REJECTION = 16
    MANUAL_TRANSFER = 17
    AVERAGE_PRICE_TRANSFER = 18
    GIVE_UP = 19
    SYNCHRONIZATION = 20
    INTEREST = 21
    PENDING_WITHDRAWAL_CREATION = 22
    SETTLEMENT_FEE = 23


SHOWN_ENTRIES = frozenset(LedgerEntryType(number) for number in (1, 2, 3, 4, 6, 7, 10, 11, 16, 17, 22))
"""The entry types that the ledger shows; asking for any other is refused (institutional/funding/overview)."""
