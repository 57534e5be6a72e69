"""A run on a terminal or in a log: one line a step, begun before its request is sent."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Protocol, TextIO

from runner.clock import Clock, SystemClock
from runner.frozen import frozen
from runner.record.events import (
    Asked,
    CallMade,
    CleanupDone,
    Event,
    RunFinished,
    RunResumed,
    RunStarted,
    StepFinished,
    StepStarted,
    Waiting,
)
from runner.record.result import RunResult, StepResult, fold
from runner.redact import Redactor
from runner.reporters import lines
from runner.reporters.items import Progress, lines_below
from runner.reporters.pulse import Pulse, wait
from runner.reporters.recap import recap

Listener = Callable[[Event], None]


@frozen
class Streams:
    """Where a run tells of itself: ``out`` in the usual case, ``err`` where it must be heard."""

    out: TextIO
    err: TextIO


def reporter_for(
    options: argparse.Namespace,
    redactor: Redactor,
    *,
    silent: bool,
    earlier: Sequence[Event] = (),
    streams: Streams | None = None,
    clock: Clock | None = None,
) -> Listener:
    """What listens to a run: the live view on a terminal, plain lines in a pipe, almost nothing if asked so.

    ``earlier`` is what was told before by a process that died. ``streams`` are this process's own if None, ``clock``
    the machine's.
    """
    clock = clock or SystemClock()
    to = streams or Streams(sys.stdout, sys.stderr)
    if silent or options.quiet:
        return QuietReporter(to.err, redactor, earlier)
    if to.out.isatty():
        from runner.reporters.live import LiveView

        live = LiveView(clock, color=not options.no_color)
        return StepReporter(live, redactor, earlier, verbose=options.verbose)
    return StepReporter(PlainView(to.out), redactor, earlier, verbose=options.verbose, pulse=Pulse(clock))


class View(Protocol):
    """Somewhere to show lines; all texts are redacted already."""

    def begin(self, id: str, title: str) -> None:
        """A step is under way."""

    def waiting(self, told: Callable[[float], str]) -> None:
        """The step under way lets time pass; ``told`` is what to say of it when so many seconds have gone."""

    def pulse(self, text: str) -> None:
        """What is under way goes on; a line of its own."""

    def progress(self, text: str) -> None:
        """How far the step under way is, if it holds others."""

    def asked(self) -> None:
        """A person is asked something, and nothing else may be written meanwhile."""

    def end(self, mark: str, id: str, title: str, outcome: str) -> None:
        """The step has ended."""

    def line(self, text: str) -> None:
        """A line of its own."""


class PlainView:
    """Lines for a pipe or a log. A step's line begins with its name and is ended when the step is."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun = False

    def begin(self, id: str, title: str) -> None:
        """The line's beginning, so that a hang has a name."""
        self._write(f"  {id:<14} {title:<34} ")
        self._begun = True

    def waiting(self, told: Callable[[float], str]) -> None:
        """A log need not know of every wait; ``pulse`` tells it of long ones."""

    def pulse(self, text: str) -> None:
        """Below the line's beginning, which is written again when the step has ended."""
        self._write(f"\n{text}\n" if self._begun else f"{text}\n")
        self._begun = False

    def progress(self, text: str) -> None:
        """Nor this: its line is ended when the whole loop is."""

    def asked(self) -> None:
        """The question stands on stderr."""

    def end(self, mark: str, id: str, title: str, outcome: str) -> None:
        """The line's end."""
        if not self._begun:
            self.begin(id, title)
        self._write(f"{mark} {outcome}\n")
        self._begun = False

    def line(self, text: str) -> None:
        """A line of its own."""
        self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            # Nobody reads any more. What is still buffered must go somewhere, or the interpreter's end fails over it.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())


