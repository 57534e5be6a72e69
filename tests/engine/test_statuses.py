"""How a step ends, and what that makes of the run: its status, its exit code, and what comes after."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine.exchange import HEALTH, INSERT, WHOAMI, Fault, changed, lost_before, says
from engine.world import ORDER, World, playbook
from runner.record.events import StepStarted

NEXT = "\n  - {id: after, action: check_health}"

ENDINGS: dict[str, tuple[str, dict[str, list[Fault]], str, int]] = {
    "passed": ("{id: it, action: whoami}", {}, "passed", 0),
    "expectation": ("{id: it, action: whoami, expect: [result.firm == '']}", {}, "failed", 1),
    "refused by the venue": ("{id: it, action: whoami}", {WHOAMI: [says(403)]}, "failed", 1),
    "capture": ("{id: it, action: whoami, capture: {it_is: result.raw.nothing}}", {}, "failed", 1),
    "no answer": ("{id: it, action: whoami}", {WHOAMI: [lost_before] * 3}, "errored", 3),
    "venue down": ("{id: it, action: whoami}", {WHOAMI: [says(503)] * 3}, "errored", 3),
    "broken answer": ("{id: it, action: whoami}", {WHOAMI: [changed(lambda body: [])] * 3}, "errored", 3),
    "not signed in": ("{id: it, action: whoami}", {WHOAMI: [says(401)] * 2}, "errored", 3),
    "template": (
        "{id: it, action: log, with: {message: '{{ run.id | int | string }}'}}",
        {},
        "errored",
        3,
    ),
    "argument": ("{id: it, action: log, with: {message: '{{ any(1) }}'}}", {}, "errored", 3),
    "when": ("{id: it, action: log, when: environment.base_url | int > 0, with: {message: x}}", {}, "errored", 3),
    "participant": ("{id: it, action: whoami, participant: '{{ any(7) }}'}", {}, "errored", 3),
    "guard": ("{id: it, action: http, with: {method: GET, url: 'https://other.example'}}", {}, "refused", 5),
    "skipped": ("{id: it, action: whoami, when: 1 == 2}", {}, "skipped", 0),
    "skipped in plain YAML": ("{id: it, action: whoami, when: false}", {}, "skipped", 0),
    "advisory failure": (
        "{id: it, action: whoami, severity: advisory, expect: [result.firm == '']}",
        {},
        "advisory",
        0,
    ),
    "advisory error": ("{id: it, action: whoami, severity: advisory}", {WHOAMI: [says(503)] * 3}, "advisory", 0),
    "advisory expectation": (
        "{id: it, action: whoami, expect: [{check: result.firm == '', severity: advisory}]}",
        {},
        "passed",
        0,
    ),
    "advisory does not cover a guard": (
        "{id: it, action: http, severity: advisory, with: {method: GET, url: 'https://other.example'}}",
        {},
        "refused",
        5,
    ),
}
RUN_STATUS = {0: "passed", 1: "failed", 3: "errored", 5: "refused"}


@pytest.mark.parametrize(("step", "faults", "status", "exit_code"), ENDINGS.values(), ids=ENDINGS)
def test_ending(step: str, faults: Mapping[str, list[Fault]], status: str, exit_code: int, world: World) -> None:
    """Each way a step ends gives its row's status, the run's status and the exit code; only a good one goes on."""
    for operation, each in faults.items():
        world.wire.plan(operation, *each)
    ran = world.run(playbook(f"  - {step}{NEXT}"))
    after = "passed" if exit_code == 0 else "skipped"
    assert ran.statuses() == {"it": status, "after": after}
    assert (ran.exit_code, ran.status) == (exit_code, RUN_STATUS[exit_code])
    assert bool(ran.error("it")) == (status not in {"passed", "skipped"} and "expect" not in step)


@pytest.mark.parametrize(
    ("steps", "exit_code"),
    [
        (["failed", "errored"], 3),
        (["errored", "failed"], 3),
        (["failed", "advisory"], 1),
        (["advisory", "skipped"], 0),
        (["failed", "errored", "refused"], 5),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else str(value),
)
def test_gravest_of_several(steps: list[str], exit_code: int, world: World) -> None:
    """With `on_failure: continue` every step is tried, and the gravest ending is the run's."""
    written = {
        "failed": "{id: %s, action: assert, with: {that: [1 == 2]}}",
        "errored": "{id: %s, action: log, with: {message: '{{ any(1) }}'}}",
        "advisory": "{id: %s, action: assert, severity: advisory, with: {that: [1 == 2]}}",
        "skipped": "{id: %s, action: check_health, when: false}",
        "refused": "{id: %s, action: http, with: {method: GET, url: 'https://other.example'}}",
    }
    text = "\n".join(f"  - {written[kind] % f's{at}'}" for at, kind in enumerate(steps))
    ran = world.run(playbook(text, head="defaults: {on_failure: continue}"))
    assert list(ran.statuses().values()) == steps
    assert ran.exit_code == exit_code


