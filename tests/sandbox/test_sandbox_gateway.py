"""The gateway: tokens, scopes, participants, routes, JSON in and out, errors."""

from __future__ import annotations

import json

import jwt
import pytest

from runner.sandbox.gateway.message import Request
from runner.sandbox.gateway.routing import Route
from runner.sandbox.routes import ROUTES
from runner.sandbox.rules import Rules
from sandbox.bench import ALICE, ALICES, BASE, BOB, BOBS, CAROL, CAROLS, Bench, Keys, order_body

GUARDED = [route for route in ROUTES if route.scope]
PERSONAL = [route for route in ROUTES if route.needs_participant]


def error(code: int, message: str) -> dict[str, object]:
    return {"code": code, "message": message, "details": []}


def test_health_needs_no_token(bench: Bench) -> None:
    """Anybody may ask for the exchange's health."""
    answer = bench.respond(Request("GET", "/v1/health", "", {}, b""))
    assert (answer.status, answer.body) == (200, b'{"status":"ok"}')


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.path)
def test_every_other_route_needs_a_token(bench: Bench, route: Route) -> None:
    """Without a token: 401, code 16."""
    answer = bench.respond(Request(route.method, route.path, "", {}, b"{}"))
    assert (answer.status, json.loads(answer.body)) == (401, error(16, "missing bearer token"))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": 0}, "token has expired"),
        ({"exp": None}, "token has expired"),
        ({"aud": "https://elsewhere.example"}, "the token was not issued for this API"),
        ({"iss": "https://elsewhere.example/"}, "the token was not issued for this API"),
        ({"sub": "another"}, "invalid token"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_bad_tokens(bench: Bench, changes: dict[str, object], why: str) -> None:
    """A token that is signed well but says the wrong thing: 401."""
    token = bench.access_token(**{name: value for name, value in changes.items() if name != "exp"})
    if "exp" in changes:
        claims = jwt.decode(token, options={"verify_signature": False}) | changes
        token = jwt.encode({k: v for k, v in claims.items() if v is not None}, bench.keys.signing, "RS256")
    assert bench.send("GET", "/v1/whoami", token=token) == (401, error(16, why))


def test_forged_tokens(bench: Bench) -> None:
    """Another key, another algorithm, or no token at all: 401."""
    claims = jwt.decode(bench.access_token(), options={"verify_signature": False})
    forged = jwt.encode(claims, bench.keys.stranger, algorithm="RS256")
    symmetric = jwt.encode(claims, "a secret of thirty-two bytes or so", algorithm="HS256")
    for token in (forged, symmetric):
        assert bench.send("GET", "/v1/whoami", token=token) == (401, error(16, "invalid token signature"))
    assert bench.send("GET", "/v1/whoami", token="a.b") == (401, error(16, "malformed token"))


def test_a_token_dies_on_time(bench: Bench) -> None:
    """A granted token works to its last second and not in the next."""
    token = bench.ask_token(bench.token_form())[1]["access_token"]
    bench.clock.move(seconds=179)
    assert bench.send("GET", "/v1/whoami", token=token)[0] == 200
    bench.clock.move(seconds=1)
    assert bench.send("GET", "/v1/whoami", token=token) == (401, error(16, "token has expired"))


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: route.path)
def test_every_scope_is_demanded(bench: Bench, route: Route) -> None:
    """Without its scope a call is 403, code 7, in the documented words."""
    token = bench.access_token(scope="read:nothing write:nothing")
    status, answer = bench.send(route.method, route.path, b"{}", token=token)
    assert status == 403
    assert answer == error(7, f"permission denied: missing required scope {route.scope}")


def test_participant_is_demanded_where_documented(bench: Bench) -> None:
    """Trading, balances, reports and users are 403 without the header."""
    families = {"/".join(route.path.split("/")[:3]) for route in PERSONAL}
    assert families == {
        f"/v1/{family}" for family in ("funding", "incentives", "positions", "report", "trading", "users")
    }
    unpersonal = {"/v1/report/trades/stats", "/v1/incentives"}
    assert not unpersonal & {route.path for route in PERSONAL}
    for route in PERSONAL:
        answer = bench.send(route.method, route.path, b"{}", participant=None)
        assert answer == (403, error(7, "permission denied: missing x-participant-id header"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("firms/ISV-Participant-Acme/users/nobody", "unknown participant"),
        ("firms/ISV-Participant-Other/users/alice", "cross-firm access"),
        ("firms/ISV-Acme/users/alice", "cross-firm access"),
        ("alice", "cross-firm access"),
    ],
    ids=["unknown", "other-firm", "clearing-firm", "bare"],
)
def test_foreign_participants_are_refused(bench: Bench, name: str, why: str) -> None:
    """The header must name a user of the caller's own firm, also where it is optional."""
    assert bench.get("/v1/users", participant=name) == (403, error(7, f"permission denied: {why}"))
    assert bench.get("/v1/whoami", participant=name)[0] == 403


