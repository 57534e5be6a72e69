"""An exchange inside the test's own process, with a clock that only the test moves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from runner.sandbox import world
from runner.sandbox.assembly import Parts, assemble
from runner.sandbox.directory import SCOPES
from runner.sandbox.gateway.buckets import Rate
from runner.sandbox.gateway.dialect import PUBLISHED, Dialect
from runner.sandbox.gateway.message import Answer, Request
from runner.sandbox.rules import Rules

BASE = "http://127.0.0.1:8080"
TOKEN_URL = f"{BASE}/oauth/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALICE, BOB, CAROL = (participant.name for participant in world.PARTICIPANTS)
ALICES, BOBS, CAROLS = (account.name for account in world.accounts())
SETTLE = timedelta(milliseconds=10)

Json = Any


@dataclass(frozen=True, slots=True)
class Keys:
    client: rsa.RSAPrivateKey
    signing: rsa.RSAPrivateKey
    stranger: rsa.RSAPrivateKey


class MovingClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def move(self, **span: float) -> None:
        self.at += timedelta(**span)


class Bench:
    def __init__(
        self,
        keys: Keys,
        dialect: Dialect = PUBLISHED,
        rules: Rules | None = None,
        rates: Mapping[str, Rate] | None = None,
        token_lifetime: int = 180,
    ) -> None:
        self.keys = keys
        self.clock = MovingClock()
        signing: Future[rsa.RSAPrivateKey] = Future()
        signing.set_result(keys.signing)
        self.house = assemble(
            Parts(
                base_url=BASE,
                client_keys=(keys.client.public_key(),),
                signing_key=signing,
                dialect=dialect,
                rules=rules or Rules(),
                clock=self.clock,
                settle=SETTLE,
                rates=rates or {},
                token_lifetime=token_lifetime,
            )
        )
        self.respond = self.house.respond

    @property
    def unix(self) -> int:
        return int(self.clock.at.timestamp())

    def claims(self, **changes: object) -> dict[str, object]:
        """The claims of a good assertion, changed; a claim set to None is left out."""
        good = {
            "iss": world.CLIENT_ID,
            "sub": world.CLIENT_ID,
            "aud": TOKEN_URL,
            "iat": self.unix,
            "exp": self.unix + 60,
            "jti": str(uuid4()),
        }
        return {name: value for name, value in (good | changes).items() if value is not None}

    def token_form(self, assertion: str | None = None) -> dict[str, object]:
        signed = assertion or jwt.encode(self.claims(), self.keys.client, algorithm="RS256")
        return {
            "client_id": world.CLIENT_ID,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": signed,
            "audience": BASE,
            "grant_type": "client_credentials",
        }

    def ask_token(self, form: Mapping[str, object]) -> tuple[int, Json]:
        body = json.dumps(form).encode()
        return _read(self.respond(Request("POST", "/oauth/token", "", {"content-type": "application/json"}, body)))

    def access_token(self, **changes: object) -> str:
        """An access token made here with the exchange's own key, its claims changed."""
        good = {
            "iss": f"{BASE}/",
            "sub": world.CLIENT_ID,
            "aud": BASE,
            "scope": " ".join(SCOPES),
            "exp": self.unix + 60,
        }
        return jwt.encode(good | changes, self.keys.signing, algorithm="RS256")

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        participant: str | None = ALICE,
        token: str | None = None,
    ) -> tuple[int, Json]:
        return _read(self.answer(method, path, body, participant, token))

    def answer(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        participant: str | None = ALICE,
        token: str | None = None,
    ) -> Answer:
        headers = {"authorization": f"Bearer {token or self.access_token()}"}
        if participant:
            headers["x-participant-id"] = participant
        path, _, query = path.partition("?")
        return self.respond(Request(method, path, query, headers, body))

    def get(self, path: str, participant: str | None = ALICE) -> tuple[int, Json]:
        return self.send("GET", path, participant=participant)

    def post(self, path: str, body: object, participant: str | None = ALICE) -> tuple[int, Json]:
        return self.send("POST", path, json.dumps(body).encode(), participant)

    def place(self, participant: str = ALICE, **changes: object) -> str:
        """Insert a good order, changed, and let it settle; its id."""
        status, answer = self.post("/v1/trading/orders", order_body(**changes), participant)
        assert status == 200, answer
        self.settle()
        return str(answer["orderId"] if "orderId" in answer else answer["order"]["id"])

    def read(self, order_id: str, participant: str = ALICE) -> tuple[Json, Json]:
        """An order and its last execution, as a search shows them."""
        body = {"pageSize": 10, "orderId": order_id, "withLastExecution": True}
        status, found = self.post("/v1/report/orders/search", body, participant)
        assert status == 200, found
        return found["order"][0], found["lastExecutions"][0] if found["lastExecutions"] else None

    def settle(self) -> None:
        self.clock.at += SETTLE


def symbol(team: str = "kc") -> str:
    """The symbol of an instrument of the bench's world by its team."""
    listed = world.instruments(MovingClock().now())
    return next(instrument.symbol for instrument in listed if instrument.symbol.endswith(f"-{team}"))


def order_body(**changes: object) -> dict[str, object]:
    good: dict[str, object] = {
        "symbol": symbol(),
        "side": "SIDE_BUY",
        "type": "ORDER_TYPE_LIMIT",
        "timeInForce": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
        "orderQty": "10",
        "price": "500",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def _read(answer: Answer) -> tuple[int, Json]:
    return answer.status, json.loads(answer.body)
