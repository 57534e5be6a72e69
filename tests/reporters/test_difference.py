"""What differs between two runs is told, and only what decides an outcome decides whether it was the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reporters import made
from runner.record.events import Captured, Checked, Event, RunStarted, StepStatus
from runner.record.result import RunResult
from runner.reporters.difference import Change, Timing, difference, plain

CHECK = "result.n == 1"


def a_run(
    status: StepStatus = "passed",
    *,
    value: object = "a",
    took: int = 10,
    held: bool = True,
    because: str = "n is 2",
    more: tuple[Event, ...] = (),
    started: RunStarted = made.STARTED,
) -> RunResult:
    end = made.finished("passed" if status == "passed" else "failed", 0 if status == "passed" else 1)
    return made.result_of(
        made.begun("one"),
        Checked("one", CHECK, held, "" if held else because, "f:1:1"),
        Captured("one", "name", value),
        made.ended("one", status, took=took),
        *more,
        end,
        started=started,
    )


def test_the_same() -> None:
    """Two runs alike differ in nothing, whenever they were."""
    later = replace(made.STARTED, run_id="run-2", at=made.after(5_000))
    found = difference(a_run(), a_run(started=later))
    assert (found.setting, found.outcome, found.values, found.same) == ((), (), (), True)
    assert found.timings == (Timing("", 931, 931), Timing("one", 10, 10))


def test_outcome() -> None:
    """The run's status and exit code, a step's status, and a check that did not hold."""
    found = difference(a_run(), a_run("failed", held=False))
    assert found.outcome == (
        Change("", "status", "passed", "failed"),
        Change("", "exit code", "0", "1"),
        Change("one", "status", "passed", "failed"),
        Change("one", f"check {CHECK}", "held", "did not hold: n is 2"),
    )
    assert not found.same


def test_a_step_that_one_of_them_has() -> None:
    """A step more or less is another outcome."""
    found = difference(a_run(), a_run(more=(made.begun("two"), made.ended("two"))))
    assert found.outcome == (Change("two", "status", "not there", "passed"),)


@pytest.mark.parametrize(
    ("other", "values"),
    [
        (a_run(value="b"), (Change("one", "capture name", "a", "b"),)),
        (a_run(value={"a": 1}), (Change("one", "capture name", "a", '{"a": 1}'),)),
    ],
)
def test_values(other: RunResult, values: tuple[Change, ...]) -> None:
    """Another value is told and is no other outcome."""
    found = difference(a_run(), other)
    assert (found.values, found.same) == (values, True)


def test_another_reason_is_no_other_outcome() -> None:
    """A check that held in neither run is the same."""
    assert difference(a_run("failed", held=False), a_run("failed", held=False, because="n is 3")).same


def test_setting() -> None:
    """Another text, version or environment is told."""
    other = replace(made.STARTED, sha256="0" * 64, tool_version="9", surroundings=replace(made.WHERE, name="prod"))
    assert [each.what for each in difference(a_run(), a_run(started=other)).setting] == [
        "playbook's text (sha256)",
        "pmx-run",
        "environment",
    ]


def test_orders_and_outputs() -> None:
    """What became of orders and what the run gives out are values."""
    found = difference(made.good(), made.result_of(*(), made.finished()))
    assert {(each.what, each.second) for each in found.values} == {
        ("output order_id", "not there"),
        ("output price", "not there"),
        ("order of order", "not there"),
    }


def test_timings() -> None:
    """How many times as long each step took."""
    found = difference(a_run(took=10), a_run(took=25))
    assert [(each.step, each.ratio) for each in found.timings] == [("", 1.0), ("one", 2.5)]
    assert Timing("x", 0, 3).ratio == 3
    assert plain(found)["timings"][1] == {"step": "one", "first_ms": 10, "second_ms": 25, "ratio": "2.50"}


def test_an_unfinished_run() -> None:
    """It is compared as far as it came."""
    found = difference(made.good(), made.unfinished(under_way=False))
    assert Change("", "status", "passed", "killed") in found.outcome
    assert [each.step for each in found.timings] == ["me"]
