"""Worst-case calls against rate limits, and the time that keeping them takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foresight.world import SURROUNDINGS, foreseen
from runner.foresight.money import stake_of
from runner.foresight.pacing import least_seconds, loads
from runner.journal.bucket import Level, Waiter
from runner.venue.operations import Bucket, rate


def told(steps: str, **more: Any) -> dict[str, tuple[int | None, int | None, float | None]]:
    """Calls, further ones in trouble, and seconds, of each rate limit."""
    found = loads(foreseen(steps, **more).values(), SURROUNDINGS)
    return {each.operations[0]: (each.calls.most, each.calls.more, each.least_seconds) for each in found}


READ = "action: get_best_prices, with: {symbol: x}"


@pytest.mark.parametrize(
    ("written", "calls"),
    [
        (READ, (1, 2, 0.0)),
        (f"{READ}, retry: {{attempts: 5, backoff: 1s, on: [unreachable]}}", (1, 4, 0.0)),
        (f"{READ}, repeat: {{until: 'true', every: 30s, within: 4m}}", (9, 18, 0.0)),
        (f"{READ}, repeat: {{until: 'true', every: 1s, within: 60s}}", (36, 0, 130.0)),
        (f"{READ}, for_each: [1, 2, 3]", (3, 6, 0.0)),
        (f"{READ}, for_each: 'run.id'", (None, None, None)),
    ],
    ids=["once", "tried again", "polls", "polls more often than the limit lets through", "loop", "unknown loop"],
)
def test_calls(written: str, calls: tuple[int | None, int | None, float | None]) -> None:
    """Of one step that reads best prices, which the venue allows twelve times a minute."""
    assert told(f"  - {{id: prices, {written}}}\n")["best_prices"] == calls


def test_reference_data_are_kept() -> None:
    """A poll does not read its instrument each time."""
    assert (
        told(f"  - {{id: prices, {READ}, repeat: {{until: 'true', every: 30s, within: 4m}}}}\n")["instruments"][0] == 1
    )


def test_a_rate_of_the_settings_counts() -> None:
    """`off` is none at all."""
    found = foreseen(f"  - {{id: prices, {READ}}}\n")
    own = replace(SURROUNDINGS, rates={"best_prices": rate("off"), "instruments": rate("2/s")})
    assert [(each.operations, str(each.bucket)) for each in loads(found.values(), own)] == [
        (("instruments",), "2 a second")
    ]


@given(st.integers(1, 60), st.sampled_from([1, 60]), st.integers(0, 150))
def test_no_pacing_is_quicker(calls: int, seconds: int, number: int) -> None:
    """As many calls, each made when its turn comes, take as long as is told, and a little more for the margin."""
    bucket = Bucket(float(calls), seconds, None)
    level, now = Level(bucket.capacity, 0.0), 0.0
    for ticket in range(number):
        wait = level.join(bucket, Waiter(str(ticket), urgent=False))
        now += wait
        level.advance(bucket, now)
        if not wait:
            level.advance(bucket, now)
    least = least_seconds(bucket, number, number)
    assert least is not None
    assert least <= now + 0.1


def test_orders_of_a_loop() -> None:
    """Each counts; the exposure of a sale is what it can lose."""
    order = "place_order, with: {symbol: x, side: sell, price: 0.9, quantity: 3}"
    found = foreseen(f"  - {{id: sold, for_each: [1, 2], action: {order}}}\n")
    stake = stake_of(found["sold"])
    assert stake is not None
    assert (stake.orders, str(stake.exposure)) == (2, "0.6")


@pytest.mark.parametrize(
    "written",
    [
        "place_order, with: {symbol: x, side: buy, type: market_to_limit, quantity: 3}",
        "place_order, for_each: 'run.id', with: {symbol: x, side: buy, price: 0.5, quantity: 3}",
        "replace_order, with: {order_id: a, symbol: x, price: 0.5, quantity: 3}",
    ],
    ids=["no price", "unknown loop", "replace"],
)
def test_exposure_that_nobody_knows_yet(written: str) -> None:
    """It is not guessed."""
    stake = stake_of(foreseen(f"  - {{id: order, action: {written}}}\n")["order"])
    assert stake is not None
    assert stake.exposure is None
