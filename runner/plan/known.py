"""What is known of a playbook's values before its run: constants at any time, and what the inputs tell once given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from runner.expression import EvaluationError, Functions, Template, evaluate, render
from runner.expression.references import Reference
from runner.later import Later
from runner.plan.names import expressions_of
from runner.playbook.model import Code, ListValue, Loop, MapValue, Scalar, Step, Text, Value

Known: TypeAlias = Mapping[str, object]


class Unknown(Exception):
    """A value can't be told before the run."""


def known_arguments(arguments: MapValue, scope: Known) -> dict[str, object]:
    """The arguments that ``scope`` alone tells; the others are left out."""
    known: dict[str, object] = {}
    for entry in arguments:
        try:
            known[entry.key] = known_value(entry.value, scope)
        except Unknown:
            continue
    return known


def known_value(value: Value, scope: Known) -> object:
    """What a value will be, if ``scope`` alone tells; raises ``Unknown``."""
    match value:
        case Scalar():
            return value.value
        case ListValue():
            return [known_value(item, scope) for item in value.items]
        case MapValue():
            return {entry.key: known_value(entry.value, scope) for entry in value}
    if isinstance(value.written, str):
        return value.written
    _only_from(value, scope)
    try:
        return render(value.written, scope, _NO_FUNCTIONS)
    except EvaluationError as error:
        raise Unknown from error


def value_to_come(value: Value, scope: Known, makers: Mapping[str, str]) -> object:
    """What a value will be, with a mark for each part that ``scope`` does not tell.

    ``makers`` names the step that makes each capture.
    """
    match value:
        case ListValue():
            return [value_to_come(item, scope, makers) for item in value.items]
        case MapValue():
            return {entry.key: value_to_come(entry.value, scope, makers) for entry in value}
    try:
        return known_value(value, scope)
    except Unknown:
        return Later(_words_of(value, scope, makers)) if isinstance(value, Text) else None


def _words_of(text: Text, scope: Known, makers: Mapping[str, str]) -> str:
    """``chosen.symbol, from step instruments``."""
    written = text.written
    assert isinstance(written, Template)  # noqa: S101 - a plain text is always known
    words = written.expressions[0].text.strip() if written.whole else written.text
    names = [reference for each in written.expressions for reference in each.names()]
    sources = dict.fromkeys(filter(None, (_source(each, scope, makers) for each in names))) or {"the run": None}
    return f"{words}, from {' and '.join(sources)}"


def _source(name: Reference, scope: Known, makers: Mapping[str, str]) -> str:
    """Where a name that is not known yet will come from; empty for one that is known."""
    if name.root in makers:
        return "" if name.root in scope else f"step {makers[name.root]}"
    if name.root == "steps" and len(name.parts) > 1:
        return f"step {name.parts[1].key}"
    if name.root == "environment":
        return "the embedded exchange"
    if name.root == "run":
        return "the run"
    return "" if name.root in scope else "the loop"


def known_code(code: Code, scope: Known) -> object:
    """What an expression will come to, if ``scope`` alone tells; raises ``Unknown``."""
    _only_from(code, scope)
    try:
        return evaluate(code.expression, scope, _NO_FUNCTIONS)
    except EvaluationError as error:
        raise Unknown from error


def goes(step: Step, scope: Known) -> bool | None:
    """Whether a step (or a loop's item) will be performed; None if it can't be told."""
    if isinstance(step.when, bool):
        return step.when
    try:
        return bool(known_code(step.when, scope))
    except Unknown:
        return None


def item_scopes(loop: Loop, scope: Known) -> list[Known]:
    """What is known inside each item of a loop; an item whose value can't be told has its index alone.

    Raises ``Unknown`` if it can't be told how many items there are.
    """
    if isinstance(loop.items, Code):
        found = known_code(loop.items, scope)
        if not isinstance(found, list | tuple):
            raise Unknown
        named: Iterator[Known] = ({loop.name: item} for item in found)
    else:
        named = (_item(loop.name, item, scope) for item in loop.items.items)
    return [{**scope, "index": index, **names} for index, names in enumerate(named)]


def _item(name: str, value: Value, scope: Known) -> Known:
    try:
        return {name: known_value(value, scope)}
    except Unknown:
        return {}


def _only_from(written: Code | Text, scope: Known) -> None:
    names = {reference.root for expression in expressions_of(written) for reference in expression.names()}
    if not names <= scope.keys():
        raise Unknown


def _unknown_now() -> object:
    raise EvaluationError("known only during a run", 0, 1, "")


_NO_FUNCTIONS = Functions(now=_unknown_now, new_uuid=_unknown_now)  # type: ignore[arg-type]
