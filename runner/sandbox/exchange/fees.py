"""Trading fees, in whole cents (docs.polymarket.us: fees, in force from 2026-09-25).

A fee is rate x contracts x p x (1 - p), p in dollars, rounded to the cent, half to even. Takers pay, makers are paid.
For one aggressive order the charges over its fills never exceed the rounded fee of all of them together.
"""

from __future__ import annotations

from runner.sandbox.exchange.instruments import MICROS, Instrument

_TAKER, _MAKER, _RATE_SCALE = 695, 125, 10_000
_CENT = MICROS // 100


def basis(instrument: Instrument, price: int, quantity: int) -> int:
    """What a fee is proportional to: wire quantity x wire price x what the price leaves to one dollar."""
    return quantity * price * (instrument.price_scale - price)


def taker_fee(instrument: Instrument, taken: int, charged: int, more: int) -> int:
    """The charge for one more fill of an aggressive order, in millionths of a dollar.

    ``taken`` and ``charged`` are basis and charge of its fills so far, ``more`` is the basis of the new one.
    """
    alone = _rounded(instrument, _TAKER, more)
    return min(alone, _rounded(instrument, _TAKER, taken + more) - charged)


def maker_fee(instrument: Instrument, more: int) -> int:
    """The charge for a fill of a resting order in millionths of a dollar: a rebate, so never above zero."""
    return -_rounded(instrument, _MAKER, more)


def _rounded(instrument: Instrument, rate: int, amount: int) -> int:
    denominator = _RATE_SCALE * instrument.contract * instrument.price_scale**2
    cents, rest = divmod(100 * rate * amount, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and cents % 2):
        cents += 1
    return cents * _CENT
