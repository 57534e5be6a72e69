"""Reference data between calls and between runs: never older than ten minutes, never guessed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from runner.venue.catalogue import Catalogue
from runner.venue.model import Instrument

from .server import MovableClock


class Shelf:
    """A memory that goes through JSON, as a file does."""

    def __init__(self, text: str = "{}") -> None:
        self.text = text

    def recall(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.text)
        return found

    def keep(self, entries: Mapping[str, Any]) -> None:
        self.text = json.dumps(entries)


def instrument(symbol: str = "kc", **changes: Any) -> Instrument:
    values: dict[str, Any] = {
        "symbol": symbol,
        "description": "Kansas City",
        "state": "INSTRUMENT_STATE_OPEN",
        "price_scale": 1000,
        "quantity_scale": 100,
        "tick_size": Decimal("0.005"),
        "minimum_quantity": Decimal("0.01"),
        "price_low": Decimal("0.005"),
        "price_high": None,
        "tradable": True,
        "expires_on": date(2027, 2, 14),
        "metadata": {"event_series": "nfl"},
    }
    return Instrument(**(values | changes))


def test_between_runs() -> None:
    """What one run has read, the next one knows, exactly."""
    clock, shelf = MovableClock(), Shelf()
    Catalogue(clock, shelf).learn([instrument(), instrument("other", expires_on=None, tradable=False)])
    later = Catalogue(clock, shelf)
    assert later.find("kc") == instrument()
    assert later.find("other") == instrument("other", expires_on=None, tradable=False)
    assert later.find("third") is None


@pytest.mark.parametrize(("seconds", "known"), [(0, True), (599, True), (600, False), (86_400, False), (-1, False)])
def test_age(seconds: float, known: bool) -> None:
    """Ten minutes by the wall clock, in one run and over several; a clock that was set back knows nothing."""
    clock, shelf = MovableClock(), Shelf()
    first = Catalogue(clock, shelf)
    first.learn([instrument()])
    clock.moved += seconds
    for catalogue in (first, Catalogue(clock, shelf)):
        assert (catalogue.find("kc") is not None) is known


def test_what_is_old_is_not_kept() -> None:
    """A file does not grow with the years."""
    clock, shelf = MovableClock(), Shelf()
    Catalogue(clock, shelf).learn([instrument("old")])
    clock.moved += 600
    Catalogue(clock, shelf).learn([instrument(f"s{n}") for n in range(3000)])
    kept = json.loads(shelf.text)
    assert "old" not in kept
    assert (len(kept), list(kept)[-1]) == (2000, "s2999")


def test_what_is_read_again_replaces() -> None:
    """The latest word counts, in this run and the next."""
    clock, shelf = MovableClock(), Shelf()
    catalogue = Catalogue(clock, shelf)
    catalogue.learn([instrument()])
    catalogue.learn([instrument(tradable=False)])
    for each in (catalogue, Catalogue(clock, shelf)):
        found = each.find("kc")
        assert found is not None
        assert not found.tradable


def written(**changes: Any) -> str:
    shelf = Shelf()
    Catalogue(MovableClock(), shelf).learn([instrument()])
    entry = json.loads(shelf.text)["kc"]
    entry[1] |= changes
    return json.dumps({"kc": entry})


@pytest.mark.parametrize(
    "text",
    [
        '{"kc": 5}',
        '{"kc": [5]}',
        '{"kc": ["soon", {}]}',
        '{"kc": [1793620800.0, null]}',
        written(price_scale=0),
        written(price_scale=None),
        written(quantity_scale="many"),
        written(tick_size=0.005),
        written(tick_size="a bit"),
        written(symbol="other"),
        written(metadata=[]),
        written(expires_on="someday"),
    ],
)
def test_what_can_not_be_read(text: str) -> None:
    """It is as good as nothing: the venue is asked."""
    assert Catalogue(MovableClock(), Shelf(text)).find("kc") is None


def test_without_memory() -> None:
    """A run still knows what it has read itself."""
    catalogue = Catalogue(MovableClock())
    catalogue.learn([instrument()])
    assert catalogue.find("kc") == instrument()
