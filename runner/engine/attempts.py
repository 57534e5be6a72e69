"""Performing an action: its attempts, and its polls until a condition holds.

What changes something is performed once; only reads (and actions that say so) are tried again, and only for reasons
that the venue's state cannot depend on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from runner.action import Action, Observation
from runner.clock import Deadline
from runner.engine.context import LastCall, Standing, StepContext
from runner.engine.outcome import retry_reason
from runner.engine.retrying import DEFAULT_OF_READS, ONCE, Policy
from runner.engine.world import World
from runner.errors import StepErrored, StepFailed
from runner.frozen import frozen
from runner.playbook.model import MapValue, Repeat, Retry
from runner.record.events import AttemptFailed, Waiting
from runner.value import WrongValue, read_arguments

_WORTH_SAYING = 1.0


@frozen
class Seen:
    """What came of performing an action: its observation and its last call, as ``result`` and ``call`` show them."""

    observation: Observation
    call: Mapping[str, Any]
    attempts: int

    @property
    def names(self) -> dict[str, object]:
        """What the step's own expressions see besides everybody's names."""
        return {"result": self.observation.result, "call": self.call}


class Performance:
    """One step's action with its arguments, ready to be performed as often as it takes."""

    def __init__(
        self, world: World, action: Action, written: MapValue, standing: Standing, deadline: Deadline, policy: Policy
    ) -> None:
        self._world = world
        self._action = action
        self._written = written
        self._standing = standing
        self._scope = standing.scope
        self._deadline = deadline
        self._policy = policy
        self.attempts = 0

    def once_good(self, good: Callable[[Seen], bool]) -> Seen:
        """Perform until ``good``, as often as the policy says; the last observation counts even if it is not."""
        for attempt in count(1):
            try:
                seen = self._attempt()
            except Exception as error:
                if not self._policy.goes_on(attempt, retry_reason(error)) or not self._backed_off(attempt, error):
                    raise
                continue
            if not self._policy.goes_on(attempt, "failed_check") or good(seen):
                return seen
            if not self._backed_off(attempt, StepFailed("a check failed")):
                return seen
        raise AssertionError("counting never ends")

    def until(self, repeat: Repeat, holds: Callable[[Seen], bool], good: Callable[[Seen], bool]) -> Seen:
        """Poll until ``holds``; raises ``StepFailed`` when ``within`` is over."""
        names = self._scope.names()
        every = self._scope.seconds(repeat.every, names)
        within = self._scope.seconds(repeat.within, names)
        polling = Deadline(self._world.services.clock, within)
        self._deadline.extend(within)
        unsaid = 0.0
        for tries in count(1):
            seen = self.once_good(good)
            if holds(seen):
                return seen
            left = min(polling.left, self._deadline.left)
            if left < every or left <= 0:
                redact = self._world.services.redactor.text
                because = self._scope.because(repeat.until.expression, self._scope.names(seen.names), redact)
                parts = ", ".join(map(str.strip, because.splitlines()))
                raise OutOfTime(f"`until` did not come true within {within:g} s: {parts}", seen)
            unsaid += every
            if unsaid >= _WORTH_SAYING:
                unsaid = 0.0
                self._say(repeat, every, tries, (within - polling.left, left))
            self._context().wait(every)
        raise AssertionError("counting never ends")

    def _say(self, repeat: Repeat, every: float, tries: int, time: tuple[float, float]) -> None:
        """Tell of a poll's wait; ``time`` are the seconds that it has spent and has left."""
        until = self._world.services.redactor.text(repeat.until.expression.text.strip())
        spent, left = (round(each, 3) for each in time)
        self._world.tell(Waiting(self._standing.path, "for the next look", every, until, tries, spent, left))

    def _attempt(self) -> Seen:
        self.attempts += 1
        context = self._context()
        arguments = self._arguments(context)
        observation = self._action.perform(arguments, context)
        return Seen(observation, context.last_call.plain(), self.attempts)

    def _arguments(self, context: StepContext) -> dict[str, Any]:
        """The arguments rendered, once for what changes something, and read as the action declares them."""
        if self._action.includes:
            return {}
        names = self._scope.names()
        written = MapValue(
            tuple(entry for entry in self._written if entry.key not in self._action.expressions), self._written.span
        )
        if self._action.effect == "changes":
            rendered = self._rendered_once(context, written, names)
        else:
            rendered = self._scope.value(written, names)
        if self._action.free:
            return dict(rendered)
        declared = {name: each for name, each in self._action.arguments.items() if name not in self._action.expressions}
        try:
            return read_arguments(declared, rendered)
        except WrongValue as wrong:
            raise StepErrored(f"argument {wrong}", help="nothing was sent for this step") from None

    def _rendered_once(self, context: StepContext, written: MapValue, names: Mapping[str, object]) -> dict[str, Any]:
        """What was rendered is recorded, but for what is personal: that is never kept, and rendered anew."""
        personal = {name for name, each in self._action.arguments.items() if each.personal}
        kept = MapValue(tuple(each for each in written if each.key not in personal), written.span)
        others = MapValue(tuple(each for each in written if each.key in personal), written.span)
        rendered = context.step("arguments", lambda: self._scope.value(kept, names))
        return {**rendered, **self._scope.value(others, names)}

    def _context(self) -> StepContext:
        return StepContext(self._world, self._standing, self._deadline, max(self.attempts, 1), LastCall())

    def _backed_off(self, attempt: int, error: Exception) -> bool:
        """Wait before the next attempt; False, at once, if the step has not the time for it."""
        wait = self._policy.wait_after(attempt, error, self._world.services.random)
        if wait >= self._deadline.left:
            return False
        message = self._world.services.redactor.text(str(error))
        self._world.tell(AttemptFailed(self._standing.path, attempt, message, round(wait, 3)))
        self._context().wait(wait, "before the next attempt")
        return True


class OutOfTime(StepFailed):
    """A poll ran out of time; ``seen`` is what it saw last."""

    def __init__(self, message: str, seen: Seen) -> None:
        super().__init__(message)
        self.seen = seen


def policy_of(action: Action, retry: Retry | None, backoff: Callable[[Retry], float]) -> Policy:
    """What was written, or the default of the action's kind; what changes something is never repeated."""
    if action.effect == "changes" and not action.repeatable:
        return ONCE
    if retry is None:
        return DEFAULT_OF_READS if action.effect == "reads" and action.tried_again else ONCE
    return Policy(retry.attempts, backoff(retry), retry.on)
