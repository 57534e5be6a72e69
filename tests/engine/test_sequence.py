"""Inside a step: when, render, perform, expect, capture. Values keep their types on the way."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.exchange import HEALTH
from engine.world import World, playbook
from runner.record.events import CallMade, Captured, Checked, StepFinished, StepStarted


def test_sequence_of_a_step(world: World) -> None:
    """The step is announced before its call, then checked, then captured, then ended."""
    text = """
  - {id: it, action: check_health, when: 1 == 1, capture: {status: result.status}, expect: [call.status == 200]}
"""
    ran = world.run(playbook(text))
    kinds = (StepStarted, CallMade, Checked, Captured, StepFinished)
    assert [type(each) for each in ran.events if isinstance(each, kinds)] == list(kinds)


def test_when_comes_first(world: World) -> None:
    """A step that is skipped renders nothing and sends nothing."""
    text = '  - {id: it, action: log, when: false, with: {message: "{{ any(environment.base_url) | int | string }}"}}'
    ran = world.run(playbook(text))
    assert (ran.statuses(), world.wire.asked) == ({"it": "skipped"}, [])


TYPES = {
    "text of digits": ("'{{ inputs.text }}'", "123"),
    "integer": ("'{{ inputs.whole }}'", 7),
    "decimal": ("'{{ inputs.price }}'", Decimal("0.57")),
    "sum": ("'{{ inputs.price + 1 }}'", Decimal("1.57")),
    "division": ("'{{ 1 / 8 }}'", Decimal("0.125")),
    "boolean": ("'{{ inputs.whole > 3 }}'", True),
    "null": ("'{{ none }}'", None),
    "list": ("'{{ [inputs.whole, inputs.price] }}'", [7, Decimal("0.57")]),
    "mapping": ("'{{ {\"a\": inputs.whole} }}'", {"a": 7}),
    "mixed": ("'{{ inputs.whole }} at {{ inputs.price }}'", "7 at 0.57"),
    "two": ("'{{ inputs.whole }}{{ inputs.whole }}'", "77"),
    "time": ("'{{ run.started_at }}'", datetime(2026, 11, 22, 12, tzinfo=UTC)),
    "plain decimal": ("0.57", Decimal("0.57")),
    "plain text": ("'0.57'", "0.57"),
}


@pytest.mark.parametrize(("written", "value"), TYPES.values(), ids=TYPES)
def test_types(written: str, value: object, world: World) -> None:
    """A whole template keeps its value's type through an argument, a result and a capture."""
    head = """inputs:
  text: {type: string, default: "123"}
  whole: {type: integer, default: 7}
  price: {type: decimal, default: "0.57"}"""
    text = f"  - {{id: it, action: set, with: {{value: {written}}}, capture: {{got: result.value}}}}"
    got = world.run(playbook(text, head=head)).captured("it")["got"]
    assert (got, type(got)) == (value, type(value))


def test_names_of_a_run(world: World) -> None:
    """What every expression sees: the environment, the run, earlier steps with their status and captures."""
    text = """
  - {id: one, action: whoami, capture: {firm: result.firm}}
  - id: two
    action: set
    with:
      environment: "{{ environment.name }} {{ environment.base_url }}"
      who: "{{ environment.participant }} {{ environment.account }}"
      run: "{{ run.id }}"
      step: "{{ steps.one.status }} {{ steps.one.firm }} {{ steps.one.result.firm }}"
      unique: "{{ uuid() }}"
      now: "{{ now() >= run.started_at }}"
    capture: {got: result}
"""
    assert world.run(playbook(text)).captured("two")["got"] == {
        "environment": "sandbox http://127.0.0.1:8080",
        "who": f"{world.participant} {world.account}",
        "run": "run-1",
        "step": "passed ISV-Participant-Acme ISV-Participant-Acme",
        "unique": "00000000-0000-4000-8000-000000000001",
        "now": True,
    }


def test_call_in_expressions(world: World) -> None:
    """`call` is the step's last HTTP call."""
    text = "  - {id: it, action: check_health, capture: {got: '[call.status, call.duration_ms]'}}"
    assert world.run(playbook(text)).captured("it")["got"] == [200, 5]


def test_later_captures_see_earlier_ones(world: World) -> None:
    """Captures are made in their sequence, and each sees those before it."""
    text = "  - {id: it, action: whoami, capture: {one: result.firm, two: one ~ '!'}}"
    assert world.run(playbook(text)).captured("it")["two"] == "ISV-Participant-Acme!"


def test_outputs(world: World) -> None:
    """Outputs are what the captures make them; one whose step was skipped is left out."""
    text = (
        "  - {id: one, action: whoami, capture: {firm: result.firm}}\n"
        "  - {id: two, action: whoami, when: false, capture: {gone: result.firm}}"
    )
    ran = world.run(playbook(text, tail="outputs: {firm: firm, gone: gone, sum: 1 + 1}"))
    assert ran.result.finished is not None
    assert ran.result.finished.outputs == {"firm": "ISV-Participant-Acme", "sum": 2}


def test_finally_runs_after_a_failure(world: World) -> None:
    """`finally` runs whatever happened, and its own failure fails the run."""
    tail = "finally:\n  - {id: last, action: check_health, expect: [result.status == 'bad']}"
    ran = world.run(playbook("  - {id: it, action: assert, with: {that: [1 == 2]}}", tail=tail))
    assert ran.statuses() == {"it": "failed", "last": "failed"}
    ran = world.run(playbook("  - {id: it, action: check_health}", tail=tail))
    assert (ran.exit_code, ran.statuses()) == (1, {"it": "passed", "last": "failed"})


def test_one_failed_step_of_finally_does_not_stop_the_next(world: World) -> None:
    """Every step of `finally` is tried."""
    tail = "finally:\n  - {id: one, action: assert, with: {that: [1 == 2]}}\n  - {id: two, action: check_health}"
    ran = world.run(playbook("  - {id: it, action: check_health}", tail=tail))
    assert ran.statuses() == {"it": "passed", "one": "failed", "two": "passed"}


def test_participant_of_a_step(world: World) -> None:
    """A step acts for the participant that it names, others for the settings' one."""
    text = (
        "  - {id: one, action: list_open_orders, participant: firms/ISV-Participant-Acme/users/bob}\n"
        "  - {id: two, action: list_open_orders}"
    )
    ran = world.run(playbook(text))
    sent = [
        each.headers["x-participant-id"].rpartition("/")[2] for each in world.wire.of("GET /v1/trading/orders/open")
    ]
    assert (ran.exit_code, sent) == (0, ["bob", "alice"])


def test_token_is_fetched_when_first_needed(world: World) -> None:
    """Health needs no token; what does shares one."""
    world.run(playbook("  - {id: one, action: check_health}"))
    assert world.wire.counts == {HEALTH: 1}
    world.run(playbook("  - {id: one, action: whoami}\n  - {id: two, action: whoami}"))
    assert world.wire.count("POST /oauth/token") == 1
