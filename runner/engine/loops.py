"""A step that is performed once for each item of a list, in sequence or several at once.

Each item is a step of its own: its path, its names, its client order ids and its cleanup; one that came to its end
before a crash is not performed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.clock import Deadline
from runner.engine.outcome import FAILING, STOPPING, Outcome, problem_of, status_of, under
from runner.engine.scope import Unrenderable
from runner.engine.single import Row, Single
from runner.errors import StepErrored
from runner.plan.model import PlannedStep
from runner.playbook.model import ListValue, Loop
from runner.record.events import Captured, Problem, StepStatus
from runner.value import shown

if TYPE_CHECKING:
    from runner.engine.scope import Scope
    from runner.engine.steps import Steps

_WORST_FIRST: tuple[StepStatus, ...] = (
    *("in_doubt", "refused", "errored", "failed", "blocked", "advisory", "passed", "skipped"),
)
_GOOD: frozenset[StepStatus] = frozenset({"passed", "advisory", "skipped"})


@dataclass(slots=True)
class Loops:
    """One loop of a run."""

    steps: Steps
    step: PlannedStep
    loop: Loop
    ends: Deadline | None
    _stopped: bool = False

    def perform(self) -> Outcome:
        """Perform every item; whatever goes wrong is in its row, nothing is raised."""
        world = self.steps.world
        whole = Single(world, self.step, self.path, self.steps.scope)
        began = world.services.clock.steady()
        whole.started()
        row = self.steps.blocked(self.step) or Row()
        outcome = Outcome(row.status, {}, row.blocked_by)
        if row.status != "blocked":
            try:
                outcome = self._perform(row)
            except Exception as error:
                row.status = under(self.step.written.severity, status_of(error))
                row.error = problem_of(error, world.services.redactor)
                outcome = Outcome(row.status, {})
        whole.finished(row, began)
        return outcome

    def recall(self) -> Outcome:
        """What was recorded of it; nothing is performed, and nothing told."""
        try:
            items = self._items()
        except (Unrenderable, StepErrored):
            return Outcome("skipped", {})
        outer = self.steps.scope.frozen()
        singles = (self._single(outer, index, item, len(items)) for index, item in enumerate(items))
        return _together([self.steps.recalled(each) for each in singles], self.step)

    @property
    def path(self) -> str:
        """The loop's own path."""
        return self.steps.path_of(self.step)

    def _perform(self, row: Row) -> Outcome:
        outcomes = self._all(self._items())
        outcome = _together(outcomes, self.step)
        self._say_captures(outcome)
        passed = sum(each.status in _GOOD for each in outcomes)
        row.status, row.attempts, row.blocked_by = outcome.status, outcome.attempts, outcome.blocked_by
        skipped = sum(each.status == "skipped" for each in outcomes)
        row.learned = f"{passed - skipped} of {len(outcomes)}" + (f", {skipped} skipped" if skipped else "")
        row.error = _problem(outcomes, passed)
        return outcome

    def _items(self) -> list[Any]:
        """The list, computed once."""
        scope, written = self.steps.scope, self.loop.items

        def compute() -> list[Any]:
            names = scope.names()
            value = scope.value(written, names) if isinstance(written, ListValue) else scope.code(written, names)
            if not isinstance(value, list | tuple):
                raise StepErrored(f"`for_each` goes through a list, and this is {shown(value)}")
            return list(value)

        return self.steps.world.recorder.step(f"{self.path}#items", compute)

    def _all(self, items: list[Any]) -> list[Outcome]:
        outer = self.steps.scope.frozen()
        singles = [self._single(outer, index, item, len(items)) for index, item in enumerate(items)]
        if self.loop.concurrency == 1 or len(items) < 2:
            return list(map(self._item, singles))
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(self.loop.concurrency, "item") as pool:
            return list(pool.map(self._item, singles))

    def _single(self, outer: Scope, index: int, item: object, of: int) -> Single:
        scope = outer.of_item({self.loop.name: item, "index": index})
        short = shown(self.steps.world.services.redactor.value(item))
        return Single(self.steps.world, self.step, f"{self.path}[{index}]", scope, self.ends, short, of)

    def _item(self, single: Single) -> Outcome:
        if self._is_passed_over(single.path):
            return self.steps.passed_over(single)
        outcome = self.steps.one(single)
        self._stopped = self._stopped or stops(self.step, outcome.status)
        return outcome

    def _is_passed_over(self, path: str) -> bool:
        world = self.steps.world
        if world.going == "ending" and not self.steps.was_begun(path):
            self.steps.left_out = True
            return True
        return self._stopped or (world.stopping and not self.step.in_finally)

    def _say_captures(self, outcome: Outcome) -> None:
        world = self.steps.world
        for name, value in outcome.made.items():
            if name != "result":
                world.tell(Captured(self.path, name, world.services.redactor.value(value)))


def stops(step: PlannedStep, status: StepStatus) -> bool:
    """Whether nothing further is performed after a step, or an item, that ended like this."""
    return status in STOPPING or (status in FAILING and step.written.on_failure == "stop")


def _together(outcomes: list[Outcome], step: PlannedStep) -> Outcome:
    """The worst status of the items, and for each name the list of what they made of it (null for nothing)."""
    found = {each.status for each in outcomes} or {"passed"}
    status = next(each for each in _WORST_FIRST if each in found)
    names = ("result", *(named.name for named in step.written.capture))
    made = {name: [each.made.get(name) for each in outcomes] for name in names}
    blocked_by = next((each.blocked_by for each in outcomes if each.blocked_by), "")
    nothing = bool(outcomes) and all(each.status in {"skipped", "blocked"} for each in outcomes)
    return Outcome(status, {} if nothing else made, blocked_by, None, sum(each.attempts for each in outcomes))


def _problem(outcomes: list[Outcome], passed: int) -> Problem | None:
    bad = [index for index, each in enumerate(outcomes) if each.status not in _GOOD]
    if not bad:
        return None
    which = ", ".join(map(str, bad[:5])) + (", …" if len(bad) > 5 else "")
    return Problem("items", f"{passed} of {len(outcomes)} items passed; see item {which}")