@pytest.mark.parametrize("where", ["defaults", "step"])
def test_on_failure_continue(where: str, world: World) -> None:
    """A failed step stops the run unless it, or the playbook's defaults, say otherwise."""
    own = ", on_failure: continue" if where == "step" else ""
    head = "defaults: {on_failure: continue}" if where == "defaults" else ""
    text = f"  - {{id: it, action: assert, with: {{that: [1 == 2]}}{own}}}{NEXT}"
    ran = world.run(playbook(text, head=head))
    assert (ran.exit_code, ran.statuses()) == (1, {"it": "failed", "after": "passed"})


@pytest.mark.parametrize("status", ["refused", "in_doubt"])
def test_what_always_stops(status: str, world: World) -> None:
    """A guard's refusal and a doubt stop the run whatever `on_failure` says."""
    world.wire.plan(INSERT, lost_before)
    world.wire.always["GET /v1/trading/orders/open"] = says(503)
    head = "defaults: {on_failure: continue}"
    text = "  - {id: order, action: http, with: {method: GET, url: 'https://other.example'}}"
    ran = world.run(playbook((ORDER if status == "in_doubt" else text) + NEXT, head=head))
    assert ran.statuses() == {"order": status, "after": "skipped"}


CHECKLIST = """
  - {id: first, action: whoami, when: WHEN, SEVERITY expect: [1 == 1], capture: {firm: result.raw.GONE}}
  - {id: second, action: assert, with: {that: [firm == "x"]}, capture: {also: firm}}
  - {id: third, action: log, with: {message: "{{ also }}"}}
  - {id: fourth, action: set, with: {x: "{{ steps.second.result }}"}}
  - {id: free, action: check_health}
"""


@pytest.mark.parametrize(
    ("when", "severity", "status", "exit_code"),
    [("true", "", "failed", 1), ("false", "", "skipped", 0), ("true", "severity: advisory,", "advisory", 0)],
    ids=["failed", "skipped", "advisory"],
)
def test_blocked(when: str, severity: str, status: str, exit_code: int, world: World) -> None:
    """A step that needs what another did not make is blocked by the first cause, the rest goes on; being blocked by
    what was skipped or advisory does not fail the run."""
    text = CHECKLIST.replace("WHEN", when).replace("SEVERITY", severity).replace("GONE", "gone")
    ran = world.run(playbook(text, head="defaults: {on_failure: continue}"))
    assert ran.statuses() == {
        "first": status,
        "second": "blocked",
        "third": "blocked",
        "fourth": "blocked",
        "free": "passed",
    }
    finished = [each.finished for each in ran.result.steps]
    assert [each.blocked_by for each in finished if each] == ["", "first", "first", "first", ""]
    assert ran.exit_code == exit_code


