"""Windows in which nothing runs, by the clocks of a place."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from runner.schedule.model import DAYS, MAINTENANCE, Window

NIGHT = Window("blackout", ("fri",), time(22), time(2), "Europe/Berlin")


@pytest.mark.parametrize(
    ("window", "moment", "held"),
    [
        (MAINTENANCE, "2026-11-26T02:00-05:00", True),
        (MAINTENANCE, "2026-11-26T01:59-05:00", False),
        (MAINTENANCE, "2026-11-26T08:00-05:00", False),
        (MAINTENANCE, "2026-11-26T12:59+00:00", True),
        (MAINTENANCE, "2026-07-02T11:59+00:00", True),
        (MAINTENANCE, "2026-07-02T12:00+00:00", False),
        (MAINTENANCE, "2026-11-27T03:00-05:00", False),
        (NIGHT, "2026-11-27T22:00+01:00", True),
        (NIGHT, "2026-11-28T01:59+01:00", True),
        (NIGHT, "2026-11-28T02:00+01:00", False),
        (NIGHT, "2026-11-28T22:30+01:00", False),
        (NIGHT, "2026-11-27T01:00+01:00", False),
        (Window("blackout", DAYS, time(9), time(9), "UTC"), "2026-11-27T01:00+00:00", True),
    ],
)
def test_a_window(window: Window, moment: str, held: bool) -> None:
    """Its start counts and its end doesn't; one over midnight belongs to the day on which it starts."""
    assert window.holds(datetime.fromisoformat(moment)) is held
