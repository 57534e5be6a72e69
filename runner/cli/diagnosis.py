"""Looking at one thing after the other between this machine and the venue, as plain findings.

A check that stands on another one is not tried when that one failed: the first failure is the one to mend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Literal, TypeVar

from runner.errors import ExitCode, PmxError, Unreachable, WrongInput
from runner.frozen import frozen

S = TypeVar("S")
State = Literal["ok", "doubtful", "failed", "not tried"]


@frozen
class Finding:
    """What one check saw, and what to do about it; ``exit_code`` is 0 unless it failed.

    ``because_of`` is the failed check for whose sake this one was not tried.
    """

    name: str
    state: State
    seen: str
    help: str = ""
    exit_code: int = ExitCode.PASSED
    because_of: str = ""

    @property
    def stops(self) -> bool:
        """Whether what stands on it can't be tried."""
        return self.state in {"failed", "not tried"}


@frozen
class Doubt:
    """Something that hinders nobody now, and will some day."""

    seen: str
    help: str


@frozen
class Check(Generic[S]):
    """``look`` says what it saw, or raises a ``PmxError``; ``after`` names the checks of a table that it stands on."""

    name: str
    look: Callable[[S], str | Doubt]
    after: tuple[str, ...] = ()


def diagnose(subject: S, checks: Sequence[Check[S]]) -> tuple[Finding, ...]:
    """A finding for every check, in their sequence."""
    found: dict[str, Finding] = {}
    for check in checks:
        found[check.name] = _finding(subject, check, found)
    return tuple(found.values())


def exit_code(findings: Iterable[Finding]) -> int:
    """0 if nothing failed; 3 if the venue can't be reached, else 1."""
    return max((finding.exit_code for finding in findings), default=ExitCode.PASSED)


def _finding(subject: S, check: Check[S], found: dict[str, Finding]) -> Finding:
    stopped_by = next((found[name] for name in check.after if name in found and found[name].stops), None)
    if stopped_by is not None:
        first = stopped_by.because_of or stopped_by.name
        return Finding(check.name, "not tried", f"because of `{first}`", because_of=first)
    try:
        return _seen(check.name, check.look(subject))
    except WrongInput as wrong:
        titles = "; ".join(getattr(each, "title", str(wrong)) for each in wrong.diagnostics)
        helps = "\n".join(filter(None, (getattr(each, "help", "") for each in wrong.diagnostics)))
        return Finding(check.name, "failed", titles, helps, ExitCode.FAILED)
    except PmxError as error:
        code = ExitCode.ERRORED if isinstance(error, Unreachable) else ExitCode.FAILED
        return Finding(check.name, "failed", error.message, error.help, code)


def _seen(name: str, seen: str | Doubt) -> Finding:
    if isinstance(seen, Doubt):
        return Finding(name, "doubtful", seen.seen, seen.help)
    return Finding(name, "ok", seen)