@pytest.mark.parametrize("asked", ["firm is defined", "firm | default('') == ''"], ids=["is defined", "default"])
def test_asked_for_is_not_needed(asked: str, world: World) -> None:
    """A name that is only asked for blocks nothing."""
    text = (
        "  - {id: first, action: whoami, when: false, capture: {firm: result.firm}}\n"
        f'  - {{id: second, action: set, with: {{known: "{{{{ {asked} }}}}"}}}}'
    )
    assert world.run(playbook(text)).statuses() == {"first": "skipped", "second": "passed"}


def test_failed_check_still_captures(world: World) -> None:
    """A capture is made also when an expectation failed, so that what follows is not blocked by it."""
    text = (
        "  - {id: first, action: whoami, on_failure: continue, expect: [1 == 2], capture: {firm: result.firm}}\n"
        '  - {id: second, action: log, with: {message: "{{ firm }}"}}'
    )
    ran = world.run(playbook(text))
    assert (ran.statuses(), ran.exit_code) == ({"first": "failed", "second": "passed"}, 1)


def test_all_checks_are_reported(world: World) -> None:
    """Every expectation is evaluated; one that can't be is one that does not hold, and says why."""
    checks = ["result.firm == 'x'", "result.raw.nothing == 1", "result.firm != ''"]
    ran = world.run(playbook(f'  - {{id: it, action: whoami, expect: ["{checks[0]}", "{checks[1]}", "{checks[2]}"]}}'))
    shown = ran.step("it").checks
    assert [(each.check, each.passed) for each in shown] == list(zip(checks, [False, False, True], strict=True))
    assert shown[0].because == 'result.firm is "ISV-Participant-Acme"'
    assert "nothing" in shown[1].because
    assert shown[0].place == "playbooks/tried.yaml:5:39"


def test_title_and_help_of_an_expectation(world: World) -> None:
    """They may use the step's own result."""
    text = """
  - id: it
    action: whoami
    expect:
      - {check: result.firm == "x", title: "the firm is {{ result.firm }}", help: "not {{ result.firm }}"}
"""
    check = world.run(playbook(text)).step("it").checks[0]
    assert (check.title, check.help) == ("the firm is ISV-Participant-Acme", "not ISV-Participant-Acme")


@pytest.mark.parametrize(
    ("written", "shown"),
    [("", "Verify who we are"), ("title: Plain,", "Plain"), ("title: 'To {{ environment.name }}',", "To sandbox")],
    ids=["none", "plain", "template"],
)
def test_title(written: str, shown: str, world: World) -> None:
    """A step without a title is called by its action's summary."""
    ran = world.run(playbook(f"  - {{id: it, {written} action: whoami}}"))
    assert ran.of(StepStarted)[0].title == shown


def test_title_that_cannot_be_rendered(world: World) -> None:
    """A title that needs what is not there is shown as it was written, and stops nothing."""
    text = (
        "  - {id: first, action: whoami, when: false, capture: {firm: result.firm}}\n"
        '  - {id: second, action: check_health, title: "At {{ firm }}"}'
    )
    ran = world.run(playbook(text))
    assert (ran.step("second").started.title, ran.statuses()["second"]) == ("At {{ firm }}", "passed")


def test_environment_that_is_not_allowed(world: World) -> None:
    """A run in an environment that its limits do not name is refused as a whole, before anything is sent."""
    ran = world.run(playbook("  - {id: it, action: check_health}", head="limits: {environments: [preprod]}"))
    assert (ran.exit_code, ran.status, ran.statuses(), world.wire.asked) == (5, "refused", {}, [])
    assert ran.result.finished is not None
    assert ran.result.finished.error is not None
    assert "`environments` allows preprod" in ran.result.finished.error.message


def test_retry_does_not_hide_a_refusal(world: World) -> None:
    """A refusal of the venue is never tried again."""
    world.wire.plan(HEALTH, says(404))
    ran = world.run(playbook("  - {id: it, action: check_health, retry: {attempts: 5, backoff: 1s}}"))
    assert (ran.exit_code, world.wire.count(HEALTH)) == (1, 1)
