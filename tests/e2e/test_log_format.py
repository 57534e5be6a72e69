"""`--log-format json` as a program reads it: nothing else on its stream, and out of a report's way."""

from __future__ import annotations

import json

from e2e.conftest import Machine

RUN = ("quickstart", "--log-format", "json", "--run-id", "monday")


def events_of(text: str) -> list[str]:
    return [json.loads(line)["event"] for line in text.splitlines()]


def test_on_stdout(machine: Machine) -> None:
    """From the run's beginning to its end; a run id that was used before tells what was recorded, and its end."""
    first, again = machine.run(*RUN), machine.run(*RUN)
    for done in (first, again):
        told = events_of(done.stdout)
        assert (told[0], told[-1], done.returncode, done.stderr) == ("run_started", "run_finished", 0, "")
    assert "call_made" in events_of(first.stdout)
    resumed = machine.run("resume", "monday", "--log-format", "json")
    assert (resumed.returncode, resumed.stdout) == (0, "")
    assert "nothing to do" in resumed.stderr


def test_beside_a_report(machine: Machine) -> None:
    """The report has stdout for itself."""
    done = machine.run(*RUN, "--report", "json=-")
    assert json.loads(done.stdout)["run_id"] == "monday"
    assert events_of(done.stderr)[-1] == "run_finished"


def test_quiet(machine: Machine) -> None:
    """Nothing at all."""
    done = machine.run(*RUN, "--quiet")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
