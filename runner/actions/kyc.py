"""From a person to a user: the check of who somebody is, asked for once and read as often as it takes.

There is no call that creates a user: the venue makes one, with a trading account, of a person whose check is approved,
some time after that. Source: docs.polymarket.us, partners/onboarding/kyc/overview and verification-flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.action import Action, Arguments, Context, Observation
from runner.actions.kyc_terms import ARGUMENTS, EXTERNAL_ID, about_nobody, body
from runner.actions.shapes import RAW, TEXT, maybe, record
from runner.errors import ComeBackLater, Refused, StepErrored, Unreachable
from runner.foreseen import Foreseen, Outlook
from runner.venue import asks, endpoints
from runner.venue.model import Verification
from runner.venue.normal import verification

SOURCE = "docs.polymarket.us: partners/onboarding/kyc/verification-flow"
RESULT = record(
    decision=TEXT,
    status=TEXT,
    participant_id=TEXT,
    account=TEXT,
    document_verification=maybe(record(url=TEXT, qr_code=TEXT, transaction_token=TEXT, event_id=TEXT)),
    raw=RAW,
)
_APPROVED_BEFORE = 409
_NOT_KNOWN = 404
_WAIT_AFTER_429 = 1.0
_LOOKS = 5


def started(arguments: Arguments, context: Context) -> Any:
    """Ask for the check of a person, once, and give the venue's answer; of one approved before, the status.

    An answer that is lost is settled by reading the status. Raises ``StepErrored`` where that shows nothing.
    """
    wanted, external_id = body(arguments), arguments["external_id"]
    context.looked_up(context.desk.authenticate)  # no token to be had must not leave it unknown whether this was sent
    return context.step("send", lambda: _send(context, wanted, external_id), lambda: _found(context, external_id))


def observation(raw: Any) -> Observation:
    """What the actions of this family give back."""
    read = verification(raw)
    documents = read.document_verification
    result = {
        "decision": read.decision,
        "status": read.status,
        "participant_id": read.participant_id,
        "account": read.account,
        "document_verification": documents.plain() if documents else None,
        "raw": raw,
    }
    return Observation(result, " ".join(filter(None, (words(read), read.participant_id))))


def words(read: Verification) -> str:
    """The provider's own words: ``REVIEW, ON_HOLD, Document Request Initiated``."""
    return ", ".join(filter(None, (read.decision, read.status, read.sub_status))) or "no decision yet"


def _send(context: Context, wanted: Mapping[str, Any], external_id: str) -> Any:
    try:
        return _ask(context, wanted)
    except ComeBackLater:
        raise
    except Refused as refused:
        if refused.status != _APPROVED_BEFORE:
            raise
        context.note(f"the venue knows `{external_id}` already, so its status is read: {refused.reason}")
        return endpoints.kyc_status(context.desk, external_id).raw
    except Unreachable as unreachable:
        if not unreachable.sent:
            raise
        context.note(f"the answer was lost, so the status is asked for instead: {unreachable.message}")
        return _found(context, external_id)


def _ask(context: Context, wanted: Mapping[str, Any]) -> Any:
    """A 429 was not carried out: it is sent once more after the wait that the venue asks for, if there is time."""
    try:
        return endpoints.start_kyc(context.desk, wanted).raw
    except ComeBackLater as later:
        wait = _WAIT_AFTER_429 if later.retry_after is None else later.retry_after
        if wait >= context.deadline.left:
            raise
        context.wait(wait, "since the venue asked to come back later")
    return endpoints.start_kyc(context.desk, wanted).raw


def _found(context: Context, external_id: str) -> Any:
    """The status of what may have been started, asked for until the venue shows it; it is never started again."""
    steadfast = context.reconciling()
    pause = steadfast.reconcile_window / (_LOOKS - 1)
    unknown = 0
    for look in range(_LOOKS):
        try:
            if look:
                steadfast.wait(pause, f"before asking again for `{external_id}`, whose answer was lost")
            return endpoints.kyc_status(steadfast.desk, external_id).raw
        except Refused as refused:
            if refused.status != _NOT_KNOWN:
                raise
            unknown += 1
        except Unreachable:
            continue
    raise _not_settled(external_id, unknown)


def _not_settled(external_id: str, unknown: int) -> StepErrored:
    seen = "the venue does not know it" if unknown else "the venue does not answer"
    return StepErrored(
        f"the check of `{external_id}` was asked for, its answer was lost, and {seen}",
        help="it is not sent again by itself; ask with `check_kyc` later, and run this again if the venue still "
        "knows nothing: one external id is one person to it",
    )


def starting_foreseen(arguments: Arguments) -> Iterator[Foreseen]:
    """The calls of ``started``."""
    start, status = asks.start_kyc(body(arguments)), asks.kyc_status(arguments["external_id"])
    yield Foreseen(start)
    yield Foreseen(start, when="once more after a 429, which is not carried out", trouble=True)
    yield Foreseen(status, when="if the person was approved before")
    yield Foreseen(status, _LOOKS, "until the status shows, if the answer was lost", trouble=True, counted=False)


def _start_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    yield from starting_foreseen(arguments)


def _check_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    yield Foreseen(asks.kyc_status(arguments["external_id"]))


def _start(arguments: Arguments, context: Context) -> Observation:
    return observation(started(arguments, context))


def _check(arguments: Arguments, context: Context) -> Observation:
    return observation(endpoints.kyc_status(context.desk, arguments["external_id"]).raw)


_EXAMPLE_PERSON = (
    "  ssn: '123450000'\n"
    "  first_name: Jo\n"
    "  last_name: Zweig\n"
    "  date_of_birth: '1990-01-02'\n"
    "  email: jo.zweig@example.com\n"
    "  phone_number: '+12125550123'\n"
    "  address:\n"
    "    {address_line_1: 1 Elm Row, city: Albany,\n"
    "     state: NY, postal_code: '12207'}\n"
    "  agreement:\n"
    "    {version: PMX.ISV.SANDBOX.v1.0, signed_at: '{{ run.started_at }}'}\n"
    "  ip_address: 203.0.113.7\n"
)


def example(action: str, external_id: str, expectation: str) -> str:
    """A step about somebody who was invented."""
    return f"action: {action}\nwith:\n  external_id: {external_id}\n{_EXAMPLE_PERSON}expect:\n  - {expectation}"


START_KYC = Action(
    name="start_kyc",
    summary="Ask for the check of a person",
    effect="changes",
    arguments=ARGUMENTS,
    result=RESULT,
    perform=_start,
    foresee=_start_foreseen,
    about_nobody=about_nobody,
    example=example("start_kyc", "user-4711", 'result.decision == "ACCEPT"'),
    source=SOURCE,
)

CHECK_KYC = Action(
    name="check_kyc",
    summary="Read where the check of a person stands",
    effect="reads",
    arguments={"external_id": EXTERNAL_ID},
    result=RESULT,
    perform=_check,
    foresee=_check_foreseen,
    example='action: check_kyc\nwith: {external_id: user-4711}\nexpect:\n  - result.decision == "ACCEPT"',
    source=SOURCE,
)
