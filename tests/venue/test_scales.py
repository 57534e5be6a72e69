"""Dollars and contracts to the wire and back, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import GuardRefused, StepErrored
from runner.venue.scales import Scales, text

D = Decimal
CENT = Scales(100, 100, D("0.01"), D("0.01"))
HALF = Scales(1000, 100, D("0.005"), D("0.01"))
BOUND = Scales(100, 1, D("0.01"), D(5), D("0.10"), D("0.90"))


@pytest.mark.parametrize(
    ("scales", "dollars", "wire"),
    [
        (CENT, "0.57", 57),
        (CENT, "0.570", 57),
        (HALF, "0.285", 285),
        (HALF, "0.28", 280),
        (Scales(10000, 1, D("0.0025")), "0.0025", 25),
        (Scales(1000, 1), "0.283", 283),
        (BOUND, "0.10", 10),
        (BOUND, "0.90", 90),
    ],
)
def test_prices(scales: Scales, dollars: str, wire: int) -> None:
    """A price goes out as a whole number of the instrument's units, and comes back the same."""
    assert scales.wire_price(D(dollars)) == wire
    assert scales.dollars(wire) == D(dollars)


@pytest.mark.parametrize(
    ("scales", "dollars", "words", "help"),
    [
        (HALF, "0.283", "0.283 is not on the tick of 0.005", "the nearest are 0.28 and 0.285"),
        (CENT, "0.575", "0.575 is not on the tick of 0.01", "the nearest are 0.57 and 0.58"),
        (HALF, "0.003", "0.003 is not on the tick of 0.005", "the lowest is 0.005"),
        (CENT, "0.999", "not on the tick", "the highest is 0.99"),
        (CENT, "0", "0 is not between 0 and 1 dollar", "0.57"),
        (CENT, "1", "1 is not between 0 and 1 dollar", "0.57"),
        (CENT, "57", "57 is not between 0 and 1 dollar", "0.57"),
        (CENT, "-0.5", "-0.5 is not between", "0.57"),
        (BOUND, "0.09", "0.09 is below the instrument's lowest", "the lowest is 0.1"),
        (BOUND, "0.91", "0.91 is above the instrument's highest", "the highest is 0.9"),
        (Scales(100, 1), "0.575", "a price of 0.575 is finer than the instrument counts", "it counts in 0.01"),
        (Scales(100, 1, D("0.0025")), "0.0025", "finer than the instrument counts", "it counts in 0.01"),
    ],
)
def test_prices_that_are_refused(scales: Scales, dollars: str, words: str, help: str) -> None:
    """Nothing is rounded: what can't be sent is refused with what could be."""
    with pytest.raises(GuardRefused) as caught:
        scales.wire_price(D(dollars))
    assert words in caught.value.message
    assert help in caught.value.help


@pytest.mark.parametrize(
    ("scales", "contracts", "wire"),
    [(CENT, "0.01", 1), (CENT, "1", 100), (Scales(100), "7", 7), (BOUND, "10", 10), (Scales(100, 100), "0.1", 10)],
)
def test_quantities(scales: Scales, contracts: str, wire: int) -> None:
    """A quantity likewise, by its own scale."""
    assert scales.wire_quantity(D(contracts)) == wire
    assert scales.contracts(wire) == D(contracts)


@pytest.mark.parametrize(
    ("scales", "contracts", "words", "help"),
    [
        (CENT, "0.005", "0.005 is too small", "the smallest is 0.01 contracts"),
        (CENT, "0", "0 is too small", "the smallest is 0.01 contracts"),
        (CENT, "-1", "-1 is too small", "0.01"),
        (BOUND, "4", "4 is too small", "the smallest is 5 contracts"),
        (BOUND, "7", "7 is no multiple of the lot of 5", "the nearest are 5 and 10"),
        (CENT, "0.015", "0.015 is no multiple of the lot of 0.01", "the nearest are 0.01 and 0.02"),
        (Scales(100), "0.5", "a quantity of 0.5 is finer than the instrument counts", "it counts in 1"),
        (Scales(100), "0", "0 is too small", "the smallest is 1 contracts"),
    ],
)
def test_quantities_that_are_refused(scales: Scales, contracts: str, words: str, help: str) -> None:
    """Too small, between two lots, or finer than the wire."""
    with pytest.raises(GuardRefused) as caught:
        scales.wire_quantity(D(contracts))
    assert words in caught.value.message
    assert help in caught.value.help


def test_cash() -> None:
    """Cash goes by the price scale."""
    assert CENT.wire_cash(D("5.25")) == 525
    for wrong in ("0", "-1", "0.001"):
        with pytest.raises(GuardRefused):
            CENT.wire_cash(D(wrong))


def test_a_scale_without_a_finite_decimal() -> None:
    """What can't be exact is an error, not a rounded value."""
    with pytest.raises(StepErrored):
        Scales(3).dollars(1)


@given(st.sampled_from([1, 10, 100, 1000, 10000]), st.integers(-(10**18), 10**18))
def test_there_and_back(scale: int, wire: int) -> None:
    """Every wire integer has one exact value, and that value gives the integer again."""
    dollars = Scales(scale, scale).dollars(wire)
    assert dollars * scale == wire
    assert Scales(scale, scale).contracts(wire) == dollars
    if 0 < dollars < 1:
        assert Scales(scale).wire_price(dollars) == wire
    if wire > 0:
        assert Scales(1, scale).wire_quantity(dollars) == wire


@given(st.decimals(min_value=D("0.0001"), max_value=D("0.9999"), places=4), st.sampled_from(["0.01", "0.005", "0.001"]))
def test_no_price_is_ever_rounded(dollars: Decimal, tick: str) -> None:
    """Either the very price goes out, or none."""
    scales = Scales(1000, 1, D(tick))
    try:
        wire = scales.wire_price(dollars)
    except GuardRefused:
        assert dollars % D(tick)
    else:
        assert scales.dollars(wire) == dollars


@pytest.mark.parametrize(("number", "shown"), [("0.280", "0.28"), ("1E+2", "100"), ("5", "5"), ("1E-8", "0.00000001")])
def test_numbers_as_people_write_them(number: str, shown: str) -> None:
    """No exponents in a message."""
    assert text(D(number)) == shown
