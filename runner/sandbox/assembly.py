"""Putting the exchange together: one function from parts to something that answers requests."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import rsa

from runner.sandbox import world
from runner.sandbox.directory import Client, Directory
from runner.sandbox.exchange.clock import Clock, SystemClock
from runner.sandbox.exchange.exchange import Exchange
from runner.sandbox.gateway.bearer import Gatekeeper
from runner.sandbox.gateway.call import Setting
from runner.sandbox.gateway.dialect import PUBLISHED, Dialect
from runner.sandbox.gateway.gateway import Gateway
from runner.sandbox.gateway.message import Answer, Request
from runner.sandbox.issuer import TOKEN_PATH, Issuer
from runner.sandbox.oauth import TokenEndpoint
from runner.sandbox.routes import ROUTES
from runner.sandbox.rules import Rules


@dataclass(frozen=True, slots=True)
class Parts:
    """What an exchange is made of. ``token_lifetime`` is in seconds; the signing key may still be in the making."""

    base_url: str
    client_keys: tuple[rsa.RSAPublicKey, ...]
    signing_key: Future[rsa.RSAPrivateKey]
    dialect: Dialect = PUBLISHED
    rules: Rules = field(default_factory=Rules)
    clock: Clock = field(default_factory=SystemClock)
    settle: timedelta = timedelta(milliseconds=10)
    token_lifetime: int = 180


def assemble(parts: Parts) -> Callable[[Request], Answer]:
    """The whole exchange as a function from a request to its answer."""
    client = Client(world.CLIENT_ID, world.PARTICIPANT_FIRM, world.CLEARING_FIRM, parts.client_keys)
    directory = Directory([client], world.PARTICIPANTS)
    issuer = Issuer(parts.base_url, parts.signing_key, parts.token_lifetime)
    tokens = TokenEndpoint(issuer, directory, parts.clock)
    setting = Setting(_exchange(parts), directory, parts.dialect, parts.rules, parts.base_url)
    gateway = Gateway(ROUTES, Gatekeeper(issuer, directory, parts.clock), setting)

    def respond(request: Request) -> Answer:
        return (tokens if request.path == TOKEN_PATH else gateway).respond(request)

    return respond


def _exchange(parts: Parts) -> Exchange:
    """The seed's dialect shows an order as NEW in the answer to its insert, so nothing there takes time."""
    settle = parts.settle if parts.dialect.strict else timedelta(0)
    listed = world.instruments(parts.clock.now())
    return Exchange(listed, world.accounts(), parts.clock, parts.rules, settle)
