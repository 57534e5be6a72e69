"""The waterfall: each call as a bar on the run's own time, with the same numbers in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from runner.frozen import frozen
from runner.record.events import CallMade
from runner.record.result import RunResult, StepResult, includer_of
from runner.reporters.lines import name_of
from runner.reporters.rows import all_steps

WIDTH = 1_000
_THINNEST = 3
_MILLISECOND = timedelta(milliseconds=1)


@frozen
class Bar:
    """A call of a step. ``offset`` is since the run began, in milliseconds; ``x`` and ``width`` of ``WIDTH``."""

    step: StepResult
    call: CallMade
    offset: int
    x: int
    width: int

    @property
    def name(self) -> str:
        """The call's step, with the steps that include it: ``caller/order[2]``."""
        started = self.step.started
        return "/".join(filter(None, (includer_of(started.path), name_of(started.path, started.id))))

    @property
    def path(self) -> str:
        """The call's URL without the exchange's host, which is the same for all of them."""
        return "/" + self.call.url.partition("://")[2].partition("/")[2]

    @property
    def failed(self) -> bool:
        """Whether it was not answered, or with trouble."""
        return self.call.status is None or self.call.status >= 400


@frozen
class Waterfall:
    """All bars in the sequence in which their calls began, and the time that they span, in milliseconds."""

    bars: tuple[Bar, ...]
    span: int


def waterfall(result: RunResult) -> Waterfall:
    """The calls of a run on one scale."""
    began = result.started.at
    calls = sorted(_calls(result), key=lambda each: each[1].started_at)
    span = max((_offset(began, call) + call.duration_ms for _, call in calls), default=0)
    return Waterfall(tuple(_bar(step, call, began, max(span, 1)) for step, call in calls), span)


def _calls(result: RunResult) -> Iterator[tuple[StepResult, CallMade]]:
    for step in all_steps(result.steps):
        for call in step.calls:
            yield step, call


def _bar(step: StepResult, call: CallMade, began: datetime, span: int) -> Bar:
    offset = _offset(began, call)
    x = min(offset * WIDTH // span, WIDTH - _THINNEST)
    width = max(_THINNEST, call.duration_ms * WIDTH // span)
    return Bar(step, call, offset, x, min(width, WIDTH - x))


def _offset(began: datetime, call: CallMade) -> int:
    """Milliseconds from the run's beginning; a clock that was set back meanwhile counts as no time at all."""
    return max(0, (call.started_at - began) // _MILLISECOND)
