"""Signing in: an assertion signed with our key is exchanged for an access token, which serves many calls.

Source: docs.polymarket.us, trader-guide/authentication and trader-guide/authentication-troubleshooting (six claims,
RS256, at most 300 seconds between ``iat`` and ``exp``, a fresh ``jti`` each time, refresh before the token ends).
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.clock import Clock
from runner.errors import NotSignedIn, Unreachable
from runner.frozen import frozen
from runner.redact import Secret
from runner.venue.call import Answer, Request
from runner.venue.keys import KeyFile, KeyMemory, KeySource, KeyText, fingerprint, load_key, new_pair
from runner.venue.operations import CALL_LIMIT
from runner.venue.pins import Pins
from runner.venue.refusals import raise_for_token
from runner.venue.signing import SigningKey
from runner.venue.wire import Fields, broken

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from runner.redact import Redactor

__all__ = [
    "Credentials", "KeyFile", "KeyMemory", "KeySource", "KeyText", "TokenInfo", "TokenSource",
    "assertion", "fingerprint", "load_key", "new_pair",
]  # fmt: skip

_ASSERTION_LIFE = 120
_MARGIN = 30.0
_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@frozen
class Credentials:
    """Who we are: ``auth_url`` is the whole token URL, ``audience`` the API that the token is for.

    A key that ``pins`` do not name signs nothing.
    """

    client_id: str
    key: KeySource
    auth_url: str
    audience: str
    pins: Pins = Pins()


@frozen
class TokenInfo:
    """What a token allows. ``expires_in`` in seconds from its issue; an opaque token has no scopes and no subject.

    ``firm`` is the one whose users the token may act for, bare (docs.polymarket.us, institutional/positions/overview:
    the claim ``firm_id``); empty if the token doesn't tell.
    """

    expires_in: int
    scopes: tuple[str, ...]
    subject: str
    firm: str = ""


@dataclass(slots=True)
class _Token:
    """``refused`` belongs to the token: who was refused an older one must not make this one good again, or bad."""

    secret: Secret
    info: TokenInfo
    fresh_until: float
    refused: bool = False


class TokenSource:
    """One token for a whole process, shared by its threads.

    It is renewed min(30 s, a third of its life) before its end, on the steady clock. ``memory`` spares the re-check of
    a key; ``redactor`` is told every secret made here. The key may be replaced in its file at any time.
    """

    def __init__(
        self, credentials: Credentials, clock: Clock, redactor: Redactor, memory: KeyMemory | None = None
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._redactor = redactor
        self._key = SigningKey(credentials.key, credentials.pins, memory)
        self._turn = threading.Lock()
        self._token: _Token | None = None

    def token(self, send: Callable[[Request], Answer], patience: float) -> tuple[Secret, TokenInfo]:
        """A token that is still good, fetched by ``send`` if need be.

        ``patience`` is how many seconds to wait while another thread fetches one. Raises ``NotSignedIn``,
        ``ComeBackLater``, ``Unreachable``, or ``WrongInput`` and ``GuardRefused`` for a key that can't be used or is
        not pinned.
        """
        token = self._good()
        if token is None:
            if not self._turn.acquire(timeout=patience):
                raise Unreachable("no time was left to wait for an access token", sent=False)
            try:
                token = self._good() or self._fetched(send)
            finally:
                self._turn.release()
        return token.secret, token.info

    def refuse(self, token: Secret) -> None:
        """The venue answered 401 to this token: the next call fetches another, unless one was fetched meanwhile."""
        current = self._token
        if current is not None and current.secret == token:
            current.refused = True

    def _good(self) -> _Token | None:
        token = self._token
        if token is None or token.refused:
            return None
        return token if self._clock.steady() < token.fresh_until else None

    def _fetched(self, send: Callable[[Request], Answer]) -> _Token:
        """A new token; a key that is refused, and was replaced meanwhile, is refused only once."""
        try:
            return self._asked_for(send)
        except NotSignedIn:
            if not self._key.changed():
                raise
        return self._asked_for(send)

    def _asked_for(self, send: Callable[[Request], Answer]) -> _Token:
        asked_at = self._clock.steady()
        answer = send(self._request())
        raise_for_token(answer, self._redactor)
        self._token = _read(answer.body, asked_at)
        self._redactor.learn_passing(self._token.secret)
        return self._token

    def _request(self) -> Request:
        signed = assertion(self._credentials, self._key.key(), int(self._clock.now().timestamp()))
        self._redactor.learn_passing(signed)
        own = self._credentials
        return token_request(own.auth_url, own.client_id, own.audience, signed)


def token_request(auth_url: str, client_id: Any, audience: Any, signed: Any) -> Request:
    """The request for a token, with a signed assertion; before a run any value of its body may be yet to come."""
    body = {
        "client_id": client_id,
        "client_assertion_type": _BEARER,
        "client_assertion": signed,
        "audience": audience,
        "grant_type": "client_credentials",
    }
    return Request("POST", auth_url, "changes", CALL_LIMIT, body=body, hidden=("access_token",))


def assertion(credentials: Credentials, key: RSAPrivateKey, now: int) -> Secret:
    """A fresh client assertion; ``now`` in Unix seconds."""
    import uuid

    import jwt

    claims = {
        "iss": credentials.client_id,
        "sub": credentials.client_id,
        "aud": credentials.auth_url,
        "iat": now,
        "exp": now + _ASSERTION_LIFE,
        "jti": str(uuid.uuid4()),
    }
    return Secret(jwt.encode(claims, key, algorithm="RS256"))


def _read(body: object, asked_at: float) -> _Token:
    got = Fields(body)
    secret = got.text("access_token") or broken("`access_token` is empty")
    life = got.whole("expires_in")
    if life <= 0:
        broken(f"`expires_in` is {life}, a token that is over before it begins")
    claims = _claims(secret)
    scope = got.text("scope", "") or claims.get("scope", "")
    firm = str(claims.get("firm_id", "")).removeprefix("firms/")
    info = TokenInfo(life, tuple(str(scope).split()), str(claims.get("sub", "")), firm)
    return _Token(Secret(secret), info, asked_at + life - min(_MARGIN, life / 3))


def _claims(token: str) -> dict[str, Any]:
    """What a JWT says of itself, unverified: it is shown, and nothing is decided by it."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
