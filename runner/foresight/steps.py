"""From a plan to a forecast: each step is gone through as the engine will, as far as inputs and settings tell.

Nothing is sent, no connection is opened, no token is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce

from runner.action import Action
from runner.actions.orders.lookup import most_looks
from runner.engine.attempts import policy_of
from runner.engine.cleanups import undoing_foreseen
from runner.engine.closing import PHASE_SECONDS
from runner.errors import PmxError
from runner.foreseen import Foreseen, Outlook, SignIn
from runner.foresight.model import (
    ForeseenCleanup,
    ForeseenRequest,
    ForeseenStep,
    Performance,
    Polling,
    together,
    within,
)
from runner.foresight.requests import Surroundings, guarded, requests_of
from runner.frozen import frozen
from runner.later import Later, holds_later
from runner.plan.bounds import scope_below
from runner.plan.known import Known, Unknown, goes, item_scopes, known_arguments, known_code, known_value, value_to_come
from runner.plan.model import Plan, PlannedStep
from runner.playbook.model import CleanupStep, Duration, MapValue, Repeat, Retry, Step, Text
from runner.value import WrongValue, milliseconds, read_arguments
from runner.venue.asks import Word


@frozen
class _Item:
    """One performance of a step: what is known in it, its number in a loop, and how often there will be one such."""

    scope: Known
    number: int | None = None
    times: int | None = 1


@frozen
class _Act:
    """What is performed: a step's action or one that undoes it; ``again`` as ``more`` of ``requests_of``."""

    step: Step
    action: Action
    arguments: MapValue
    retry: Retry | None
    polls: int | None
    again: int = 0


