"""Which fault strikes which call."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING

from runner.sandbox.faults.course import STRAIGHT, Course

if TYPE_CHECKING:
    from runner.sandbox.faults.effects import Effect


@dataclass(frozen=True, slots=True)
class Fault:
    """An effect, and the calls that it strikes.

    ``operation`` is one such as ``POST /v1/trading/orders``, with ``*`` for any text in it. Of the calls that match,
    it strikes those whose numbers are in ``calls`` (from 1), or a ``share`` drawn by ``seed``, or all.
    """

    kind: str
    effect: Effect
    operation: str = "* /v1/*"
    participant: str = ""
    calls: tuple[int, ...] = ()
    share: float | None = None
    seed: int = 0

    def matches(self, operation: str, participant: str) -> bool:
        """Whether a call is one of those it is about."""
        return fnmatchcase(operation, self.operation) and self.participant in ("", participant)


@dataclass(slots=True)
class Armed:
    """A fault in wait: how many calls matched so far, and how many it struck."""

    id: int
    fault: Fault
    matched: int = 0
    struck: int = 0
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.fault.seed)

    def strikes(self) -> bool:
        """Count one more matching call and say whether it is struck."""
        self.matched += 1
        struck = self._chosen()
        self.struck += struck
        return struck

    def _chosen(self) -> bool:
        if self.fault.calls:
            return self.matched in self.fault.calls
        return self.fault.share is None or self._random.random() < self.fault.share


class Armoury:
    """All faults in wait, in the order in which they were armed."""

    __slots__ = ("_armed", "_ids")

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._ids = itertools.count(1)
        self._armed: dict[int, Armed] = {}
        for fault in faults:
            self.arm(fault)

    def __iter__(self) -> Iterator[Armed]:
        return iter(list(self._armed.values()))

    def arm(self, fault: Fault) -> Armed:
        """Let a fault wait for its calls."""
        armed = Armed(next(self._ids), fault)
        self._armed[armed.id] = armed
        return armed

    def disarm(self, number: int) -> bool:
        """Take a fault back; whether there was one."""
        return self._armed.pop(number, None) is not None

    def disarm_all(self) -> int:
        """Take all faults back; how many there were."""
        count = len(self._armed)
        self._armed.clear()
        return count

    def course(self, operation: str, participant: str) -> tuple[Course, tuple[str, ...]]:
        """The course of one call, and the kinds of the faults that strike it."""
        struck = [
            armed.fault
            for armed in self._armed.values()
            if armed.fault.matches(operation, participant) and armed.strikes()
        ]
        course = STRAIGHT
        for fault in struck:
            course = fault.effect.bend(course)
        return course, tuple(fault.kind for fault in struck)
