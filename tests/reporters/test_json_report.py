"""The JSON report is what its published schema says, for runs of every ending."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from engine.exchange import INSERT, OPEN, WHOAMI, hangs, lost_before, says
from engine.world import FAILING, ORDER, Ran, World, playbook

from reporters.schema import SCHEMA, check
from runner.record.result import fold
from runner.reporters.json_report import report, text

CHECKLIST = """
  - {id: one, action: whoami, title: One, help: ask, expect: [{check: result.firm == "x", title: T, help: H}]}
  - {id: two, action: whoami, when: false, capture: {firm: result.firm}}
  - {id: three, action: log, with: {message: "{{ firm }}"}}
  - {id: four, action: whoami, severity: advisory, expect: [1 == 2]}
  - {id: five, action: set, with: {a: 0.570, b: [1, null, true], c: "{{ run.started_at }}"}, capture: {all: result}}
  - {id: six, action: log, with: {message: said}}
"""


def interrupted(world: World) -> Ran:
    world.clock.at(0.02, world.terminate)
    return world.run(playbook(ORDER + "\n  - {id: pause, action: wait, with: {for: 1m}}"))


def in_doubt(world: World) -> Ran:
    world.wire.plan(INSERT, lost_before)
    world.wire.always[OPEN] = lost_before
    return world.run(playbook(ORDER))


def errored(world: World) -> Ran:
    world.wire.always[WHOAMI] = hangs
    return world.run(playbook("  - {id: one, action: whoami}\n  - {id: two, action: whoami}"))


def refused_by_the_venue(world: World) -> Ran:
    world.wire.plan(INSERT, says(422))
    return world.run(playbook(ORDER))


def broken(world: World) -> Ran:
    world.listeners.append(lambda _: 1 / 0)  # type: ignore[arg-type]
    return world.run(playbook(ORDER))


RUNS = {
    "passed": lambda world: world.run(playbook(ORDER, tail='outputs: {id: order_id, price: "0.570"}')),
    "failed": lambda world: world.run(playbook(ORDER + FAILING)),
    "checklist": lambda world: world.run(playbook(CHECKLIST, head="defaults: {on_failure: continue}")),
    "refused": lambda world: world.run(playbook(ORDER.replace("price: 0.5", "price: 0.0005"))),
    "refused as a whole": lambda world: world.run(playbook(ORDER, head="limits: {environments: [other]}")),
    "refused by the venue": refused_by_the_venue,
    "interrupted": interrupted,
    "in doubt": in_doubt,
    "errored": errored,
    "mistake of our own": broken,
}


@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
def test_schema(make: Any, world: World) -> None:
    """Every report has exactly the fields of the schema, for two validators."""
    check(report(make(world).result))


def test_schema_is_one() -> None:
    """The schema is well-formed, and every object in it says what is required of it."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for name, each in SCHEMA["$defs"].items():
        if "properties" in each:
            assert list(each["properties"]) == each["required"], name


@pytest.mark.parametrize(
    "spoil",
    [
        {"version": 2},
        {"status": "fine"},
        {"exit_code": 2},
        {"started_at": "now"},
        {"outputs": {"a": 0.5}},
        {"steps": {}},
    ],
    ids=str,
)
def test_schema_refuses(spoil: dict[str, Any], world: World) -> None:
    """It is strict enough to tell a wrong report."""
    good = report(world.run(playbook("  - {id: one, action: whoami}")).result)
    with pytest.raises(ValueError, match=r"\S"):
        check(good | spoil)


def test_several_runs(world: World) -> None:
    """Several runs stand under `runs`; one stands alone."""
    result = world.run(playbook("  - {id: one, action: check_health}")).result
    assert json.loads(text([result]))["run_id"] == "run-1"
    both = json.loads(text([result, result]))
    assert (both["version"], len(both["runs"])) == (1, 2)
    check(both)


def test_decimals_and_times(world: World) -> None:
    """Decimals are texts with all their digits, times ISO 8601."""
    ran = world.run(playbook(CHECKLIST, head="defaults: {on_failure: continue}"))
    captured = report(ran.result)["steps"][4]["captures"]["all"]
    assert captured == {"a": "0.570", "b": [1, None, True], "c": "2026-11-22T12:00:00+00:00"}


def test_order(world: World) -> None:
    """An order's row: what was asked for, and what the venue last said of it."""
    ran = world.run(playbook(ORDER))
    row = report(ran.result)["orders"][0]
    venue = world.wire.orders()[0]
    assert row == {
        "clord_id": venue["clordId"],
        "clord_ids": [venue["clordId"]],
        "order_id": venue["id"],
        "symbol": venue["symbol"],
        "side": "SIDE_BUY",
        "price": "0.5",
        "quantity": "10",
        "filled_quantity": "0",
        "average_price": None,
        "participant": world.participant,
        "account": world.account,
        "state": "ORDER_STATE_CANCELED",
        "step": "order",
    }


def test_unfinished_run(world: World) -> None:
    """A run that did not come to its end is told as far as it came, and says so."""
    events = world.run(playbook("  - {id: one, action: check_health}")).events
    told = [report(replace(fold(events[:end]), under_way=under_way)) for end, under_way in ((-1, True), (-2, False))]
    for each in told:
        check(each)
    assert [each["status"] for each in told] == ["running", "killed"]
    assert [(each["exit_code"], each["duration_ms"], each["outputs"]) for each in told] == [(None, None, {})] * 2
    assert [each["steps"][0]["duration_ms"] is None for each in told] == [False, True]


def test_no_exponents(world: World) -> None:
    """A very small or large decimal is written out."""
    text = "  - {id: one, action: set, with: {a: 0.0000000001, b: 1e20}, capture: {got: result}}"
    assert report(world.run(playbook(text)).result)["steps"][0]["captures"]["got"] == {
        "a": "0.0000000001",
        "b": str(Decimal(10) ** 20),
    }
