"""A venue that thinks about nothing: each request gets a ready answer of the published dialect over keep-alive.

It knows one order: an insert opens it, a cancel ends it. Whatever a run takes beside this server is the client's own
time. ``python -m benchmarks.fixed_server`` prints its port and serves until its standard input closes.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from email.utils import formatdate
from typing import Any

SYMBOL = "tec-nfl-sbw-2027-02-14-kc"
ACCOUNT = "firms/ISV-Acme/accounts/7QK2M9XW4TZC"
USER = "firms/ISV-Participant-Acme/users/alice"
ORDER_ID = "7CC303PD5T0Q"

_INSTRUMENT = {
    "symbol": SYMBOL,
    "description": "A team wins the final",
    "state": "INSTRUMENT_STATE_OPEN",
    "tickSize": 0.01,
    "priceScale": "100",
    "fractionalQtyScale": "100",
    "minimumTradeQty": "1",
    "baseCurrency": "USD",
    "multiplier": 1,
    "nonTradable": False,
    "priceLimit": {"low": "1", "high": "99", "lowSet": True, "highSet": True},
    "expirationDate": {"year": 2027, "month": 2, "day": 14},
    "metadata": {"event_series": "nfl", "clearing_sym": SYMBOL},
}
_IDENTITY = {
    "user": USER,
    "userDisplayName": "Alice",
    "firm": "firms/ISV-Participant-Acme",
    "firmDisplayName": "Acme",
    "firmType": "FIRM_TYPE_PARTICIPANT",
    "audience": "http://127.0.0.1",
}
_TOKEN = {"access_token": f"bench.{'t' * 700}.signature", "token_type": "Bearer", "expires_in": 86400, "scope": "all"}
_BALANCE = {"balance": "1000000", "buyingPower": "1000000", "openOrders": "0", "updateTime": "2026-11-22T14:00:00Z"}
_ORDER = {
    "id": ORDER_ID,
    "symbol": SYMBOL,
    "side": "SIDE_BUY",
    "type": "ORDER_TYPE_LIMIT",
    "timeInForce": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
    "orderQty": "100",
    "price": "1",
    "cumQty": "0",
    "leavesQty": "100",
    "avgPx": "0",
    "priceScale": "100",
    "fractionalQuantityScale": "100",
    "account": ACCOUNT,
    "createTime": "2026-11-22T14:00:00.123456789Z",
}


class Venue:
    """Answers by the request's first words; the one order is open or over."""

    def __init__(self) -> None:
        instruments = [_INSTRUMENT | {"symbol": f"{SYMBOL}-{number}"} for number in range(5)]
        self._order: dict[str, Any] = dict(_ORDER)
        answers = {
            "POST /oauth/token": _TOKEN,
            "GET /v1/whoami": _IDENTITY,
            "POST /v1/refdata/instruments": {"instruments": instruments, "nextPageToken": "", "eof": True},
            "POST /v1/positions/balance": _BALANCE,
            "POST /v1/trading/orders": {"orderId": ORDER_ID},
            "POST /v1/trading/orders/cancel": {},
            "GET /v1/trading/orders/open": {"orders": []},
            "POST /v1/report/orders/search": {"order": [], "nextPageToken": "", "eof": True},
        }
        self._ready = {name: _packed(answer) for name, answer in answers.items()}

    def answer(self, request: str, body: bytes) -> bytes:
        """The bytes for a request line's method and path."""
        if request == "POST /v1/trading/orders":
            sent = json.loads(body)
            told = {"clordId": sent["clordId"], "symbol": sent["symbol"], "leavesQty": "100"}
            self._show(told | {"state": "ORDER_STATE_NEW"})
        elif request == "POST /v1/trading/orders/cancel":
            self._show({"state": "ORDER_STATE_CANCELED", "leavesQty": "0"})
        # The time is told anew: orders are refused where the venue's clock is half a minute off.
        return b"HTTP/1.1 200 OK\r\nDate: " + formatdate(usegmt=True).encode() + b"\r\n" + self._ready[request]

    def _show(self, change: dict[str, Any]) -> None:
        self._order |= change
        opened = [self._order] if self._order["state"] == "ORDER_STATE_NEW" else []
        self._ready["GET /v1/trading/orders/open"] = _packed({"orders": opened})
        self._ready["POST /v1/report/orders/search"] = _packed(
            {"order": [self._order], "nextPageToken": "", "eof": True}
        )


def serve(connection: socket.socket, venue: Venue) -> None:
    """Answer one connection's requests until it is closed."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("rb") as stream:
        while head := stream.readline():
            length = 0
            while (line := stream.readline()) not in {b"\r\n", b""}:
                if line[:15].lower() == b"content-length:":
                    length = int(line[15:])
            body = stream.read(length)
            method, target, _ = head.decode().split(" ")
            connection.sendall(venue.answer(f"{method} {target.partition('?')[0]}", body))


def main() -> None:
    """Serve on a free loopback port, a thread for each connection."""
    venue = Venue()
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=_accept, args=(listener, venue), daemon=True).start()
        sys.stdin.read()


def _accept(listener: socket.socket, venue: Venue) -> None:
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, venue), daemon=True).start()


def _packed(answer: object) -> bytes:
    """An answer but for its first two lines."""
    body = json.dumps(answer).encode()
    return f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


if __name__ == "__main__":
    main()
