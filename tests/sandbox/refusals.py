"""Every reason for which an order is refused, each with an order that meets it: the table of ``docs/sandbox.md``.

Texts of the venue: docs.polymarket.us, institutional/fix-api/fix-reject-reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from runner.sandbox.exchange.surprises import Surprises
from runner.sandbox.exchange.terms import InstrumentState, OrderType, RejectReason, Side, TimeInForce
from sandbox.bench import ALICES, BOBS, CAROLS, symbol
from sandbox.floor import Floor

Reason = RejectReason
MARKET = OrderType.MARKET_TO_LIMIT
NO_LAST_TRADE = "failed risk check: rpc error: code = FailedPrecondition desc = No last trade when open, "


@dataclass(frozen=True)
class Refused:
    """``place`` enters an order of Alice's that is refused with a text and a reason, and gives its id.

    ``cash``: the dollars in each account, None for the usual million.
    """

    text: str
    reason: RejectReason
    place: Callable[[Floor], str]
    cash: int | None = None


def buying(quantity: int, price: int, on: str = "kc", **more: Any) -> Callable[[Floor], str]:
    return lambda floor: floor.buy(ALICES, quantity, price, on, **more)


def in_state(state: str) -> Refused:
    def place(floor: Floor) -> str:
        floor.put(InstrumentState[state])
        return floor.buy(ALICES, 1, 400)

    return Refused(f"Book is {state}", Reason.EXCHANGE_CLOSED, place)


def in_lots_of_100(quantity: int) -> Callable[[Floor], str]:
    def place(floor: Floor) -> str:
        listed = floor.exchange.instruments
        listed[symbol()] = replace(listed[symbol()], minimum_quantity=100)
        return floor.buy(ALICES, quantity, 400)

    return place


def meeting_one_s_own(floor: Floor) -> str:
    resting = floor.sell(ALICES, 1, 400, self_match_id="x")
    order = floor.buy(ALICES, 1, 400, self_match_id="x")
    floor.cancel(resting)
    return order


def named_twice(floor: Floor) -> str:
    first = floor.buy(ALICES, 1, 400, client_order_id="x")
    second = floor.buy(ALICES, 1, 400, client_order_id="x")
    floor.cancel(first)
    return second


def against(price: int, **more: Any) -> Callable[[Floor], str]:
    """Where an offer of one at 0.40 rests."""

    def place(floor: Floor) -> str:
        floor.sell(BOBS, 1, 400)
        return floor.buy(ALICES, 1, price, **more)

    return place


def before_opening(floor: Floor) -> str:
    floor.put(InstrumentState.PREOPEN)
    return floor.buy(ALICES, 1, 400, post_only=True)


def after_all_was_bought(floor: Floor) -> str:
    floor.sell(BOBS, 1, 400)
    floor.buy(ALICES, 1, 400)
    return floor.buy(ALICES, 1, 0, type=MARKET)


def too_late(floor: Floor) -> str:
    floor.exchange.surprises = Surprises(late_reject="Global Rate Limit Exceeded")
    return floor.buy(ALICES, 1, 400)


def unlisted(floor: Floor) -> str:
    return floor.exchange.submit(replace(floor.request(ALICES, Side.BUY, 1, 400), symbol="nowhere")).id


def past_its_time(floor: Floor) -> str:
    return floor.buy(ALICES, 1, 400, time_in_force=TimeInForce.GOOD_TILL_TIME, good_till=floor.clock.now())


def crossed(buyer: int = 1, seller: int = 1, price: int = 500) -> Callable[[Floor], str]:
    """A cross with a bid of one at 0.51 in the book."""

    def place(floor: Floor) -> str:
        floor.buy(CAROLS, 1, 510)
        buy = floor.request(ALICES, Side.BUY, buyer, price)
        return floor.exchange.submit_cross(buy, floor.request(BOBS, Side.SELL, seller, price))[0]

    return place


def crossed_before_opening(floor: Floor) -> str:
    floor.put(InstrumentState.PREOPEN)
    return crossed()(floor)


REFUSALS: Mapping[str, Refused] = {
    "low-notional": Refused(
        "Low total notional size limit is 1, given 0.944", Reason.EXCHANGE_OPTION, buying(118, 80, "mia")
    ),
    "high-notional": Refused(
        "High total notional size limit is 500, given 510", Reason.EXCHANGE_OPTION, buying(100_000, 51, "mia")
    ),
    "low-price": Refused("Low price limit is 0.001, given -0.01", Reason.PRICE_OUT_OF_BOUNDS, buying(1, -10)),
    "high-price": Refused("High price limit is 0.999, given 1", Reason.PRICE_OUT_OF_BOUNDS, buying(1, 1000)),
    "low-size": Refused("Low order size limit is 100, given 98", Reason.INCORRECT_QUANTITY, buying(98, 50, "mia")),
    "high-size": Refused(
        "High order size limit is 100000, given 100001", Reason.INCORRECT_QUANTITY, buying(100_001, 1, "mia")
    ),
    "minimum-trade": Refused("Minimum trade quantity is 100, given 99", Reason.INCORRECT_QUANTITY, in_lots_of_100(99)),
    "funds": Refused("1000 USD available, requested 1000.278", Reason.EXCHANGE_OPTION, buying(1098, 911), cash=1000),
    "collateral": Refused(
        "1000 USD available, requested 1000.5",
        Reason.EXCHANGE_OPTION,
        lambda floor: floor.sell(ALICES, 2001, 500),
        cash=1000,
    ),
    "self-match": Refused("Self Match Prevention", Reason.EXCHANGE_OPTION, meeting_one_s_own),
    "post-only": Refused(
        "Order may participate but not initiate in the market", Reason.EXCHANGE_OPTION, against(400, post_only=True)
    ),
    "best-limit": Refused("No liquidity to derive limit price", Reason.NO_LIQUIDITY, buying(1, 0, best=True)),
    "immediate-limit": Refused("No liquidity to derive limit price", Reason.NO_LIQUIDITY, buying(1, 0, immediate=True)),
    "duplicate": Refused("ClOrdID already in use by an open order", Reason.EXCHANGE_OPTION, named_twice),
    "no-last-trade": Refused(
        f"{NO_LAST_TRADE}no price for the order", Reason.EXCHANGE_OPTION, buying(1, 0, type=MARKET)
    ),
    "closed": in_state("CLOSED"),
    "suspended": in_state("SUSPENDED"),
    "halted": in_state("HALTED"),
    "pending": in_state("PENDING"),
    "expired": in_state("EXPIRED"),
    "terminated": in_state("TERMINATED"),
    "pre-open": Refused(
        "Order has attributes that cannot be placed in PRE_OPEN", Reason.EXCHANGE_OPTION, before_opening
    ),
    "not-tradable": Refused("Instrument is not tradable", Reason.EXCHANGE_OPTION, buying(1, 40, "den")),
    "stopgap": Refused("Global Rate Limit Exceeded", Reason.EXCHANGE_OPTION, too_late),
    # From here on the pages name the rule, or its reason, and no text: these words are the sandbox's own.
    "unknown-symbol": Refused("Unknown symbol nowhere", Reason.UNKNOWN_SYMBOL, unlisted),
    "increment": Refused(
        "Price increment is 0.005, given 0.501", Reason.INVALID_PRICE_INCREMENT, buying(100, 501, "phi")
    ),
    "lot": Refused("Quantity is not a multiple of 100, given 150", Reason.INCORRECT_QUANTITY, in_lots_of_100(150)),
    "minimum-above": Refused(
        "Minimum quantity 6 is above the order quantity 5", Reason.INCORRECT_QUANTITY, buying(5, 400, minimum=6)
    ),
    "no-market": Refused("No liquidity to match market to limit order", Reason.NO_LIQUIDITY, after_all_was_bought),
    "strict": Refused(
        "Strict limit order would trade at a better price", Reason.EXCHANGE_OPTION, against(410, strict=True)
    ),
    "post-only-and-ioc": Refused(
        "Post-only excludes minimum quantity, all-or-none, IOC and FOK",
        Reason.INCORRECT_ORDER_TYPE,
        buying(1, 400, post_only=True, time_in_force=TimeInForce.IMMEDIATE_OR_CANCEL),
    ),
    "best-and-immediate": Refused(
        "Best limit excludes immediately executable limit",
        Reason.INCORRECT_ORDER_TYPE,
        buying(1, 400, best=True, immediate=True),
    ),
    "market-best": Refused(
        "Only a limit order derives its price", Reason.INCORRECT_ORDER_TYPE, buying(1, 400, best=True, type=MARKET)
    ),
    "stop-side": Refused(
        "Stop price is on the wrong side of the limit price",
        Reason.EXCHANGE_OPTION,
        buying(1, 400, type=OrderType.STOP_LIMIT, stop_price=390),
    ),
    "past": Refused("Good till time has passed", Reason.INCORRECT_ORDER_TYPE, past_its_time),
    "cross-through": Refused("Cross would trade through the book", Reason.EXCHANGE_OPTION, crossed()),
    "cross-partner": Refused(
        "The other order of the cross was rejected", Reason.EXCHANGE_OPTION, crossed(1, 10_000_000, 510)
    ),
    "cross-before-opening": Refused("Book is PREOPEN", Reason.EXCHANGE_CLOSED, crossed_before_opening),
}
