"""The quickstart's flow as a careful person writes it without pmx-run: requests, PyJWT, one Session.

It makes the same ten calls: the seven of the flow and the three with which pmx-run reads the order back, once after
placing it and twice after cancelling it. The settings are those of pmx-run's environment variables.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.serialization import load_pem_private_key

BASE = os.environ["PMX_BASE_URL"]
AUTH = os.environ["PMX_AUTH_URL"]
CLIENT = os.environ["PMX_CLIENT_ID"]
ACCOUNT = os.environ["PMX_ACCOUNT"]
TIMEOUT = 15


def signed_assertion() -> str:
    """The client assertion, with all six claims."""
    key = load_pem_private_key(Path(os.environ["PMX_PRIVATE_KEY_PATH"]).read_bytes(), password=None)
    now = int(time.time())
    claims = {"iss": CLIENT, "sub": CLIENT, "aud": AUTH, "iat": now, "exp": now + 120, "jti": str(uuid.uuid4())}
    return jwt.encode(claims, key, algorithm="RS256")  # type: ignore[arg-type]


def token(session: requests.Session) -> str:
    """An access token."""
    body = {
        "client_id": CLIENT,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed_assertion(),
        "audience": os.environ["PMX_AUDIENCE"],
        "grant_type": "client_credentials",
    }
    answer = session.post(AUTH, json=body, timeout=TIMEOUT)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def call(session: requests.Session, method: str, path: str, **options: Any) -> Any:
    """One call of the API, its answer as plain data."""
    answer = session.request(method, f"{BASE}{path}", timeout=TIMEOUT, **options)
    answer.raise_for_status()
    return answer.json()


def main() -> None:
    """Sign in, look around, place an order, find it, cancel it."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token(session)}"
        session.headers["x-participant-id"] = os.environ["PMX_PARTICIPANT_ID"]
        print("user", call(session, "GET", "/v1/whoami")["user"])
        wanted = {"tradableFilter": "TRADABLE_FILTER_TRADABLE", "states": ["INSTRUMENT_STATE_OPEN"], "pageSize": 5}
        chosen = call(session, "POST", "/v1/refdata/instruments", json=wanted)["instruments"][0]
        balance = call(session, "POST", "/v1/positions/balance", json={"name": ACCOUNT, "currency": "USD"})
        print("buying power", balance["buyingPower"])
        trade(session, chosen)


def trade(session: requests.Session, instrument: dict[str, Any]) -> None:
    """The order's life, read back after each change of it."""
    symbol = instrument["symbol"]
    order_id = call(session, "POST", "/v1/trading/orders", json=new_order(instrument))["orderId"]
    placed = call(session, "GET", "/v1/trading/orders/open", params={"symbols": symbol})["orders"]
    print("order", order_id, next(order["state"] for order in placed if order["id"] == order_id))
    found = call(session, "POST", "/v1/report/orders/search", json={"symbol": symbol, "pageSize": 1000})["order"]
    assert order_id in [order["id"] for order in found]
    call(session, "POST", "/v1/trading/orders/cancel", json={"orderId": order_id, "symbol": symbol})
    still_open = call(session, "GET", "/v1/trading/orders/open", params={"symbols": symbol})["orders"]
    assert order_id not in [order["id"] for order in still_open]
    ended = call(session, "POST", "/v1/report/orders/search", json={"symbol": symbol, "orderId": order_id})["order"]
    print("order", order_id, next(order["state"] for order in ended if order["id"] == order_id))


def new_order(instrument: dict[str, Any]) -> dict[str, Any]:
    """One contract at a cent, good till cancelled, in the instrument's scales."""
    return {
        "clordId": str(uuid.uuid4()),
        "symbol": instrument["symbol"],
        "side": "SIDE_BUY",
        "type": "ORDER_TYPE_LIMIT",
        "timeInForce": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
        "orderQty": int(instrument["fractionalQtyScale"]),
        "price": int(instrument["priceScale"]) // 100,
        "account": ACCOUNT,
    }


if __name__ == "__main__":
    main()
