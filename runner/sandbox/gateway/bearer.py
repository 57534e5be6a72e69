"""Access tokens: who is calling, and may they do this.

Scopes and messages follow docs.polymarket.us: trader-guide/authentication. The body of a 401 is documented nowhere;
code 16 with a message is the venue's error form.
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.sandbox import jws
from runner.sandbox.directory import Client, Directory
from runner.sandbox.exchange.clock import Clock
from runner.sandbox.gateway.errors import denied, unauthenticated
from runner.sandbox.gateway.message import Request
from runner.sandbox.issuer import Issuer


class Gatekeeper:
    """Checks the ``Authorization`` header of a call."""

    __slots__ = ("_clock", "_directory", "_issuer")

    def __init__(self, issuer: Issuer, directory: Directory, clock: Clock) -> None:
        self._issuer = issuer
        self._directory = directory
        self._clock = clock

    def admit(self, request: Request, scope: str) -> Client:
        """The client behind the token. Raises Refused: 401 for the token, 403 for the scope."""
        claims = self._claims(request)
        client = self._directory.clients.get(str(claims.get("sub")))
        if client is None:
            raise unauthenticated("invalid token")
        if scope not in str(claims.get("scope", "")).split():
            raise denied(f"missing required scope {scope}")
        return client

    def _claims(self, request: Request) -> Mapping[str, object]:
        kind, _, text = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text:
            raise unauthenticated("missing bearer token")
        try:
            token = jws.read(text.strip())
        except jws.MalformedToken as error:
            raise unauthenticated("malformed token") from error
        if not token.signed_by(self._issuer.key.result().public_key()):
            raise unauthenticated("invalid token signature")
        self._check(token.claims)
        return token.claims

    def _check(self, claims: Mapping[str, object]) -> None:
        if claims.get("iss") != self._issuer.name or claims.get("aud") != self._issuer.base_url:
            raise unauthenticated("the token was not issued for this API")
        expires = claims.get("exp")
        if not isinstance(expires, int) or expires <= self._clock.now().timestamp():
            raise unauthenticated("token has expired")
