"""A plan as plain data: what ``plan --json`` prints, and what is shown to people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from runner import __version__
from runner.foresight.model import ForeseenRequest, ForeseenStep, Performance
from runner.foresight.money import NameUse, Use, name_uses, stake_of, uses, uses_below
from runner.foresight.pacing import Calls, Load, all_calls, loads
from runner.foresight.requests import Surroundings
from runner.frozen import frozen
from runner.later import Later, holds_later
from runner.plan import Plan, personal_inputs
from runner.plan.model import Bounds
from runner.redact import MASK, Redactor, Secret
from runner.settings import Settings, production
from runner.venue.body import encoded
from runner.venue.call import revealed
from runner.venue.personal import Veil
from runner.venue.scales import text

_VERSION = 1


def document(
    plan: Plan,
    steps: tuple[ForeseenStep, ...],
    surroundings: Surroundings,
    settings: Settings,
    hash: str,
    redactor: Redactor,
) -> Any:
    """The plan by ``schemas/plan.schema.json``; the redactor has the last look at all of it."""
    base_url, personal = settings.base_url, personal_inputs(plan)
    bounds = _Limits(steps, surroundings, settings.environment.value)
    found = {
        "version": _VERSION,
        "tool_version": __version__,
        "hash": hash,
        "playbook": {"name": plan.playbook.name, "path": plan.playbook.source.path, "sha256": plan.sha256},
        "environment": {
            "name": settings.environment.value,
            "base_url": base_url.value if base_url else None,
            "participant": str(surroundings.participant),
            "account": str(surroundings.account),
            "production": production(settings),
        },
        "inputs": {name: MASK if name in personal else _shown(value) for name, value in plan.inputs.items()},
        "steps": [_step(each, redactor) | {"included": bounds.below(each)} for each in steps],
        "calls": _calls(all_calls(steps, surroundings)),
        "rate_limits": [_load(each) for each in loads(steps, surroundings)],
        **bounds.of_run(plan.bounds),
    }
    return redactor.value(found)


def _step(step: ForeseenStep, redactor: Redactor) -> Any:
    planned, polling, stake = step.step, step.polling, stake_of(step)
    loop = planned.written.loop
    return {
        "id": planned.written.id,
        "path": planned.path,
        "title": step.title,
        "action": planned.action.name,
        "performed": _word(step.goes),
        "finally": planned.in_finally,
        "loop": None if loop is None else {"items": step.items, "concurrency": loop.concurrency},
        "poll": polling and {"every": polling.every, "within": polling.within, "most": polling.most},
        "money": stake and {"orders": stake.orders, "exposure": _amount(stake.exposure)},
        **_performed(step.performances, redactor),
        "cleanup": [
            {"title": each.title, "action": each.action, **_performed(each.performances, redactor)}
            for each in step.cleanups
        ],
    }


def _performed(performances: tuple[Performance, ...], redactor: Redactor) -> dict[str, Any]:
    problems = [each.problem for each in performances if each.problem]
    requests = [
        {"item": each.item, **_request(request, redactor)} for each in performances for request in each.requests
    ]
    return {"requests": requests, "problem": problems[0] if problems else None}


def _request(foreseen: ForeseenRequest, redactor: Redactor) -> dict[str, Any]:
    request, told = foreseen.request, foreseen.foreseen
    host, path = _address(request.url)
    veil = Veil(foreseen.operation, redactor, _mapping(revealed(request.body)))
    body = None if request.body is None else _encoded(veil.request(request.body))
    return {
        "method": request.method,
        "host": host,
        "path": path,
        "headers": {name: str(value) for name, value in request.wire_headers(_length(request.body, body)).items()},
        "body": body,
        "known": foreseen.known,
        "most": foreseen.again if told.trouble else foreseen.most,
        "tried_again": 0 if told.trouble else foreseen.again,
        "when": told.when,
        "only_after_failure": told.trouble,
    }


def _address(url: str) -> tuple[str | None, str]:
    """The host, None for the venue's own, and what stands behind it; a mark is all of it."""
    if url.startswith(("/", "<")):
        return None, url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", url.removeprefix(f"{parts.scheme}://{parts.netloc}")


def _encoded(body: object) -> str:
    """A body as the wire will hold it, with marks for what is to come and masks for what is secret."""
    return encoded(_marked(body))


def _marked(value: object) -> object:
    match value:
        case Later():
            return str(value)
        case Secret():
            return MASK
        case Mapping():
            return {str(name): _marked(item) for name, item in value.items()}
        case list() | tuple():
            return [_marked(item) for item in value]
    return value


def _length(body: object, shown: str | None) -> str:
    """The length of a body in bytes: a mark where it is not known yet; one that would tell of a secret is hidden."""
    if body is None or holds_later(body):
        return str(Later("length of the body"))
    sent = encoded(body)
    return str(len(sent.encode())) if sent == shown else MASK


def _calls(calls: Calls) -> dict[str, int | None]:
    return {"most": calls.most, "more_if_answers_fail": calls.more}


def _load(load: Load) -> dict[str, Any]:
    return {
        "operations": list(load.operations),
        "allowance": str(load.bucket),
        **_calls(load.calls),
        "least_seconds": load.least_seconds,
        "unbounded_in": list(load.open_steps),
    }


@frozen
class _Limits:
    """What a run uses of limits: its own, and those of the playbooks that it includes."""

    steps: tuple[ForeseenStep, ...]
    surroundings: Surroundings
    environment: str

    def of_run(self, bounds: Bounds) -> dict[str, Any]:
        """Those of the whole run."""
        return _told(uses(self.steps, bounds, self.surroundings), name_uses(self.steps, bounds, self.environment))

    def below(self, step: ForeseenStep) -> dict[str, Any] | None:
        """Those of the playbook that a step includes alone; None if it includes none."""
        included = step.step.included
        if included is None:
            return None
        found = uses_below(step, included.bounds, self.steps, self.surroundings)
        performed = [] if step.goes is False else [each for steps in step.below for each in steps]
        return {"path": included.playbook.source.path} | _told(
            found, name_uses(performed, included.bounds, self.environment)
        )


def _told(numbers: Iterable[Use], names: Iterable[NameUse]) -> dict[str, Any]:
    return {"limits": list(map(_number, numbers)), "names": list(map(_name, names))}


def _number(use: Use) -> dict[str, Any]:
    return {
        "name": use.bound.name,
        "stands_at": use.bound.origin,
        "limit": text(use.bound.value),
        "used": _amount(use.used),
        "left": _amount(use.left),
    }


def _name(use: NameUse) -> dict[str, Any]:
    return {
        "name": use.bound.name,
        "stands_at": use.bound.origin,
        "allowed": list(use.bound.patterns),
        "used": list(use.used),
        "refused": list(use.refused),
        "later": use.later,
    }


def _amount(number: Decimal | None) -> str:
    return "later" if number is None else text(number)


def _shown(value: object) -> object:
    """An input as JSON; decimals are texts."""
    match value:
        case Secret():
            return MASK
        case Decimal():
            return text(value)
        case Mapping():
            return {str(name): _shown(item) for name, item in value.items()}
        case list() | tuple():
            return [_shown(item) for item in value]
        case str() | int() | None:
            return value
    return str(value)


def _word(goes: bool | None) -> str:
    return "later" if goes is None else "yes" if goes else "no"


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
