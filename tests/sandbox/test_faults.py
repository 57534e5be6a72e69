"""Faults on demand, each over a real connection: what the client sees, and what the exchange did."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from runner.sandbox.gateway.dialect import SEED
from sandbox.bench import ALICE, BOB, Bench, Keys, order_body, symbol
from sandbox.control import ControlRefused
from sandbox.live import Live, one_answer, parse, serving

INSERT, CANCEL = "/v1/trading/orders", "/v1/trading/orders/cancel"
SEARCH = "/v1/report/orders/search"
ON_INSERT = f"POST {INSERT}"


@pytest.fixture
def live(bench: Bench) -> Iterator[Live]:
    with serving(bench) as served:
        yield served


def inserted(live: Live) -> int:
    """How many orders the exchange holds, whatever it answered."""
    return len(live.control.orders())


@pytest.mark.parametrize(("commit", "held"), [("before", 0), ("after", 1)])
def test_no_answer(live: Live, commit: str, held: int) -> None:
    """The connection closes without a byte; the order is in only if the answer was lost after the commit."""
    live.control.arm("no_answer", operation=ON_INSERT, commit=commit)
    body = json.dumps(order_body()).encode()
    assert live.raw(live.head("POST", INSERT, body)) == b""
    assert inserted(live) == held
    logged = live.control.calls()[-1]
    assert (logged["status"], logged["committed"], logged["faults"]) == (0, commit == "after", ["no_answer"])


@pytest.mark.parametrize("commit", ["before", "after"])
def test_delay(live: Live, commit: str) -> None:
    """The answer comes late and whole."""
    live.control.arm("delay", seconds=0.2, commit=commit)
    began = time.monotonic()
    assert live.send("GET", "/v1/whoami")[0] == 200
    assert time.monotonic() - began >= 0.2


def test_drip(live: Live) -> None:
    """The answer trickles, head too, and is whole in the end."""
    live.control.arm("drip", bytes_per_second=1500)
    with live.connect() as sock:
        sock.sendall(live.head("GET", "/v1/health"))
        first, parts = sock.recv(1 << 16), []
        while part := sock.recv(1 << 16):
            parts.append(part)
    assert len(first) < 100
    assert parse(first + b"".join(parts))[:2] == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("status", "code"), [(401, 16), (429, 8), (464, 3), (500, 13), (502, 14), (503, 14), (504, 4)], ids=str
)
@pytest.mark.parametrize(("commit", "held"), [("before", 0), ("after", 1)])
def test_status(live: Live, status: int, code: int, commit: str, held: int) -> None:
    """Any of the venue's failures in its error form, with the order in or not."""
    live.control.arm("status", operation=ON_INSERT, status=status, commit=commit)
    given, answer, headers = live.send("POST", INSERT, order_body())
    assert (given, answer["code"], answer["details"]) == (status, code, [])
    assert "retry-after" not in headers
    assert inserted(live) == held


def test_429_with_retry_after(live: Live) -> None:
    """The documented body, and the header that one page promises."""
    live.control.arm("status", status=429, retry_after=7)
    given, answer, headers = live.send("GET", "/v1/whoami")
    assert (given, answer, headers["retry-after"]) == (
        429,
        {"code": 8, "message": "rate limit exceeded", "details": []},
        "7",
    )


def test_401_once(live: Live) -> None:
    """A token that is refused once and taken the next time."""
    live.control.arm("status", status=401, calls=[1])
    assert [live.send("GET", "/v1/whoami")[0] for _ in range(3)] == [401, 200, 200]


def test_redirect(live: Live) -> None:
    """Another address, and nothing was done."""
    live.control.arm("redirect", operation=ON_INSERT, location="http://127.0.0.1:1/elsewhere")
    given, _, headers = live.send("POST", INSERT, order_body())
    assert (given, headers["location"]) == (307, "http://127.0.0.1:1/elsewhere")
    assert inserted(live) == 0


def test_reset(live: Live) -> None:
    """Some of the body arrives, then the connection is reset."""
    live.control.arm("reset", after_bytes=5)
    with live.connect() as sock:
        sock.sendall(live.head("GET", "/v1/whoami"))
        data = b""
        with pytest.raises(ConnectionResetError):
            while part := sock.recv(1 << 16):
                data += part
    assert len(data.partition(b"\r\n\r\n")[2]) == 5


