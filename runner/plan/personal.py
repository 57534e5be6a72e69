"""What is told about people: which inputs it comes from, and whether it stands where others can read it.

A personal argument is made of secret inputs alone. Anything else would be kept: a literal or a default in the
playbook's text, a capture in the journal. The one exception is a person who was invented for certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from runner.action import Action
from runner.diagnostic import Diagnostic
from runner.expression.references import Reference
from runner.frozen import frozen
from runner.plan.known import Known, Unknown, item_scopes, known_arguments
from runner.plan.model import Plan, PlannedStep
from runner.plan.names import expressions_of, texts_of
from runner.playbook.model import Code, ListValue, Loop, MapValue, Scalar, Step, Text, Value
from runner.redact import MASK, Secret

_SHORTEST = 3


@frozen
class Open:
    """A personal argument of a step, or a part of one, that others could read."""

    step: PlannedStep
    argument: str
    value: Text | Scalar


def personal_problems(plan: Plan) -> Iterator[Diagnostic]:
    """A diagnostic for each step that would keep something about a person who may be real."""
    found: dict[str, list[Open]] = {}
    for each in open_values(plan):
        found.setdefault(each.step.path, []).append(each)
    for opened in found.values():
        if not _about_nobody(plan, opened[0].step):
            yield _problem(plan, opened)


def open_values(plan: Plan) -> Iterator[Open]:
    """Every personal value that is not made of secret inputs alone; what is too short to tell anything is none."""
    secret = {each.name for each in plan.playbook.inputs if each.secret}
    for step in plan.all_steps:
        for argument, value in _personal(step):
            yield from (Open(step, argument, leaf) for leaf in _leaves(value) if not _closed(leaf, secret))


def personal_inputs(plan: Plan) -> frozenset[str]:
    """The inputs, secret ones aside, that personal arguments are made of: directly, by a loop or by a ``set``."""
    sources = _Sources(plan)
    found = {name for each in open_values(plan) for name in sources.of(each.value, each.step.written)}
    return frozenset(found - {each.name for each in plan.playbook.inputs if each.secret})


def personal_texts(plan: Plan) -> Iterator[str]:
    """What is known of people before a run and is no secret: for the redactor."""
    for found in open_values(plan):
        if isinstance(found.value, Text) and isinstance(found.value.written, str):
            yield found.value.written
    for name in personal_inputs(plan):
        yield from _texts_in(plan.inputs.get(name))


def _personal(step: PlannedStep) -> Iterator[tuple[str, Value]]:
    """The personal arguments of a step and of its cleanups."""
    acts = [(step.action, step.written.arguments), *((each.action, each.written.arguments) for each in step.cleanup)]
    for action, arguments in acts:
        yield from ((entry.key, entry.value) for entry in arguments if _is_personal(action, entry.key))


def _is_personal(action: Action, name: str) -> bool:
    declared = action.arguments.get(name)
    return declared is not None and declared.personal


def _leaves(value: Value) -> Iterator[Text | Scalar]:
    match value:
        case ListValue():
            for item in value.items:
                yield from _leaves(item)
        case MapValue():
            for entry in value:
                yield from _leaves(entry.value)
        case Text() | Scalar():
            yield value


def _closed(leaf: Text | Scalar, secret: set[str]) -> bool:
    """Whether a value tells nobody anything: made of secret inputs, or hardly there."""
    if isinstance(leaf, Scalar):
        return leaf.value is None or isinstance(leaf.value, bool)
    if isinstance(leaf.written, str):
        return len(leaf.written) < _SHORTEST
    used = [reference for each in expressions_of(leaf) for reference in each.names()]
    return bool(used) and all(_input(each) in secret for each in used)


def _input(reference: Reference) -> str:
    """The input that a reference is about, empty for anything else."""
    return str(reference.parts[1].key) if reference.root == "inputs" and len(reference.parts) > 1 else ""


def _about_nobody(plan: Plan, step: PlannedStep) -> bool:
    """Whether every act of the step that takes something personal is about an invented person."""
    defaults: Known = {"inputs": {each.name: each.default for each in plan.playbook.inputs if each.has_default}}
    acts = [(step.action, step.written.arguments), *((each.action, each.written.arguments) for each in step.cleanup)]
    return all(
        action.about_nobody is not None and action.about_nobody(known_arguments(arguments, scope))
        for action, arguments in acts
        if any(_is_personal(action, entry.key) for entry in arguments)
        for scope in _scopes(step.written, defaults)
    )


def _scopes(step: Step, defaults: Known) -> list[Known]:
    try:
        return item_scopes(step.loop, defaults) if step.loop else [defaults]
    except Unknown:
        return [{}]


def _problem(plan: Plan, opened: list[Open]) -> Diagnostic:
    """The picture shows the first place, and nothing of what stands there or further on in its line."""
    span = opened[0].value.span
    shown = plan.playbook.source.line(span.line)
    for place in sorted((each.value.span for each in opened), reverse=True):
        if place.line == span.line:
            shown = shown[: place.column - 1] + MASK + shown[place.column - 1 + place.length :]
    names = ", ".join(dict.fromkeys(f"`{each.argument}`" for each in opened))
    return Diagnostic(
        "what tells who somebody is comes from secret inputs alone; anything else would be kept",
        f"here and in all of: {names}",
        replace(span, length=len(MASK)),
        "make it an input with `secret: true`; a person who is invented has an `ssn` that nobody has (000000001, or "
        "one that ends with 0000)",
        shown,
    )


class _Sources:
    """Where values come from, as far as a playbook itself moves them: by loops, and by steps that only set names."""

    def __init__(self, plan: Plan) -> None:
        self._steps: Mapping[str, PlannedStep] = {each.written.id: each for each in plan.all_steps}
        self._owners = {named.name: each.written.id for each in plan.all_steps for named in each.written.capture}

    def of(self, written: Text | Scalar | Code, step: Step, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        """The names of the inputs that a value in ``step`` is made of."""
        expressions = () if isinstance(written, Scalar) else expressions_of(written)
        for reference in (each for expression in expressions for each in expression.names()):
            if reference.root == "inputs":
                yield _input(reference)
            elif step.loop is not None and reference.root == step.loop.name:
                yield from self._of_loop(step.loop, step, seen)
            else:
                yield from self._of_step(reference, seen)

    def _of_loop(self, loop: Loop, step: Step, seen: frozenset[str]) -> Iterator[str]:
        """What the list is made of; the name of its items means nothing there."""
        outside = replace(step, loop=None)
        for each in (loop.items,) if isinstance(loop.items, Code) else texts_of(loop.items):
            yield from self.of(each, outside, seen)

    def _of_step(self, reference: Reference, seen: frozenset[str]) -> Iterator[str]:
        keys = [str(part.key) for part in reference.parts]
        owner = keys[1] if keys[0] == "steps" and len(keys) > 1 else self._owners.get(keys[0], "")
        step = self._steps.get(owner)
        if step is None or owner in seen or not step.action.free:
            return
        for text in texts_of(step.written.arguments):
            yield from self.of(text, step.written, seen | {owner})


def _texts_in(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for item in value.values():
                yield from _texts_in(item)
        case list() | tuple():
            for item in value:
                yield from _texts_in(item)
        case Secret() | bool() | None:
            return
        case _:
            yield str(value)
