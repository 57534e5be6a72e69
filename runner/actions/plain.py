"""Actions that need no venue: naming values, checking them, saying something, letting time pass."""

from __future__ import annotations

from datetime import timedelta

from runner.action import Action, Arguments, Context, Observation
from runner.actions.shapes import record
from runner.errors import StepErrored
from runner.later import Later
from runner.redact import MASK, Secret
from runner.value import DURATION, SECRET_TEXT, TEXT, Argument, list_of


def _set(arguments: Arguments, _context: Context) -> Observation:
    return Observation(dict(arguments))


def _assert(_arguments: Arguments, _context: Context) -> Observation:
    return Observation({})


def _log(arguments: Arguments, context: Context) -> Observation:
    message = arguments["message"]
    text = MASK if isinstance(message, Secret) else str(message)
    context.note(text)
    return Observation({})


def _wait(arguments: Arguments, context: Context) -> Observation:
    seconds = arguments["for"] / 1000
    context.deadline.extend(seconds)
    if context.deadline.left < seconds:
        raise StepErrored(f"{seconds:g} s are more than the end of a run may take", help="wait for less in `finally`")
    until = context.step("until", lambda: context.clock.now() + timedelta(seconds=seconds))
    context.sleep_until(until, "as the playbook says")
    return Observation({})


def _lasts(arguments: Arguments) -> float:
    return 0.0 if isinstance(arguments["for"], Later) else arguments["for"] / 1000


SET = Action(
    name="set",
    summary="Name values",
    effect="reads",
    arguments={},
    free=True,
    result={"type": "object"},
    perform=_set,
    example="action: set\nwith: {limit_price: 0.57}\nexpect:\n  - result.limit_price == 0.57",
)

ASSERT = Action(
    name="assert",
    summary="Check conditions",
    effect="reads",
    arguments={"that": Argument(list_of(TEXT), "Expressions that must hold", required=True)},
    expressions=frozenset({"that"}),
    result=record(),
    perform=_assert,
    example="action: assert\nwith:\n  that:\n    - 1 + 1 == 2",
)

LOG = Action(
    name="log",
    summary="Say something",
    effect="reads",
    arguments={"message": Argument(SECRET_TEXT, "What to say", required=True)},
    result=record(),
    perform=_log,
    example="action: log\nwith: {message: 'started at {{ run.started_at }}'}",
)

WAIT = Action(
    name="wait",
    summary="Let time pass",
    effect="reads",
    arguments={"for": Argument(DURATION, "How long: 500ms, 15s, 2m", required=True)},
    result=record(),
    perform=_wait,
    lasts=_lasts,
    example="action: wait\nwith: {for: 10ms}",
)
