"""What is told of a run that died, while it is settled before another one of its playbook begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from runner.record.events import CleanupDone, Event, Noted, RunFinished, RunResumed
from runner.record.result import fold
from runner.redact import Redactor
from runner.reporters import lines


class TakeoverReporter:
    """A heading, what was found and done, and what became of its orders; the steps it skips are nobody's concern.

    ``ended`` says how and when the run ended; ``earlier`` is what its process said.
    """

    def __init__(
        self, stream: TextIO, redactor: Redactor, run_id: str, ended: str, earlier: Sequence[Event] = ()
    ) -> None:
        self._stream = stream
        self._redactor = redactor
        self._run_id = run_id
        self._ended = ended
        self._events: list[Event] = list(earlier)

    def __call__(self, event: Event) -> None:
        """Take an event and show what it means."""
        self._events.append(event)
        match event:
            case RunResumed():
                self._line(lines.taken_over(event, self._run_id, self._ended))
            case Noted():
                self._line(f"  {lines.one_line(event.text)}")
            case CleanupDone() if event.status != "not_needed":
                self._line("  " + lines.cleanup_line(event).replace("\n", "\n  "))
            case RunFinished():
                self._line(self._last(event))

    def _last(self, finished: RunFinished) -> str:
        orders = lines.orders_of(fold(self._events))
        if finished.status == "in_doubt":
            return f"  not settled: {orders or 'see above'}"
        return f"  settled: {orders}" if orders else "  settled: it had sent no order"

    def _line(self, text: str) -> None:
        self._stream.write(self._redactor.text(text) + "\n")
        self._stream.flush()
