"""What an order is made of: arguments, the exact wire body, and what it can lose.

Source: docs.polymarket.us, institutional/trading/overview and market-structure/collateral-and-margin.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from runner.action import Arguments, OrderIntent, OrderTerms
from runner.errors import GuardRefused, StepErrored
from runner.value import (
    DECIMAL,
    DURATION,
    FLAG,
    NAME,
    TIME,
    Argument,
    WrongValue,
    choice,
)
from runner.venue.asks import Word
from runner.venue.model import Instrument
from runner.venue.scales import Scales, ScalesToCome
from runner.venue.wire import moment

SIDE = choice("SIDE_", "buy", "sell")
TYPE = choice("ORDER_TYPE_", "limit", "market_to_limit", "stop", "stop_limit")
TIME_IN_FORCE = choice(
    "TIME_IN_FORCE_", "day", "good_till_cancel", "immediate_or_cancel", "good_till_time", "fill_or_kill"
)
_PRICED = {"ORDER_TYPE_LIMIT", "ORDER_TYPE_STOP_LIMIT"}
STOPS = {"ORDER_TYPE_STOP", "ORDER_TYPE_STOP_LIMIT"}
_ONE = Decimal(1)

ARGUMENTS = {
    "symbol": Argument(NAME, "The instrument", required=True),
    "side": Argument(SIDE, "buy or sell", required=True),
    "type": Argument(TYPE, "limit, market_to_limit, stop or stop_limit", default="ORDER_TYPE_LIMIT"),
    "price": Argument(DECIMAL, "Dollars per contract"),
    "quantity": Argument(DECIMAL, "Contracts; or give `cash`"),
    "cash": Argument(DECIMAL, "Dollars to trade for, instead of `quantity`"),
    "time_in_force": Argument(
        TIME_IN_FORCE,
        "day, good_till_cancel, immediate_or_cancel, good_till_time or fill_or_kill",
        default="TIME_IN_FORCE_GOOD_TILL_CANCEL",
    ),
    "good_till": Argument(TIME, "When a good_till_time order expires"),
    "stop_price": Argument(DECIMAL, "Dollars at which a stop order is triggered"),
    "minimum_quantity": Argument(DECIMAL, "Contracts that must fill at once, or the order expires"),
    "post_only": Argument(FLAG, "Rejected if it would trade at once"),
    "all_or_none": Argument(FLAG, "All of it at once, or nothing"),
    "account": Argument(NAME, "firms/<firm>/accounts/<account>; the settings' one if not given"),
    "settle": Argument(DURATION, "How long to read the order back while it is pending", default=10_000),
}


def intent(arguments: Arguments, instrument: Instrument, account: str, clord_id: str) -> OrderIntent:
    """The order as it will be sent. Raises ``GuardRefused`` for what the instrument does not allow."""
    demand_tradable(instrument)
    _complete(arguments)
    return OrderIntent(
        symbol=instrument.symbol,
        side=arguments["side"],
        price=arguments["price"],
        quantity=arguments["quantity"],
        exposure=exposure(arguments["side"], arguments["price"], arguments["quantity"], arguments["cash"], instrument),
        account=account,
        body=order_body(arguments, Scales.of(instrument), account, clord_id),
    )


def stated(known: Mapping[str, object]) -> OrderTerms:
    """What the arguments that are known say of the order; anything that can't be read yet is None."""
    read = {name: read_known(name, known.get(name)) for name in ("side", "price", "quantity", "cash", "symbol")}
    side, price, quantity, cash = read["side"], read["price"], read["quantity"], read["cash"]
    risk = None
    if cash is not None:
        risk = cash
    elif side and price is not None and quantity is not None:
        risk = exposure(side, price, quantity, None, None)
    return OrderTerms(read["symbol"], quantity, risk)


def exposure(
    side: str, price: Decimal | None, quantity: Decimal | None, cash: Decimal | None, instrument: Instrument | None
) -> Decimal:
    """What the order can lose, in dollars, fees aside; without a price, at the worst that the instrument allows."""
    if cash is not None:
        return cash
    if side == "SIDE_BUY":
        worst = (instrument.price_high if instrument else None) or _ONE
        return (price if price is not None else worst) * (quantity or 0)
    worst = (instrument.price_low if instrument else None) or Decimal(0)
    return (_ONE - (price if price is not None else worst)) * (quantity or 0)


def read_known(name: str, value: object) -> Any:
    """An argument of an order that may be known before a run; None if it is not, or can't be read."""
    try:
        return None if value is None else ARGUMENTS[name].kind.read(value)
    except WrongValue:
        return None


def demand_tradable(instrument: Instrument) -> None:
    """Raises ``GuardRefused`` for an instrument that takes no orders now."""
    if not instrument.tradable:
        raise GuardRefused(
            f"`{instrument.symbol}` takes no orders now: it is {instrument.state}",
            help="wait until it is open, or choose another with `list_instruments` and `tradable_filter: tradable`",
        )


def _complete(arguments: Arguments) -> None:
    """What belongs together is there. Raises ``StepErrored``."""
    if (arguments["quantity"] is None) == (arguments["cash"] is None):
        raise StepErrored("an order has either `quantity` or `cash`", help="give exactly one of the two")
    wanted = {
        "price": arguments["type"] in _PRICED,
        "stop_price": arguments["type"] in STOPS,
        "good_till": arguments["time_in_force"] == "TIME_IN_FORCE_GOOD_TILL_TIME",
    }
    for name, needed in wanted.items():
        if needed and arguments[name] is None:
            raise StepErrored(f"this order needs `{name}`", help=f"give `{name}`, or another type or time in force")


def order_body(arguments: Arguments, scales: Scales | ScalesToCome, account: Word, clord_id: Word) -> dict[str, Any]:
    """InsertOrderRequest in the published spelling, without what was not given."""
    optional = {
        "price": _wire(arguments["price"], scales.wire_price),
        "orderQty": _wire(arguments["quantity"], scales.wire_quantity),
        "cashOrderQty": _wire(arguments["cash"], scales.wire_cash),
        "stopPrice": _wire(arguments["stop_price"], scales.wire_price),
        "minQty": _wire(arguments["minimum_quantity"], scales.wire_quantity),
        "goodTillTime": moment(arguments["good_till"]),
        "participateDontInitiate": arguments["post_only"],
        "allOrNone": arguments["all_or_none"],
        "account": account or None,
    }
    return {
        "clordId": clord_id,
        "symbol": arguments["symbol"],
        "side": arguments["side"],
        "type": arguments["type"],
        "timeInForce": arguments["time_in_force"],
    } | {name: value for name, value in optional.items() if value is not None}


def _wire(value: Decimal | None, convert: Any) -> Any:
    return None if value is None else convert(value)