def test_truncated(live: Live) -> None:
    """A whole answer with half of the JSON."""
    live.control.arm("truncated")
    with pytest.raises(json.JSONDecodeError):
        live.send("GET", "/v1/whoami")


def test_garbage(live: Live) -> None:
    """What says that it is JSON is none, and no UTF-8 either."""
    live.control.arm("garbage")
    with pytest.raises(UnicodeDecodeError):
        live.send("GET", "/v1/whoami")


def test_huge(live: Live) -> None:
    """The right answer in an enormous one."""
    live.control.arm("huge", mebibytes=17)
    given, answer, headers = live.send("GET", "/v1/health")
    assert (given, answer["status"], int(headers["content-length"])) == (200, "ok", 17 << 20)


@pytest.mark.parametrize(
    ("fault", "settings", "text"),
    [
        ("late_reject", {"text": "Instrument is not tradable"}, "Instrument is not tradable"),
        ("latency_stopgap", {}, "Global Rate Limit Exceeded"),
    ],
    ids=["late_reject", "latency_stopgap"],
)
def test_late_reject(live: Live, fault: str, settings: dict[str, object], text: str) -> None:
    """The order is taken with an id and rejected afterwards, with the text on its execution."""
    live.control.arm(fault, operation=ON_INSERT, **settings)
    status, answer, _ = live.send("POST", INSERT, order_body())
    assert (status, list(answer)) == (200, ["orderId"])
    live.bench.settle()
    order, execution = live.bench.read(answer["orderId"])
    assert (order["state"], execution["text"]) == ("ORDER_STATE_REJECTED", text)


@pytest.mark.parametrize("fault", ["late_reject", "latency_stopgap"])
def test_a_replace_can_be_rejected_late(live: Live, fault: str) -> None:
    """The replace is taken with 200, and the order works on as it was."""
    order_id = live.bench.place()
    path = "/v1/trading/orders/replace"
    live.control.arm(fault, operation=f"POST {path}")
    body = {"orderId": order_id, "symbol": symbol(), "price": "510", "orderQty": "10"}
    assert live.send("POST", path, body)[0] == 200
    assert live.bench.read(order_id)[0]["state"] == "ORDER_STATE_PENDING_REPLACE"
    live.bench.settle()
    order, _ = live.bench.read(order_id)
    assert (order["state"], order["price"]) == ("ORDER_STATE_NEW", "500")


@pytest.mark.parametrize(
    ("quantity", "state", "filled"),
    [(0, "ORDER_STATE_FILLED", "10"), (4, "ORDER_STATE_CANCELED", "4")],
    ids=["all", "part"],
)
def test_fill_during_cancel(live: Live, quantity: int, state: str, filled: str) -> None:
    """The cancel is taken, but the order fills first, wholly or in part."""
    live.control.arm("fill_during_cancel", operation=f"POST {CANCEL}", quantity=quantity)
    order_id = live.bench.place()
    assert live.send("POST", CANCEL, {"orderId": order_id, "symbol": symbol()})[:2] == (200, {})
    live.bench.settle()
    order, _ = live.bench.read(order_id)
    assert (order["state"], order["cumQty"]) == (state, filled)


def test_fill_during_cancel_in_the_seed_dialect(keys: Keys) -> None:
    """There a cancel takes no time; the fill still comes first."""
    with serving(Bench(keys, SEED)) as live:
        live.control.arm("fill_during_cancel", operation=f"POST {CANCEL}")
        order_id = live.bench.place()
        live.send("POST", CANCEL, {"orderId": order_id, "symbol": symbol()})
        assert live.control.orders()[0]["state"] == "FILLED"


def test_stale_read(live: Live) -> None:
    """A search and the open orders do not show an order of the last seconds; later they do."""
    live.control.arm("stale_read", seconds=5)
    live.send("POST", INSERT, order_body())
    live.bench.settle()
    assert live.send("POST", SEARCH, {"pageSize": 5})[1]["order"] == []
    assert live.send("GET", "/v1/trading/orders/open")[1] == {"orders": []}
    live.bench.clock.move(seconds=6)
    assert len(live.send("POST", SEARCH, {"pageSize": 5})[1]["order"]) == 1


def test_halt(live: Live) -> None:
    """The instrument of the call is halted just before it: the order is rejected late."""
    live.control.arm("halt", operation=ON_INSERT, calls=[2])
    first, second = (live.send("POST", INSERT, order_body())[1]["orderId"] for _ in range(2))
    live.bench.settle()
    assert live.bench.read(second)[1]["text"] == "Book is HALTED"
    assert live.bench.read(first)[0]["id"] == first


