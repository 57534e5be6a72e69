"""Instruments, their scales and the listing criteria.

Scaling follows docs.polymarket.us: institutional/introduction and institutional/refdata/overview. A wire price is
dollars x price scale, a wire quantity is contracts x quantity scale. Money inside the exchange is a whole number of
millionths of a dollar, which every pair of scales listed here divides exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from runner.sandbox.exchange.terms import GONE, InstrumentState, TradableFilter

MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """Bounds of an order's size in wire quantities and of its notional value in dollars; None where there is none."""

    low: int | None = None
    high: int | None = None
    notional_low: Decimal | None = None
    notional_high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """The final price of an instrument as a wire integer, zero included, and when it was set."""

    price: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Instrument:
    """One contract that pays one dollar or nothing. Prices and quantities are wire integers."""

    symbol: str
    description: str
    product: str
    state: InstrumentState
    tick: int
    price_scale: int
    quantity_scale: int
    minimum_quantity: int
    low_price: int
    high_price: int
    starts: date
    expires: date
    created: datetime
    metadata: Mapping[str, str]
    non_tradable: bool = False
    size: SizeLimit | None = None
    updated: datetime | None = None
    settlement: Settlement | None = None

    def __post_init__(self) -> None:
        if MICROS % (self.price_scale * self.contract):
            raise ValueError(f"{self.symbol}: the scales do not divide a millionth of a dollar")

    @property
    def contract(self) -> int:
        """Wire units of one whole contract; older listings print the scale as 0 and mean 1."""
        return self.quantity_scale or 1

    @property
    def tick_size(self) -> Decimal:
        """The price step in dollars."""
        return Decimal(self.tick) / self.price_scale

    @property
    def tradable(self) -> bool:
        """Whether orders may ever be entered again; closed and halted books count as tradable."""
        return not self.non_tradable and self.state not in GONE

    def dollars(self, price: int) -> Decimal:
        """A wire price in dollars."""
        return Decimal(price) / self.price_scale

    def value(self, price: int, quantity: int) -> int:
        """What a quantity costs at a price, in millionths of a dollar."""
        return price * quantity * (MICROS // (self.price_scale * self.contract))

    def payout(self, quantity: int) -> int:
        """What a quantity pays if the event happens, in millionths of a dollar."""
        return quantity * (MICROS // self.contract)


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a listing asks for; every criterion that is set must hold."""

    symbols: frozenset[str] = frozenset()
    states: frozenset[InstrumentState] = frozenset()
    tradable: TradableFilter = TradableFilter.ALL
    product: str = ""
    clearing_prefix: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    starts: tuple[date | None, date | None] = (None, None)
    expires: tuple[date | None, date | None] = (None, None)

    def accept(self, instrument: Instrument) -> bool:
        """Whether an instrument meets all of the criteria."""
        return (
            (not self.symbols or instrument.symbol in self.symbols)
            and (not self.states or instrument.state in self.states)
            and self._tradable(instrument)
            and (not self.product or instrument.product == self.product)
            and instrument.metadata.get("clearing_sym", "").startswith(self.clearing_prefix)
            and all(instrument.metadata.get(key) == wanted for key, wanted in self.metadata)
            and _within(instrument.starts, self.starts)
            and _within(instrument.expires, self.expires)
        )

    def _tradable(self, instrument: Instrument) -> bool:
        if self.tradable is TradableFilter.ALL:
            return True
        return instrument.tradable == (self.tradable is TradableFilter.TRADABLE)


def _within(day: date, bounds: tuple[date | None, date | None]) -> bool:
    earliest, latest = bounds
    return (earliest is None or day >= earliest) and (latest is None or day <= latest)
