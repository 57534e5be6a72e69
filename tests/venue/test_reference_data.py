"""When the venue is asked about instruments, and when what was read lately is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import pytest

from runner.action import Context
from runner.actions.instruments import GET_INSTRUMENT, LIST_INSTRUMENTS, instrument_of, instruments_of
from runner.errors import StepFailed
from runner.value import read_arguments
from runner.venue.catalogue import Catalogue
from runner.venue.desk import Desk

from .recorded import SYMBOL, recorded
from .server import Exchange, MovableClock, Received


@dataclass
class Surroundings:
    """As much of a step's context as reading instruments uses."""

    desk: Desk
    catalogue: Catalogue


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def context(desk: Desk, exchange: Exchange, clock: MovableClock) -> Context:
    """At a venue that lists whatever is asked for, but for ``unknown``."""
    row = recorded("instruments")["instruments"][0] | {"tickSize": "0.01"}

    def listed(request: Received) -> dict[str, Any]:
        names = [name for name in request.json.get("symbols", [SYMBOL]) if name != "unknown"]
        return {"instruments": [row | {"symbol": name} for name in names], "nextPageToken": "", "eof": True}

    exchange.routes["POST /v1/refdata/instruments"] = listed
    return cast(Context, Surroundings(desk, Catalogue(clock)))


def asked(exchange: Exchange) -> list[Any]:
    return [each.json.get("symbols") for each in exchange.asked("/v1/refdata/instruments")]


def test_once_in_ten_minutes(context: Context, exchange: Exchange, clock: MovableClock) -> None:
    """What needs an instrument's scales asks for them only if they are not known."""
    for _ in range(3):
        assert instrument_of(context, SYMBOL).price_scale == 100
        clock.moved += 300
    assert asked(exchange) == [[SYMBOL], [SYMBOL]]


def test_fresh(context: Context, exchange: Exchange) -> None:
    """What must be sure asks again."""
    instrument_of(context, SYMBOL)
    instrument_of(context, SYMBOL, fresh=True)
    assert len(asked(exchange)) == 2


def test_several_at_once(context: Context, exchange: Exchange) -> None:
    """One listing for all that are not known, none if all are."""
    instrument_of(context, "a")
    assert list(instruments_of(context, ["b", "a", "c", "b"])) == ["b", "a", "c"]
    assert list(instruments_of(context, ["a", "c"])) == ["a", "c"]
    assert asked(exchange) == [["a"], ["b", "c"]]


@pytest.mark.parametrize("look", [lambda context: instrument_of(context, "unknown"), None], ids=["one", "several"])
def test_scales_are_never_guessed(look: Any, context: Context) -> None:
    """An instrument that the venue does not list is an error."""
    with pytest.raises(StepFailed, match="the venue lists no instrument `unknown`"):
        look(context) if look else instruments_of(context, [SYMBOL, "unknown"])


def test_steps_always_ask(context: Context, exchange: Exchange) -> None:
    """A step that looks instruments up is answered by the venue, and what it learns is used by others."""
    for _ in range(2):
        GET_INSTRUMENT.perform(read_arguments(GET_INSTRUMENT.arguments, {"symbol": SYMBOL}), context)
        LIST_INSTRUMENTS.perform(read_arguments(LIST_INSTRUMENTS.arguments, {}), context)
    instrument_of(context, SYMBOL)
    assert asked(exchange) == [[SYMBOL], None, [SYMBOL], None]
