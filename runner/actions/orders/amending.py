"""What a replace makes of an order: the exact wire body, what it adds to what can be lost, and whether it shows.

What is not given is sent as it stands: the venue does not say whether a field that is left out keeps its value.
Source: docs.polymarket.us, institutional/trading/overview and trader-guide/order-management.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from runner.action import Arguments, OrderIntent, OrderTerms, Replaced
from runner.actions.orders.lookup import Found
from runner.actions.orders.terms import ARGUMENTS as OF_AN_ORDER
from runner.actions.orders.terms import STOPS, demand_tradable, exposure, read_known
from runner.errors import GuardRefused, StepErrored
from runner.frozen import frozen
from runner.later import Later
from runner.value import NAME, Argument
from runner.venue.asks import Word
from runner.venue.model import Instrument
from runner.venue.scales import Scales, ScalesToCome, text
from runner.venue.wire import Fields, moment

_CHANGES = (
    "price", "quantity", "stop_price", "time_in_force", "good_till", "minimum_quantity", "post_only", "all_or_none"
)  # fmt: skip
_UNTIL = "TIME_IN_FORCE_GOOD_TILL_TIME"
_TERMS = ("price", "orderQty", "stopPrice", "timeInForce", "goodTillTime")
_INSTRUCTIONS = ("minQty", "allOrNone", "participateDontInitiate")

ARGUMENTS = {
    "order_id": Argument(NAME, "The venue's id of the order", required=True),
    "symbol": Argument(NAME, "Its instrument", required=True),
    **{name: Argument(OF_AN_ORDER[name].kind, OF_AN_ORDER[name].help) for name in _CHANGES},
    "quantity": Argument(OF_AN_ORDER["quantity"].kind, "Contracts of the whole order, with what has traded of it"),
    "settle": Argument(
        OF_AN_ORDER["settle"].kind, "How long to read the order back until the replace is decided", default=10_000
    ),
}


@frozen
class Terms:
    """What an order asks for and a replace can change, as the wire counts it; 0 and an empty text are none.

    Before a run each may be ``Later``.
    """

    price: Any
    quantity: Any
    stop_price: Any
    time_in_force: Word
    good_till: datetime | Later | None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Terms:
        """Those of an order as it came, or of a replace's body."""
        got = Fields(values, "order.")
        word = got.text("timeInForce", "")
        return cls(
            got.whole("price", 0),
            got.whole("orderQty", 0),
            got.whole("stopPrice", 0),
            word if not word.endswith("_UNDEFINED") else "",
            got.time("goodTillTime") if word == _UNTIL else None,
        )

    def changed(self, arguments: Arguments, scales: Scales | ScalesToCome) -> Terms:
        """These terms with what was given. Raises ``GuardRefused`` for what the instrument does not allow."""
        price, quantity, stop_price = (arguments[name] for name in ("price", "quantity", "stop_price"))
        word = arguments["time_in_force"] or self.time_in_force
        return Terms(
            self.price if price is None else scales.wire_price(price),
            self.quantity if quantity is None else scales.wire_quantity(quantity),
            self.stop_price if stop_price is None else scales.wire_price(stop_price),
            word,
            (arguments["good_till"] or self.good_till) if word == _UNTIL or isinstance(word, Later) else None,
        )

    @property
    def body(self) -> dict[str, Any]:
        """In the published spelling, without what there is none of."""
        fields = {
            "price": self.price,
            "orderQty": self.quantity,
            "stopPrice": self.stop_price,
            "timeInForce": self.time_in_force,
            "goodTillTime": moment(self.good_till),
        }
        return {name: value for name, value in fields.items() if value}


def demand_a_change(arguments: Arguments) -> None:
    """Raises ``StepErrored`` for a replace that is given nothing to change, or a time without the word for it."""
    if all(arguments[name] is None for name in _CHANGES):
        names = ", ".join(f"`{name}`" for name in _CHANGES)
        raise StepErrored("a replace changes something about an order", help=f"give at least one of {names}")
    if arguments["good_till"] is not None and arguments["time_in_force"] not in (None, _UNTIL):
        raise StepErrored("`good_till` belongs to a good_till_time order", help="leave it out, or change the other")


