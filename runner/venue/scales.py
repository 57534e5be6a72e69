"""Between dollars and contracts and the venue's integers, exactly.

Wire price = dollars x price scale; wire quantity = contracts x quantity scale; wire cash = dollars x price scale.
Source: docs.polymarket.us, institutional/refdata/overview. Both scales belong to an instrument and are never assumed.
"""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, InvalidOperation

from runner.errors import GuardRefused, StepErrored
from runner.frozen import frozen
from runner.later import Later
from runner.venue.model import Instrument

_EXACT = Context(prec=100, traps=[Inexact, InvalidOperation])


@frozen
class Scales:
    """How one instrument counts. ``tick`` and price limits in dollars, ``minimum`` (also the lot) in contracts.

    A tick or a minimum of 0 and a limit of None do not bind.
    """

    price_scale: int
    quantity_scale: int = 1
    tick: Decimal = Decimal(0)
    minimum: Decimal = Decimal(0)
    price_low: Decimal | None = None
    price_high: Decimal | None = None

    @classmethod
    def of(cls, instrument: Instrument) -> Scales:
        """The scales of an instrument."""
        return cls(
            instrument.price_scale,
            instrument.quantity_scale,
            instrument.tick_size,
            instrument.minimum_quantity,
            instrument.price_low,
            instrument.price_high,
        )

    def wire_price(self, dollars: Decimal) -> int:
        """A price as the wire counts it. ``GuardRefused`` off the tick or outside the instrument's limits."""
        self._check_limits(dollars)
        if self.tick and _EXACT.remainder(dollars, self.tick):
            raise GuardRefused(
                f"a price of {text(dollars)} is not on the tick of {text(self.tick)}", help=self._near(dollars)
            )
        return _whole(dollars, self.price_scale, "a price")

    def wire_quantity(self, contracts: Decimal) -> int:
        """A quantity as the wire counts it. ``GuardRefused`` below the minimum or between two lots."""
        if contracts <= 0 or contracts < self.minimum:
            raise GuardRefused(
                f"a quantity of {text(contracts)} is too small",
                help=f"the smallest is {text(self._smallest())} contracts",
            )
        if self.minimum and _EXACT.remainder(contracts, self.minimum):
            low, high = _neighbours(contracts, self.minimum)
            raise GuardRefused(
                f"a quantity of {text(contracts)} is no multiple of the lot of {text(self.minimum)}",
                help=f"the nearest are {text(low)} and {text(high)}",
            )
        return _whole(contracts, self.quantity_scale, "a quantity")

    def wire_cash(self, dollars: Decimal) -> int:
        """An amount of cash as the wire counts it. ``GuardRefused`` if not positive or finer than the scale."""
        if dollars <= 0:
            raise GuardRefused(f"cash of {text(dollars)} is not an amount to trade", help="give more than 0 dollars")
        return _whole(dollars, self.price_scale, "cash")

    def dollars(self, wire: int) -> Decimal:
        """A wire price or wire cash in dollars."""
        return divided(wire, self.price_scale)

    def contracts(self, wire: int) -> Decimal:
        """A wire quantity in contracts."""
        return divided(wire, self.quantity_scale)

    def money(self, wire: int) -> Decimal:
        """What the wire counts in units of price times quantity, such as a cost or a commission, in dollars."""
        return divided(wire, self.price_scale * self.quantity_scale)

    def _check_limits(self, dollars: Decimal) -> None:
        if not 0 < dollars < 1:
            raise GuardRefused(
                f"a price of {text(dollars)} is not between 0 and 1 dollar",
                help="a contract pays 1 dollar: give its price as a fraction, such as 0.57",
            )
        if self.price_low is not None and dollars < self.price_low:
            raise GuardRefused(
                f"a price of {text(dollars)} is below the instrument's lowest",
                help=f"the lowest is {text(self.price_low)}",
            )
        if self.price_high is not None and dollars > self.price_high:
            raise GuardRefused(
                f"a price of {text(dollars)} is above the instrument's highest",
                help=f"the highest is {text(self.price_high)}",
            )

    def _near(self, dollars: Decimal) -> str:
        low, high = _neighbours(dollars, self.tick)
        if not low:
            return f"the lowest is {text(high)}"
        return f"the nearest are {text(low)} and {text(high)}" if high < 1 else f"the highest is {text(low)}"

    def _smallest(self) -> Decimal:
        return self.minimum or divided(1, self.quantity_scale)


class ScalesToCome:
    """The scales of an instrument that is yet to be read: marks, of what will be made of which number."""

    def wire_price(self, dollars: Decimal | Later) -> Later:
        """A price as the wire will count it."""
        return Later(f"price in the instrument's integers: {_plain(dollars)} x price_scale")

    def wire_quantity(self, contracts: Decimal | Later) -> Later:
        """A quantity as the wire will count it."""
        return Later(f"quantity in the instrument's integers: {_plain(contracts)} x quantity_scale")

    def wire_cash(self, dollars: Decimal | Later) -> Later:
        """An amount of cash as the wire will count it."""
        return Later(f"cash in the instrument's integers: {_plain(dollars)} x price_scale")


def _plain(number: Decimal | Later) -> str:
    return number.what if isinstance(number, Later) else text(number)


def divided(wire: int, scale: int) -> Decimal:
    """``wire / scale``, exactly; ``StepErrored`` if that has no finite decimal form."""
    try:
        return _EXACT.divide(Decimal(wire), Decimal(scale))
    except Inexact:
        raise StepErrored(f"{wire} at scale {scale} is not an exact decimal") from None


def difference(after: Decimal, before: Decimal) -> Decimal:
    """``after - before``, exactly."""
    return _EXACT.subtract(after, before)


def text(number: Decimal) -> str:
    """A number as a person writes it: no exponent, no needless zeros."""
    return format(_EXACT.normalize(number), "f")


def _neighbours(number: Decimal, step: Decimal) -> tuple[Decimal, Decimal]:
    low = _EXACT.multiply(_EXACT.divide_int(number, step), step)
    return low, _EXACT.add(low, step)


def _whole(number: Decimal, scale: int, what: str) -> int:
    wire = _EXACT.multiply(number, Decimal(scale))
    if wire != wire.to_integral_value():
        finest = text(divided(1, scale))
        raise GuardRefused(
            f"{what} of {text(number)} is finer than the instrument counts", help=f"it counts in {finest}"
        )
    return int(wire)
