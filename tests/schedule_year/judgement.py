"""Three records of the same time held against each other: the exchange's own, the journal's, the table of ticks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from runner.cli.chaos.judging import Evidence, Violation, violations
from runner.cli.schedule.ledger import RUNNING
from runner.cli.schedule.outcomes import ended_with
from runner.cli.schedule.words import run_id
from runner.journal.recorder import events_of
from runner.journal.store import Journal, Run, Wanted
from runner.record.events import RunStarted
from runner.record.result import RunResult, fold
from runner.schedule.cron import moments
from schedule_year.machine import Machine

_ENDED = "ended with "
_LASTING = frozenset({0, 1, 5, 130, 143})
"""Exit codes after which nobody takes a run up again."""
_SENT_NOTHING = frozenset({2, 3, 4, 75})
"""Exit codes of what may never have got into the journal; so may be killed what was."""


@dataclass
class Judgement:
    """What was found so far. ``untrue`` is what the table of ticks says otherwise than the journal."""

    violations: list[Violation] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    codes: Counter[int | None] = field(default_factory=Counter)
    orders: int = 0
    twice: int = 0

    def compare(self, machine: Machine, orders: Sequence[Mapping[str, Any]], since: datetime) -> None:
        """All runs since a moment, with the exchange's orders since then."""
        left = {order["id"]: order for order in orders}
        self.orders += len(left)
        told = _told(machine, since)
        with closing(Journal(machine.state, reading=True)) as journal:
            for run in journal.history(None, Wanted(since=since)):
                self.codes[run.exit_code] += 1
                self._run(journal, run, left)
                outcome = told.pop(run.run_id, None)
                # While the machine is off nobody is there who could say how it ended.
                if outcome != RUNNING or machine.keepers:
                    self._tick(run, outcome)
        for order in left.values():
            self.violations.append(Violation("double order", f"no run of the journal intended {order}"))
        for name, outcome in told.items():
            if outcome.startswith(_ENDED) and not _may_be_unknown(int(outcome.removeprefix(_ENDED))):
                self.untrue.append(f"{name} {outcome}, and the journal has no such run")

    def _run(self, journal: Journal, run: Run, left: dict[str, Mapping[str, Any]]) -> None:
        events = events_of(journal.entries(run.run_id))
        self.twice += sum(isinstance(each, RunStarted) for each in events) > 1
        result = fold(events) if events else None
        own = [order for order in left.values() if order["client_order_id"] in _ids(result)]
        for order in own:
            del left[order["id"]]
        self.violations += violations(Evidence(0, 0, run.status, result, own, 0), frozenset())

    def _tick(self, run: Run, outcome: str | None) -> None:
        if outcome is None or not outcome.startswith(_ENDED):
            self.untrue.append(f"{run.run_id} {outcome}, and the journal has it as {run.status}")
        elif int(outcome.removeprefix(_ENDED)) in _LASTING and outcome != ended_with(run.exit_code or 0):
            self.untrue.append(f"{run.run_id} {outcome}, and the journal has {run.exit_code}")


def outcomes(machine: Machine, start: datetime) -> Counter[str]:
    """Every tick by its outcome; none that the expressions tell is missing in the table, and none is too much."""
    counts: Counter[str] = Counter()
    for name, schedule in machine.file.schedules.items():
        coming = (each.astimezone(UTC) for each in moments(schedule.cron, schedule.zone, start))
        expected = list(takewhile(lambda each: each <= machine.now, coming))
        found = machine.ledger.all(machine.key(schedule))
        assert [each.at for each in found] == expected, name
        counts.update(each.outcome for each in found)
    return counts


def _told(machine: Machine, since: datetime) -> dict[str, str]:
    """The outcome of each tick, by the id that its run would have; those of a run that began later, too."""
    return {
        run_id(machine.file, schedule, each.at): each.outcome
        for schedule in machine.file.schedules.values()
        for each in machine.ledger.all(machine.key(schedule))
        if each.at >= since
    }


def _ids(result: RunResult | None) -> set[str]:
    return {each.clord_id or each.intended.clord_id for each in result.orders} if result else set()


def _may_be_unknown(code: int) -> bool:
    return code < 0 or code in _SENT_NOTHING
