"""Where something goes wrong in a run: at which journal write or call, and how."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from runner.frozen import frozen

What: TypeAlias = Literal["write", "call"]
How: TypeAlias = Literal["before", "after", "lost"]

_NAME = re.compile(r"(write|call)-([1-9]\d{0,5})-(before|after|lost)(\+lost)?", re.ASCII)
_SIDES: tuple[How, ...] = ("before", "after")


@frozen
class Point:
    """One point of a run: its n-th write or call, from 1.

    ``before`` and ``after`` kill the process there, ``lost`` takes away the answer of that call and kills nothing.
    ``losing`` says that, besides, the answer of each call that changes an order is lost in the same run.
    """

    what: What
    number: int
    how: How
    losing: bool = False

    @property
    def name(self) -> str:
        """As ``--only`` takes it: ``write-7-before``, ``call-3-lost``, ``call-5-after+lost``."""
        return f"{self.what}-{self.number}-{self.how}{'+lost' if self.losing else ''}"

    @property
    def kills(self) -> bool:
        """Whether the process dies here."""
        return self.how != "lost"


@frozen
class Reach:
    """What an undisturbed run passed by: how many writes and calls, each with a few words on it."""

    writes: Sequence[str]
    calls: Sequence[str]

    def words(self, point: Point) -> str:
        """What lies at a point; empty beyond the end."""
        passed = self.writes if point.what == "write" else self.calls
        return passed[point.number - 1] if point.number <= len(passed) else ""


def point_of(name: str) -> Point | None:
    """The point of a name, None if there can be none."""
    found = _NAME.fullmatch(name)
    if found is None or (found[3] == "lost" and (found[1] == "write" or found[4])):
        return None
    what: What = "write" if found[1] == "write" else "call"
    how: How = "lost" if found[3] == "lost" else "before" if found[3] == "before" else "after"
    return Point(what, int(found[2]), how, losing=found[4] is not None)


def points_of(reach: Reach, losing: Reach) -> Iterator[Point]:
    """Every point: kills alone, the same where answers are ``losing``, and each lost answer."""
    for passed, lost in ((reach, False), (losing, True)):
        for how in _SIDES:
            yield from (Point("write", number, how, lost) for number in range(1, len(passed.writes) + 1))
        for how in _SIDES:
            yield from (Point("call", number, how, lost) for number in range(1, len(passed.calls) + 1))
    yield from (Point("call", number, "lost") for number in range(1, len(reach.calls) + 1))


def sampled(points: Sequence[Point], size: int | None, seed: int) -> list[Point]:
    """So many of the points, in their sequence, the same ones for the same seed; all of them for None."""
    if size is None or size >= len(points):
        return list(points)
    chosen = set(random.Random(seed).sample(range(len(points)), size))
    return [point for at, point in enumerate(points) if at in chosen]
