"""What a step hands to the playbook that it includes: held against the inputs that are declared there.

::

    error: unknown input `prise` of `place.yaml`
     --> playbooks/all.yaml:7:37
      |
    7 |     with: {path: place.yaml, inputs: {prise: 0.5}}
      |                                       ^^^^^
      |
      = help: did you mean `price`?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from runner.diagnostic import Diagnostic, nearest, problem
from runner.expression.references import Reference
from runner.plan.known import Known, Unknown, goes, known_value
from runner.plan.model import Plan, PlannedStep
from runner.plan.names import expressions_of, texts_of
from runner.playbook.inputs import accept
from runner.playbook.model import Entry, Input, MapValue, Playbook, Scalar, Step, Value
from runner.redact import MASK, Secret
from runner.source import Span
from runner.value import WrongValue

_NOTHING: Known = {}


def handed(step: Step) -> dict[str, Entry]:
    """What a step hands to the inputs of its playbook, by their names; null is as good as nothing."""
    entry = step.arguments.get("inputs")
    if entry is None or not isinstance(entry.value, MapValue):
        return {}
    return {each.key: each for each in entry.value if each.value != Scalar(None, each.value.span)}


def known_inputs(step: Step, included: Playbook, scope: Known) -> dict[str, object]:
    """The inputs of an included playbook that ``scope`` alone tells; those that can't be told are left out."""
    values, known = handed(step), {}
    for wanted in included.inputs:
        entry = values.get(wanted.name)
        if entry is None:
            if wanted.has_default:
                known[wanted.name] = wanted.default
            continue
        try:
            value = known_value(entry.value, scope)
            known[wanted.name] = value if isinstance(value, Secret) else accept(wanted, value)
        except (Unknown, WrongValue):
            continue
    return known


def handing_problems(plan: Plan, scope: Known) -> Iterator[Diagnostic]:
    """A diagnostic for each input that is handed wrongly by a step of ``plan``, as far as ``scope`` tells."""
    secret = {each.name for each in plan.playbook.inputs if each.secret}
    for step in plan.own_steps:
        if step.included is not None:
            yield from _Handing(plan, step, step.included.playbook, secret).problems(scope)


class _Handing:
    """One step that includes a playbook; ``secret`` are the names of its own playbook's secret inputs."""

    def __init__(self, plan: Plan, step: PlannedStep, included: Playbook, secret: set[str]) -> None:
        self._source = plan.playbook.source
        self._step = step.written
        self._included = included
        self._secret = secret

    def problems(self, scope: Known) -> Iterator[Diagnostic]:
        inputs = self._step.arguments.get("inputs")
        if inputs is not None and not isinstance(inputs.value, MapValue):
            title = "the inputs of a playbook are written out by their names"
            yield problem(self._source, inputs.value.span, title, "which ones there are must be known", "name: value")
            return
        values = handed(self._step)
        yield from (self._unknown(each) for each in values.values() if self._declared(each.key) is None)
        for wanted in self._included.inputs:
            entry = values.get(wanted.name)
            if entry is not None:
                yield from self._misfits(wanted, entry, scope)
            elif not wanted.has_default:
                yield self._missing(wanted)

    def _declared(self, name: str) -> Input | None:
        return next((each for each in self._included.inputs if each.name == name), None)

    def _unknown(self, entry: Entry) -> Diagnostic:
        names = [each.name for each in self._included.inputs]
        help = nearest(entry.key, names) or (f"it has: {', '.join(names)}" if names else "it has no inputs")
        return problem(self._source, entry.key_span, f"unknown input `{entry.key}` of {self._name}", "", help)

    def _missing(self, wanted: Input) -> Diagnostic:
        inputs, path = self._step.arguments.get("inputs"), self._step.arguments.get("path")
        entry = inputs or path
        span = entry.key_span if entry is not None else self._step.action_span
        return problem(
            self._source,
            span,
            f"missing input `{wanted.name}` of {self._name}",
            f"a {wanted.type} without a default",
            wanted.description,
        )

    def _misfits(self, wanted: Input, entry: Entry, scope: Known) -> Iterator[Diagnostic]:
        used = [_input(each) in self._secret for each in _references(entry.value)]
        if wanted.secret and not (used and all(used)):
            yield self._no_secret(wanted, entry)
        elif not wanted.secret and any(used):
            help = f"declare `{wanted.name}` with `secret: true` there"
            label = f"`{wanted.name}` is no secret input of {self._name}"
            yield problem(
                self._source, self._of_secret(entry), "a secret is handed to a secret input only", label, help
            )
        elif not wanted.secret:
            yield from self._mistyped(wanted, entry, _NOTHING)
            if goes(self._step, scope) is True:
                yield from self._mistyped(wanted, entry, scope)

    def _of_secret(self, entry: Entry) -> Span:
        """Where a secret input of the caller's is named in what is handed."""
        named = (
            text.place(reference.offset, sum(part.length for part in reference.parts) + len(reference.parts) - 1)
            for text in texts_of(entry.value)
            for expression in expressions_of(text)
            for reference in expression.names()
            if _input(reference) in self._secret
        )
        return next(named, entry.value.span)

    def _no_secret(self, wanted: Input, entry: Entry) -> Diagnostic:
        """The picture masks what stands there: it may be a secret, in the wrong place."""
        span, line = entry.value.span, self._source.line(entry.value.span.line)
        shown = line[: span.column - 1] + MASK + line[span.column - 1 + span.length :]
        return Diagnostic(
            "only a secret is handed to a secret input",
            f"`{wanted.name}` is a secret input of {self._name}",
            replace(span, length=len(MASK)),
            "hand it a secret input of this playbook; anything else would be kept",
            shown,
        )

    def _mistyped(self, wanted: Input, entry: Entry, scope: Known) -> Iterator[Diagnostic]:
        try:
            accept(wanted, known_value(entry.value, scope))
        except Unknown:
            return
        except WrongValue as wrong:
            title = f"input `{wanted.name}` of {self._name} does not take this"
            yield problem(self._source, entry.value.span, title, str(wrong), wanted.description)

    @property
    def _name(self) -> str:
        return f"`{self._included.source.path}`"


def _references(value: Value) -> Iterator[Reference]:
    for text in texts_of(value):
        yield from (reference for expression in expressions_of(text) for reference in expression.names())


def _input(reference: Reference) -> str:
    """The input that a reference is about, empty for anything else."""
    return str(reference.parts[1].key) if reference.root == "inputs" and len(reference.parts) > 1 else ""
