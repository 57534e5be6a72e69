"""A run, from its plan to its last event; and one that another process began, from where that one died."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from runner.engine.cleanups import Cleanups
from runner.engine.closing import Closing
from runner.engine.guards import Guards
from runner.engine.ledger import Ledger
from runner.engine.loops import stops
from runner.engine.outcome import problem_of
from runner.engine.recorder import Recorder
from runner.engine.scope import Scope, Unrenderable
from runner.engine.settling import look_again, settle_doubts
from runner.engine.steps import Steps
from runner.engine.world import Services, World
from runner.errors import ExitCode, GuardRefused, Interrupted, NotRecorded
from runner.expression import Functions
from runner.plan.model import Plan
from runner.record.events import (
    CallMade,
    Event,
    Going,
    Problem,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStatus,
    StepFinished,
)
from runner.venue.catalogue import Catalogue

_BROKEN_OFF = Problem(
    "broken_off",
    "its process died; what it had begun is settled and cleaned up, and the rest was not performed",
    "run the playbook anew if it is still wanted",
)


def run(plan: Plan, services: Services, recorder: Recorder, run_id: str, going: Going = "on") -> int:
    """Perform a plan and give the exit code; whatever happens is told in the events, nothing is raised.

    Where ``recorder`` knows what an earlier process said, the run goes on from there, as far as ``going`` says.
    """
    return _Run(plan, services, recorder, run_id, going).perform()


class _Run:
    """One run of one plan."""

    def __init__(self, plan: Plan, services: Services, recorder: Recorder, run_id: str, going: Going) -> None:
        self._plan = plan
        self._services = services
        self._recorder = recorder
        self._earlier = recorder.earlier
        started = next((each for each in self._earlier if isinstance(each, RunStarted)), None)
        self._started_at = started.at if started else services.clock.now()
        self._world = self._new_world(run_id, going)
        self._steps = Steps(self._world, self._new_scope(run_id))
        self._cleanups = Cleanups(self._steps)

    def perform(self) -> int:
        """Everything from the first event to the last."""
        self._say_started()
        error = self._refused_at_once()
        if error is None:
            settle_doubts(self._world, self._steps)
            self._perform_steps()
            self._pay()
            self._perform_finally()
            self._pay()
            look_again(self._world, self._steps)
        try:
            return self._end(self._mistake() or error)
        except NotRecorded:
            # Its end could not be recorded, and that it could not shows only now.
            return self._end(self._mistake())

    def _end(self, error: Problem | None) -> int:
        outputs = self._outputs()
        status, exit_code = self._ending(error)
        if status == "in_doubt" and error is None and self._services.stop.signal_number is not None:
            error = problem_of(Interrupted(self._services.stop.signal_number), self._services.redactor)
        self._say_finished(status, exit_code, outputs, error)
        return exit_code

    def _refused_at_once(self) -> Problem | None:
        """Why nothing at all may be done; what was begun before is brought to its end all the same."""
        if self._earlier:
            return None
        try:
            for each in _certain(self._plan):
                self._world.guards.within("", each.bounds, ()).own_environment(self._services.surroundings.name)
        except GuardRefused as refused:
            return problem_of(refused, self._services.redactor)
        return None

    def _mistake(self) -> Problem | None:
        """What went wrong apart from any step."""
        if self._recorder.broken is not None:
            return problem_of(self._recorder.broken, self._services.redactor)
        ends = [each for each in self._earlier if isinstance(each, RunFinished)]
        if ends:
            # It had come to its end and is only settled: what went wrong then still did.
            return ends[-1].error
        return _BROKEN_OFF if self._steps.left_out else None

    def _perform_steps(self) -> None:
        reached = True
        for step in self._plan.steps:
            if reached and not self._world.stopping:
                reached = not stops(step, self._steps.perform(step))
            else:
                self._steps.pass_over(step)

    def _pay(self) -> None:
        self._cleanups.pay(self._world.closing.phase())

    def _perform_finally(self) -> None:
        ends = self._world.closing.phase()
        for step in self._plan.finally_:
            if self._services.stop.impatient:
                self._steps.pass_over(step)
            else:
                self._steps.perform(step, ends)

    def _outputs(self) -> dict[str, object]:
        """What the playbook promises to hand back, as far as it was made."""
        outputs: dict[str, object] = {}
        for named in self._plan.playbook.outputs:
            try:
                value = self._steps.scope.code(named.code, self._steps.scope.names())
            except Unrenderable:
                continue
            outputs[named.name] = self._services.redactor.value(value)
        return outputs

    def _ending(self, error: Problem | None) -> tuple[RunStatus, int]:
        """The gravest of all that happened: in doubt, interrupted, refused, errored, failed, passed."""
        statuses = set(self._steps.statuses.values())
        ledger = self._world.ledger
        cleanups = {ledger.paid.get(path, "owed") for path in ledger.owed}
        if "owed" in cleanups or self._world.in_doubt or not ledger.all_known:
            return "in_doubt", ExitCode.IN_DOUBT
        if self._services.stop.signal_number is not None:
            return "interrupted", 128 + self._services.stop.signal_number
        if "refused" in statuses or (error is not None and error.kind == GuardRefused.kind):
            return "refused", ExitCode.REFUSED
        if error is not None or statuses & {"errored", "in_doubt"}:
            return "errored", ExitCode.ERRORED
        if "failed" in statuses or "failed" in cleanups or self._steps.cut_off:
            return "failed", ExitCode.FAILED
        return "passed", ExitCode.PASSED

    def _new_world(self, run_id: str, going: Going) -> World:
        services = self._services
        ledger = Ledger()
        for event in self._earlier:
            ledger.take(event)
        requests = sum(isinstance(event, CallMade) and event.counted for event in self._earlier)
        return World(
            services=services,
            recorder=self._recorder,
            run_id=run_id,
            ledger=ledger,
            guards=Guards(self._plan.bounds, ledger, services.shared, requests),
            closing=Closing(services.clock, services.stop),
            going=going,
            ended=frozenset(_performed(self._earlier)),
            allow_hosts=self._plan.playbook.allow_hosts,
            catalogue=Catalogue(services.clock, services.instruments),
        )

    def _new_scope(self, run_id: str) -> Scope:
        services = self._services
        environment = {
            "name": services.surroundings.name,
            "base_url": services.base_url,
            "participant": services.surroundings.participant,
            "account": services.surroundings.account,
        }
        functions = Functions(now=services.clock.now, new_uuid=services.new_uuid)
        return Scope(self._plan.inputs, environment, run_id, self._started_at, functions)

    def _say_started(self) -> None:
        if self._earlier:
            own = {step.path for step in self._plan.own_steps}
            done, now = len(own & self._world.ended), self._services.clock.now()
            self._world.tell(RunResumed(now, self._world.going, done, len(own)))
            return
        playbook = self._plan.playbook
        self._world.tell(
            RunStarted(
                self._world.run_id,
                self._started_at,
                self._services.tool_version,
                playbook.name,
                playbook.source.path,
                self._plan.sha256,
                self._services.surroundings,
            )
        )

    def _say_finished(
        self, status: RunStatus, exit_code: int, outputs: dict[str, object], error: Problem | None
    ) -> None:
        now = self._services.clock.now()
        milliseconds = _milliseconds(self._started_at, now)
        offset = self._services.clock_offset_ms()
        self._world.tell(RunFinished(status, int(exit_code), now, milliseconds, outputs, offset, error))


def _certain(plan: Plan) -> Iterator[Plan]:
    """The plan, and those of the playbooks that it includes under no condition."""
    yield plan
    for step in plan.own_steps:
        if step.included is not None and step.written.when is True:
            yield from _certain(step.included)


def _performed(events: Sequence[Event]) -> Iterator[str]:
    return (each.path for each in events if isinstance(each, StepFinished) and each.status != "skipped")


def _milliseconds(began: datetime, ended: datetime) -> int:
    """A whole run's duration; a clock that was set back in between makes it zero."""
    return max(0, round((ended - began).total_seconds() * 1000))
