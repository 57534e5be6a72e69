"""The production gate: what a run must have said before anything goes to a host that may hold real money."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from engine.world import ORDER, plan_of, playbook

from runner.cli.gate import pass_gate
from runner.errors import ExitCode, GuardRefused
from runner.settings import ConfigFile, Options, Setting, Settings, gather
from runner.source import Source, Span

LOOPBACK = "http://127.0.0.1:8080"
PREPROD = "https://api.preprod.polymarketexchange.com"
PROD = "https://api.prod.polymarketexchange.com"
OTHER = "https://exchange.example.com"

# name of the environment, URL, mark in pmx.yaml, whether the gate is there
PLACES = [
    ("sandbox", LOOPBACK, None, False),
    ("uat", LOOPBACK, None, False),
    ("uat", LOOPBACK, True, True),
    ("preprod", PREPROD, None, False),
    ("uat", PREPROD, True, True),
    ("uat", OTHER, None, True),
    ("preprod", OTHER, None, True),
    ("uat", OTHER, False, False),
    ("prod", PROD, None, True),
    ("harmless", PROD, None, True),
    ("prod", PROD, False, False),
]
# whether the environment was named, limits, --yes, and the demand that is not met (none: let through)
STATED = "limits: {orders: 1, exposure: 5}"
HALF = "limits: {orders: 1}"
ASKED = [
    (False, STATED, True, "its environment was not named"),
    (True, "", True, "does not state `limits.orders`"),
    (True, HALF, True, "does not state `limits.exposure`"),
    (True, STATED, False, "nobody agreed"),
    (True, STATED, True, None),
]


def settings_of(name: str, url: str, mark: bool | None, *, named: bool) -> Settings:
    span = Span("pmx.yaml", 3, 5)
    said = {"base_url": url} | ({} if mark is None else {"production": mark})
    written = {key: Setting(value, str(span), span) for key, value in said.items()}
    file = ConfigFile(Source("pmx.yaml", ""), Path(), {}, {name: written})
    settings, _ = gather(file, {}, Options(environment=name))
    return replace(settings, named=named)


@pytest.mark.parametrize(("place", "asked"), list(product(PLACES, ASKED)), ids=lambda each: " ".join(map(str, each)))
def test_what_is_demanded(
    place: tuple[str, str, bool | None, bool],
    asked: tuple[bool, str, bool, str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the gate is there it demands each of the three; elsewhere it demands nothing. The host decides."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    (name, url, mark, gated), (named, limits, yes, missing) = place, asked
    settings, plan = settings_of(name, url, mark, named=named), plan_of(playbook(ORDER, head=limits))
    if not gated or missing is None:
        pass_gate(settings, plan, yes=yes)
        return
    with pytest.raises(GuardRefused, match=missing) as refused:
        pass_gate(settings, plan, yes=yes)
    assert refused.value.exit_code == ExitCode.REFUSED


def test_a_playbook_that_sends_no_order_needs_no_limits() -> None:
    """Looking around is not bounded by orders and dollars."""
    plan = plan_of(playbook("  - {id: me, action: whoami}"))
    pass_gate(settings_of("prod", PROD, None, named=True), plan, yes=True)


@pytest.mark.parametrize(("answer", "agreed"), [("yes\n", True), ("y\n", False), ("\n", False), ("", False)])
def test_a_person_may_answer(answer: str, agreed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal the whole word `yes` is asked for."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    settings, plan = settings_of("prod", PROD, None, named=True), plan_of(playbook(ORDER, head=STATED))
    if agreed:
        pass_gate(settings, plan, yes=False)
        return
    with pytest.raises(GuardRefused, match="nobody agreed"):
        pass_gate(settings, plan, yes=False)


def test_orders_of_an_included_playbook(monkeypatch: pytest.MonkeyPatch) -> None:
    """A playbook sends orders if one that it includes does, however deep; its own limits are what is demanded."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    files = {
        "order.yaml": playbook(ORDER, head=STATED),
        "middle.yaml": playbook("  - {id: order, action: run_playbook, with: {path: order.yaml}}"),
    }
    text = "  - {id: below, action: run_playbook, with: {path: middle.yaml}}"
    settings = settings_of("prod", PROD, None, named=True)
    with pytest.raises(GuardRefused, match="does not state"):
        pass_gate(settings, plan_of(playbook(text), files=files), yes=True)
    pass_gate(settings, plan_of(playbook(text, head=STATED), files=files), yes=True)