@pytest.mark.parametrize(("rule", "status", "code"), [("forbidden", 403, 7), ("not_found", 404, 5)])
def test_unknown_routes(keys: Keys, rule: str, status: int, code: int) -> None:
    """A path that does not exist is 403, or 404 by the rule."""
    bench = Bench(keys, rules=Rules(unknown_route=rule))  # type: ignore[arg-type]
    given, answer = bench.get("/v1/accounts/accounts")
    assert (given, answer["code"]) == (status, code)


def test_wrong_method(bench: Bench) -> None:
    """A known path with another method is 405."""
    assert bench.get("/v1/trading/orders") == (405, error(12, "method not allowed"))


@pytest.mark.parametrize(
    "body",
    [b"{", b'{"a":NaN}', b'"\xff"', b"[" * 100_000, b'{"a":' + b"9" * 5000 + b"}", b'{"a":1e9999999999999999999}'],
    ids=["cut", "nan", "utf-8", "deep", "digits", "exponent"],
)
def test_malformed_json(bench: Bench, body: bytes) -> None:
    """What is no JSON is 400, code 3."""
    assert bench.send("POST", "/v1/refdata/symbols", body) == (400, error(3, "malformed JSON body"))


def test_json_must_be_an_object(bench: Bench) -> None:
    """A list or a bare value is 400; an empty body counts as an empty object."""
    assert bench.send("POST", "/v1/refdata/symbols", b"[]")[0] == 400
    assert bench.send("POST", "/v1/refdata/symbols", b"")[0] == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("symbol", 7),
        ("symbol", "\ud800"),
        ("side", []),
        ("side", True),
        ("orderQty", "ten"),
        ("orderQty", 10.5),
        ("orderQty", True),
        ("orderQty", 2**63),
        ("orderQty", "99999999999999999999"),
        ("orderQty", "10\n"),
        ("price", {}),
        ("allOrNone", "yes"),
        ("goodTillTime", "tomorrow"),
        ("goodTillTime", "2027-01-01"),
        ("goodTillTime", "2027-01-01T00:00:00"),
        ("goodTillTime", "0001-01-01T00:00:00+23:59"),
    ],
    ids=str,
)
def test_wrong_types(bench: Bench, field: str, value: object) -> None:
    """A field of the wrong type is 400, code 3, and the message names it."""
    status, answer = bench.post("/v1/trading/orders", order_body(**{field: value}))
    assert (status, answer["code"]) == (400, 3)
    assert field in answer["message"]


def test_huge_exponents_cost_nothing(bench: Bench) -> None:
    """A number of absurd size is refused without being computed."""
    for number in (b"1e300000", b"1e-999999", b"-1e999999"):
        status, _ = bench.send("POST", "/v1/trading/orders", b'{"orderQty":' + number + b"}")
        assert status == 400


def test_own_failure_is_500_and_told_to_stderr_only(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A defect of the exchange gives code 13; its traceback never leaves the machine."""
    monkeypatch.setattr("runner.sandbox.exchange.exchange.Exchange.listing", lambda *_: 1 / 0)
    assert bench.post("/v1/refdata/symbols", {}) == (500, error(13, "internal error"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "ZeroDivisionError" in captured.err


def test_whoami_of_a_participant_and_of_the_client(bench: Bench) -> None:
    """With the header it is the user under the participant firm, without it the client under the clearing firm."""
    assert bench.get("/v1/whoami") == (
        200,
        {
            "user": ALICE,
            "userDisplayName": "Alice Example",
            "firm": "firms/ISV-Participant-Acme",
            "firmDisplayName": "Acme",
            "audience": BASE,
            "firmType": "FIRM_TYPE_PARTICIPANT",
        },
    )
    status, answer = bench.get("/v1/whoami", participant=None)
    assert status == 200
    assert (answer["firm"], answer["firmType"]) == ("firms/ISV-Acme", "FIRM_TYPE_CLEARING_MEMBER")


def test_users_and_accounts_are_parallel_lists(bench: Bench) -> None:
    """Users of the firm; accounts of the acting user, of the one asked for, or of all."""
    status, users = bench.get("/v1/users")
    assert status == 200
    assert users["users"] == [ALICE, BOB, CAROL]
    assert {len(column) for column in users.values()} == {3}
    assert bench.get("/v1/accounts") == (200, {"accounts": [ALICES], "displayNames": ["Alice Example"]})
    assert bench.get(f"/v1/accounts?user={BOB}")[1]["accounts"] == [BOBS]
    assert bench.get("/v1/accounts", participant=None)[1]["accounts"] == [ALICES, BOBS, CAROLS]
    assert bench.get("/v1/accounts?user=firms/Other/users/x")[0] == 403
