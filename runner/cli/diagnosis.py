"""Looking at one thing after the other between this machine and the venue, as plain findings.

A check that stands on another one is not tried when that one failed: the first failure is the one to mend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Literal, TypeVar

from runner.errors import ExitCode, PmxError, WrongInput
from runner.frozen import frozen

S = TypeVar("S")
State = Literal["ok", "failed", "not tried"]


@frozen
class Finding:
    """What one check saw, and what to do about it; ``exit_code`` is 0 unless it failed."""

    name: str
    state: State
    seen: str
    help: str = ""
    exit_code: int = ExitCode.PASSED


@frozen
class Check(Generic[S]):
    """``look`` says what it saw, or raises a ``PmxError``; ``after`` names the checks that it stands on."""

    name: str
    look: Callable[[S], str]
    after: tuple[str, ...] = ()


def diagnose(subject: S, checks: Sequence[Check[S]]) -> tuple[Finding, ...]:
    """A finding for every check, in their sequence."""
    found: dict[str, Finding] = {}
    for check in checks:
        found[check.name] = _finding(subject, check, found)
    return tuple(found.values())


def exit_code(findings: Iterable[Finding]) -> int:
    """0 if all is well; 2 if something that was written is wrong, else 3."""
    codes = {finding.exit_code for finding in findings} - {ExitCode.PASSED}
    if not codes:
        return ExitCode.PASSED
    return ExitCode.WRONG if ExitCode.WRONG in codes else ExitCode.ERRORED


def _finding(subject: S, check: Check[S], found: dict[str, Finding]) -> Finding:
    stopped_by = next((name for name in check.after if found[name].state != "ok"), None)
    if stopped_by is not None:
        return Finding(check.name, "not tried", f"because of `{stopped_by}`")
    try:
        return Finding(check.name, "ok", check.look(subject))
    except WrongInput as wrong:
        titles = "; ".join(getattr(each, "title", str(wrong)) for each in wrong.diagnostics)
        helps = "; ".join(filter(None, (getattr(each, "help", "") for each in wrong.diagnostics)))
        return Finding(check.name, "failed", titles, helps, ExitCode.WRONG)
    except PmxError as error:
        return Finding(check.name, "failed", error.message, error.help, ExitCode.ERRORED)
