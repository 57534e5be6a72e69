"""From a person to a user over the gateway: the trigger identities, provisioning by the clock, webhooks, prefill."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.sandbox.exchange.maker import maker_account
from sandbox.bench import ALICE, ALICES, Bench, order_body

START, STATUS = "/v1/kyc/start", "/v1/kyc/status?external_id="


def person(**changes: Any) -> dict[str, Any]:
    good = {
        "external_id": "user-1",
        "ssn": "123456789",
        "first_name": "Erika",
        "last_name": "Example",
        "date_of_birth": "1990-01-02",
        "email": "erika@example.com",
        "phone_number": "+14155550100",
        "address": {"address_line_1": "1 Street", "city": "New York", "state": "NY", "postal_code": "10001"},
        "agreement": {"version": "PMX.ISV.SANDBOX.v1.0", "signed_at": "2026-11-22T11:00:00Z"},
        "ip_address": "203.0.113.7",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def start(bench: Bench, **changes: Any) -> Any:
    status, answer = bench.post(START, person(**changes), participant=None)
    assert status == 200, answer
    return answer


def state(bench: Bench, external_id: str = "user-1") -> Any:
    status, answer = bench.get(f"{STATUS}{external_id}", participant=None)
    assert status == 200, answer
    return answer


def test_approval_provisions_after_a_moment(bench: Bench) -> None:
    """ACCEPT at once, participant and account a second later, with nothing on the account."""
    answer = start(bench)
    assert answer == {
        "status": {"decision": "ACCEPT", "status": "ON_HOLD", "subStatus": "Accept", "externalId": "user-1"},
        "participantId": "",
    }
    assert (state(bench)["participantId"], state(bench)["provisionedAccount"]) == ("", "")
    bench.clock.move(seconds=1)
    done = state(bench)
    assert (done["status"]["status"], done["participantId"]) == ("CLOSED", "firms/ISV-Participant-Acme/users/user-1")
    account = done["provisionedAccount"]
    assert account.startswith("firms/ISV-Acme/accounts/")
    balance = {"name": account, "currency": "USD"}
    assert bench.post("/v1/positions/balance", balance, participant=done["participantId"])[1]["balance"] == "0"
    assert done["participantId"] in bench.get("/v1/users")[1]["users"]
    assert bench.get("/v1/accounts", participant=done["participantId"])[1]["accounts"] == [account]


def test_a_new_user_is_known_without_a_question(bench: Bench) -> None:
    """Once his time has come the header takes him, though nobody asked for his status."""
    start(bench)
    user = "firms/ISV-Participant-Acme/users/user-1"
    assert bench.get("/v1/users", participant=user)[0] == 403
    bench.clock.move(seconds=1)
    assert bench.get("/v1/users", participant=user)[0] == 200


def test_a_new_user_trades_once_he_is_funded(bench: Bench) -> None:
    """The header takes him, his account pays, nobody else sees his order."""
    start(bench)
    bench.clock.move(seconds=1)
    user = state(bench)["participantId"]
    poor = bench.place(user)
    assert bench.read(poor, user)[1]["text"] == "0 USD available, requested 5"
    bench.house.exchange.fund(state(bench)["provisionedAccount"], 10)
    rich = bench.place(user)
    assert bench.read(rich, user)[0]["state"] == "ORDER_STATE_NEW"
    assert bench.get("/v1/trading/orders/open", participant=ALICE)[1]["orders"] == []


FUND = "/sandbox/accounts/fund"


def test_test_money_by_a_switch_of_the_sandbox(bench: Bench) -> None:
    """Whole dollars, for an account of the firm's users; it counts as a deposit."""
    for dollars in (100, "20"):
        assert bench.post(FUND, {"account": ALICES, "dollars": dollars}, participant=None)[0] == 200
    funds = bench.post("/v1/positions/balance", {"name": ALICES, "currency": "USD"})[1]
    assert funds["balance"] == "1000120"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"account": "firms/ISV-Acme/accounts/NOBODYS", "dollars": 5}, (403, 7)),
        ({"account": maker_account().name, "dollars": 5}, (403, 7)),
        ({"dollars": 5}, (403, 7)),
        ({"account": ALICES}, (400, 3)),
        ({"account": ALICES, "dollars": -5}, (400, 3)),
        ({"account": ALICES, "dollars": 0.5}, (400, 3)),
        ({"account": ALICES, "dollars": "much"}, (400, 3)),
        ({"account": ALICES, "dollars": 2**31}, (400, 3)),
    ],
    ids=str,
)
def test_wrong_deposits(bench: Bench, body: dict[str, Any], expected: tuple[int, int]) -> None:
    """Refused in the venue's error form."""
    status, answer = bench.post(FUND, body, participant=None)
    assert (status, answer["code"]) == expected


def test_the_switch_asks_for_a_token_too(bench: Bench) -> None:
    """With the scope of those who make users; no other method is served, and the description does not hold it."""
    body = json.dumps({"account": ALICES, "dollars": 5}).encode()
    assert bench.send("POST", FUND, body, None, bench.access_token(scope="read:kyc"))[0] == 403
    assert bench.send("POST", FUND, body, None, "forged")[0] == 401
    assert bench.get(FUND)[0] == 405
    assert FUND not in json.loads(bench.answer("GET", "/openapi.json").body)["paths"]


