"""A forecast as plain data: each step with the requests that it may send, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from runner.action import OrderTerms
from runner.foreseen import Foreseen
from runner.frozen import frozen
from runner.plan.model import PlannedStep
from runner.venue.call import Request
from runner.venue.operations import Operation


@frozen
class ForeseenRequest:
    """A request that may be sent; any leaf of it may be ``Later``. Its URL begins at the venue's address.

    ``most`` and ``again`` count the whole performance: the usual calls, and those after others that failed. Both are
    None where nobody can tell.
    """

    request: Request
    operation: Operation | None
    foreseen: Foreseen
    known: bool
    most: int | None
    again: int | None


@frozen
class Performance:
    """An act that is performed: a step's or a cleanup's own, or that of one item of a loop.

    ``goes`` is None if nobody knows yet whether it will be. ``item`` is its number in a loop over a known list;
    ``times`` is None for all items of another one. ``seconds`` is how long it may take, None if nobody knows.
    ``problem`` says why it is certain to fail; there are no requests then. ``urgent`` calls go before others. ``lasts``
    is how many seconds it lets pass on purpose.
    """

    goes: bool | None
    item: int | None
    times: int | None
    seconds: float | None
    requests: tuple[ForeseenRequest, ...]
    terms: OrderTerms | None = None
    problem: str = ""
    urgent: bool = False
    lasts: float = 0.0


@frozen
class Polling:
    """How a step polls, in seconds; ``most`` performances, None if nobody can tell."""

    every: float | None
    within: float | None
    most: int | None


@frozen
class ForeseenCleanup:
    """An act that undoes a step, with one performance for each of the step's."""

    title: str
    action: str
    performances: tuple[Performance, ...]


@frozen
class ForeseenStep:
    """A step as it will be performed. ``items`` is None where it is a loop over a list that is not known yet.

    ``below`` are the steps of the playbook that it includes, once for each time that it is or may be performed.
    """

    step: PlannedStep
    title: str
    items: int | None
    polling: Polling | None
    performances: tuple[Performance, ...]
    cleanups: tuple[ForeseenCleanup, ...]
    below: tuple[tuple[ForeseenStep, ...], ...] = ()

    @property
    def goes(self) -> bool | None:
        """Whether it is performed; None if nobody knows yet."""
        found = {each.goes for each in self.performances}
        return False if found <= {False} else True if found == {True} else None

    @property
    def all_performances(self) -> tuple[Performance, ...]:
        """Its own and those of its cleanups."""
        return (*self.performances, *(each for cleanup in self.cleanups for each in cleanup.performances))


def within(step: ForeseenStep, going: bool | None, item: int | None, times: int | None) -> ForeseenStep:
    """A step of an included playbook, as the ``item`` of the step that includes it performs it."""

    def inside(performance: Performance) -> Performance:
        goes = performance.goes if going is True or performance.goes is False else going
        number = performance.item if item is None else item
        return replace(performance, goes=goes, item=number, times=None if times is None else performance.times)

    return _each(step, inside)


def together(one: ForeseenStep, other: ForeseenStep) -> ForeseenStep:
    """The same step in two items of the step that includes it."""
    items = None if one.items is None or other.items is None else one.items + other.items
    cleanups = tuple(
        replace(each, performances=(*each.performances, *more.performances))
        for each, more in zip(one.cleanups, other.cleanups, strict=True)
    )
    performances, below = (*one.performances, *other.performances), (*one.below, *other.below)
    return replace(one, items=items, performances=performances, cleanups=cleanups, below=below)


def _each(step: ForeseenStep, change: Callable[[Performance], Performance]) -> ForeseenStep:
    cleanups = tuple(replace(each, performances=tuple(map(change, each.performances))) for each in step.cleanups)
    return replace(step, performances=tuple(map(change, step.performances)), cleanups=cleanups)
