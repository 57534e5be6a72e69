"""Making a user: the check of a person, its decision, and the participant and account that the venue then provisions.

Whoever exists already is as good as new. The decision's words come from a provider and may grow, so it is the
participant, the account and the documents asked for that count; only words known to end the matter end it.
Source: docs.polymarket.us, partners/onboarding/kyc/verification-flow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from runner.action import Action, Arguments, Context, Observation
from runner.actions.kyc import RESULT, SOURCE, example, observation, started, starting_foreseen, words
from runner.actions.kyc_terms import ARGUMENTS, about_nobody
from runner.actions.orders.lookup import most_looks
from runner.errors import ComeBackLater, StepFailed, Unreachable
from runner.foreseen import Foreseen, Outlook
from runner.venue import asks, endpoints
from runner.venue.model import Verification
from runner.venue.normal import verification

_PAUSES = (1.0, 1.0, 2.0)
_LONGEST_PAUSE = 5.0
_WITH_ACCOUNTS = 300.0
_REJECTED = (
    "declined the person",
    "nothing is provisioned; the reason comes with the webhook `kyc.rejected`, or ask the venue's onboarding",
)
_ENDINGS = {
    "REJECT": _REJECTED,
    "REJECTED": _REJECTED,
    "RESUBMIT": (
        "wants the person's data or documents once more",
        "correct the data, then run this again with the same external_id",
    ),
    "REVIEW": (
        "has put the person into manual review",
        "it takes one to two business days: ask with `check_kyc`, every 30 minutes at most, or run this again then",
    ),
}
"""Decisions after which waiting leads nowhere: what the venue did, and what to do next."""

_DOCUMENTS = (
    "the person uploads them at `result.document_verification.url`, which is personal and shown nowhere (capture it, "
    "and hand it over with `http`); then run this again"
)
_GOES_ON = "provisioning goes on at the venue: ask with `check_kyc`, or run this again, with a longer `timeout`"


def _perform(arguments: Arguments, context: Context) -> Observation:
    external_id = arguments["external_id"]
    raw, unanswered = started(arguments, context), ""
    for pause in _pauses():
        read = verification(raw)
        if read.participant_id and read.account:
            return observation(raw)
        failure = _declined(read, external_id)
        if failure is None and context.deadline.left <= pause:
            if unanswered:
                raise _unknown(external_id, unanswered)
            failure = _too_late(read, external_id)
        if failure is not None:
            return replace(observation(raw), failure=failure)
        raw, unanswered = _later(context, external_id, pause, raw)
    raise AssertionError("pauses never end")


def _foreseen(arguments: Arguments, outlook: Outlook) -> Iterator[Foreseen]:
    yield from starting_foreseen(arguments)
    most = most_looks(outlook.seconds, _pauses())
    status = asks.kyc_status(arguments["external_id"])
    yield Foreseen(status, most and most - 1, "until there is a participant and an account, or none will be")


def _pauses() -> Iterator[float]:
    """Seconds between looks: provisioning may be quick, and nobody is to be asked more often than this."""
    yield from _PAUSES
    while True:
        yield _LONGEST_PAUSE


def _later(context: Context, external_id: str, pause: float, raw: Any) -> tuple[Any, str]:
    """The status after a pause; while there is no answer, what was known before, and why there is none."""
    context.wait(pause, f"until `{external_id}` has a participant and an account")
    try:
        return endpoints.kyc_status(context.desk, external_id).raw, ""
    except ComeBackLater as later:
        context.wait(min(later.retry_after or 0.0, max(context.deadline.left, 0.0)), "since the venue asked for it")
        return raw, later.message
    except Unreachable as unreachable:
        context.note(f"the status was not answered: {unreachable.message}")
        return raw, unreachable.message


def _declined(read: Verification, external_id: str) -> StepFailed | None:
    """What ends the matter without a user, or holds it up for longer than a step should last."""
    if read.document_verification is not None:
        return StepFailed(f"the venue waits for documents of `{external_id}`: {words(read)}", help=_DOCUMENTS)
    ending = _ENDINGS.get(read.decision.upper())
    if ending is None:
        return None
    did, next_step = ending
    return StepFailed(f"the venue {did} (`{external_id}`): {words(read)}", help=next_step)


def _unknown(external_id: str, why: str) -> Unreachable:
    return Unreachable(f"whether `{external_id}` is a user by now could not be asked: {why}", sent=True, help=_GOES_ON)


def _too_late(read: Verification, external_id: str) -> StepFailed:
    missing = " and no ".join(
        name for name, there in (("participant", read.participant_id), ("account", read.account)) if not there
    )
    return StepFailed(
        f"`{external_id}` has no {missing} yet: {words(read)}",
        help=_GOES_ON,
    )


CREATE_USER = Action(
    name="create_user",
    summary="Make a user of a person",
    effect="changes",
    arguments=ARGUMENTS,
    result=RESULT,
    perform=_perform,
    foresee=_foreseen,
    about_nobody=about_nobody,
    timeout=_WITH_ACCOUNTS,
    example=example("create_user", "user-4712", 'result.account != ""'),
    source=SOURCE,
)
