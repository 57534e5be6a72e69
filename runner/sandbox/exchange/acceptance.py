"""Whether the exchange takes an order as such, and the venue's words when it does not.

Texts follow docs.polymarket.us: institutional/fix-api/fix-reject-reasons. Which REST reason goes with which text is
documented nowhere; the finer reason is used where one fits. Where the pages name a rule and no text, the text is this
exchange's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from runner.sandbox.exchange.instruments import MICROS, Instrument, SizeLimit
from runner.sandbox.exchange.orders import AT_ONCE, STOPS, OrderRequest
from runner.sandbox.exchange.terms import AUCTIONS, ENTERABLE, OrderType, RejectReason, Side, TimeInForce

_PRICED = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order is rejected."""

    text: str
    reason: RejectReason = RejectReason.EXCHANGE_OPTION


DUPLICATE = Refusal("ClOrdID already in use by an open order")
SELF_MATCH = Refusal("Self Match Prevention")
WOULD_INITIATE = Refusal("Order may participate but not initiate in the market")
NOTHING_TO_DERIVE = Refusal("No liquidity to derive limit price", RejectReason.NO_LIQUIDITY)
NO_MARKET = Refusal("No liquidity to match market to limit order", RejectReason.NO_LIQUIDITY)
NO_REFERENCE = Refusal(
    "failed risk check: rpc error: code = FailedPrecondition desc = No last trade when open, no price for the order"
)
BETTER_THAN_STRICT = Refusal("Strict limit order would trade at a better price")


def refusal_of(order: OrderRequest, instrument: Instrument | None, now: datetime) -> Refusal | None:
    """The first thing wrong with an order as such, book and money aside; None if all is well."""
    if instrument is None:
        return Refusal(f"Unknown symbol {order.symbol}", RejectReason.UNKNOWN_SYMBOL)
    return (
        _refused_by_state(order, instrument)
        or _refused_combination(order, now)
        or (None if order.cash else refused_quantity(order, instrument))
        or _refused_price(order, instrument)
    )


def _refused_by_state(order: OrderRequest, instrument: Instrument) -> Refusal | None:
    if instrument.non_tradable:
        return Refusal("Instrument is not tradable")
    if instrument.state not in ENTERABLE:
        return Refusal(f"Book is {instrument.state.name}", RejectReason.EXCHANGE_CLOSED)
    if instrument.state in AUCTIONS and _needs_a_market(order):
        return Refusal("Order has attributes that cannot be placed in PRE_OPEN")
    return None


def _needs_a_market(order: OrderRequest) -> bool:
    """Whether an order makes no sense while nothing matches."""
    return (
        order.type is OrderType.MARKET_TO_LIMIT
        or order.time_in_force in AT_ONCE
        or order.all_or_none
        or order.post_only
        or order.strict
        or order.derived
        or bool(order.minimum)
    )


def _refused_combination(order: OrderRequest, now: datetime) -> Refusal | None:
    kind = RejectReason.INCORRECT_ORDER_TYPE
    if order.post_only and (order.minimum or order.all_or_none or order.time_in_force in AT_ONCE):
        return Refusal("Post-only excludes minimum quantity, all-or-none, IOC and FOK", kind)
    if order.best and order.immediate:
        return Refusal("Best limit excludes immediately executable limit", kind)
    if order.derived and order.type not in _PRICED:
        return Refusal("Only a limit order derives its price", kind)
    if order.time_in_force is TimeInForce.GOOD_TILL_TIME and order.good_till and order.good_till <= now:
        return Refusal("Good till time has passed", kind)
    return _refused_stop(order)


def _refused_stop(order: OrderRequest) -> Refusal | None:
    """The pages want a buy's stop price at or above its limit price, a sell's at or below (fix-stop-orders)."""
    if order.type is not OrderType.STOP_LIMIT:
        return None
    wrong = order.stop_price < order.price if order.side is Side.BUY else order.stop_price > order.price
    return Refusal("Stop price is on the wrong side of the limit price") if wrong else None


def refused_quantity(order: OrderRequest, instrument: Instrument) -> Refusal | None:
    """What is wrong with the quantity of an order; that of a cash order is known once it has met the book."""
    reason, lot, given = RejectReason.INCORRECT_QUANTITY, instrument.minimum_quantity, order.quantity
    if given < lot:
        return Refusal(f"Minimum trade quantity is {lot}, given {given}", reason)
    if given % lot:
        return Refusal(f"Quantity is not a multiple of {lot}, given {given}", reason)
    if order.minimum > given:
        return Refusal(f"Minimum quantity {order.minimum} is above the order quantity {given}", reason)
    return refused_size(order, instrument, instrument.size) if instrument.size else None


def refused_size(order: OrderRequest, instrument: Instrument, limit: SizeLimit) -> Refusal | None:
    """What is wrong with a quantity or its notional value where the instrument sets bounds."""
    reason, given = RejectReason.INCORRECT_QUANTITY, order.quantity
    if limit.low is not None and given < limit.low:
        return Refusal(f"Low order size limit is {limit.low}, given {given}", reason)
    if limit.high is not None and given > limit.high:
        return Refusal(f"High order size limit is {limit.high}, given {given}", reason)
    notional = Decimal(instrument.value(order.price, given)) / MICROS
    if limit.notional_low is not None and notional < limit.notional_low:
        return Refusal(f"Low total notional size limit is {limit.notional_low}, given {plain(notional)}")
    if limit.notional_high is not None and notional > limit.notional_high:
        return Refusal(f"High total notional size limit is {limit.notional_high}, given {plain(notional)}")
    return None


def _refused_price(order: OrderRequest, instrument: Instrument) -> Refusal | None:
    limit = [order.price] if order.type in _PRICED and not order.derived else []
    stop = [order.stop_price] if order.type in STOPS else []
    return next((refusal for price in limit + stop if (refusal := _off_grid(price, instrument))), None)


def _off_grid(price: int, instrument: Instrument) -> Refusal | None:
    given = instrument.dollars(price)
    if price < instrument.low_price:
        text = f"Low price limit is {instrument.dollars(instrument.low_price)}, given {given}"
        return Refusal(text, RejectReason.PRICE_OUT_OF_BOUNDS)
    if price > instrument.high_price:
        text = f"High price limit is {instrument.dollars(instrument.high_price)}, given {given}"
        return Refusal(text, RejectReason.PRICE_OUT_OF_BOUNDS)
    if price % instrument.tick:
        text = f"Price increment is {instrument.tick_size}, given {given}"
        return Refusal(text, RejectReason.INVALID_PRICE_INCREMENT)
    return None


def refused_money(available: int, requested: int) -> Refusal:
    """The refusal of an order that could cost more than is there, both in millionths of a dollar."""
    return Refusal(f"{usd(available)} USD available, requested {usd(requested)}")


def usd(micros: int) -> str:
    """Millionths of a dollar as a decimal text in dollars."""
    return plain(Decimal(micros).scaleb(-6)) if abs(micros) < 10**27 else str(micros // MICROS)


def plain(amount: Decimal) -> str:
    """A decimal without exponent and without trailing zeros, as the venue prints money."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