@pytest.mark.parametrize(
    ("changes", "first", "later"),
    [
        ({}, ("ACCEPT", "ON_HOLD", "Accept"), ("ACCEPT", "CLOSED", "Accept")),
        ({"email": "reject@example.com"}, ("REJECT", "CLOSED", "Reject"), ("REJECT", "CLOSED", "Reject")),
        (
            {"first_name": "Paulina", "last_name": "Gizela"},
            ("REVIEW", "OPEN", "In Review"),
            ("ACCEPT", "CLOSED", "Accept"),
        ),
        (
            {"docv_eligible": True, "date_of_birth": "1985-10-02"},
            ("ACCEPT", "ON_HOLD", "Accept"),
            ("ACCEPT", "CLOSED", "Accept"),
        ),
        (
            {"docv_eligible": True, "date_of_birth": "1985-09-04"},
            ("REJECT", "CLOSED", "Reject"),
            ("REJECT", "CLOSED", "Reject"),
        ),
        (
            {"docv_eligible": True, "date_of_birth": "1985-09-02"},
            ("REVIEW", "ON_HOLD", "Document Request Initiated"),
            ("ACCEPT", "CLOSED", "Accept"),
        ),
        (
            {"docv_eligible": True, "date_of_birth": "1985-09-05"},
            ("REVIEW", "ON_HOLD", "Document Request Initiated"),
            ("REJECT", "CLOSED", "Reject"),
        ),
        (
            {"docv_eligible": True, "date_of_birth": "1985-09-25"},
            ("REVIEW", "ON_HOLD", "Document Request Initiated"),
            ("ACCEPT", "CLOSED", "Accept"),
        ),
    ],
    ids=["approve", "reject", "review", "docv-approve", "docv-reject", "papers", "papers-reject", "papers-review"],
)
def test_trigger_identities(bench: Bench, changes: dict[str, Any], first: Any, later: Any) -> None:
    """Each documented identity takes its documented way; two days later all is decided."""
    told = start(bench, **changes)["status"]
    assert (told["decision"], told["status"], told["subStatus"]) == first
    bench.clock.move(days=2)
    told = state(bench)["status"]
    assert (told["decision"], told["status"], told["subStatus"]) == later
    assert bool(state(bench)["participantId"]) == (later[0] == "ACCEPT")


def test_documents_are_asked_for_while_an_upload_is_outstanding(bench: Bench) -> None:
    """``docv`` is there, then it is gone; a review follows for the one who was born for it."""
    answer = start(bench, docv_eligible=True, date_of_birth="1985-09-25")
    assert set(answer["docv"]) == {"url", "qrCode", "docvTransactionToken", "eventId", "sdkKey"}
    assert answer["docv"]["sdkKey"] == ""
    bench.clock.move(seconds=10)
    assert "docv" not in state(bench)
    assert state(bench)["status"]["subStatus"] == "In Review"


def test_an_approved_person_is_not_started_again(bench: Bench) -> None:
    """409, ALREADY_EXISTS; so is an id that is a user's already. One under way or rejected may be started again."""
    start(bench)
    for external_id in ("user-1", "alice"):
        status, answer = bench.post(START, person(external_id=external_id), participant=None)
        assert (status, answer["code"]) == (409, 6)
    under_way = {"external_id": "user-2", "first_name": "Paulina", "last_name": "Gizela"}
    assert start(bench, **under_way) == start(bench, **under_way)
    start(bench, external_id="user-3", email="reject@example.com")
    assert start(bench, external_id="user-3")["status"]["decision"] == "ACCEPT"


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in person()),
        {"external_id": "x" * 50},
        {"external_id": "a b"},
        {"external_id": "a/b"},
        {"ssn": "123-45-6789"},
        {"first_name": "x" * 51},
        {"date_of_birth": "1990-13-01"},
        {"date_of_birth": "01/02/1990"},
        {"email": "nobody"},
        {"phone_number": "call me"},
        {"ip_address": "here"},
        {"address": {"city": "New York"}},
        {"address": person()["address"] | {"state": "New York"}},
        {"address": person()["address"] | {"postal_code": "1"}},
        {"agreement": {"version": "v"}},
        {"agreement": {"signed_at": "2026-11-22T11:00:00Z"}},
    ],
    ids=str,
)
def test_what_a_person_must_have(bench: Bench, changes: dict[str, Any]) -> None:
    """400, code 3, for what is missing or malformed; and nobody is taken in."""
    status, answer = bench.post(START, person(**changes), participant=None)
    assert (status, answer["code"]) == (400, 3)
    assert bench.get(f"{STATUS}user-1", participant=None)[0] == 404


def test_status_of_nobody(bench: Bench) -> None:
    """An id is needed, and somebody must have been started under it."""
    assert bench.get(STATUS, participant=None)[0] == 400
    assert bench.get(f"{STATUS}nobody", participant=None)[0] == 404


def test_kyc_needs_its_scopes(bench: Bench) -> None:
    """Reading and writing apart."""
    reader, writer = (bench.access_token(scope=scope) for scope in ("read:kyc", "write:kyc"))
    assert bench.send("POST", START, json.dumps(person()).encode(), None, reader)[0] == 403
    assert bench.send("GET", f"{STATUS}user-1", participant=None, token=writer)[0] == 403
    assert bench.send("POST", "/v1/trading/orders", json.dumps(order_body()).encode(), ALICE, writer)[0] == 403
