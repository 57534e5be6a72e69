"""Every operation answers with a 2xx, and as the published contract says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from runner.sandbox.gateway.openapi import NAMES
from runner.sandbox.routes import ROUTES
from sandbox.bench import ALICES, BOB, Bench, order_body, symbol

SCHEMAS = Path(__file__).parents[2] / "schemas" / "venue"
PERSON = {
    "external_id": "user-1",
    "ssn": "123456789",
    "first_name": "Erika",
    "last_name": "Example",
    "date_of_birth": "1985-09-02",
    "docv_eligible": True,
    "email": "erika@example.com",
    "phone_number": "+14155550100",
    "address": {"address_line_1": "1 Street", "city": "New York", "state": "NY", "postal_code": "10001"},
    "agreement": {"version": "PMX.ISV.SANDBOX.v1.0", "signed_at": "2026-11-22T11:00:00Z"},
    "ip_address": "203.0.113.7",
}
PAGE = {"pageSize": 50}
USER = {"phone_number": "14155551212", "date_of_birth": "1985-03-30", "user_id": "user-2"}
SIDES = [order_body(side=side) for side in ("SIDE_BUY", "SIDE_SELL")]
RESTING = order_body(price=10)
BODIES: dict[str, Any] = {
    "/v1/refdata/instruments": {"symbols": [symbol(), symbol("mia")]},
    "/v1/trading/orders": RESTING,
    "/v1/trading/orders/list": {"requests": [RESTING]},
    "/v1/trading/orders/cross": {"requests": SIDES, "crossType": "CROSS_TYPE_ALL_OR_NONE"},
    "/v1/trading/orders/preview": {"request": RESTING},
    "/v1/trading/orders/replace": {"orderId": "", "symbol": symbol(), "price": "20"},
    "/v1/trading/orders/replace/list": {"requests": [{"orderId": "", "symbol": symbol(), "price": "30"}]},
    "/v1/trading/orders/cancel": {"orderId": "", "symbol": symbol()},
    "/v1/trading/orders/cancel/list": {"requests": [{"orderId": "", "symbol": symbol()}]},
    "/v1/report/orders/search": PAGE | {"withLastExecution": True},
    "/v1/report/executions/search": PAGE,
    "/v1/report/trades/search": PAGE,
    "/v1/report/trades/stats": {"symbol": symbol(), "bars": 2},
    "/v1/positions/balance": {"name": ALICES, "currency": "USD"},
    "/v1/positions/balances": {"name": ALICES},
    "/v1/kyc/start": PERSON,
    "/v1/kyc/webhook": {"webhook_url": "http://127.0.0.1:1/"},
    "/v1/kyc/prefill": USER,
    "/v1/kyc/prefill/otp": {"otp": "123456", "external_id": "user-2"},
}
QUERIES = {
    "/v1/positions": f"?name={ALICES}",
    "/v1/positions/ledger": f"?account={ALICES}",
    "/v1/positions/ledger/download": f"?account={ALICES}",
    "/v1/funding/balance-ledger": f"?account={ALICES}",
    "/v1/funding/balance-ledger/download": f"?account={ALICES}",
    "/v1/kyc/status": "?external_id=user-1",
}


@cache
def contract() -> Registry[Any]:
    files = ((path.name, json.loads(path.read_text())) for path in SCHEMAS.glob("*.json"))
    return Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in files)


@cache
def home_of(definition: str) -> str:
    """The file that a definition is in."""
    return next(name for name in contract() if definition in contract().contents(name).get("$defs", {}))


def check(definition: str, value: object) -> None:
    """Hold a value against a definition of the contract."""
    schema = {"$ref": f"{home_of(definition)}#/$defs/{definition}"}
    Draft202012Validator(schema, registry=contract()).validate(value)


def with_life(bench: Bench) -> str:
    """Trades, a settlement, open orders, an application and a code; the id of an open order."""
    bench.place(participant=BOB, side="SIDE_SELL", orderQty=4)
    bench.place(orderQty=4)
    bench.place(price=1000)
    bench.post("/v1/kyc/start", PERSON, participant=None)
    bench.post("/v1/kyc/prefill", USER, participant=None)
    return bench.place(price=20)


def filled_in(body: Any, order_id: str) -> Any:
    """A body with an order's id where one belongs."""
    text = json.dumps(body).replace('"orderId": ""', f'"orderId": "{order_id}"')
    return json.loads(text)


OPERATIONS = [route.operation for route in ROUTES]
# A settled instrument takes no orders and concerns no person.
SETTLED = [operation for operation in OPERATIONS if "/v1/trading" not in operation and "/v1/kyc" not in operation]


@pytest.mark.parametrize(
    ("operation", "settled"),
    [*((operation, False) for operation in OPERATIONS), *((operation, True) for operation in SETTLED)],
)
def test_every_operation_answers_as_the_contract_says(bench: Bench, operation: str, settled: bool) -> None:
    """At least one 2xx each, with something in it, before and after an instrument's settlement."""
    order_id = with_life(bench)
    method, path = operation.split()
    if settled:
        bench.house.exchange.settle(symbol(), 1000)
    body = filled_in(BODIES.get(path, {}), order_id) if method == "POST" else None
    named = path.replace("{symbol}", symbol()) + QUERIES.get(path, "")
    answer = bench.answer(method, named, json.dumps(body).encode() if body is not None else b"")
    assert answer.status == 200, answer.body
    if body is not None:
        check(f"{NAMES[operation]}_request", body)
    for line in answer.body.splitlines():
        check(f"{NAMES[operation]}_answer", json.loads(line))
