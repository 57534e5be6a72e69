"""The moments of cron expressions, on days when clocks change above all, against an independent reckoning."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest

from runner.schedule.cron import WrongCron, check_cron, due, fields, moments, next_moments
from runner.schedule.daylight import changes, hit
from runner.schedule.model import MAINTENANCE, Schedule
from schedule.reckoning import ZONES, random_cron, reckoned

START = datetime(2026, 1, 1, tzinfo=UTC)
YEARS = 3653
NEW_YORK = ZoneInfo("America/New_York")
WIDE = timedelta(days=2)


def agree(seed: int) -> tuple[int, int]:
    """Compare one random expression around all changes of one zone over ten years, and through some weeks."""
    chance = random.Random(seed)
    cron, zone = random_cron(chance), ZoneInfo(chance.choice(ZONES))
    centres = [each.at for each in changes(zone, START, YEARS)]
    centres += [START + timedelta(days=chance.randrange(YEARS)) for _ in range(5)]
    count = closed = 0
    for centre in centres:
        start, end = centre - WIDE, centre + WIDE
        found = [
            each.astimezone(UTC)
            for each in takewhile(lambda each: each < end, moments(cron.text, zone, start - timedelta(seconds=1)))  # noqa: B023
        ]
        assert found == reckoned(cron, zone, start, end), (seed, cron.text, zone.key, centre)
        for each in found:
            local = each.astimezone(NEW_YORK)
            held = local.isoweekday() == 4 and 2 <= local.hour < 8
            assert MAINTENANCE.holds(each) is held
            closed += held
        count += len(found)
    return count, closed


@pytest.mark.parametrize("seed", range(40))
def test_random_expressions(seed: int) -> None:
    """Every moment around every change of clocks over ten years, none more, none twice; maintenance known."""
    agree(seed)


@pytest.mark.proof
def test_a_thousand_expressions(record_property: Callable[[str, int], None]) -> None:
    """The same, a thousand times."""
    counts = [agree(seed) for seed in range(1000)]
    record_property("expressions", len(counts))
    record_property("moments", sum(each for each, _ in counts))
    record_property("within maintenance", sum(each for _, each in counts))


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("30 2 * * *", "2027-03-14T00:00-05:00", ["2027-03-14T03:00-04:00", "2027-03-15T02:30-04:00"]),
        ("0,30 2 * * *", "2027-03-14T00:00-05:00", ["2027-03-14T03:00-04:00", "2027-03-15T02:00-04:00"]),
        ("*/30 2 * * *", "2027-03-14T00:00-05:00", ["2027-03-15T02:00-04:00", "2027-03-15T02:30-04:00"]),
        ("30 1 * * *", "2027-11-07T00:00-04:00", ["2027-11-07T01:30-04:00", "2027-11-08T01:30-05:00"]),
        ("30 1 * * *", "2027-11-07T01:10-05:00", ["2027-11-08T01:30-05:00", "2027-11-09T01:30-05:00"]),
        ("30 * * * *", "2027-11-07T01:00-04:00", ["2027-11-07T01:30-04:00", "2027-11-07T01:30-05:00"]),
    ],
    ids=["gap", "gap, twice", "gap, by the clock", "twice", "after the first of two", "twice, by the clock"],
)
def test_new_york(cron: str, after: str, expected: list[str]) -> None:
    """Once where a time comes twice, right after the gap where it doesn't exist; every hour goes by the clock."""
    schedule = Schedule("x", "preflight", cron, "America/New_York")
    found = next_moments(schedule, datetime.fromisoformat(after), 2)
    assert [each.isoformat(timespec="minutes") for each in found] == expected


def test_where_midnight_is_left_out() -> None:
    """What goes by the clock misses nothing of the hour after it, and makes nothing up."""
    havana = Schedule("x", "preflight", "*/30 0,1 * * *", "America/Havana")
    found = next_moments(havana, datetime(2033, 3, 13, tzinfo=UTC), 3)
    assert [f"{each:%d %H:%M}" for each in found] == ["13 01:00", "13 01:30", "14 00:00"]


@pytest.mark.parametrize("cron", ["60 * * * *", "* * * * fry", "0 0 30 2 *", "* * * *", "5-1 * * * *"])
def test_wrong_ones(cron: str) -> None:
    """What is no expression, and what never comes."""
    with pytest.raises(WrongCron):
        check_cron(cron)


def test_what_only_we_know_has_no_numbers() -> None:
    """The last day of the month can't be written for another scheduler."""
    check_cron("0 0 L * *")
    with pytest.raises(WrongCron, match="known to pmx-run"):
        fields("0 0 L * *")


@pytest.mark.parametrize(
    ("now", "within", "expected"),
    [
        ("09:30:00", None, "09:30"),
        ("09:34:59", None, "09:30"),
        ("09:35:01", None, None),
        ("11:29", timedelta(hours=2), "09:30"),
        ("11:31", timedelta(hours=2), None),
        ("09:29:59", None, None),
        ("09:31:59", timedelta(minutes=2), "09:30"),
        ("09:32:01", timedelta(minutes=2), None),
    ],
)
def test_what_is_due(now: str, within: timedelta | None, expected: str | None) -> None:
    """The latest time, a few minutes late at most, or as late as catching up may be."""
    schedule = Schedule("x", "preflight", "30 9 * * *", within=within)
    found = due(schedule, datetime.fromisoformat(f"2026-11-23T{now}+00:00"))
    assert found == (None if expected is None else datetime.fromisoformat(f"2026-11-23T{expected}+00:00"))


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 2 * * *", (True, "2027-03-14 02:30")),
        ("30 1 * * *", (False, "2027-11-07 01:30")),
        ("30 1 * * mon-fri", None),
        ("*/5 * * * *", None),
        ("0 3 * * *", None),
    ],
    ids=["does not exist", "comes twice", "never on that day", "by the clock", "after it"],
)
def test_doubtful_times(cron: str, expected: tuple[bool, str] | None) -> None:
    """A time of day in the hour that is left out or repeated, on the very day."""
    found = hit(cron, fields(cron), NEW_YORK, datetime(2026, 11, 23, tzinfo=UTC), 731)
    assert (found and (found[0].forward, f"{found[1]:%Y-%m-%d %H:%M}")) == expected