def replacing(arguments: Arguments, before: Found, instrument: Instrument, clord_id: str) -> OrderIntent:
    """The order with its new terms, as it will be sent. Raises ``GuardRefused`` and ``StepErrored``."""
    demand_tradable(instrument)
    order, scales = before.order, Scales.of(instrument)
    terms = Terms.of(before.raw).changed(arguments, scales)
    quantity, price = scales.contracts(terms.quantity), scales.dollars(terms.price) if terms.price else None
    if terms.time_in_force == _UNTIL and terms.good_till is None:
        raise StepErrored("this order needs `good_till`", help="give `good_till`, or another time in force")
    if quantity <= order.filled_quantity:
        raise GuardRefused(
            f"a quantity of {text(quantity)} leaves nothing to trade: {text(order.filled_quantity)} have traded",
            help="the quantity is that of the whole order; to end it use `cancel_order`",
        )
    old, new = (exposure(order.side, each, Decimal(1), None, instrument) for each in (order.price, price))
    more = added(old, order.quantity, new, quantity, filled=order.filled_quantity)
    return OrderIntent(
        symbol=order.symbol,
        side=order.side,
        price=price,
        quantity=quantity,
        exposure=new * quantity,
        account=order.account,
        body=_body(order.id, clord_id, order.symbol, terms, _instructions(arguments, _own(before), scales)),
        replaces=Replaced(order.id, order.clord_id, more),
    )


def stated(known: Mapping[str, object]) -> OrderTerms:
    """What the arguments that are known say of the whole order; of either side, what is at risk at the least."""
    symbol, price, quantity = (read_known(name, known.get(name)) for name in ("symbol", "price", "quantity"))
    risk = None
    if price is not None and quantity is not None:
        risk = min(exposure(side, price, quantity, None, None) for side in ("SIDE_BUY", "SIDE_SELL"))
    return OrderTerms(symbol, quantity, risk, is_replace=True)


def body_to_come(arguments: Arguments, order_id: Word, clord_id: Word) -> dict[str, Any]:
    """What is known before a run of the body that ``replacing`` makes: all but what is given depends on the order."""
    stands = {name: Later(f"{name} of the order as it stands, if it has one") for name in (*_TERMS, *_INSTRUCTIONS)}
    terms = Terms(*(stands[name] for name in _TERMS)).changed(arguments, ScalesToCome())
    own = {name: stands[name] for name in _INSTRUCTIONS}
    return _body(order_id, clord_id, arguments["symbol"], terms, _instructions(arguments, own, ScalesToCome()))


def _body(
    order_id: Word, clord_id: Word, symbol: Word, terms: Terms, instructions: Mapping[str, Any]
) -> dict[str, Any]:
    return {"orderId": order_id, "clordId": clord_id, "symbol": symbol, **terms.body, **instructions}


def _own(before: Found) -> dict[str, Any]:
    """What only counts when an order enters the book; a stop order, which has yet to, keeps its own."""
    got = Fields(before.raw, "order.")
    own = {"minQty": got.whole("minQty", 0), "allOrNone": got.flag("allOrNone")} if before.order.type in STOPS else {}
    return {**own, "participateDontInitiate": got.flag("participateDontInitiate")}


def _instructions(arguments: Arguments, own: Mapping[str, Any], scales: Scales | ScalesToCome) -> dict[str, Any]:
    minimum = arguments["minimum_quantity"]
    given = {
        "minQty": None if minimum is None else scales.wire_quantity(minimum),
        "allOrNone": arguments["all_or_none"],
        "participateDontInitiate": arguments["post_only"],
    }
    return {name: value for name, value in own.items() if value} | {
        name: value for name, value in given.items() if value is not None
    }


def added(old: Decimal, quantity: Decimal, new: Decimal, new_quantity: Decimal, *, filled: Decimal) -> Decimal:
    """What an order can lose more once it is replaced, in dollars, however much of it trades before that.

    ``old`` and ``new`` are what one contract can lose. It is the most at one of the ends: nothing more trades at the
    old terms, or all that can.
    """
    at_once = (new_quantity - filled) * new - (quantity - filled) * old
    return max(Decimal(0), at_once, (new_quantity - quantity) * new)
