"""Whether the exchange takes an order, and the venue's words when it does not.

Texts follow docs.polymarket.us: institutional/fix-api/fix-reject-reasons. Which REST reason goes with which text is
documented nowhere; the finer reason is used where one fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from runner.sandbox.exchange.accounts import Account
from runner.sandbox.exchange.instruments import MICROS, Instrument
from runner.sandbox.exchange.orders import OrderRequest
from runner.sandbox.exchange.terms import InstrumentState, OrderType, RejectReason, TimeInForce

_SUPPORTED_TIMES = (TimeInForce.DAY, TimeInForce.GOOD_TILL_CANCEL)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an order is rejected."""

    text: str
    reason: RejectReason = RejectReason.EXCHANGE_OPTION


def refusal_of(order: OrderRequest, instrument: Instrument | None) -> Refusal | None:
    """The first thing wrong with an order as such, money aside; None if all is well.

    Order types other than LIMIT, times in force other than DAY and GOOD_TILL_CANCEL and special instructions are
    rejected with a text that says so: the venue has them, this exchange does not yet.
    """
    if instrument is None:
        return Refusal(f"Unknown symbol {order.symbol}", RejectReason.UNKNOWN_SYMBOL)
    return (
        _refused_by_state(instrument)
        or _refused_kind(order)
        or _refused_quantity(order, instrument)
        or _refused_price(order, instrument)
    )


def refusal_for_money(order: OrderRequest, instrument: Instrument, account: Account, available: int) -> Refusal | None:
    """A refusal if the account's orders in this instrument could cost more than ``available`` millionths.

    An order that does not raise the worst case is always taken: it closes a holding.
    """
    value = instrument.value(order.price, order.quantity)
    wanted = account.exposures[order.symbol].plus(order.side, order.quantity, value)
    requested = account.reserved(instrument, wanted)
    if requested <= max(available, account.reserved(instrument)):
        return None
    return Refusal(f"{_usd(available)} USD available, requested {_usd(requested)}")


def _refused_by_state(instrument: Instrument) -> Refusal | None:
    if instrument.non_tradable:
        return Refusal("Instrument is not tradable")
    if instrument.state is not InstrumentState.OPEN:
        return Refusal(f"Book is {instrument.state.name}", RejectReason.EXCHANGE_CLOSED)
    return None


def _refused_kind(order: OrderRequest) -> Refusal | None:
    kind = RejectReason.INCORRECT_ORDER_TYPE
    if order.type is not OrderType.LIMIT:
        return Refusal(f"Order type {order.type.name} is not supported", kind)
    if order.time_in_force not in _SUPPORTED_TIMES:
        return Refusal(f"Time in force {order.time_in_force.name} is not supported", kind)
    if order.special:
        return Refusal(f"Order attribute {order.special[0]} is not supported", kind)
    return None


def _refused_quantity(order: OrderRequest, instrument: Instrument) -> Refusal | None:
    minimum = instrument.minimum_quantity
    if order.quantity < minimum:
        text = f"Minimum trade quantity is {minimum}, given {order.quantity}"
        return Refusal(text, RejectReason.INCORRECT_QUANTITY)
    if order.quantity % minimum:
        text = f"Quantity is not a multiple of {minimum}, given {order.quantity}"
        return Refusal(text, RejectReason.INCORRECT_QUANTITY)
    return None


def _refused_price(order: OrderRequest, instrument: Instrument) -> Refusal | None:
    given = instrument.dollars(order.price)
    if order.price < instrument.low_price:
        text = f"Low price limit is {instrument.dollars(instrument.low_price)}, given {given}"
        return Refusal(text, RejectReason.PRICE_OUT_OF_BOUNDS)
    if order.price > instrument.high_price:
        text = f"High price limit is {instrument.dollars(instrument.high_price)}, given {given}"
        return Refusal(text, RejectReason.PRICE_OUT_OF_BOUNDS)
    if order.price % instrument.tick:
        text = f"Price increment is {instrument.tick_size}, given {given}"
        return Refusal(text, RejectReason.INVALID_PRICE_INCREMENT)
    return None


def _usd(micros: int) -> str:
    return plain(Decimal(micros).scaleb(-6)) if micros < 10**27 else str(micros // MICROS)


def plain(amount: Decimal) -> str:
    """A decimal without exponent and without trailing zeros, as the venue prints money."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
