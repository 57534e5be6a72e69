"""Pins that can be held against settings and plan alone: before anything is sent."""

from __future__ import annotations

from runner.cli.credentials import key_source
from runner.cli.memory import KeyMemory
from runner.cli.remembering import remembering_folder
from runner.plan import Plan
from runner.plan.known import Unknown, known_value
from runner.settings import Settings
from runner.venue.pins import Pins


def check_pins(settings: Settings, plan: Plan) -> None:
    """Raise ``GuardRefused`` for a client id, a key or a participant that is known by now and is not pinned.

    More is known of the embedded exchange once it was started. ``WrongInput`` for a key that can't be used.
    """
    check_own_pins(settings)
    pins = Pins(settings.pins)
    for participant in _participants(settings, plan):
        pins.check_participant(participant)


def check_own_pins(settings: Settings) -> None:
    """The same without a plan."""
    pins = Pins(settings.pins)
    if settings.client_id is not None:
        pins.check_client(settings.client_id.value)
    if settings.participant is not None:
        pins.check_participant(settings.participant.value)
    if settings.private_key is not None and settings.pins.key_fingerprints is not None:
        from runner.venue.keys import load_key

        pins.check_key(load_key(key_source(settings), KeyMemory(remembering_folder(settings))).public_key())


def _participants(settings: Settings, plan: Plan) -> set[str]:
    """Whom the steps act for, as far as inputs and settings tell."""
    if settings.pins.participants is None:
        return set()
    environment = _environment(settings)
    found: set[str] = set()
    for each in plan.plans:
        scope: dict[str, object] = {"inputs": each.inputs, "environment": environment}
        for step in each.own_steps:
            if step.written.participant is not None:
                try:
                    found.add(str(known_value(step.written.participant, scope)))
                except Unknown:
                    continue
    return found


def _environment(settings: Settings) -> dict[str, str]:
    """What is known of the surroundings."""
    known = {"name": settings.environment, "participant": settings.participant, "account": settings.account}
    known["base_url"] = settings.base_url
    return {name: setting.value for name, setting in known.items() if setting is not None}
