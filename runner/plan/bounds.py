"""The limits of a run: the strictest of the playbook's own and those of ``pmx.yaml``, and what is known to cross one.

Exposure is what an order can lose, in dollars, fees aside: buy = price × quantity, sell = (1 − price) × quantity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fnmatch import fnmatchcase
from operator import attrgetter

from runner.action import OrderTerms
from runner.frozen import frozen
from runner.plan.including import known_inputs
from runner.plan.known import Known, Unknown, goes, item_scopes, known_arguments
from runner.plan.model import Bound, Bounds, NameBound, Plan, PlannedStep
from runner.playbook.model import Limit, Limits, NameLimit
from runner.source import Source, Span

NUMBERS = (
    "orders", "exposure", "order_exposure", "order_quantity", "requests", "per_day.orders", "per_day.exposure"
)  # fmt: skip
NAMES = ("symbols", "environments")
_DAY = "per_day."


@frozen
class Crossing:
    """A limit that is known to be crossed, by which step, and the sentence to say it with."""

    bound: Bound | NameBound
    step: PlannedStep
    source: Source
    place: Span
    message: str


def strictest(playbook: Limits, settings: Iterable[Bounds]) -> Bounds:
    """All limits together; a playbook can't loosen what the settings state."""
    stated = [_of_playbook(playbook), *settings]
    numbers = {
        name: min(found, key=lambda bound: bound.value)
        for name in NUMBERS
        if (found := [bounds.numbers[name] for bounds in stated if name in bounds.numbers])
    }
    return Bounds(numbers, tuple(each for bounds in stated for each in bounds.names))


def crossings(plan: Plan, scope: Known) -> Iterator[Crossing]:
    """Every limit that the orders of ``plan`` cross by what ``scope`` alone tells; in the sequence of the steps.

    Each item of a loop counts, as far as it is known which items there are. What an included playbook sends counts for
    its own limits each time that it is performed, and for those of whatever includes it.
    """
    orders, exposure = 0, Decimal(0)
    for step in plan.own_steps:
        possible = list(_orders(plan, step, scope))
        yield from _first_of_each(found for each in possible for found in _of_one(each, plan.bounds))
        certain = [each for each in possible if each.certain and not each.terms.is_replace]
        if certain:
            orders += len(certain)
            exposure += sum((each.terms.exposure or Decimal(0) for each in certain), Decimal(0))
            yield from _of_run(certain[-1], Decimal(orders), exposure, plan.bounds)
        if step.included is not None:
            yield from _first_of_each(_below(step, step.included, scope))


def _below(step: PlannedStep, included: Plan, scope: Known) -> Iterator[Crossing]:
    """The crossings of an included playbook's own limits, each time that it is performed."""
    for inside, going, _ in _times(step, scope):
        if going is not False:
            yield from crossings(included, scope_below(step, included, inside))


@frozen
class _Order:
    """What is known of an order that a step will send, for ``certain`` or perhaps; ``name`` is for messages."""

    step: PlannedStep
    source: Source
    terms: OrderTerms
    certain: bool
    name: str


def _orders(plan: Plan, step: PlannedStep, scope: Known) -> Iterator[_Order]:
    """The orders of one step, those of the playbook that it includes too."""
    if step.action.terms is None and step.included is None:
        return
    for inside, going, name in _times(step, scope):
        if going is False:
            continue
        if step.action.terms is not None:
            terms = step.action.terms(known_arguments(step.written.arguments, inside))
            yield _Order(step, plan.playbook.source, terms, going is True, name)
        if step.included is not None:
            below = scope_below(step, step.included, inside)
            nested = (each for own in step.included.own_steps for each in _orders(step.included, own, below))
            yield from nested if going is True else (replace(each, certain=False) for each in nested)


def _times(step: PlannedStep, scope: Known) -> Iterator[tuple[Known, bool | None, str]]:
    """Each time that a step may be performed: what is known then, whether it will be, and what its order is called.

    A loop over a list that isn't known is one time, and uncertain.
    """
    loop = step.written.loop
    if step.left_out is not None:
        return
    if loop is None:
        yield scope, goes(step.written, scope), "this order"
        return
    try:
        scopes = item_scopes(loop, scope)
    except Unknown:
        yield scope, False if goes(step.written, scope) is False else None, "this order"
        return
    for index, inside in enumerate(scopes):
        yield inside, goes(step.written, inside), f"the order of item {index}"


def scope_below(step: PlannedStep, included: Plan, scope: Known) -> Known:
    """What is known inside a playbook that a step includes, by what is known in the step."""
    return {"inputs": known_inputs(step.written, included.playbook, scope)}


def _first_of_each(found: Iterable[Crossing]) -> Iterator[Crossing]:
    """One crossing of each limit: a loop of a hundred orders makes one mistake, not a hundred."""
    first: dict[Bound | NameBound, Crossing] = {}
    for each in found:
        first.setdefault(each.bound, each)
    yield from first.values()


def _of_one(order: _Order, bounds: Bounds) -> Iterator[Crossing]:
    terms, name = order.terms, order.name
    yield from _number(order, bounds, "order_exposure", terms.exposure, f"{name} would put ${{}} at risk")
    yield from _number(order, bounds, "order_quantity", terms.quantity, f"{name} is for {{}} contracts")
    for bound in bounds.names:
        if bound.name == "symbols" and terms.symbol and not allowed(terms.symbol, bound):
            message = f"{name} is for `{terms.symbol}`, and the limit allows {', '.join(bound.patterns)}"
            yield _crossing(bound, order, message)


def _of_run(last: _Order, orders: Decimal, exposure: Decimal, bounds: Bounds) -> Iterator[Crossing]:
    for prefix in ("", _DAY):
        yield from _number(last, bounds, f"{prefix}orders", orders, "this run would send {} orders")
        yield from _number(last, bounds, f"{prefix}exposure", exposure, "this run would put ${} at risk")


def allowed(name: str, bound: NameBound) -> bool:
    """Whether ``name`` matches one of the bound's shell patterns, upper and lower case told apart."""
    return any(fnmatchcase(name, pattern) for pattern in bound.patterns)


def _number(order: _Order, bounds: Bounds, name: str, value: Decimal | None, text: str) -> Iterator[Crossing]:
    bound = bounds.number(name)
    if bound is not None and value is not None and value > bound.value:
        limit = "the limit of a day" if name.startswith(_DAY) else "the limit"
        message = f"{text.format(f'{value:f}')}, and {limit} is {bound.value:f}"
        yield _crossing(bound, order, message)


def _crossing(bound: Bound | NameBound, order: _Order, message: str) -> Crossing:
    return Crossing(bound, order.step, order.source, order.step.written.id_span, message)


def _of_playbook(limits: Limits) -> Bounds:
    numbers: dict[str, Bound] = {}
    names: list[NameBound] = []
    for name in (*NUMBERS, *NAMES):
        match attrgetter(name)(limits):
            case Limit(value=value, span=span):
                numbers[name] = Bound(name, Decimal(value), str(span))
            case NameLimit(names=patterns, span=span):
                names.append(NameBound(name, patterns, str(span)))
    return Bounds(numbers, tuple(names))
