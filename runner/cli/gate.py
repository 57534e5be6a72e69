"""The production gate: what must be so before anything is sent to a host that may hold real money."""

from __future__ import annotations

import sys

from runner.address import host_of
from runner.errors import GuardRefused
from runner.plan import Plan, open_values
from runner.settings import Settings, production

_STATED = ("orders", "exposure")


def pass_gate(settings: Settings, plan: Plan, *, yes: bool) -> None:
    """Let a run through to its venue. Raises ``GuardRefused`` where the gate stays shut.

    Decided by the host, whatever the environment is called: it must be named, a playbook that can send orders must
    state its limits, what is told about people must be secret, and a person (or ``--yes``) must agree.
    """
    if not production(settings):
        return
    host = host_of(settings.base_url.value) if settings.base_url else ""
    if not settings.named:
        raise GuardRefused(
            f"{host} is production, and its environment was not named",
            help="name it with --env or PMX_ENV, so that nobody runs there by accident",
        )
    missing = [name for name in _STATED if plan.bounds.number(name) is None]
    if missing and any(step.action.terms is not None for step in plan.all_steps):
        raise GuardRefused(
            f"`{plan.playbook.name}` can send orders to {host} and does not state `limits.{missing[0]}`",
            help="in production a playbook that sends orders states both `limits.orders` and `limits.exposure`",
        )
    _check_people(plan, host)
    if not yes and not _agrees(plan, host):
        raise GuardRefused(
            f"{host} is production, and nobody agreed to run `{plan.playbook.name}` there",
            help="answer `yes` at a terminal, or give --yes where nobody can be asked (cron)",
        )


def _check_people(plan: Plan, host: str) -> None:
    """Where people are real nobody is invented, whatever number he has."""
    found = next(open_values(plan), None)
    if found is not None:
        raise GuardRefused(
            f"step `{found.step.written.id}` would tell {host} about a person, and `{found.argument}` is no secret "
            f"({found.value.span})",
            help="in production whatever tells who somebody is comes from inputs with `secret: true`",
        )


def _agrees(plan: Plan, host: str) -> bool:
    if not sys.stdin or not sys.stdin.isatty():
        return False
    print(f"{host} is PRODUCTION. Run `{plan.playbook.name}` there? Type yes: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == "yes"
