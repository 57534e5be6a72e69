"""Each action's example runs on the exchange in both dialects, and its result is what its schema says."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from engine.conftest import Worlds
from engine.world import Agreeing, playbook

from runner.actions import BUILTIN
from runner.sandbox.gateway.dialect import PUBLISHED, SEED, Dialect

CAPTURES = {"list_instruments": ", chosen: 'result.instruments[0]'", "place_order": ", order_id: result.order.id"}
INCLUDED = playbook(
    "  - {id: order, action: set, with: {order_id: 'X1'}}",
    head="inputs: {price: {type: decimal}}",
    tail="outputs: {placed: steps.order.result.order_id}",
)
EVERYTHING = {"files": {"place-one.yaml": INCLUDED}, "person": Agreeing()}
"""What examples need besides the exchange: the playbook that one of them includes, and somebody who says yes."""


def examples() -> str:
    """One playbook of all examples, in the sequence of the table."""
    steps = ""
    for name, action in BUILTIN.items():
        written = textwrap.indent(action.example, "    ")
        steps += f"  - id: example_{name}\n{written}\n    capture: {{of_{name}: result{CAPTURES.get(name, '')}}}\n"
    return playbook(steps)


def as_json(value: Any) -> Any:
    """A result as JSON has it; decimals stay the numbers that they are."""
    match value:
        case dict():
            return {key: as_json(item) for key, item in value.items()}
        case list():
            return [as_json(item) for item in value]
        case datetime():
            return value.isoformat()
    return value


@pytest.mark.parametrize("dialect", [PUBLISHED, SEED], ids=["published", "seed"])
def test_examples(dialect: Dialect, worlds: Worlds) -> None:
    """All pass, and two validators find each result as promised."""
    ran = worlds(dialect=dialect, **EVERYTHING).run(examples())
    assert ran.statuses() == {f"example_{name}": "passed" for name in BUILTIN}
    for name, action in BUILTIN.items():
        result = as_json(ran.captured(f"example_{name}")[f"of_{name}"])
        jsonschema.Draft202012Validator(action.result).validate(result)
        jsonschema_rs.Draft202012Validator(action.result).validate(result)


def test_same_result_in_both_dialects(worlds: Worlds) -> None:
    """What an action gives back does not depend on the venue's spelling, but for `raw`, ids and times."""
    results = []
    for dialect in (PUBLISHED, SEED):
        ran = worlds(dialect=dialect, **EVERYTHING).run(examples())
        results.append({name: without(ran.captured(f"example_{name}")[f"of_{name}"]) for name in BUILTIN})
    assert results[0] == results[1]


def without(value: Any) -> Any:
    """A result without what differs from run to run."""
    if isinstance(value, dict):
        own = {"raw", "headers", "body", "id", "order_id", "created_at", "updated_at", "account", "expires_in"}
        return {key: without(item) for key, item in value.items() if key not in own}
    return [without(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("action", BUILTIN.values(), ids=BUILTIN)
def test_source(action: Any) -> None:
    """An action that asks the venue names the public page that its facts are from."""
    assert action.summary
    if action.name not in {"set", "assert", "log", "wait", "confirm", "run_playbook"}:
        assert action.source.startswith("docs.polymarket.us: ")