class StepReporter:
    """Tells a run step by step."""

    def __init__(
        self,
        view: View,
        redactor: Redactor,
        earlier: Sequence[Event] = (),
        *,
        verbose: bool,
        pulse: Pulse | None = None,
    ) -> None:
        self._view = view
        self._pulse = pulse
        self._redactor = redactor
        self._verbose = verbose
        self._events: list[Event] = list(earlier)
        self._begun = {event.path: at for at, event in enumerate(earlier) if isinstance(event, StepStarted)}
        self._step_began = 0
        self._progress: Progress | None = None
        self._calls: list[CallMade] = []

    def __call__(self, event: Event) -> None:
        """Take an event and show what it means."""
        self._take(event)
        self._beat(event)

    def _take(self, event: Event) -> None:
        if isinstance(event, CallMade):
            self._calls.append(event)
            if not self._verbose:
                return
        if not (isinstance(event, StepStarted) and event.path in self._begun):
            self._events.append(event)
        self._show(event)

    def _beat(self, event: Event) -> None:
        """A sign of life, where there are any and one is due."""
        text = self._pulse.beat(event) if self._pulse else None
        if text is not None:
            self._view.pulse(self._safe(text))

    def _began(self, id: str) -> None:
        if self._pulse:
            self._pulse.begin(id)

    def _progressed(self, text: str) -> None:
        self._view.progress(text)
        if self._pulse:
            self._pulse.progress(text)

    def _show(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._line(lines.heading(event))
            case RunResumed():
                self._line(lines.resumed(self._started, event))
            case StepStarted() | StepFinished() if self._progress and self._progress.has(event.path):
                self._progressed(self._safe(self._progress.take(event)))
            case StepStarted():
                # One that a dead process had begun goes on where that one stopped.
                self._step_began = self._begun.get(event.path, len(self._events) - 1)
                self._progress = Progress(event, self._events[self._step_began :])
                self._began(event.id)
                self._view.begin(event.id, self._safe(event.title))
            case Waiting():
                self._view.waiting(lambda gone: self._safe(wait(event, gone)))
            case Asked():
                self._view.asked()
            case StepFinished():
                self._step(event)
                self._began("")
            case CleanupDone():
                if event.status != "not_needed":
                    self._line(lines.cleanup_line(event))
            case RunFinished():
                for line in lines.run_error(event):
                    self._line(line)
                result = fold(self._events)
                for line in recap(result):
                    self._line(line)
                self._line(lines.summary(result))

    def _step(self, finished: StepFinished) -> None:
        step = self._result_of(finished.path)
        title = self._safe(step.started.title)
        self._view.end(lines.MARKS[finished.status], step.started.id, title, self._safe(lines.outcome(step)))
        for line in lines.details(step):
            self._line(line)
        if self._verbose:
            for call in self._calls:
                if self._progress is None or not self._progress.has(call.path):
                    self._line(lines.call_line(call))
        for line in lines_below(step, every=self._verbose):
            self._line(line)
        self._calls.clear()

    def _result_of(self, path: str) -> StepResult:
        """The step's own events, folded; the rest of the run is not looked at again."""
        result: RunResult = fold([self._started, *self._events[self._step_began :]])
        return next(step for step in result.steps if step.started.path == path)

    @property
    def _started(self) -> RunStarted:
        return next(event for event in self._events if isinstance(event, RunStarted))

    def _line(self, text: str) -> None:
        self._view.line(self._redactor.text(text))

    def _safe(self, text: str) -> str:
        return self._redactor.text(lines.one_line(text))


class QuietReporter:
    """Nothing while all is well; what went wrong, once, at the end."""

    def __init__(self, stream: TextIO, redactor: Redactor, earlier: Sequence[Event] = ()) -> None:
        self._stream = stream
        self._redactor = redactor
        self._events: list[Event] = list(earlier)

    def __call__(self, event: Event) -> None:
        """Keep an event; at the last one, say what must be said."""
        self._events.append(event)
        if isinstance(event, RunFinished) and event.exit_code:
            self._tell(fold(self._events))

    def _tell(self, result: RunResult) -> None:
        told = [lines.heading(result.started)]
        for step in result.steps:
            if step.status not in {"passed", "skipped"}:
                told.append(f"{lines.MARKS[step.status]} {step.started.id}  {lines.outcome(step)}")
                told += lines.details(step)
                told += lines_below(step, every=False, good=False)
        told += [lines.cleanup_line(each) for each in self._events if isinstance(each, CleanupDone)]
        told.append(lines.summary(result))
        self._stream.write(self._redactor.text("\n".join(told)) + "\n")
