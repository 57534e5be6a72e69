"""Cron expressions reckoned independently of the runner and of its library: day by day, over the times on the wall."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from runner.frozen import frozen

ZONES = (
    *("America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "America/Havana"),
    *("America/St_Johns", "America/Santiago", "Europe/London", "Europe/Berlin", "Africa/Casablanca", "Africa/Cairo"),
    *("Asia/Kolkata", "Asia/Tokyo", "Asia/Beirut", "Australia/Sydney", "Australia/Adelaide", "Pacific/Auckland"),
    *("Pacific/Chatham", "Australia/Lord_Howe", "UTC"),
)
_WIDTHS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_DAY = timedelta(days=1)


@frozen
class Written:
    """An expression with the numbers that it was made of."""

    text: str
    numbers: tuple[frozenset[int], ...]
    starred: tuple[bool, ...]

    def on(self, day: date) -> bool:
        weekday = (day.weekday() + 1) % 7
        if day.month not in self.numbers[3]:
            return False
        both = (day.day in self.numbers[2], weekday in self.numbers[4])
        return all(both) if self.starred[2] or self.starred[4] else any(both)


def random_cron(chance: random.Random) -> Written:
    """An expression of lists, ranges, steps and stars; most have a few times a day."""
    made = [_field(chance, index, chance.choice(kinds)) for index, kinds in enumerate(_KINDS)]
    texts, numbers, starred = zip(*made, strict=True)
    return Written(" ".join(texts), numbers, starred)


_KINDS = (
    ("one", "one", "list", "step", "every"),
    ("one", "list", "range", "step", "every"),
    ("every", "every", "every", "one", "list", "step"),
    ("every", "every", "every", "range"),
    ("every", "every", "range", "list"),
)


def _field(chance: random.Random, index: int, kind: str) -> tuple[str, frozenset[int], bool]:
    low, high = _WIDTHS[index]
    if index == 2:
        high = 28
    if kind == "every":
        return "*", frozenset(range(low, _WIDTHS[index][1] + 1)), True
    if kind == "step":
        step = chance.randint(2, max(2, (high - low) // 2))
        return f"*/{step}", frozenset(range(low, _WIDTHS[index][1] + 1, step)), True
    if kind == "range":
        first = chance.randint(low, high - 1)
        last = chance.randint(first, high)
        return f"{first}-{last}", frozenset(range(first, last + 1)), False
    chosen = sorted(chance.sample(range(low, high + 1), 1 if kind == "one" else 3))
    return ",".join(map(str, chosen)), frozenset(chosen), False


def reckoned(cron: Written, zone: ZoneInfo, start: datetime, end: datetime) -> list[datetime]:
    """Every moment from ``start`` up to ``end`` (UTC), in UTC: what goes by the clock at each time that there is.

    What has a fixed time: at the first of two, and at the gap's end instead of a time that there isn't.
    """
    fixed = not (cron.starred[0] or cron.starred[1])
    found: set[datetime] = set()
    day = start.astimezone(zone).date() - _DAY
    while day <= end.astimezone(zone).date() + _DAY:
        if cron.on(day):
            for hour in cron.numbers[1]:
                for minute in cron.numbers[0]:
                    found.update(_moments(datetime.combine(day, time(hour, minute)), zone, fixed))
        day += _DAY
    return sorted(each for each in found if start <= each < end)


def _moments(wall: datetime, zone: ZoneInfo, fixed: bool) -> Iterator[datetime]:
    both = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    real = [each for each in both if each.astimezone(zone).replace(tzinfo=None) == wall]
    if real:
        yield from real[:1] if fixed else real
    elif fixed:
        # offsets of both sides of the gap: its end is where the later reading of the first minute would be
        while both[0].astimezone(zone).replace(tzinfo=None) != wall:
            wall += timedelta(minutes=1)
            both = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        yield both[0]
