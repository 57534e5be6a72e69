"""Which steps of a playbook are meant to be performed: ``--tags``, ``--skip-tags`` and ``--from``.

A step that is left out stays in the plan, so that the run can say why it was not performed, and what needed it is
blocked by it. Steps of ``finally`` are there for whatever was selected: only ``--skip-tags`` leaves one out. A
playbook that a step includes goes whole with that step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from runner.diagnostic import Diagnostic, nearest
from runner.errors import WrongInput
from runner.frozen import frozen
from runner.plan.model import LeftOut, Plan, PlannedStep


@frozen
class Selection:
    """What a caller asked for; empty means all. ``start`` is the id of the first step."""

    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    start: str = ""


ALL = Selection()


def selected(plan: Plan, selection: Selection) -> Plan:
    """The plan with each step that is not selected marked as left out.

    Raises ``WrongInput`` where the first step is unknown, or nothing at all is selected.
    """
    if selection == ALL:
        return plan
    if selection.start:
        _check_start(plan, selection.start)
    before = set(_before(plan.steps, selection.start))
    steps = tuple(replace(each, left_out=_why(each, selection, each.path in before)) for each in plan.steps)
    last = tuple(replace(each, left_out=_skipped(each, selection)) for each in plan.finally_)
    if not any(_asked_for(each, selection) for each in (*steps, *last)):
        raise WrongInput([_nothing(plan, selection)])
    return replace(plan, steps=steps, finally_=last)


def unknown_tags(plans: Iterable[Plan], selection: Selection) -> Iterator[Diagnostic]:
    """A warning for each tag of the command line that no step of any of the playbooks has."""
    known = {tag for plan in plans for step in plan.own_steps for tag in step.written.tags}
    for option, tags in (("--tags", selection.tags), ("--skip-tags", selection.skip_tags)):
        for tag in tags:
            if tag not in known:
                yield Diagnostic(f"`{option} {tag}`: no step has this tag", help=_known(tag, known), severity="warning")


def _why(step: PlannedStep, selection: Selection, before: bool) -> LeftOut | None:
    if before:
        return LeftOut("--from", f"before `--from {selection.start}`")
    if selection.tags and not set(selection.tags) & set(step.written.tags):
        return LeftOut("--tags", f"not tagged {' or '.join(selection.tags)}")
    return _skipped(step, selection)


def _skipped(step: PlannedStep, selection: Selection) -> LeftOut | None:
    tag = next((each for each in selection.skip_tags if each in step.written.tags), None)
    return None if tag is None else LeftOut("--skip-tags", f"tagged {tag}")


def _before(steps: Iterable[PlannedStep], start: str) -> Iterator[str]:
    """The paths of the steps before ``start``; none without one."""
    for step in steps if start else ():
        if step.written.id == start:
            return
        yield step.path


def _asked_for(step: PlannedStep, selection: Selection) -> bool:
    """Whether a step counts as selected; one of ``finally`` only if a tag of it was asked for."""
    wanted = not step.in_finally or bool(set(selection.tags) & set(step.written.tags))
    return wanted and step.left_out is None


def _check_start(plan: Plan, start: str) -> None:
    ids = [step.written.id for step in plan.steps]
    if start in ids:
        return
    if any(step.written.id == start for step in plan.finally_):
        help = "steps of `finally` are performed whatever the run begins with"
    else:
        help = nearest(start, ids) or f"its steps: {', '.join(ids)}"
    raise WrongInput([Diagnostic(f"`--from {start}`: `{plan.playbook.name}` has no such step", help=help)])


def _nothing(plan: Plan, selection: Selection) -> Diagnostic:
    known = {tag for step in plan.own_steps for tag in step.written.tags}
    options = [
        *(["--tags " + ",".join(selection.tags)] if selection.tags else []),
        *(["--skip-tags " + ",".join(selection.skip_tags)] if selection.skip_tags else []),
        *([f"--from {selection.start}"] if selection.start else []),
    ]
    help = _known(next((each for each in selection.tags if each not in known), ""), known)
    return Diagnostic(f"`{' '.join(options)}` selects no step of `{plan.playbook.name}`", help=help)


def _known(tag: str, known: set[str]) -> str:
    listed = f"there is: {', '.join(sorted(known))}" if known else "no step has any tags"
    return (nearest(tag, sorted(known)) if tag else "") or listed
