"""The log for programs: one JSON object a line, each as its published schema has it."""

from __future__ import annotations

import json
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import jsonschema
import jsonschema_rs
import pytest
from engine.exchange import HEALTH, MovedClock, says
from engine.world import FAILING, ORDER, World, playbook

from reporters import made
from reporters.schema import strict
from reporters.test_hostile import TEXTS
from runner.record.events import Event
from runner.redact import Redactor, Secret
from runner.reporters.json_log import JsonLog, name_of

SCHEMA: dict[str, Any] = json.loads((Path(__file__).parents[2] / "schemas" / "log.schema.json").read_text())
STEPS = (
    """
  - {id: each, action: log, for_each: [a, b], with: {message: "it is {{ item }}"}}
  - {id: poll, action: check_health, repeat: {until: result.status == "done", every: 5s, within: 60s}}
  - {id: pause, action: wait, with: {for: 20s}}
  - {id: call, action: run_playbook, with: {path: place.yaml}}
"""
    + FAILING
)


def lines_of(out: StringIO) -> list[Any]:
    """Each line as a program reads it, valid by two validators, with no field that the schema does not name."""
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    second = jsonschema.Draft202012Validator(strict(SCHEMA), format_checker=formats)
    for each in told:
        jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True).validate(each)
        second.validate(each)
    return told


def log(redactor: Redactor, clock: MovedClock, *, verbose: bool) -> tuple[JsonLog, StringIO]:
    out = StringIO()
    return JsonLog(out, redactor, clock, "run-1", "tried", verbose=verbose), out


@pytest.mark.parametrize("verbose", [True, False], ids=["verbose", "plain"])
def test_whole_run(verbose: bool, world: World) -> None:
    """With a loop, a poll, a wait, an order of an included playbook, and a failure; its end is the last line."""
    tell, out = log(world.redactor, world.clock, verbose=verbose)
    world.listeners.append(tell)
    world.files = {"place.yaml": playbook(ORDER)}
    world.wire.plan(HEALTH, says(200, {"status": "busy"}), says(200, {"status": "done"}))
    ran = world.run(playbook(STEPS))
    told = lines_of(out)
    assert [each["event"] for each in told] == [name_of(type(event)) for event in ran.events]
    assert {(each["run_id"], each["playbook"]) for each in told} == {("run-1", "tried")}
    assert {each["step"] for each in told if "step" in each} >= {"each", "each[1]", "poll", "call/order", "wrong"}
    assert (told[-1]["event"], told[-1]["status"], told[-1]["exit_code"]) == ("run_finished", "failed", 1)
    assert [datetime.fromisoformat(each["at"]) for each in told]
    calls = [each for each in told if each["event"] == "call_made"]
    assert {"response" in each for each in calls} == {verbose}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile(text: str) -> None:
    """Whatever the venue says is one line of printable ASCII, no command to a CI server, and comes back as it was."""
    tell, out = log(Redactor(), MovedClock(), verbose=True)
    result = made.hostile(text)
    step = result.steps[0]
    events: list[Event] = [result.started, step.started, *step.calls, *step.checks]
    for event in events:
        tell(event)
    written = out.getvalue()
    assert written.isascii()
    assert written.replace("\n", "").isprintable()
    assert "##" not in written
    told = [json.loads(line) for line in written.splitlines()]
    assert len(told) == len(events)
    assert told[1]["title"] == step.started.title


def test_secrets() -> None:
    """Masked before they are escaped, also as keys and in what is nested."""
    secret = 'h"1\nüdden-secret'
    tell, out = log(Redactor([Secret(secret)]), MovedClock(), verbose=True)
    result = made.hostile(secret)
    step = result.steps[0]
    events: list[Event] = [result.started, step.started, *step.calls, *step.checks]
    for event in events:
        tell(event)
    assert "dden" not in out.getvalue()
    assert "****" in out.getvalue()


def test_every_event_is_in_the_schema() -> None:
    """None is forgotten."""
    names = {name_of(kind) for kind in get_args(Event)}
    assert {each["$ref"].rpartition("/")[2] for each in SCHEMA["oneOf"]} == names
