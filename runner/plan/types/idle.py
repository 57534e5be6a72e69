"""What a playbook says in vain: an input that nothing uses, a step that never runs, a check that can't fail.

Each is a warning, since the playbook does what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from runner.diagnostic import Diagnostic, problem
from runner.plan.known import Unknown, goes, known_code
from runner.plan.model import Plan, PlannedStep
from runner.playbook.model import Code
from runner.source import Source


def unused_inputs(plan: Plan, used: set[str | None]) -> Iterator[Diagnostic]:
    """A warning for each input that no expression names; None among the used ones stands for all of them."""
    for each in plan.playbook.inputs if None not in used else ():
        if each.name not in used:
            help = f"use it as `inputs.{each.name}`, or take it out"
            yield _warning(problem(plan.playbook.source, each.name_span, f"nothing uses input `{each.name}`", "", help))


def steps_never_run(plan: Plan) -> Iterator[Diagnostic]:
    """A warning for each step whose ``when`` is false whatever happens, and for those that need what it makes."""
    idle: dict[str, str] = {}
    for step in plan.own_steps:
        written, source = step.written, plan.playbook.source
        need = next((need for need in step.needs if need.owner in idle), None)
        if goes(written, {}) is False:
            idle[written.id] = written.id
            title, help = f"step `{written.id}` never runs", "its `when` is false whatever happens"
            yield _warning(problem(source, written.id_span, title, "", help))
        elif need is not None:
            idle[written.id] = idle[need.owner]
            title = f"step `{written.id}` never runs"
            label = f"it needs {f'`{need.capture}`' if need.capture else 'the result'} of step `{need.owner}`"
            yield _warning(problem(source, written.id_span, title, label, _because(need.owner, idle[need.owner])))


def _because(owner: str, cause: str) -> str:
    return f"the `when` of `{cause}` is false whatever happens" + (
        f", and `{owner}` needs it" if owner != cause else ""
    )


def constant_expectation(source: Source, step: PlannedStep, code: Code) -> Iterator[Diagnostic]:
    """A warning for an expectation without any name in it, which comes out the same whatever happens.

    An assertion that is always false is meant: a step that fails where it should never come to.
    """
    try:
        value = bool(known_code(code, {}))
    except Unknown:
        return
    if value or not step.action.expressions:
        title, help = f"this is always {str(value).lower()}", "compare with something of the result"
        yield _warning(problem(source, code.span, title, "it depends on nothing", help))


def _warning(found: Diagnostic) -> Diagnostic:
    return replace(found, severity="warning")
