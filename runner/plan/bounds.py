"""The limits of a run: the strictest of the playbook's own and those of ``pmx.yaml``, and what is known to cross one.

Exposure is what an order can lose, in dollars, fees aside: buy = price × quantity, sell = (1 − price) × quantity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fnmatch import fnmatchcase
from operator import attrgetter
from typing import TypeAlias

from runner.action import OrderTerms
from runner.frozen import frozen
from runner.plan.known import Known, Unknown, goes, item_scopes, known_arguments
from runner.plan.model import Bound, Bounds, NameBound, PlannedStep
from runner.playbook.model import Limit, Limits, NameLimit
from runner.source import Span

NUMBERS = (
    "orders", "exposure", "order_exposure", "order_quantity", "requests", "per_day.orders", "per_day.exposure"
)  # fmt: skip
NAMES = ("symbols", "environments")
_DAY = "per_day."

Terms: TypeAlias = Callable[[Mapping[str, object]], OrderTerms]


@frozen
class Crossing:
    """A limit that is known to be crossed, by which step, and the sentence to say it with."""

    bound: Bound | NameBound
    step: PlannedStep
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


def crossings(steps: Iterable[PlannedStep], bounds: Bounds, scope: Known) -> Iterator[Crossing]:
    """Every limit that the orders of ``steps`` cross by what ``scope`` alone tells; in the sequence of the steps.

    Each item of a loop counts, as far as it is known which items there are.
    """
    orders, exposure = 0, Decimal(0)
    for step in steps:
        possible = list(_orders(step, scope))
        yield from _first_of_each(found for each in possible for found in _of_one(step, each, bounds))
        certain = [each.terms for each in possible if each.certain and not each.terms.is_replace]
        if certain:
            orders += len(certain)
            exposure += sum((terms.exposure or Decimal(0) for terms in certain), Decimal(0))
            yield from _of_run(step, Decimal(orders), exposure, bounds)


@frozen
class _Order:
    """What is known of an order that a step will send, for ``certain`` or perhaps; ``name`` is for messages."""

    terms: OrderTerms
    certain: bool
    name: str


def _orders(step: PlannedStep, scope: Known) -> Iterator[_Order]:
    """The orders of one step; those of a loop over a list that isn't known are one, and uncertain."""
    if step.action.terms is None or step.left_out is not None:
        return
    loop = step.written.loop
    if loop is None:
        yield from _order(step, step.action.terms, scope)
        return
    try:
        scopes = item_scopes(loop, scope)
    except Unknown:
        yield from (replace(each, certain=False) for each in _order(step, step.action.terms, scope))
        return
    for index, inside in enumerate(scopes):
        yield from _order(step, step.action.terms, inside, f"the order of item {index}")


def _order(step: PlannedStep, terms: Terms, scope: Known, name: str = "this order") -> Iterator[_Order]:
    going = goes(step.written, scope)
    if going is not False:
        yield _Order(terms(known_arguments(step.written.arguments, scope)), going is True, name)


def _first_of_each(found: Iterable[Crossing]) -> Iterator[Crossing]:
    """One crossing of each limit: a loop of a hundred orders makes one mistake, not a hundred."""
    first: dict[Bound | NameBound, Crossing] = {}
    for each in found:
        first.setdefault(each.bound, each)
    yield from first.values()


def _of_one(step: PlannedStep, order: _Order, bounds: Bounds) -> Iterator[Crossing]:
    terms, name = order.terms, order.name
    yield from _number(step, bounds, "order_exposure", terms.exposure, f"{name} would put ${{}} at risk")
    yield from _number(step, bounds, "order_quantity", terms.quantity, f"{name} is for {{}} contracts")
    for bound in bounds.names:
        if bound.name == "symbols" and terms.symbol and not allowed(terms.symbol, bound):
            message = f"{name} is for `{terms.symbol}`, and the limit allows {', '.join(bound.patterns)}"
            yield Crossing(bound, step, _place(step), message)


def _of_run(step: PlannedStep, orders: Decimal, exposure: Decimal, bounds: Bounds) -> Iterator[Crossing]:
    for prefix in ("", _DAY):
        yield from _number(step, bounds, f"{prefix}orders", orders, "this run would send {} orders")
        yield from _number(step, bounds, f"{prefix}exposure", exposure, "this run would put ${} at risk")


def allowed(name: str, bound: NameBound) -> bool:
    """Whether ``name`` matches one of the bound's shell patterns, upper and lower case told apart."""
    return any(fnmatchcase(name, pattern) for pattern in bound.patterns)


def _number(step: PlannedStep, bounds: Bounds, name: str, value: Decimal | None, text: str) -> Iterator[Crossing]:
    bound = bounds.number(name)
    if bound is not None and value is not None and value > bound.value:
        limit = "the limit of a day" if name.startswith(_DAY) else "the limit"
        message = f"{text.format(f'{value:f}')}, and {limit} is {bound.value:f}"
        yield Crossing(bound, step, _place(step), message)


def _place(step: PlannedStep) -> Span:
    return step.written.id_span


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
