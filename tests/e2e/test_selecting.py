"""`--tags`, `--skip-tags` and `--from` on the command line, and what `resume` makes of them."""

from __future__ import annotations

import json

import pytest

from e2e.conftest import Exchange, Machine

PLAYBOOK = """
version: 1
name: tagged
steps:
  - {id: one, action: log, tags: [a], with: {message: one}}
  - {id: pause, action: wait, tags: [a], with: {for: 2s}}
  - {id: two, action: log, tags: [b], with: {message: two}}
  - {id: three, action: log, tags: [a], with: {message: three}}
"""


@pytest.fixture
def tagged(exchange: Exchange, machine: Machine) -> Machine:
    machine.env = exchange.env
    (machine.folder / "tagged.yaml").write_text(PLAYBOOK, encoding="utf-8")
    (machine.folder / "plain.yaml").write_text(PLAYBOOK.replace("tagged", "plain").replace("2s", "1ms"), "utf-8")
    return machine


@pytest.mark.parametrize(
    ("words", "performed"),
    [
        (["--tags", "b"], ["two"]),
        (["--tags", "a", "--tags", "b", "--skip-tags", "b"], ["one", "pause", "three"]),
        (["--tags", " a , b", "--from", "two"], ["two", "three"]),
        (["--from", "three"], ["three"]),
    ],
    ids=" ".join,
)
def test_options(words: list[str], performed: list[str], tagged: Machine) -> None:
    """Each may be given several times, with several tags; the report says of each other step why it was skipped."""
    done = tagged.run("plain.yaml", *words, "--report", "json=-")
    assert (done.returncode, done.stderr) == (0, "")
    steps = json.loads(done.stdout)["steps"]
    assert [step["id"] for step in steps if step["status"] == "passed"] == performed
    left_out = [step["learned"] for step in steps if step["status"] == "skipped"]
    assert len(left_out) == 4 - len(performed)
    assert all(reason.startswith(("not tagged", "tagged", "before")) for reason in left_out)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["--tags", "c"], "error: `--tags c` selects no step of `plain`"),
        (["--tags", ""], "error: `--tags`: `` is no tag"),
        (["--skip-tags", "A"], "error: `--skip-tags`: `A` is no tag"),
        (["--from", "for"], "error: `--from for`: `plain` has no such step"),
        (["--from", ""], "error: `--from` names no step"),
    ],
    ids=" ".join,
)
def test_what_is_wrong_sends_nothing(words: list[str], first: str, tagged: Machine) -> None:
    """Exit 2, and no run began, not even of another playbook of the same call."""
    done = tagged.run("plain.yaml", *words)
    assert (done.returncode, done.stdout, done.stderr.splitlines()[0]) == (2, "", first)
    assert "plain" not in tagged.run("history").stdout


def test_a_slip_beside_a_tag_is_warned_of(tagged: Machine) -> None:
    """The run goes on: another of several playbooks may have it another day."""
    done = tagged.run("plain.yaml", "--tags", "a", "--skip-tags", "bb")
    assert done.returncode == 0
    assert done.stderr.startswith("warning: `--skip-tags bb`: no step has this tag\n")


def test_resume_keeps_to_the_selection(tagged: Machine) -> None:
    """What was left out when the run began stays left out when another process goes on with it."""
    with tagged.started("tagged.yaml", "--tags", "a", "--skip-tags", "x") as process:
        assert process.stdout
        seen = ""
        while "pause" not in seen:
            seen += process.stdout.read(1)
        process.kill()
    done = tagged.run("resume", "--report", "json=-")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [(step["id"], step["status"], step["learned"]) for step in report["steps"]][2:] == [
        ("two", "skipped", "not tagged a"),
        ("three", "passed", ""),
    ]


def test_a_run_that_is_only_settled_is_not_broken_off_by_what_was_left_out(tagged: Machine) -> None:
    """Nothing is missing of a run whose remaining steps were not wanted."""
    with tagged.started("tagged.yaml", "--skip-tags", "b", "--from", "pause") as process:
        assert process.stdout
        seen = ""
        while "pause" not in seen:
            seen += process.stdout.read(1)
        process.kill()
    done = tagged.run("resume", "--cleanup-only", "--report", "json=-")
    statuses = {step["id"]: step["learned"] for step in json.loads(done.stdout)["steps"]}
    assert statuses["one"] == "before `--from pause`"
    assert statuses["two"] == "tagged b"
