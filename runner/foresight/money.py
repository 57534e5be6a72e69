"""Money at risk: what the orders of each step can lose, and what that uses of each limit, in exact dollars.

A step counts as performed unless it is known that it won't be. Exposure is what an order can lose, fees aside: buy =
price x quantity, sell = (1 - price) x quantity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from runner.action import OrderTerms
from runner.foresight.model import ForeseenStep, Performance
from runner.foresight.pacing import counted_calls
from runner.foresight.requests import Surroundings
from runner.frozen import frozen
from runner.plan.bounds import allowed
from runner.plan.model import Bound, Bounds, NameBound

_ZERO = Decimal(0)
_DAY = "per_day."


@frozen
class Stake:
    """What a step's orders are at most, None where nobody can tell: how many there are, and the dollars at risk."""

    orders: int | None
    exposure: Decimal | None


@frozen
class Use:
    """What is known to be used of a limit, None where nobody can tell yet."""

    bound: Bound
    used: Decimal | None

    @property
    def left(self) -> Decimal | None:
        """What is left then; below zero where a run would be stopped by the limit."""
        return None if self.used is None else self.bound.value - self.used


@frozen
class NameUse:
    """Which names a run is known to use where a limit allows some alone; ``later`` tells that more may come."""

    bound: NameBound
    used: tuple[str, ...]
    later: bool

    @property
    def refused(self) -> tuple[str, ...]:
        """Those that are not allowed."""
        return tuple(name for name in self.used if not allowed(name, self.bound))


def stake_of(step: ForeseenStep) -> Stake | None:
    """The orders of a step, None if it sends none."""
    performed = [each for each in step.performances if each.terms is not None and each.goes is not False]
    if step.step.action.terms is None:
        return None
    found = [_stake(each, each.terms) for each in performed if each.terms is not None]
    return Stake(_whole([each.orders for each in found]), _dollars([each.exposure for each in found]))


def uses(steps: Sequence[ForeseenStep], bounds: Bounds, surroundings: Surroundings) -> Iterator[Use]:
    """What is used of each limit that is stated as a number."""
    stakes = [stake for step in steps if (stake := stake_of(step)) is not None]
    terms = [each for step in steps for each in _terms(step)]
    orders = _whole([each.orders for each in stakes])
    exposure = _dollars([each.exposure for each in stakes])
    requests = counted_calls(steps, surroundings).most
    used = {
        "orders": None if orders is None else Decimal(orders),
        "exposure": exposure,
        "order_exposure": _greatest([each.exposure for each in terms]),
        "order_quantity": _greatest([each.quantity for each in terms]),
        "requests": None if requests is None else Decimal(requests),
    }
    for name, bound in bounds.numbers.items():
        yield Use(bound, used[name.removeprefix(_DAY)])


def uses_below(
    step: ForeseenStep, bounds: Bounds, steps: Sequence[ForeseenStep], surroundings: Surroundings
) -> Iterator[Use]:
    """What is used of ``bounds``, those of the playbook that a step includes, in the performance that uses most.

    Those of a day hold for the whole run, whose ``steps`` are all there.
    """
    of_a_day = any(name.startswith(_DAY) for name in bounds.numbers)
    whole = {each.bound: each for each in uses(steps, bounds, surroundings)} if of_a_day else {}
    performed = [()] if step.goes is False or not step.below else step.below
    for same in zip(*(uses(each, bounds, surroundings) for each in performed), strict=True):
        bound = same[0].bound
        yield whole[bound] if bound.name.startswith(_DAY) else Use(bound, _greatest([each.used for each in same]))


def name_uses(steps: Sequence[ForeseenStep], bounds: Bounds, environment: str) -> Iterator[NameUse]:
    """Which names are used where a limit allows some alone."""
    symbols = [each.symbol for step in steps for each in _terms(step)]
    for bound in bounds.names:
        if bound.name == "environments":
            yield NameUse(bound, (environment,), False)
        else:
            yield NameUse(bound, tuple(dict.fromkeys(filter(None, symbols))), None in symbols)


def _terms(step: ForeseenStep) -> Iterator[OrderTerms]:
    yield from (each.terms for each in step.performances if each.terms is not None and each.goes is not False)


def _stake(performed: Performance, terms: OrderTerms) -> Stake:
    """A replace is no further order; what it adds depends on the order as it stands."""
    if terms.is_replace:
        return Stake(0, None)
    if performed.times is None:
        return Stake(None, None)
    return Stake(performed.times, None if terms.exposure is None else terms.exposure * performed.times)


def _whole(found: Iterable[int | None]) -> int | None:
    known = list(found)
    return None if None in known else sum(each for each in known if each is not None)


def _dollars(found: Iterable[Decimal | None]) -> Decimal | None:
    known = list(found)
    return None if None in known else sum((each for each in known if each is not None), _ZERO)


def _greatest(found: Iterable[Decimal | None]) -> Decimal | None:
    known = list(found)
    return None if None in known else max((each for each in known if each is not None), default=_ZERO)
