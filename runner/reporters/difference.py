"""What differs between two runs: what they ran and where, how their steps ended, what they learned and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.frozen import frozen
from runner.record.result import RunResult, StepResult
from runner.reporters.data import in_short
from runner.reporters.lines import state_of
from runner.reporters.rows import all_steps

_NOT_THERE = "not there"


@frozen
class Change:
    """One thing that is not the same; ``step`` is a step's path, empty for what is about the whole run."""

    step: str
    what: str
    first: str
    second: str


@frozen
class Timing:
    """How long a step, or with no ``step`` the whole run, took in both runs, in milliseconds."""

    step: str
    first: int
    second: int

    @property
    def ratio(self) -> float:
        """How many times as long the second took; less than a millisecond counts as one."""
        return max(self.second, 1) / max(self.first, 1)


@frozen
class Difference:
    """All that differs. The outcome is the same if ``outcome`` is empty: exit code, each step's status, each check."""

    setting: tuple[Change, ...]
    outcome: tuple[Change, ...]
    values: tuple[Change, ...]
    timings: tuple[Timing, ...]

    @property
    def same(self) -> bool:
        """Whether both came to the same outcome."""
        return not self.outcome


def difference(first: RunResult, second: RunResult) -> Difference:
    """The second run against the first one."""
    both = _steps(first), _steps(second)
    return Difference(
        tuple(_changes("", _setting(first), _setting(second))),
        (*_changes("", _outcome(first), _outcome(second)), *_of_steps(_verdicts, *both)),
        (*_of_steps(_values, *both), *_changes("", _whole(first), _whole(second))),
        tuple(_timings(first, second)),
    )


def plain(found: Difference) -> dict[str, Any]:
    """The same as JSON data."""
    return {
        "version": 1,
        "same_outcome": found.same,
        "setting": [_plain_change(each) for each in found.setting],
        "outcome": [_plain_change(each) for each in found.outcome],
        "values": [_plain_change(each) for each in found.values],
        "timings": [
            {"step": each.step, "first_ms": each.first, "second_ms": each.second, "ratio": f"{each.ratio:.2f}"}
            for each in found.timings
        ],
    }


def _plain_change(change: Change) -> dict[str, str]:
    return {"step": change.step, "what": change.what, "first": change.first, "second": change.second}


def _steps(result: RunResult) -> dict[str, StepResult]:
    return {step.started.path: step for step in all_steps(result.steps)}


def _setting(result: RunResult) -> dict[str, str]:
    started, where = result.started, result.started.surroundings
    return {
        "playbook": started.playbook,
        "playbook's text (sha256)": started.sha256,
        "pmx-run": started.tool_version,
        "environment": where.name,
        "host": where.host,
        "participant": where.participant,
        "account": where.account,
    }


def _outcome(result: RunResult) -> dict[str, str]:
    return {"status": result.status, "exit code": str(result.finished.exit_code) if result.finished else "none"}


def _verdicts(step: StepResult) -> dict[str, str]:
    held = {f"check {each.check}": _held(each.passed, each.because) for each in step.checks}
    return {"status": step.status, **held}


def _held(passed: bool, because: str) -> str:
    return "held" if passed else f"did not hold: {because}" if because else "did not hold"


def _values(step: StepResult) -> dict[str, str]:
    captured = {f"capture {name}": in_short(value) for name, value in step.captures.items()}
    learned = {"learned": step.finished.learned} if step.finished and step.finished.learned else {}
    return {**learned, **captured}


def _whole(result: RunResult) -> dict[str, str]:
    outputs = result.finished.outputs if result.finished else {}
    orders: dict[str, str] = {}
    for each in result.orders:
        name = f"order of {each.intended.path}"
        state = f"{state_of(each)}, {each.filled_quantity:f} filled"
        orders[name] = f"{orders[name]}; {state}" if name in orders else state
    return {**{f"output {name}": in_short(value) for name, value in outputs.items()}, **orders}


def _of_steps(facts: Any, first: Mapping[str, StepResult], second: Mapping[str, StepResult]) -> Iterator[Change]:
    for path in dict.fromkeys((*first, *second)):
        if path in first and path in second:
            yield from _changes(path, facts(first[path]), facts(second[path]))
        elif facts is _verdicts:
            known = (steps[path].status if path in steps else _NOT_THERE for steps in (first, second))
            yield Change(path, "status", *known)


def _changes(step: str, first: Mapping[str, str], second: Mapping[str, str]) -> Iterator[Change]:
    """What is not the same. A check that held in one and did not in the other differs, its reasons alone do not."""
    for what in dict.fromkeys((*first, *second)):
        one, two = first.get(what, _NOT_THERE), second.get(what, _NOT_THERE)
        if one != two and not (what.startswith("check ") and one[:4] == two[:4]):
            yield Change(step, what, one, two)


def _timings(first: RunResult, second: RunResult) -> Iterator[Timing]:
    if first.finished and second.finished:
        yield Timing("", first.finished.duration_ms, second.finished.duration_ms)
    later = _steps(second)
    for path, step in _steps(first).items():
        other = later.get(path)
        if step.finished and other is not None and other.finished:
            yield Timing(path, step.finished.duration_ms, other.finished.duration_ms)
