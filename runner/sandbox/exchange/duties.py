"""Work that comes due: acceptance, cancels, replaces, crosses, expiry and onboarding, each as of its own moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from runner.sandbox.exchange.acceptance import Refusal
from runner.sandbox.exchange.amending import Amender
from runner.sandbox.exchange.calendar import next_roll
from runner.sandbox.exchange.crossing import Crosser
from runner.sandbox.exchange.dealing import Dealer
from runner.sandbox.exchange.market import Market
from runner.sandbox.exchange.office import Office
from runner.sandbox.exchange.orders import Amendment, Order
from runner.sandbox.exchange.schedule import Due, Schedule, Task
from runner.sandbox.exchange.terms import CANCELLABLE, TimeInForce
from runner.sandbox.exchange.trading import Floor
from runner.sandbox.rules import Rules


class Duties:
    """Does one piece of due work after the other."""

    def __init__(self, market: Market, schedule: Schedule, office: Office, floor: Floor, dealer: Dealer) -> None:
        self._market = market
        self._schedule = schedule
        self._office = office
        self._floor = floor
        self._dealer = dealer
        self._amender = Amender(market, dealer, floor)
        self._crosser = Crosser(market, dealer, floor)
        self._by_task: dict[Task, Callable[[Due, Rules], None]] = {
            Task.ACCEPT: self._accept,
            Task.CANCEL: self._cancel,
            Task.REPLACE: self._replace,
            Task.CROSS: self._cross,
            Task.EXPIRE: self._expire,
            Task.ONBOARD: self._onboard,
        }

    def drain(self, now: datetime, rules: Rules) -> bool:
        """Do everything that is due; whether anything was."""
        worked = False
        while due := self._schedule.take(now):
            self._by_task[due.task](due, rules)
            worked = True
        return worked

    def _accept(self, due: Due, rules: Rules) -> None:
        order = self._market.registry[due.subject]
        if not order.finished:
            self._floor.accept(order, due.at, due.matter if isinstance(due.matter, Refusal) else None)
            self._schedule_end(due.subject, due.at, rules)

    def _cancel(self, due: Due, _rules: Rules) -> None:
        """Cancel an order; in a book that allows none it is as it was (institutional/refdata/overview)."""
        order = self._market.registry[due.subject]
        instrument = self._market.instruments.get(order.request.symbol)
        if order.finished:
            return
        if instrument and instrument.state not in CANCELLABLE:
            self._market.registry.put(replace(order, awaiting=None, changed=due.at))
        else:
            self._dealer.cancel(order, due.at)

    def _replace(self, due: Due, rules: Rules) -> None:
        order = self._market.registry[due.subject]
        if order.finished:
            return
        if isinstance(due.matter, Amendment):
            self._amender.amend(order, due.matter, due.at)
            self._schedule_end(due.subject, due.at, rules)
        else:
            self._amender.leave(order, due.at)

    def _cross(self, due: Due, _rules: Rules) -> None:
        registry = self._market.registry
        self._crosser.cross(registry[due.subject], registry[str(due.matter)], due.at)

    def _expire(self, due: Due, rules: Rules) -> None:
        order = self._market.registry[due.subject]
        end = _end_of(order, rules)
        if not order.finished and end and end <= due.at:
            self._dealer.expire(order, due.at)

    def _onboard(self, due: Due, _rules: Rules) -> None:
        firm, external_id = due.subject.split(" ", 1)
        self._office.proceed(due.at, (firm, external_id))

    def _schedule_end(self, order_id: str, at: datetime, rules: Rules) -> None:
        """See to it that an order ends when its time in force does."""
        order = self._market.registry[order_id]
        end = None if order.finished else _end_of(order, rules)
        if end:
            self._schedule.add(max(end, at), Task.EXPIRE, order_id)


def _end_of(order: Order, rules: Rules) -> datetime | None:
    """When an order's time in force ends, if it does."""
    request = order.request
    if request.time_in_force is TimeInForce.GOOD_TILL_TIME:
        return request.good_till
    if request.time_in_force is TimeInForce.DAY and rules.day_orders == "expire":
        return next_roll(order.created)
    return None
