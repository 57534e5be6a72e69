"""The rate limits of the settings, and where their buckets are kept."""

from __future__ import annotations

from pathlib import Path

from runner.errors import WrongInput
from runner.journal.pacing import SharedBuckets
from runner.settings import Settings, state_folder
from runner.venue.operations import rate
from runner.venue.participant import firm_of


def buckets_for(settings: Settings) -> SharedBuckets:
    """The buckets for these settings; an exchange that is embedded in this process shares them with nobody."""
    firm = firm_of(settings.participant.value if settings.participant else "")
    base_url = settings.base_url.value if settings.base_url else ""
    rates = {name: rate(setting.value) for name, setting in settings.rates.items()}
    return SharedBuckets(None if settings.embedded else _folder(settings), base_url, firm, rates)


def _folder(settings: Settings) -> Path | None:
    """In the state directory; None where that can't be used: then each process keeps the limits alone."""
    try:
        return state_folder(settings) / "pacing"
    except WrongInput:
        return None
