"""Faults armed by a playbook: over the exchange's own port, with a token, and only below ``/sandbox/``."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.bench import Bench

ARM, DISARM = "/sandbox/faults", "/sandbox/faults/disarm"
ONCE = {"fault": "status", "status": 503, "operation": "GET /v1/whoami", "calls": [1]}


def arm(bench: Bench, *faults: object) -> Any:
    return bench.post(ARM, {"faults": list(faults)}, participant=None)


def test_faults_by_a_switch_of_the_sandbox(bench: Bench) -> None:
    """They lie in wait as if a control call had armed them; taken back, they do nothing."""
    status, answer = arm(bench, ONCE, ONCE | {"status": 500})
    assert (status, len(answer["ids"])) == (200, 2)
    assert [each.id for each in bench.house.armoury] == answer["ids"]
    assert bench.post(DISARM, {"ids": [*answer["ids"], 99]}, participant=None) == (200, {"disarmed": 2})
    assert list(bench.house.armoury) == []


@pytest.mark.parametrize(
    "faults",
    [None, "status", [{"fault": "no such"}], [ONCE, {"fault": "status", "status": 418}]],
    ids=["none", "no list", "unknown", "one of two"],
)
def test_wrong_faults(bench: Bench, faults: object) -> None:
    """All of them, or none; the answer says what is wrong."""
    status, answer = bench.post(ARM, {"faults": faults}, participant=None)
    assert (status, answer["code"]) == (400, 3)
    assert list(bench.house.armoury) == []


@pytest.mark.parametrize("ids", [None, 1, ["1"], [True]], ids=str)
def test_wrong_ids(bench: Bench, ids: object) -> None:
    """What is no list of numbers takes nothing back."""
    assert bench.post(DISARM, {"ids": ids}, participant=None)[0] == 400
