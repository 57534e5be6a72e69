"""What several reports say of a run: its outcome in words, its steps one by one, what is left to settle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.frozen import frozen
from runner.record.result import OrderResult, RunResult, StepResult
from runner.reporters.lines import MARKS, duration, name_of, state_of
from runner.value import counted
from runner.venue.model import TERMINAL_STATES

OUTCOMES = {
    "passed": "passed",
    "failed": "failed: a check did not hold, or the exchange refused something",
    "errored": "could not be carried out",
    "refused": "refused by a guard: nothing beyond it was sent",
    "in_doubt": "in doubt: a person must look",
    "interrupted": "interrupted",
    "running": "still under way: this is how far it has come",
    "killed": "not finished: its process died; this is how far it had come",
}
_RUN_MARKS = {"refused": "✘", "interrupted": "!", "running": "…", "killed": "?"}
_UNSETTLED = frozenset({"in_doubt", "killed"})
_UNKNOWN = frozenset({"", "inconclusive"})
_GONE = frozenset({"refused", "not_sent", "not_found"})
_OWED = frozenset({"owed", "failed"})
BAD = frozenset({"failed", "errored", "refused", "in_doubt"})


@frozen
class Doubt:
    """Something that nobody has settled yet, and what to do about it."""

    what: str
    help: str = ""


def mark(result: RunResult) -> str:
    """A sign for how a run ended."""
    status = result.status
    return _RUN_MARKS.get(status) or MARKS[status]  # type: ignore[index]


def status_of(result: RunResult, step: StepResult) -> str:
    """How a step ended; one without an end is in doubt only if nobody performs it any more."""
    return "running" if step.finished is None and result.under_way else step.status


def inner(step: StepResult) -> tuple[StepResult, ...]:
    """What a step is made of: the items of a loop, or the steps of a playbook that it includes."""
    return step.items or step.steps


def all_steps(steps: Sequence[StepResult]) -> Iterator[StepResult]:
    """Every step with what it is made of right behind it."""
    for step in steps:
        yield step
        yield from all_steps(inner(step))


def summary(result: RunResult) -> str:
    """How many steps passed, in what time, and with which exit code."""
    passed = sum(step.status == "passed" for step in result.steps)
    steps = f"{passed} of {counted(len(result.steps), 'step')} passed"
    if result.finished is None:
        return f"{steps} so far"
    return f"{steps} in {duration(result.finished.duration_ms)}, exit {result.finished.exit_code}"


def doubts(result: RunResult) -> list[Doubt]:
    """What is left at the exchange as far as anybody knows; of a run that is under way nothing is yet."""
    if result.under_way:
        return []
    steps = (each for each in all_steps(result.steps) if each.status == "in_doubt" and not inner(each))
    return [
        *map(_of_step, steps),
        *(Doubt(_named(each)) for each in result.orders if _is_unknown(result, each)),
        *(_of_cleanup(result, each.path) for each in result.cleanups if each.status in _OWED),
    ]


def to_settle(result: RunResult) -> str:
    """The command that settles a run; empty for one that needs none."""
    return f"pmx-run resume {result.started.run_id}" if result.status in _UNSETTLED else ""


def _is_unknown(result: RunResult, order: OrderResult) -> bool:
    over = order.state in TERMINAL_STATES or order.state in _GONE
    return order.state in _UNKNOWN or (result.status in _UNSETTLED and not over)


def _named(order: OrderResult) -> str:
    """An order as somebody needs it who looks for it."""
    intended = order.intended
    return (
        f"order {order.order_id or 'of unknown id'} (client order id {order.clord_id}), {intended.symbol}, participant "
        f"{intended.participant or 'none'}, last known state {state_of(order)}"
    )


def _of_step(step: StepResult) -> Doubt:
    finished, name = step.finished, name_of(step.started.path, step.started.id)
    if finished is None:
        return Doubt(f"step {name} began and did not come to its end")
    error = finished.error
    return Doubt(f"step {name}: {error.message}", error.help) if error else Doubt(f"step {name} is in doubt")


def _of_cleanup(result: RunResult, path: str) -> Doubt:
    owed = next(each for each in result.cleanups if each.path == path)
    about = f" (client order id {owed.clord_id})" if owed.clord_id else ""
    why = f": {owed.message}" if owed.message else ""
    return Doubt(f"the cleanup of step {name_of(owed.path, owed.step)}{about} is still owed{why}", owed.help)
