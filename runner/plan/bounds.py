"""The limits of a run: the strictest of the playbook's own and those of ``pmx.yaml``, and what is known to cross one.

Exposure is what an order can lose, in dollars, fees aside: buy = price × quantity, sell = (1 − price) × quantity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fnmatch import fnmatchcase

from runner.action import OrderTerms
from runner.expression import EvaluationError, Functions, evaluate, render
from runner.frozen import frozen
from runner.plan.model import Bound, Bounds, NameBound, PlannedStep
from runner.plan.names import expressions_of
from runner.playbook.model import Code, Limit, Limits, ListValue, MapValue, NameLimit, Scalar, Text, Value
from runner.source import Span

NUMBERS = ("orders", "exposure", "order_exposure", "order_quantity", "requests")
NAMES = ("symbols", "environments")


@frozen
class Crossing:
    """A limit that is known to be crossed, by which step, and the sentence to say it with."""

    bound: Bound | NameBound
    step: PlannedStep
    place: Span
    message: str


class Unknown(Exception):
    """A value can't be told before the run."""


def strictest(playbook: Limits, settings: Iterable[Bounds]) -> Bounds:
    """All limits together; a playbook can't loosen what the settings state."""
    stated = [_of_playbook(playbook), *settings]
    numbers = {
        name: min(found, key=lambda bound: bound.value)
        for name in NUMBERS
        if (found := [bounds.numbers[name] for bounds in stated if name in bounds.numbers])
    }
    return Bounds(numbers, tuple(each for bounds in stated for each in bounds.names))


def crossings(steps: Iterable[PlannedStep], bounds: Bounds, scope: Mapping[str, object]) -> Iterator[Crossing]:
    """Every limit that the orders of ``steps`` cross by what ``scope`` alone tells; in the sequence of the steps."""
    orders, exposure = 0, Decimal(0)
    for step in steps:
        if step.action.terms is None or _goes(step, scope) is False:
            continue
        terms = step.action.terms(known_arguments(step.written.arguments, scope))
        yield from _of_one(step, terms, bounds)
        if _goes(step, scope) is None:
            continue
        orders += 1
        exposure += terms.exposure or 0
        yield from _number(step, bounds, "orders", Decimal(orders), "this run would send {} orders")
        yield from _number(step, bounds, "exposure", exposure, "this run would put ${} at risk")


def known_arguments(arguments: MapValue, scope: Mapping[str, object]) -> dict[str, object]:
    """The arguments that ``scope`` alone tells; the others are left out."""
    known: dict[str, object] = {}
    for entry in arguments:
        try:
            known[entry.key] = known_value(entry.value, scope)
        except Unknown:
            continue
    return known


def known_value(value: Value, scope: Mapping[str, object]) -> object:
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


def _goes(step: PlannedStep, scope: Mapping[str, object]) -> bool | None:
    """Whether the step will be performed; None if it can't be told."""
    when = step.written.when
    if isinstance(when, bool):
        return when
    try:
        _only_from(when, scope)
        return bool(evaluate(when.expression, scope, _NO_FUNCTIONS))
    except (Unknown, EvaluationError):
        return None


def _only_from(written: Code | Text, scope: Mapping[str, object]) -> None:
    names = {reference.root for expression in expressions_of(written) for reference in expression.names()}
    if not names <= scope.keys():
        raise Unknown


def _unknown_now() -> object:
    raise EvaluationError("known only during a run", 0, 1, "")


_NO_FUNCTIONS = Functions(now=_unknown_now, new_uuid=_unknown_now)  # type: ignore[arg-type]


def _of_one(step: PlannedStep, terms: OrderTerms, bounds: Bounds) -> Iterator[Crossing]:
    yield from _number(step, bounds, "order_exposure", terms.exposure, "this order would put ${} at risk")
    yield from _number(step, bounds, "order_quantity", terms.quantity, "this order is for {} contracts")
    for bound in bounds.names:
        if bound.name == "symbols" and terms.symbol and not allowed(terms.symbol, bound):
            message = f"this order is for `{terms.symbol}`, and the limit allows {', '.join(bound.patterns)}"
            yield Crossing(bound, step, _place(step), message)


def allowed(name: str, bound: NameBound) -> bool:
    """Whether ``name`` matches one of the bound's shell patterns, upper and lower case told apart."""
    return any(fnmatchcase(name, pattern) for pattern in bound.patterns)


def _number(step: PlannedStep, bounds: Bounds, name: str, value: Decimal | None, text: str) -> Iterator[Crossing]:
    bound = bounds.number(name)
    if bound is not None and value is not None and value > bound.value:
        message = f"{text.format(f'{value:f}')}, and the limit is {bound.value:f}"
        yield Crossing(bound, step, _place(step), message)


def _place(step: PlannedStep) -> Span:
    return step.written.id_span


def _of_playbook(limits: Limits) -> Bounds:
    numbers: dict[str, Bound] = {}
    names: list[NameBound] = []
    for name in (*NUMBERS, *NAMES):
        match getattr(limits, name):
            case Limit(value=value, span=span):
                numbers[name] = Bound(name, Decimal(value), str(span))
            case NameLimit(names=patterns, span=span):
                names.append(NameBound(name, patterns, str(span)))
    return Bounds(numbers, tuple(names))
