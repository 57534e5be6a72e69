"""From settings to what a forecast needs of them; what only the embedded exchange will tell is yet to come."""

from __future__ import annotations

from runner.foresight.model import ForeseenStep
from runner.foresight.requests import Surroundings
from runner.foresight.steps import Forecaster
from runner.later import Later
from runner.plan import Plan
from runner.settings import Setting, Settings
from runner.venue.asks import Word
from runner.venue.operations import rate


def foreseen_by(plan: Plan, surroundings: Surroundings) -> tuple[ForeseenStep, ...]:
    """Each step of the plan with what it will send."""
    return tuple(Forecaster(plan, surroundings).steps())


def surroundings_of(settings: Settings) -> Surroundings:
    """Where a run with these settings will act."""

    def word(setting: Setting[str] | None, what: str) -> Word:
        if setting is not None:
            return setting.value
        return Later(f"{what} of the embedded exchange") if settings.embedded else ""

    known = {"name": settings.environment, "participant": settings.participant, "account": settings.account}
    known["base_url"] = settings.base_url
    empty = {} if settings.embedded else dict.fromkeys(known, "")
    return Surroundings(
        known=empty | {name: setting.value for name, setting in known.items() if setting is not None},
        auth_url=word(settings.auth_url, "token URL"),
        client_id=word(settings.client_id, "client id"),
        audience=word(settings.audience, "audience"),
        participant=word(settings.participant, "participant"),
        account=word(settings.account, "account"),
        firm_pinned=settings.pins.firms is not None,
        rates={name: rate(setting.value) for name, setting in settings.rates.items()},
    )
