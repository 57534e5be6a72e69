"""A run, from its plan to its last event."""

from __future__ import annotations

from runner.engine.cleanups import Cleanups
from runner.engine.closing import Closing
from runner.engine.guards import Guards
from runner.engine.outcome import problem_of
from runner.engine.recorder import Recorder
from runner.engine.scope import Scope, Unrenderable
from runner.engine.steps import Steps
from runner.engine.world import Services, World
from runner.errors import ExitCode, GuardRefused
from runner.expression import Functions
from runner.plan.model import Plan, PlannedStep
from runner.record.events import Problem, RunFinished, RunStarted, RunStatus, StepStatus
from runner.venue.catalogue import Catalogue

_STOPPING: frozenset[StepStatus] = frozenset({"refused", "in_doubt"})
_FAILING: frozenset[StepStatus] = frozenset({"failed", "errored"})


def run(plan: Plan, services: Services, recorder: Recorder, run_id: str) -> int:
    """Perform a plan and give the exit code; whatever happens is told in the events, nothing is raised."""
    return _Run(plan, services, recorder, run_id).perform()


class _Run:
    """One run of one plan."""

    def __init__(self, plan: Plan, services: Services, recorder: Recorder, run_id: str) -> None:
        self._plan = plan
        self._services = services
        self._recorder = recorder
        self._began = services.clock.steady()
        self._started_at = services.clock.now()
        self._world = self._new_world(run_id)
        self._steps = Steps(self._world)
        self._cleanups = Cleanups(self._steps)

    def perform(self) -> int:
        """Everything from the first event to the last."""
        self._say_started()
        error = self._refused_at_once()
        if error is None:
            self._perform_steps()
            self._pay()
            self._perform_finally()
            self._pay()
        if self._recorder.bug is not None:
            error = problem_of(self._recorder.bug, self._services.redactor)
        outputs = self._outputs()
        status, exit_code = self._ending(error)
        self._say_finished(status, exit_code, outputs, error)
        return exit_code

    def _refused_at_once(self) -> Problem | None:
        try:
            self._world.guards.environment(self._services.surroundings.name)
        except GuardRefused as refused:
            return problem_of(refused, self._services.redactor)
        return None

    def _perform_steps(self) -> None:
        reached = True
        for step in self._plan.steps:
            if reached and not self._recorder.cancelled():
                reached = self._goes_on(step, self._steps.perform(step))
            else:
                self._steps.pass_over(step)

    def _goes_on(self, step: PlannedStep, status: StepStatus) -> bool:
        return status not in _STOPPING and not (status in _FAILING and step.written.on_failure == "stop")

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
                value = self._world.scope.code(named.code, self._world.scope.names())
            except Unrenderable:
                continue
            outputs[named.name] = self._services.redactor.value(value)
        return outputs

    def _ending(self, error: Problem | None) -> tuple[RunStatus, int]:
        """The gravest of all that happened: in doubt, interrupted, refused, errored, failed, passed."""
        statuses = set(self._steps.statuses.values())
        cleanups = self._cleanups.statuses
        if "owed" in cleanups or not all(map(self._world.over, self._world.doubts)):
            return "in_doubt", ExitCode.IN_DOUBT
        if self._services.stop.signal_number is not None:
            return "interrupted", 128 + self._services.stop.signal_number
        if "refused" in statuses or (error is not None and error.kind == GuardRefused.kind):
            return "refused", ExitCode.REFUSED
        if error is not None or statuses & {"errored", "in_doubt"}:
            return "errored", ExitCode.ERRORED
        if "failed" in statuses or "failed" in cleanups:
            return "failed", ExitCode.FAILED
        return "passed", ExitCode.PASSED

    def _new_world(self, run_id: str) -> World:
        services = self._services
        environment = {
            "name": services.surroundings.name,
            "base_url": services.base_url,
            "participant": services.surroundings.participant,
            "account": services.surroundings.account,
        }
        functions = Functions(now=services.clock.now, new_uuid=services.new_uuid)
        scope = Scope(self._plan.inputs, environment, run_id, self._started_at, functions)
        hosts = self._plan.playbook.allow_hosts
        closing = Closing(services.clock, services.stop)
        catalogue = Catalogue(services.clock, services.instruments)
        return World(services, self._recorder, run_id, scope, Guards(self._plan.bounds), closing, hosts, catalogue)

    def _say_started(self) -> None:
        playbook = self._plan.playbook
        self._recorder.emit(
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
        clock = self._services.clock
        milliseconds = round((clock.steady() - self._began) * 1000)
        offset = self._services.clock_offset_ms()
        self._recorder.emit(RunFinished(status, int(exit_code), clock.now(), milliseconds, outputs, offset, error))
