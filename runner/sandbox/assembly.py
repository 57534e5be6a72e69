"""Putting the exchange together: one function from parts to something that answers requests."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from runner.sandbox import world
from runner.sandbox.control.calls import CallLog
from runner.sandbox.control.clock import MovableClock
from runner.sandbox.directory import Client, Directory
from runner.sandbox.exchange.clock import Clock, SystemClock
from runner.sandbox.exchange.exchange import Exchange
from runner.sandbox.faults.armed import Armoury, Fault
from runner.sandbox.founding import Charter, Liquidity, found
from runner.sandbox.gateway.bearer import Gatekeeper
from runner.sandbox.gateway.buckets import Buckets, Rate
from runner.sandbox.gateway.call import Setting
from runner.sandbox.gateway.dialect import PUBLISHED, Dialect
from runner.sandbox.gateway.gateway import Gateway
from runner.sandbox.gateway.openapi import Document
from runner.sandbox.gateway.pieces import Scribe
from runner.sandbox.gateway.routing import Route
from runner.sandbox.house import House
from runner.sandbox.issuer import Issuer
from runner.sandbox.oauth import TokenEndpoint
from runner.sandbox.routes import ROUTES, SWITCHES
from runner.sandbox.rules import Rules


@dataclass(frozen=True, slots=True)
class Parts:
    """What an exchange is made of. ``token_lifetime`` is in seconds; the signing key may still be in the making."""

    base_url: str
    client_keys: tuple[rsa.RSAPublicKey, ...]
    signing_key: Future[rsa.RSAPrivateKey]
    dialect: Dialect = PUBLISHED
    rules: Rules = field(default_factory=Rules)
    rates: Mapping[str, Rate] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    clock: Clock = field(default_factory=SystemClock)
    settle: timedelta = timedelta(milliseconds=10)
    token_lifetime: int = 180
    liquidity: Liquidity = "off"
    database: Path | None = None


def assemble(parts: Parts) -> House:
    """The whole exchange."""
    clock = MovableClock(parts.clock)
    client = Client(world.CLIENT_ID, world.PARTICIPANT_FIRM, world.CLEARING_FIRM, parts.client_keys)
    directory = Directory([client], world.PARTICIPANTS)
    issuer = Issuer(parts.base_url, parts.signing_key, parts.token_lifetime)
    exchange = _exchange(parts, clock)
    directory.participants = exchange.participants
    armoury = Armoury(parts.faults)
    setting = Setting(exchange, directory, parts.dialect, parts.rules, parts.base_url, Scribe(parts.dialect), armoury)
    gatekeeper = Gatekeeper(issuer, directory, clock)
    routes = [_by_rules(route, parts.rules) for route in ROUTES]
    port = parts.base_url.rpartition(":")[2]
    return House(
        exchange=exchange,
        directory=directory,
        clock=clock,
        gateway=Gateway([*routes, *SWITCHES], gatekeeper, setting, Buckets(parts.rates, clock)),
        tokens=TokenEndpoint(issuer, directory, clock, parts.rules),
        document=Document(routes, parts.base_url),
        armoury=armoury,
        log=CallLog(),
        hosts=frozenset({f"127.0.0.1:{port}", f"localhost:{port}"}),
    )


def _by_rules(route: Route, rules: Rules) -> Route:
    """A row of the table, changed where the rules say so."""
    if route.path == "/v1/orderbook/{symbol}" and rules.order_book_scope == "marketdata":
        return replace(route, scope="read:marketdata")
    if route.path == "/v1/accounts" and rules.accounts_participant == "required":
        return replace(route, needs_participant=True)
    return route


def _exchange(parts: Parts, clock: Clock) -> Exchange:
    """The seed's dialect shows an order as NEW in the answer to its insert, so nothing there takes time."""
    settle = parts.settle if parts.dialect.strict else timedelta(0)
    return found(Charter(parts.rules, settle, parts.liquidity, parts.database), clock)
