"""What the contract marks as personal shows nowhere: not in a call, not in a message, not as an echo elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.errors import GuardRefused, PmxError, Refused
from runner.redact import Redactor
from runner.venue.asks import Ask, FreeAsk
from runner.venue.call import Call
from runner.venue.desk import Desk
from runner.venue.operations import OPERATIONS
from runner.venue.personal import is_personal

from .server import Exchange, Received, answer

START = {
    "external_id": "user-4711",
    "ssn": "123456789",
    "first_name": "Lee",
    "last_name": "Zoë-Katherine",
    "date_of_birth": "1980-02-03",
    "email": "lee@example.com",
    "phone_number": "+12125550123",
    "address": {"address_line_1": "1 Main Street", "city": "Li", "state": "NY", "postal_code": "10001"},
    "agreement": {"version": "v1", "signed_at": "2026-11-22T12:00:00Z"},
    "ip_address": "203.0.113.7",
}
PERSONAL = [
    *("123456789", "Lee", "Zoë-Katherine", "1980-02-03", "lee@example.com", "+12125550123"),
    *("1 Main Street", "NY", "10001", "203.0.113.7"),
]
APPROVED = {
    "status": {"decision": "ACCEPT", "status": "KYC", "externalId": "user-4711"},
    "participantId": "firms/F/users/U",
}


def told(calls: list[Call]) -> str:
    """All that was said of the calls to the venue (not of those for a token), as a report writes it."""
    return json.dumps(
        [[each.url, each.request, each.response, each.error] for each in calls if "oauth" not in each.url],
        ensure_ascii=False,
        default=str,
    )


def nothing_of(words: list[str], text: str) -> None:
    assert not [word for word in words if word in text]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_which_operations_are_personal(operation: Any) -> None:
    """Those of KYC that ask for, or tell, something about a person."""
    assert is_personal(operation) == (operation.family == "kyc" and operation.name != "kyc_webhook")


def test_a_request(exchange: Exchange, desk: Desk, calls: list[Call], redactor: Redactor) -> None:
    """Masked by the paths of its schema; what isn't personal stays, and the venue gets it all."""
    exchange.routes["POST /v1/kyc/start"] = APPROVED
    desk.send(Ask(OPERATIONS["kyc_start"], body=START))
    assert exchange.asked("/v1/kyc/start")[0].json == START
    nothing_of(PERSONAL, told(calls))
    body = calls[-1].request["body"]
    assert (body["external_id"], body["agreement"]["version"]) == ("user-4711", "v1")
    assert body["address"] == dict.fromkeys(START["address"], "****")
    assert calls[-1].response == APPROVED
    assert redactor.text("an echo: 123456789, Lee's, 1+Main%20Street") == "an echo: ****, ****'s, ****"


def test_a_refusal_that_repeats_the_request(exchange: Exchange, desk: Desk, calls: list[Call]) -> None:
    """Neither the call nor the error shows what was sent, the shortest of it included."""

    def refuse(request: Received) -> bytes:
        words = ", ".join([request.json["ssn"], request.json["first_name"], *request.json["address"].values()])
        return answer({"code": 3, "message": f"not valid: {words}", "details": [request.json]}, 400)

    exchange.routes["POST /v1/kyc/start"] = refuse
    with pytest.raises(Refused) as caught:
        desk.send(Ask(OPERATIONS["kyc_start"], body=START))
    nothing_of(PERSONAL, told(calls))
    nothing_of(PERSONAL, f"{caught.value} {caught.value.reason}")
    assert str(caught.value) == "the venue refused: 400 not valid: ****, ****, ****, ****, ****, ****"


@pytest.mark.parametrize("spelt", ["firstName", "first_name"])
def test_an_answer(spelt: str, exchange: Exchange, desk: Desk, calls: list[Call]) -> None:
    """In either spelling; the step itself gets it as it is."""
    told_us = {
        "status": {"decision": "ACCEPT"},
        spelt: "Lee",
        "ssn": "1234",
        "address": {"addressLine1": "1 Main Street", "state": "NY", "postal_code": "10001"},
    }
    exchange.routes["POST /v1/kyc/prefill/otp"] = told_us
    got = desk.send(Ask(OPERATIONS["kyc_prefill_otp"], body={"otp": "998877", "external_id": "user-4711"}))
    assert got.body == told_us
    nothing_of(["Lee", "1234", "1 Main Street", "NY", "10001", "998877"], told(calls))


def test_a_free_call(exchange: Exchange, desk: Desk, calls: list[Call], redactor: Redactor) -> None:
    """The status of somebody who still has to bring documents, read with `http`."""
    docv = {"url": "https://docs.example.com/u/77aa", "qrCode": "iVBORw0KGgo", "docvTransactionToken": "tok-1234567"}
    exchange.routes["GET /v1/kyc/status"] = {"status": {"decision": "REVIEW"}, "docv": docv | {"eventId": "e1"}}
    desk.raw(FreeAsk("GET", "/v1/kyc/status", query={"external_id": "user-4711"}))
    nothing_of(list(docv.values()), told(calls))
    assert calls[-1].response["docv"]["eventId"] == "e1"  # type: ignore[index]
    assert redactor.text("see https:\\/\\/docs.example.com\\/u\\/77aa") == "see ****"


@pytest.mark.parametrize(
    "body",
    [START | {"first_name": "Lee" * 20}, START | {"ssn": 123456789}, START | {"address": {"city": "Lisbon"}}],
    ids=["too long", "a number", "incomplete"],
)
def test_a_request_that_is_not_sent(body: dict[str, object], exchange: Exchange, desk: Desk) -> None:
    """The complaint names the field, not what stands in it."""
    with pytest.raises(GuardRefused) as caught:
        desk.send(Ask(OPERATIONS["kyc_start"], body=body))
    nothing_of(["LeeLee", "123456789", "Lisbon"], str(caught.value))
    assert not exchange.asked("/v1/kyc/start")


def test_an_answer_against_its_contract(exchange: Exchange, desk: Desk) -> None:
    """What is wrong about it is told without its content."""
    exchange.routes["POST /v1/kyc/prefill/otp"] = {"status": "Lee", "firstName": "Lee"}
    with pytest.raises(PmxError) as caught:
        desk.send(Ask(OPERATIONS["kyc_prefill_otp"], body={"otp": "998877", "external_id": "user-4711"}))
    nothing_of(["Lee"], str(caught.value))


def test_other_calls_stay_as_they_are(exchange: Exchange, desk: Desk, calls: list[Call]) -> None:
    """Nothing is masked that nobody told to be personal, whatever it is called."""
    exchange.routes["GET /v1/whoami"] = {"user": "firms/F/users/Lee", "firm": "Leeds"}
    desk.raw(FreeAsk("GET", "/v1/whoami"))
    assert calls[-1].response == {"user": "firms/F/users/Lee", "firm": "Leeds"}
