"""What a step cannot do without: the captures and results of earlier steps that its expressions use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.expression.references import Reference
from runner.plan.model import Need
from runner.plan.names import expressions_of, texts_of
from runner.playbook.model import Code, Expectation, ListValue, Step, Text


def needs_of(step: Step, expectations: tuple[Expectation, ...], owners: Mapping[str, str]) -> tuple[Need, ...]:
    """The needs of ``step`` with all its ``expectations``; ``owners`` names the step that makes each capture.

    A name that is only asked for (``x is defined``, ``x | default(…)``) is no need.
    """
    found = (
        need
        for written in (*_written(step), *(each.check for each in expectations))
        for expression in expressions_of(written)
        for reference in expression.names()
        if reference.certain
        for need in _need(reference, owners)
        if need.owner != step.id
    )
    return tuple(dict.fromkeys(found))


def _written(step: Step) -> Iterator[Code | Text]:
    yield from texts_of(step.arguments)
    if step.loop is not None:
        yield from texts_of(step.loop.items) if isinstance(step.loop.items, ListValue) else (step.loop.items,)
    optional = (step.when, step.participant, step.repeat.until if step.repeat else None)
    yield from (each for each in optional if isinstance(each, (Code, Text)))
    yield from (named.code for named in step.capture)


def _need(reference: Reference, owners: Mapping[str, str]) -> Iterator[Need]:
    keys = [str(part.key) for part in reference.parts]
    if keys[0] in owners:
        yield Need(owners[keys[0]], keys[0])
    elif keys[0] == "steps" and len(keys) > 2 and keys[2] != "status":
        yield Need(keys[1], "" if keys[2] == "result" else keys[2])
