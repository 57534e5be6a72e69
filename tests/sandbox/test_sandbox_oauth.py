"""The token endpoint: what it accepts, what it refuses and how."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import jwt
import pytest

from runner.sandbox import world
from runner.sandbox.gateway.message import Request
from sandbox.bench import BASE, TOKEN_URL, Bench


def signed(bench: Bench, algorithm: str = "RS256", **changes: object) -> str:
    return jwt.encode(bench.claims(**changes), bench.keys.client, algorithm=algorithm)


def test_grants_a_token_with_the_documented_claims(bench: Bench) -> None:
    """A good assertion gives a bearer token whose claims name client, firm, audience, scopes and end of life."""
    status, answer = bench.ask_token(bench.token_form())
    assert status == 200
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 180)
    key = bench.keys.signing.public_key()
    claims = jwt.decode(
        answer["access_token"],
        key,
        algorithms=["RS256"],
        audience=BASE,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert set(claims) == {"iss", "sub", "aud", "scope", "iat", "exp", "firm_id", "jti"}
    assert claims["firm_id"] == world.PARTICIPANT_FIRM
    assert claims["exp"] == bench.unix + 180
    assert "write:orders" in claims["scope"].split()


def test_form_body_is_accepted_too(bench: Bench) -> None:
    """The same fields as a form work as well."""
    body = urlencode({name: str(value) for name, value in bench.token_form().items()}).encode()
    kind = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert bench.respond(Request("POST", "/oauth/token", "", kind, body)).status == 200


@pytest.mark.parametrize("audience", [TOKEN_URL, f"{BASE}/", [TOKEN_URL]], ids=["token-url", "tenant", "list"])
def test_both_spellings_of_the_audience_are_accepted(bench: Bench, audience: object) -> None:
    """An assertion may be addressed to the token URL or to the tenant with a trailing slash."""
    assert bench.ask_token(bench.token_form(signed(bench, aud=audience)))[0] == 200


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        *(({name: None}, f"claim {name} is missing") for name in ("iss", "sub", "aud", "iat", "exp", "jti")),
        ({"iss": "another"}, "iss and sub must be the client id"),
        ({"sub": "another"}, "iss and sub must be the client id"),
        ({"aud": BASE}, "aud must be the token URL"),
        ({"jti": 7}, "jti must be a string"),
        ({"exp": "soon"}, "exp must be Unix seconds"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_every_claim_is_checked(bench: Bench, changes: dict[str, object], why: str) -> None:
    """A claim that is missing or wrong makes the assertion invalid."""
    status, answer = bench.ask_token(bench.token_form(_encode_raw(bench, changes)))
    assert (status, answer) == (401, {"error": "invalid_client_assertion", "error_description": why})


def _encode_raw(bench: Bench, changes: dict[str, object]) -> str:
    """Signed without the client library's own checks of claims."""
    payload = json.dumps(bench.claims(**changes)).encode()
    return jwt.PyJWS().encode(payload, bench.keys.client, algorithm="RS256")


@pytest.mark.parametrize(
    ("issued", "expires", "why"),
    [
        (0, 301, "exp must be at most 300 seconds after iat"),
        (-400, -100, "expired"),
        (-300, 0, "expired"),
        (6, 60, "iat is in the future"),
        (1, 1, "exp must be at most 300 seconds after iat"),
    ],
    ids=["too-long", "long-expired", "just-expired", "from-the-future", "no-life"],
)
def test_times_are_bounded(bench: Bench, issued: int, expires: int, why: str) -> None:
    """An assertion lives at most five minutes, has not expired and was not made in the future."""
    assertion = signed(bench, iat=bench.unix + issued, exp=bench.unix + expires)
    status, answer = bench.ask_token(bench.token_form(assertion))
    assert (status, answer["error_description"]) == (401, why)


def test_the_longest_life_is_accepted(bench: Bench) -> None:
    """Exactly 300 seconds are allowed."""
    assert bench.ask_token(bench.token_form(signed(bench, exp=bench.unix + 300)))[0] == 200


def test_an_assertion_works_once(bench: Bench) -> None:
    """A reused jti is refused; the same form with a fresh assertion is not."""
    form = bench.token_form()
    assert bench.ask_token(form)[0] == 200
    status, answer = bench.ask_token(form)
    assert (status, answer["error"]) == (401, "invalid_client_assertion")
    assert bench.ask_token(bench.token_form())[0] == 200


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_only_rs256(bench: Bench, algorithm: str) -> None:
    """Other algorithms are refused even with the right key."""
    status, answer = bench.ask_token(bench.token_form(signed(bench, algorithm)))
    assert (status, answer["error_description"]) == (401, "the algorithm must be RS256")


def test_unsigned_and_symmetric_assertions_are_refused(bench: Bench) -> None:
    """``none`` and HS256 do not get past the algorithm's name."""
    for assertion in (
        jwt.encode(bench.claims(), "", algorithm="none"),
        jwt.encode(bench.claims(), "a secret of thirty-two bytes or so", algorithm="HS256"),
    ):
        assert bench.ask_token(bench.token_form(assertion))[1]["error"] == "invalid_client_assertion"


def test_wrong_key_is_invalid_client(bench: Bench) -> None:
    """A signature by another key looks like the other environment's credentials."""
    assertion = jwt.encode(bench.claims(), bench.keys.stranger, algorithm="RS256")
    status, answer = bench.ask_token(bench.token_form(assertion))
    assert (status, answer["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "another"}, 401, "invalid_client"),
        ({"client_assertion": "not.a.token"}, 401, "invalid_client_assertion"),
        ({"client_assertion": "nonsense"}, 401, "invalid_client_assertion"),
        ({"client_assertion": ""}, 400, "invalid_request"),
        ({"client_assertion": 7}, 400, "invalid_request"),
        ({"client_assertion_type": "jwt"}, 400, "invalid_request"),
        ({"grant_type": "password"}, 403, "unauthorized_client"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"audience": "https://elsewhere.example"}, 403, "access_denied"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_every_field_is_checked(bench: Bench, changes: dict[str, object], status: int, error: str) -> None:
    """Each field of the request has its own refusal, in the form of OAuth."""
    given, answer = bench.ask_token(bench.token_form() | changes)
    assert (given, answer["error"]) == (status, error)
    assert set(answer) == {"error", "error_description"}


@pytest.mark.parametrize("body", [b"{", b'"\xff"', b"[]", b"", b"[" * 100_000], ids=range(5))
def test_bodies_that_are_none(bench: Bench, body: bytes) -> None:
    """What is neither JSON nor a form is an invalid request."""
    answer = bench.respond(Request("POST", "/oauth/token", "", {}, body))
    assert (answer.status, json.loads(answer.body)["error"]) == (400, "invalid_request")


def test_takes_post_only(bench: Bench) -> None:
    """Other methods are refused."""
    assert bench.respond(Request("GET", "/oauth/token", "", {}, b"")).status == 405
