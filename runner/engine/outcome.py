"""What became of a step, and from what went wrong to what its row says: one table of exceptions."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

from runner.diagnostic import Diagnostic
from runner.engine.scope import CaptureFailed, Unrenderable
from runner.errors import (
    ComeBackLater,
    ContractBroken,
    GuardRefused,
    InDoubt,
    Interrupted,
    NotSignedIn,
    PmxError,
    Refused,
    StepFailed,
    Unreachable,
    WrongInput,
)
from runner.frozen import frozen
from runner.playbook.model import RetryOn
from runner.record.events import Problem, Severity, StepStatus
from runner.redact import Redactor

BUG = "bug"
STOPPING: frozenset[StepStatus] = frozenset({"refused", "in_doubt"})
FAILING: frozenset[StepStatus] = frozenset({"failed", "errored"})


@frozen
class Outcome:
    """What a step, or one item of a loop, came to.

    ``made`` is what others may use of it: its ``result``, and each capture by its name. ``doubt`` is the client order
    id (or an empty text) of an order whose fate it could not tell, None if there is none; ``of_end`` as in ``InDoubt``.
    """

    status: StepStatus
    made: Mapping[str, Any]
    blocked_by: str = ""
    doubt: str | None = None
    attempts: int = 0
    of_end: bool = False

    def plain(self) -> dict[str, Any]:
        """As a recorder keeps it."""
        return {
            "status": self.status,
            "made": self.made,
            "blocked_by": self.blocked_by,
            "doubt": self.doubt,
            "attempts": self.attempts,
            "of_end": self.of_end,
        }

    @staticmethod
    def of(plain: Mapping[str, Any]) -> Outcome:
        """What ``plain`` gave."""
        return Outcome(**plain)


def status_of(error: Exception) -> StepStatus:
    """How a step ends that raised ``error``."""
    match error:
        case GuardRefused():
            return "refused"
        case InDoubt():
            return "in_doubt"
        case NotSignedIn():
            return "errored"
        case Refused() | StepFailed() | CaptureFailed():
            return "failed"
    return "errored"


def under(severity: Severity, status: StepStatus) -> StepStatus:
    """An advisory step's failure or error does not count; a refusal or a doubt always does."""
    return "advisory" if severity == "advisory" and status in {"failed", "errored"} else status


def problem_of(error: Exception, redactor: Redactor) -> Problem:
    """What a report says of ``error``."""
    match error:
        case Unrenderable():
            return Problem("template", redactor.text(error.message), redactor.text(error.help), str(error.place))
        case WrongInput(diagnostics=(Diagnostic() as found, *_)):
            return Problem(error.kind, redactor.text(found.title), redactor.text(found.help))
        case PmxError():
            return Problem(error.kind, redactor.text(error.message), redactor.text(error.help))
    where = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" ({where[0].name}, line {where[0].lineno})" if where else ""
    text = redactor.text(f"{type(error).__name__}: {error}")
    return Problem(BUG, f"pmx-run made a mistake of its own: {text}{place}", "please report it with this line")


def retry_reason(error: Exception) -> RetryOn | None:
    """Under which name ``retry.on`` knows this error; None if it is never tried again."""
    match error:
        case Interrupted() | ContractBroken():
            return None
        case ComeBackLater():
            return "rate_limited"
        case Unreachable():
            return "server_error" if error.status is not None else "unreachable"
    return None
