"""Who tells of a run while it is under way: to people, to programs, or to nobody."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.cli.hearing import careful
from runner.cli.log_format import is_json
from runner.clock import Clock
from runner.frozen import frozen
from runner.record.events import Event
from runner.redact import Redactor
from runner.reporters.terminal import Listener, Streams, reporter_for

if TYPE_CHECKING:
    from runner.journal.store import Run


@frozen
class Listeners:
    """Makes the listeners of runs; ``to_stdout`` is whether a report has stdout for itself."""

    options: argparse.Namespace
    redactor: Redactor
    clock: Clock
    streams: Streams
    to_stdout: bool

    @property
    def json(self) -> bool:
        """Whether programs are told, and not people."""
        return is_json(self.options)

    def elsewhere(self, streams: Streams) -> Listeners:
        """The same, who tell it somewhere else."""
        return replace(self, streams=streams)

    def of(self, run: Run, told: Sequence[Event] = (), *, silent: bool = False) -> Listener:
        """Who tells of a run; ``told`` is what was said of it before."""
        if self.json:
            return self._json_log(run)
        quiet = silent or self.to_stdout
        reporter = reporter_for(
            self.options, self.redactor, silent=quiet, earlier=told, streams=self.streams, clock=self.clock
        )
        return self._careful(reporter, "the report on", run, on_stderr=quiet or self.options.quiet)

    def taking_over(self, run: Run, told: Sequence[Event], ended: str) -> Listener:
        """Who tells of a run that is settled before another one; nothing is told where nothing is wanted on stdout.

        ``ended`` says how and when it did.
        """
        if self.json:
            return self._json_log(run)
        if self.to_stdout or self.options.quiet:
            return _say_nothing
        from runner.reporters.takeover import TakeoverReporter

        reporter = TakeoverReporter(self.streams.out, self.redactor, run.run_id, ended, told)
        return self._careful(reporter, "the report on", run)

    def _json_log(self, run: Run) -> Listener:
        """Who tells a run to programs. It keeps clear of a report on stdout."""
        if self.options.quiet:
            return _say_nothing
        from runner.reporters.json_log import JsonLog

        stream = self.streams.err if self.to_stdout else self.streams.out
        log = JsonLog(stream, self.redactor, self.clock, run.run_id, run.playbook, verbose=self.options.verbose)
        return self._careful(log, "the JSON log on", run, on_stderr=self.to_stdout)

    def _careful(self, listener: Listener, what: str, run: Run, *, on_stderr: bool = False) -> Listener:
        """A listener whose trouble is told, and is none of the run's."""
        where = "stderr" if on_stderr else "stdout"
        return careful(listener, f"{what} {where}", run.run_id, self.streams.err, self.redactor)


def _say_nothing(_: Event) -> None:
    """Whoever wants silence has it; what can't be settled is said as an error."""
