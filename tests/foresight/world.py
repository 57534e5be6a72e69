"""Forecasts of playbooks written in a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runner.actions import BUILTIN
from runner.cli.memory import Memory
from runner.cli.playbooks import KnownActions
from runner.foresight.model import ForeseenRequest, ForeseenStep
from runner.foresight.requests import Surroundings
from runner.foresight.steps import Forecaster
from runner.plan import Plan, build
from runner.playbook.load import load
from runner.source import Source

SURROUNDINGS = Surroundings(
    known={"name": "here", "base_url": "http://127.0.0.1:9", "participant": "firms/F/users/u", "account": "acc"},
    auth_url="http://127.0.0.1:9/oauth/token",
    client_id="client",
    audience="http://127.0.0.1:9",
    participant="firms/F/users/u",
    account="acc",
    firm_pinned=False,
    rates={},
)


def planned(steps: str, *, head: str = "", **inputs: object) -> Plan:
    """A playbook of these steps (or of all that follows on `steps:`), planned."""
    text = f"version: 1\nname: test\n{head}\nsteps:\n{steps}"
    memory = Memory(None, text)
    return build(load(Source("test.yaml", text), KnownActions(), memory), BUILTIN, inputs, (), memory)


def foreseen(
    steps: str, *, around: Mapping[str, Any] | None = None, head: str = "", **inputs: object
) -> dict[str, Any]:
    """What is foreseen of each step, by its id."""
    surroundings = replace(SURROUNDINGS, **(around or {}))
    found = Forecaster(planned(steps, head=head, **inputs), surroundings).steps()
    return {each.step.written.id: each for each in found}


def usual(step: ForeseenStep) -> list[ForeseenRequest]:
    """The requests that need nothing to go wrong."""
    return [each for one in step.performances for each in one.requests if not each.foreseen.trouble]
