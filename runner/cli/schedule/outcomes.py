"""What becomes of a tick, in words that are kept, and told to people."""

from __future__ import annotations

from datetime import datetime

from runner.cli.schedule.ledger import RUNNING
from runner.errors import ExitCode
from runner.frozen import frozen

DIED = "died"
NOBODY = "missed: nobody was there"
TOO_LATE = "missed: its turn came too late"
STOPPED = "missed: the scheduler was stopped"
WOULD_BE_WITHIN = "missed: it would run within a window"
WITHIN = "left out: within a window"
UNDER_WAY = "skipped: the run before is still under way"
NOT_STARTED = "missed: it can't be started"
TROUBLE = ("missed", "skipped")
"""How outcomes begin of which people should hear."""
_ENDED = "ended with "


def ended_with(code: int) -> str:
    """The outcome of a tick whose run ended with this exit code, minus a signal's number if that killed it."""
    return f"{_ENDED}{code}"


@frozen
class News:
    """What became of a tick, and of so many ``more`` after it; ``running`` if its run begins."""

    schedule: str
    at: datetime
    outcome: str
    more: int = 0

    @property
    def code(self) -> int:
        """The exit code of whoever had to run it."""
        if self.outcome.startswith(_ENDED):
            code = int(self.outcome.removeprefix(_ENDED))
            return code if code >= 0 else ExitCode.ERRORED
        if self.outcome.startswith(NOT_STARTED):
            return ExitCode.ERRORED
        return ExitCode.LOCKED if self.outcome in {TOO_LATE, UNDER_WAY} else ExitCode.PASSED

    def __str__(self) -> str:
        """As it is printed: ``morning  2026-11-23 14:30 UTC  ended with 0``."""
        more = f" and {self.more} after it" if self.more else ""
        what = "begins" if self.outcome == RUNNING else self.outcome
        return f"{self.schedule}  {self.at:%Y-%m-%d %H:%M} UTC{more}  {what}"
