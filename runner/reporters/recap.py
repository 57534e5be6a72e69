"""What went wrong in a long run, once more at its end: each cause with what it held up, and what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from runner.record.result import RunResult, StepResult
from runner.reporters import lines
from runner.value import counted

_SHORT = 12
_WENT_WELL = frozenset({"passed", "skipped", "blocked"})
_NAMED = 6
_WIDTH = 76


def recap(result: RunResult) -> Iterator[str]:
    """Lines to stand before the summary; none for a run that fits a screen, or in which nothing went wrong."""
    wrong = [step for step in result.steps if step.status not in _WENT_WELL]
    if len(result.steps) <= _SHORT or not wrong:
        return
    yield ""
    yield f"{counted(len(wrong), 'step')} to look at:"
    for step in wrong:
        started = step.started
        advisory = "  (advisory)" if step.status == "advisory" else ""
        yield f"  {lines.MARKS[step.status]} {started.id:<14} {lines.one_line(started.title)}{advisory}"
        yield from _wrapped("why", _why(step))
        yield from _wrapped("blocks", _held_up(result, step))
        yield from _wrapped("to do", _to_do(step))
    yield ""


def _held_up(result: RunResult, cause: StepResult) -> str:
    """The steps that needed what this one did not make."""
    ids = [each.started.id for each in result.steps if each.finished and each.finished.blocked_by == cause.started.id]
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return ", ".join(ids[:_NAMED]) + more


def _why(step: StepResult) -> str:
    if step.finished is not None and step.finished.error is not None:
        return lines.one_line(step.finished.error.message)
    return next((lines.one_line(each.title or each.check) for each in step.checks if not each.passed), "")


def _to_do(step: StepResult) -> str:
    """The step's own help; where it could not even be carried out, what that calls for."""
    error = step.finished.error if step.finished is not None else None
    helps = [error.help] if error is not None else []
    if step.status != "errored" or not any(helps):
        helps.append(step.started.help)
    return lines.one_line("; ".join(filter(None, helps)))


def _wrapped(label: str, text: str) -> Iterator[str]:
    for number, line in enumerate(textwrap.wrap(text, _WIDTH - 14, break_on_hyphens=False)):
        yield f"    {'' if number else label:<9} {line}"
