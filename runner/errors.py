"""Every way a run can end other than well, and the exit code of each.

::

    PmxError
    ├── WrongInput        2   the command line, the settings or the playbook is wrong; carries diagnostics
    ├── VenueError
    │   ├── Refused       1   the venue said no: status, code, reason
    │   │   └── NotSignedIn   3   ... to who we are: no credentials accepted
    │   └── Unreachable   3   no usable answer: was anything sent?
    │       ├── ComeBackLater 3   ... because of a rate limit (429): nothing was carried out
    │       │   └── HeldBack  3   ... as we keep it ourselves: nothing was sent
    │       └── ContractBroken 3  ... it came, and is not what the venue's contract says
    ├── StepFailed        1   what a step asked for did not come true (an order rejected, a wait run out)
    ├── StepErrored       3   a step could not be carried out for a reason of its own (a value that can't be computed)
    │   └── NotRecorded   3   ... since it could not be recorded first: nothing of it was begun
    ├── GuardRefused      5   a limit or a gate of ours said no, before anything was sent
    ├── Locked           75   another run of the same playbook is under way
    ├── InDoubt           4   an order's fate or an owed cleanup could not be settled
    └── Interrupted  128+n    a signal asked the run to stop

Only ``Unreachable`` and ``ComeBackLater`` may be tried again, and only where nothing can be doubled. Any other
exception is our own bug and says so.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Protocol


class ExitCode(enum.IntEnum):
    """What the process returns; the numbers are part of the command line's contract."""

    PASSED = 0
    FAILED = 1
    WRONG = 2
    ERRORED = 3
    IN_DOUBT = 4
    REFUSED = 5
    LOCKED = 75


_NAMES = {1: "SIGHUP", 2: "Ctrl-C (SIGINT)", 15: "SIGTERM"}


class Pictured(Protocol):
    """Something that can draw itself for a person: a diagnostic."""

    def picture(self) -> str:
        """The whole text to show, without a final newline."""
        ...


class PmxError(Exception):
    """Base of all that the runner raises on purpose.

    ``message`` says what happened, ``help`` what to do about it (may be empty).
    """

    exit_code: int = ExitCode.ERRORED
    kind = "error"

    def __init__(self, message: str, *, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class WrongInput(PmxError):
    """The command line, the settings or the playbook is wrong; nothing was sent."""

    exit_code = ExitCode.WRONG
    kind = "wrong_input"

    def __init__(self, diagnostics: Sequence[Pictured]) -> None:
        super().__init__("\n\n".join(each.picture() for each in diagnostics))
        self.diagnostics = tuple(diagnostics)


class VenueError(PmxError):
    """A call to the venue went wrong."""


class Refused(VenueError):
    """The venue answered and said no.

    ``status`` is the HTTP status, ``code`` the gRPC number of the body (None if it had none), ``reason`` the venue's
    words. Source of the body's form: docs.polymarket.us, institutional/introduction.
    """

    exit_code = ExitCode.FAILED
    kind = "refused_by_venue"

    def __init__(self, message: str, *, status: int, code: int | None, reason: str, help: str = "") -> None:
        super().__init__(message, help=help)
        self.status = status
        self.code = code
        self.reason = reason


class NotSignedIn(Refused):
    """No credentials accepted: the token endpoint refused them, or a fresh token was answered 401."""

    exit_code = ExitCode.ERRORED
    kind = "not_signed_in"


class Unreachable(VenueError):
    """No usable answer. ``sent`` is False only when it is certain that no byte of the request left.

    ``status`` is the HTTP status if there was an answer at all (5xx, or a redirect), else None. ``retry_after`` is in
    seconds, None if the venue did not say.
    """

    exit_code = ExitCode.ERRORED
    kind = "unreachable"

    def __init__(
        self, message: str, *, sent: bool, status: int | None = None, retry_after: float | None = None, help: str = ""
    ) -> None:
        super().__init__(message, help=help)
        self.sent = sent
        self.status = status
        self.retry_after = retry_after


class ComeBackLater(Unreachable):
    """429: nothing was carried out."""

    kind = "rate_limited"

    def __init__(self, message: str, *, retry_after: float | None, help: str = "") -> None:
        super().__init__(message, sent=True, status=429, retry_after=retry_after, help=help)


class HeldBack(ComeBackLater):
    """Our own keeping of the venue's rate limits has no turn for the call in time; nothing was sent."""

    def __init__(self, message: str, *, retry_after: float, help: str = "") -> None:
        super().__init__(message, retry_after=retry_after, help=help)
        self.sent = False
        self.status = None


class ContractBroken(Unreachable):
    """The answer is not what the venue's contract says, and is of no use: what became of a write is not known."""

    kind = "contract_broken"

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"the venue's answer is not what its contract says: {problem}",
            sent=True,
            help="what was answered is in the report; nothing was concluded from it",
        )


class StepFailed(PmxError):
    """What a step asked for did not come true."""

    exit_code = ExitCode.FAILED
    kind = "failed"


class StepErrored(PmxError):
    """A step could not be carried out, for a reason that is not the venue's."""

    exit_code = ExitCode.ERRORED
    kind = "errored"


class NotRecorded(StepErrored):
    """What was about to be done could not be recorded, and so it was not begun."""

    kind = "not_recorded"


class GuardRefused(PmxError):
    """A limit or a gate of ours said no; nothing beyond it was sent."""

    exit_code = ExitCode.REFUSED
    kind = "refused"


class Locked(PmxError):
    """Another run of the same playbook, venue, participant and account is under way."""

    exit_code = ExitCode.LOCKED
    kind = "locked"


class InDoubt(PmxError):
    """An order's fate or an owed cleanup could not be settled; a person must look.

    ``clord_id`` is the order's client order id, empty if it is not known; ``order_id`` the venue's id. ``of_end`` says
    that it is the order's end that is in doubt, and not whether there is such an order.
    """

    exit_code = ExitCode.IN_DOUBT
    kind = "in_doubt"

    def __init__(
        self, message: str, *, help: str = "", clord_id: str = "", order_id: str = "", of_end: bool = False
    ) -> None:
        super().__init__(message, help=help)
        self.clord_id = clord_id
        self.order_id = order_id
        self.of_end = of_end


class Interrupted(PmxError):
    """A signal asked the run to stop; ``signal_number`` as the operating system counts."""

    kind = "interrupted"

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"interrupted by {_NAMES.get(signal_number, f'signal {signal_number}')}")
        self.signal_number = signal_number
        self.exit_code = 128 + signal_number


def shown(error: PmxError) -> str:
    """An error with its help, as it stands on stderr."""
    if isinstance(error, WrongInput):
        return str(error)
    return f"error: {error}\n  = help: {error.help}" if error.help else f"error: {error}"
