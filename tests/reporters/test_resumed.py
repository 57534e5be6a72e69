"""A run that another process goes on with: a heading, and whole lines of the steps that are performed now."""

from __future__ import annotations

import argparse
import io
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from runner.record.events import (
    CleanupDone,
    CleanupOwed,
    Event,
    Going,
    Noted,
    OrderIntended,
    OrderSeen,
    Problem,
    RunFinished,
    RunResumed,
    RunStarted,
    StepFinished,
    StepStarted,
    Surroundings,
)
from runner.redact import Redactor, Secret
from runner.reporters.takeover import TakeoverReporter
from runner.reporters.terminal import reporter_for

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
STARTED = RunStarted("r1", NOW, "0.0", "tried", "tried.yaml", "0" * 64, Surroundings("preprod", "x", "", ""))
INTENDED = OrderIntended("place", "c1", "sym", "SIDE_BUY", Decimal(1), Decimal(1), Decimal(1), "", "", {}, NOW)
CANCELED = OrderSeen("place", "c1", "V1", "ORDER_STATE_CANCELED", Decimal(0), None)


def began(path: str, item: str = "", of: int = 0) -> StepStarted:
    return StepStarted(path, path.partition("[")[0], "Do it", "whoami", "required", "", NOW, item, of)


def ended(path: str, learned: str = "") -> StepFinished:
    return StepFinished(path, "passed", NOW, 5, 1, learned)


EARLIER: tuple[Event, ...] = (
    *(STARTED, began("first"), ended("first"), began("loop")),
    *(began("loop[0]", "a", 3), ended("loop[0]"), began("loop[1]", "b", 3), Noted("loop[1]", "said before")),
)
END = RunFinished("passed", 0, NOW, 5000, {}, None)


def told(capsys: pytest.CaptureFixture[str], *events: Event, earlier: tuple[Event, ...] = EARLIER) -> list[str]:
    """What the plain reporter says of events that follow on earlier ones."""
    options = argparse.Namespace(quiet=False, verbose=False, no_color=True)
    reporter = reporter_for(options, Redactor(), silent=False, earlier=earlier)
    for event in events:
        reporter(event)
    return capsys.readouterr().out.splitlines()


HOW: dict[Going, str] = {
    "on": "",
    "late": "; too late for anything new",
    "ending": "; only to settle it and to clean up",
}


@pytest.mark.parametrize(("going", "how"), HOW.items(), ids=HOW)
def test_heading(going: Going, how: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Which run it is, how far it had come, and how far it goes now."""
    lines = told(capsys, RunResumed(NOW, going, 1, 3))
    assert lines == [f"tried · preprod (x) · run r1 taken up after 1 of 3 steps{how}"]


def test_a_loop_that_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Its line has its beginning; what its items told before the death stands below it once."""
    events: list[Event] = [
        began("loop"),
        began("loop[1]", "b", 3),
        ended("loop[1]"),
        began("loop[2]", "c", 3),
        ended("loop[2]"),
    ]
    lines = told(capsys, *events, ended("loop", "3 of 3"), END)
    assert re.sub(" +", " ", lines[0]) == " loop Do it ✔ 5 ms 3 of 3"
    assert "\n".join(lines).count("said before") == 1
    assert lines[-1] == "passed: 2 steps in 5.0 s"


def test_steps_after_the_one_that_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """They are told as ever."""
    lines = told(capsys, began("loop"), ended("loop"), began("next"), Noted("next", "new"), ended("next"))
    assert [re.sub(" +", " ", line) for line in lines[-2:]] == [" next Do it ✔ 5 ms", " note new"]


TAKEN_OVER: dict[str, tuple[list[Event], list[str]]] = {
    "settled": (
        [CANCELED, CleanupDone("place", "place", "done", "V1 CANCELED"), END],
        ["  cleaned up after place: V1 CANCELED", "  settled: order V1 canceled"],
    ),
    "found": (
        [Noted("place", "found it as V1"), CANCELED, CleanupDone("place", "place", "not_needed"), END],
        ["  found it as V1", "  settled: order V1 canceled"],
    ),
    "in doubt": (
        [CleanupDone("place", "place", "owed", "no answer", "look"), RunFinished("in_doubt", 4, NOW, 1, {}, None)],
        ["  STILL OWED after place: no answer", "      help      look", "  not settled: order c1 sent"],
    ),
}


@pytest.mark.parametrize(("events", "lines"), TAKEN_OVER.values(), ids=TAKEN_OVER)
def test_taken_over(events: list[Event], lines: list[str]) -> None:
    """One heading, what was done, and what became of its orders; nothing of steps that are skipped."""
    stream = io.StringIO()
    earlier: list[Event] = [STARTED, INTENDED, CleanupOwed("place", "place", "c1")]
    reporter = TakeoverReporter(stream, Redactor([Secret("sym-secret")]), "r1", "died at noon", earlier)
    for event in [RunResumed(NOW, "ending", 1, 3), began("next"), ended("next"), *events]:
        reporter(event)
    heading = "run r1 of this playbook died at noon, after 1 of 3 steps; it is settled first"
    assert stream.getvalue().splitlines() == [heading, *lines]


def test_nothing_was_sent() -> None:
    """One that died before any order says so, and masks what is secret."""
    stream = io.StringIO()
    reporter = TakeoverReporter(stream, Redactor([Secret("pass phrase")]), "r1", "died", [STARTED])
    why = Problem("broken_off", "x")
    for event in (Noted("a", "with pass phrase"), RunFinished("errored", 3, NOW, 1, {}, None, why)):
        reporter(event)
    assert stream.getvalue() == "  with ****\n  settled: it had sent no order\n"