class Forecaster:
    """Goes through the steps of one plan; what a step is known to make is known to those after it."""

    def __init__(self, plan: Plan, surroundings: Surroundings, inputs: object = None) -> None:
        self.plan = plan
        self.surroundings = surroundings
        self._makers = {named.name: step.written.id for step in self.plan.own_steps for named in step.written.capture}
        self._made: dict[str, object] = {}
        self._scope: dict[str, object] = {
            "inputs": self.plan.inputs if inputs is None else inputs,
            "environment": self.surroundings.known,
            "steps": self._made,
        }
        self._signed_in = False
        self._replaced = False

    def steps(self) -> Iterator[ForeseenStep]:
        """All of them, those of ``finally`` last; those of an included playbook behind the step that includes it."""
        for step in self.plan.own_steps:
            foreseen = self._step(step)
            yield from [foreseen] if step.included is None else self._with_below(foreseen, step.included)
            self._replaced = self._replaced or step.action.name == "replace_order"
            self._learn(step)

    def _step(self, step: PlannedStep) -> ForeseenStep:
        written = step.written
        items = self._items(step)
        known = written.loop is None or (bool(items) and items[0].times is not None) or not items
        return ForeseenStep(
            step,
            self._shown(written.title) or step.action.summary,
            len(items) if known else None,
            self._polling(step, written.repeat) if written.repeat else None,
            tuple(self._performance(step, each) for each in items),
            tuple(self._cleanup(step, each.written, each.action, items) for each in step.cleanup),
        )

    def _with_below(self, foreseen: ForeseenStep, included: Plan) -> Iterator[ForeseenStep]:
        """The step, then those of the playbook that it includes, with their performances in all items together."""
        step, items = foreseen.step, self._items(foreseen.step)
        found = [(item, _goes(step, item.scope), self._once_below(step, included, item)) for item in items]
        yield replace(foreseen, below=tuple(steps for _, going, steps in found if going is not False))
        placed = ([within(each, going, item.number, item.times) for each in steps] for item, going, steps in found)
        for same in zip(*placed, strict=True):
            yield reduce(together, same)

    def _once_below(self, step: PlannedStep, included: Plan, item: _Item) -> tuple[ForeseenStep, ...]:
        """The steps of an included playbook as one performance of it has them."""
        going, inputs = _goes(step, item.scope), scope_below(step, included, item.scope)["inputs"]
        inner = Forecaster(included, self.surroundings, inputs)
        inner._signed_in, inner._replaced = self._signed_in, self._replaced
        found = tuple(inner.steps())
        self._signed_in = self._signed_in or (inner._signed_in and going is True and item.times is not None)
        self._replaced = inner._replaced
        return found

    def _items(self, step: PlannedStep) -> list[_Item]:
        if step.written.loop is None:
            return [_Item(self._scope)]
        try:
            scopes = item_scopes(step.written.loop, self._scope)
        except Unknown:
            return [_Item(self._scope, times=None)]
        return [_Item(scope, number) for number, scope in enumerate(scopes)]

    def _performance(self, step: PlannedStep, item: _Item) -> Performance:
        written, polling = step.written, self._polling(step, step.written.repeat) if step.written.repeat else None
        seconds = self._seconds(written.timeout, step.action.timeout, item.scope)
        if step.in_finally:
            seconds = _least(seconds)
        elif polling is not None:
            seconds = None if seconds is None or polling.within is None else seconds + polling.within
        going = _goes(step, item.scope)
        terms = step.action.terms(known_arguments(written.arguments, item.scope)) if step.action.terms else None
        performed = Performance(going, item.number, item.times, seconds, (), terms, urgent=step.in_finally)
        polls = 1 if polling is None else polling.most
        act = _Act(written, step.action, written.arguments, written.retry, polls)
        return self._with_requests(performed, act, item.scope)

    def _cleanup(self, step: PlannedStep, written: CleanupStep, action: Action, items: list[_Item]) -> ForeseenCleanup:
        act = _Act(step.written, action, written.arguments, written.retry, 1, _tried_again(step))
        performances = []
        for item in items:
            seconds = _least(self._seconds(written.timeout, PHASE_SECONDS, item.scope))
            going = None if _goes(step, item.scope) is not False else False
            performed = Performance(going, item.number, item.times, seconds, (), urgent=True)
            more = self._settling(step, item.scope) if written is step.written.cleanup[0] else []
            performances.append(self._with_requests(performed, act, item.scope, more))
        return ForeseenCleanup(self._shown(written.title) or action.summary, action.name, tuple(performances))

    def _settling(self, step: PlannedStep, scope: Known) -> list[Foreseen]:
        """What the engine itself may ask for to settle a step's order."""
        symbol = step.written.arguments.get("symbol")
        if step.action.terms is None or symbol is None:
            return []
        value = value_to_come(symbol.value, scope, self._makers)
        return list(undoing_foreseen(value)) if isinstance(value, str | Later) else []

    def _with_requests(
        self, performed: Performance, act: _Act, scope: Known, more: list[Foreseen] | None = None
    ) -> Performance:
        """The performance with all that it may send, or with the reason why it will fail."""
        if performed.goes is False:
            return performed
        try:
            participant = self._participant(act.step, scope)
            outlook = self._outlook(act.step, participant, performed.seconds)
            arguments = self._arguments(act.action, act.arguments, scope)
            performed = replace(performed, lasts=act.action.lasts(arguments))
            calls = list(act.action.foresee(arguments, outlook))
            calls = [*guarded(calls, self.surroundings), *(more or [])]
            tries = policy_of(act.action, act.retry, lambda _: 0.0).attempts
            asked = requests_of(calls, self.surroundings, participant, act.polls, tries, performed.seconds, act.again)
            found = tuple(asked)
        except (PmxError, WrongValue) as problem:
            return replace(performed, problem=str(problem))
        return replace(performed, requests=(*self._sign_in(found, performed), *found))

    def _sign_in(self, found: tuple[ForeseenRequest, ...], performed: Performance) -> Iterator[ForeseenRequest]:
        """The call for a token, before the first call that needs one."""
        if any(isinstance(each.foreseen.ask, SignIn) for each in found):
            self._signed_in = self._signed_in or performed.goes is True
            return
        signed = [each for each in found if each.operation is not None and each.operation.signed]
        if self._signed_in or not signed:
            return
        sure = performed.goes is True and performed.times is not None
        certain = sure and any(not each.foreseen.when for each in signed)
        yield self.surroundings.sign_in(certain=certain)
        self._signed_in = certain

    def _arguments(self, action: Action, arguments: MapValue, scope: Known) -> dict[str, object]:
        given = {
            entry.key: value_to_come(entry.value, scope, self._makers)
            for entry in arguments
            if entry.key not in action.expressions
        }
        if action.free:
            return given
        declared = {name: each for name, each in action.arguments.items() if name not in action.expressions}
        return read_arguments(declared, given)

    def _participant(self, step: Step, scope: Known) -> Word:
        if step.participant is None:
            return self.surroundings.participant
        participant = value_to_come(step.participant, scope, self._makers)
        if not isinstance(participant, str | Later):
            raise WrongValue("`participant` is a text")
        return participant

    def _outlook(self, step: Step, participant: Word, seconds: float | None) -> Outlook:
        """The settings' account is their participant's alone; for another one it may be that none is set."""
        account = self.surroundings.account
        if step.participant is None or participant == self.surroundings.participant:
            return Outlook(participant, account, False, seconds, self._replaced)
        if isinstance(participant, Later) or isinstance(self.surroundings.participant, Later):
            to_come = Later("the settings' account, if the step acts for its participant")
            return Outlook(participant, to_come if account else "", True, seconds, self._replaced)
        return Outlook(participant, "", True, seconds, self._replaced)

    def _polling(self, step: PlannedStep, repeat: Repeat) -> Polling:
        every = self._seconds(repeat.every, 0.0, self._scope)
        within = self._seconds(repeat.within, 0.0, self._scope)
        if step.in_finally and within is not None:
            within = min(within, PHASE_SECONDS)
        most = None if not every or within is None else int(within // every) + 1
        return Polling(every, within, most)

    def _seconds(self, written: Duration | Text | None, default: float, scope: Known) -> float | None:
        if written is None:
            return default
        if isinstance(written, Duration):
            return written.milliseconds / 1000
        try:
            return milliseconds(str(known_value(written, scope))) / 1000
        except (Unknown, WrongValue):
            return None

    def _shown(self, text: Text | None) -> str:
        """A title, or its template as written if it is known only later."""
        if text is None:
            return ""
        try:
            return str(known_value(text, self._scope))
        except Unknown:
            return text.written if isinstance(text.written, str) else text.written.text

    def _learn(self, step: PlannedStep) -> None:
        """What a step that only names values makes is known now."""
        written = step.written
        if not step.action.free or written.loop is not None or _goes(step, self._scope) is not True:
            return
        result = self._arguments(step.action, written.arguments, self._scope)
        if holds_later(result):
            return
        made: dict[str, object] = {"result": result}
        for named in written.capture:
            try:
                made[named.name] = known_code(named.code, {**self._scope, "result": result})
            except Unknown:
                continue
        self._made[written.id] = made
        self._scope |= {name: value for name, value in made.items() if name != "result"}


def _goes(step: PlannedStep, scope: Known) -> bool | None:
    """Whether a step is performed; None if nobody knows yet."""
    return False if step.left_out else goes(step.written, scope)


def _least(seconds: float | None) -> float | None:
    """What is left of a time at the end of a run."""
    return None if seconds is None else min(seconds, PHASE_SECONDS)


def _tried_again(step: PlannedStep) -> int:
    """How often a cleanup is tried again while no answer comes, if nothing can be doubled by it."""
    harmless = all(each.action.effect == "reads" or each.action.repeatable for each in step.cleanup)
    return (most_looks(PHASE_SECONDS) or 0) if harmless else 0
