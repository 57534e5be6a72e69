"""The token endpoint: a signed client assertion in, a short-lived access token out.

What is checked comes from docs.polymarket.us: trader-guide/authentication and its troubleshooting page. The status
codes and the form of the errors are those of OAuth (RFC 6749, section 5.2), which the venue's pages do not spell out.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs

from runner.sandbox import jws
from runner.sandbox.directory import Client, Directory
from runner.sandbox.exchange.clock import Clock
from runner.sandbox.gateway.message import Answer, Request, json_answer
from runner.sandbox.issuer import Issuer
from runner.sandbox.rules import Rules

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION = 300
LEEWAY = 5
_REQUIRED = ("iss", "sub", "aud", "iat", "exp", "jti")
_FIELDS = ("client_id", "client_assertion_type", "client_assertion", "audience", "grant_type")


class OAuthRefused(Exception):
    """The token endpoint says no, in the form of OAuth."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description

    def answer(self) -> Answer:
        """The refusal as OAuth writes it."""
        return json_answer(self.status, {"error": self.error, "error_description": self.description})


class TokenEndpoint:
    """``POST /oauth/token``; remembers every assertion it has accepted until it would have expired anyway."""

    def __init__(self, issuer: Issuer, directory: Directory, clock: Clock, rules: Rules) -> None:
        self._issuer = issuer
        self._audiences = issuer.accepted_audiences(rules.assertion_audience)
        self._directory = directory
        self._clock = clock
        self._used: dict[tuple[str, str], float] = {}

    def respond(self, request: Request) -> Answer:
        """Answer one request; every refusal is an answer too."""
        try:
            if request.method != "POST":
                raise OAuthRefused(405, "invalid_request", "the token endpoint takes POST")
            return json_answer(200, self._grant(_form(request)))
        except OAuthRefused as refusal:
            return refusal.answer()

    def _grant(self, form: Mapping[str, str]) -> dict[str, object]:
        _demand_fields(form)
        client = self._client(form)
        if form["audience"] != self._issuer.base_url:
            raise OAuthRefused(403, "access_denied", "there is no API of this audience")
        token = jws.sign(self._claims(client), self._issuer.key.result())
        return {"access_token": token, "token_type": "Bearer", "expires_in": self._issuer.lifetime}

    def _client(self, form: Mapping[str, str]) -> Client:
        """The client whose assertion this is, if every check holds."""
        try:
            assertion = jws.read(form["client_assertion"])
        except jws.MalformedToken as error:
            raise _bad_assertion("malformed") from error
        if assertion.header.get("alg") != "RS256":
            raise _bad_assertion("the algorithm must be RS256")
        client = self._directory.clients.get(form["client_id"])
        if client is None or not any(assertion.signed_by(key) for key in client.keys):
            raise OAuthRefused(401, "invalid_client", "unknown client or wrong signature")
        self._check_claims(assertion.claims, client.id)
        return client

    def _check_claims(self, claims: Mapping[str, object], client_id: str) -> None:
        for name in _REQUIRED:
            if claims.get(name) in (None, ""):
                raise _bad_assertion(f"claim {name} is missing")
        if claims["iss"] != client_id or claims["sub"] != client_id:
            raise _bad_assertion("iss and sub must be the client id")
        if not _addressed(claims["aud"], self._audiences):
            raise _bad_assertion("aud must be the token URL")
        self._check_times(_seconds(claims, "iat"), _seconds(claims, "exp"))
        self._check_unused(client_id, claims)

    def _check_times(self, issued: float, expires: float) -> None:
        now = self._clock.now().timestamp()
        if issued > now + LEEWAY:
            raise _bad_assertion("iat is in the future")
        if expires <= now:
            raise _bad_assertion("expired")
        if not 0 < expires - issued <= LONGEST_ASSERTION:
            raise _bad_assertion(f"exp must be at most {LONGEST_ASSERTION} seconds after iat")

    def _check_unused(self, client_id: str, claims: Mapping[str, object]) -> None:
        if not isinstance(claims["jti"], str):
            raise _bad_assertion("jti must be a string")
        now = self._clock.now().timestamp()
        self._used = {key: expires for key, expires in self._used.items() if expires > now}
        key = (client_id, claims["jti"])
        if key in self._used:
            raise _bad_assertion("jti has been used before")
        self._used[key] = _seconds(claims, "exp")

    def _claims(self, client: Client) -> dict[str, object]:
        now = int(self._clock.now().timestamp())
        return {
            "iss": self._issuer.name,
            "sub": client.id,
            "aud": self._issuer.base_url,
            "scope": " ".join(client.scopes),
            "iat": now,
            "exp": now + self._issuer.lifetime,
            "firm_id": client.firm,
            "jti": secrets.token_urlsafe(12),
        }


def _form(request: Request) -> dict[str, str]:
    """The fields of a JSON or a form body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            return {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
        members = json.loads(request.body.decode())
    except (ValueError, RecursionError) as error:
        raise OAuthRefused(400, "invalid_request", "the body is neither JSON nor a form") from error
    if not isinstance(members, dict):
        raise OAuthRefused(400, "invalid_request", "the body is not an object")
    return {name: value for name, value in members.items() if isinstance(value, str)}


def _demand_fields(form: Mapping[str, str]) -> None:
    for name in _FIELDS:
        if not form.get(name):
            raise OAuthRefused(400, "invalid_request", f"{name} is missing or not a string")
    if form["grant_type"] != "client_credentials":
        raise OAuthRefused(403, "unauthorized_client", "the grant type must be client_credentials")
    if form["client_assertion_type"] != ASSERTION_TYPE:
        raise OAuthRefused(400, "invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")


def _addressed(audience: object, accepted: frozenset[str]) -> bool:
    audiences = audience if isinstance(audience, list) else [audience]
    return any(isinstance(one, str) and one in accepted for one in audiences)


def _seconds(claims: Mapping[str, object], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e12:
        raise _bad_assertion(f"{name} must be Unix seconds")
    return value


def _bad_assertion(why: str) -> OAuthRefused:
    return OAuthRefused(401, "invalid_client_assertion", why)