def test_maintenance(live: Live) -> None:
    """Every call of the venue is 503; tokens come from elsewhere and still do."""
    live.control.arm("maintenance")
    status, answer, _ = live.send("GET", "/v1/whoami")
    assert (status, answer["code"]) == (503, 14)
    assert live.send("POST", "/oauth/token", live.bench.token_form())[0] == 200
    live.control.disarm()
    assert live.send("GET", "/v1/whoami")[0] == 200


def test_clock_skew(live: Live) -> None:
    """The ``Date`` header is wrong by so many seconds, else it is the exchange's clock."""
    assert parsedate_to_datetime(live.send("GET", "/v1/health")[2]["date"]) == datetime(2026, 11, 22, 12, tzinfo=UTC)
    live.control.arm("clock_skew", seconds=-90)
    skewed = parsedate_to_datetime(live.send("GET", "/v1/health")[2]["date"])
    assert skewed == datetime(2026, 11, 22, 11, 58, 30, tzinfo=UTC)


def test_duplicate_answer(live: Live) -> None:
    """The answer comes twice on a connection that stays open."""
    live.control.arm("duplicate_answer", calls=[1])
    with live.connect() as sock:
        sock.sendall(live.head("GET", "/v1/health"))
        data = b""
        while data.count(b'{"status":"ok"}') < 2:
            data += sock.recv(1 << 16)
        sock.sendall(live.head("GET", "/v1/whoami"))
        assert b"userDisplayName" in one_answer(sock)


def test_resent(live: Live) -> None:
    """The exchange sees the call twice: an assertion was used before, an order's client order id, too."""
    live.control.arm("resent", operation="POST /oauth/token")
    status, body, _ = live.send("POST", "/oauth/token", live.bench.token_form())
    assert (status, body["error"]) == (401, "invalid_client_assertion")
    assert body["error_description"] == "jti has been used before"
    live.control.disarm()
    live.control.arm("resent", times=3, operation=ON_INSERT)
    assert live.send("POST", INSERT, order_body())[0] == 200
    assert inserted(live) == 3
    with pytest.raises(ControlRefused, match="times: from 2 to 10"):
        live.control.arm("resent", times=1)


def test_nth_call_and_participant(live: Live) -> None:
    """A fault strikes the calls that were counted out, of one operation and one participant."""
    live.control.arm("status", status=500, operation="POST /v1/*/search", participant=ALICE, calls=[2])
    answers = [live.send("POST", SEARCH, {"pageSize": 1})[0] for _ in range(3)]
    assert answers == [200, 500, 200]
    live.control.disarm()
    live.control.arm("status", status=500, participant=BOB)
    assert live.send("GET", "/v1/whoami")[0] == 200


def test_share_is_seeded(keys: Keys) -> None:
    """The same seed strikes the same calls, about as many as its share says."""

    def struck(seed: int) -> list[int]:
        with serving(Bench(keys)) as live:
            live.control.arm("status", status=500, share=0.3, seed=seed)
            return [live.send("GET", "/v1/health")[0] for _ in range(40)]

    assert struck(7) == struck(7) != struck(8)
    assert 4 <= struck(7).count(500) <= 20


def test_faults_add_up(live: Live) -> None:
    """Two faults strike one call: it is done, waits, and its answer is lost."""
    live.control.arm("delay", seconds=0.1, commit="after", operation=ON_INSERT)
    live.control.arm("no_answer", commit="after", operation=ON_INSERT)
    began = time.monotonic()
    assert live.raw(live.head("POST", INSERT, json.dumps(order_body()).encode())) == b""
    assert time.monotonic() - began >= 0.1
    assert inserted(live) == 1
    assert live.control.calls()[-1]["faults"] == ["delay", "no_answer"]


def test_a_client_that_leaves_during_a_delay_harms_nobody(live: Live) -> None:
    """Its call is carried out all the same, and the next one is answered."""
    live.control.arm("delay", seconds=0.1, operation=ON_INSERT, calls=[1])
    with live.connect() as sock:
        sock.sendall(live.head("POST", INSERT, json.dumps(order_body()).encode()))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert live.send("GET", "/v1/health")[0] == 200
    deadline = time.monotonic() + 5
    while not inserted(live) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert inserted(live) == 1
