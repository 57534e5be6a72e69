"""Clients that are wrong, slow or hostile: the venue's error form, never a traceback, and bounded memory."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from runner.sandbox.connection import Limits
from sandbox.bench import Bench
from sandbox.conftest import Program
from sandbox.live import Live, one_answer, parse, serving

QUICK = Limits(head_seconds=0.3, body_seconds=0.3, first_byte_seconds=0.3, unread_seconds=0.3, connections=8)
HEALTH = b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"


@pytest.fixture
def live(bench: Bench) -> Iterator[Live]:
    with serving(bench, QUICK) as served:
        yield served


def refusal(answer: bytes) -> tuple[int, int]:
    """Status and code of an answer in the venue's error form."""
    status, tree, headers = parse(answer)
    assert headers["content-type"] == "application/json"
    assert set(tree) == {"code", "message", "details"}
    assert b"Traceback" not in answer
    return status, tree["code"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"no http at all\r\n\r\n", 400),
        (b"GET /v1/health\r\n\r\n", 464),
        (b"GET /v1/health HTTP/9.9\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
        (b"POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400),
        (b"POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET /v1/health HTTP/1.1\r\nBad Header\r\n\r\n", 400),
        (b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n", 400),
        (b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n", 431),
    ],
    ids=[
        "text",
        "http-0.9",
        "version",
        "tls",
        "path",
        "negative-length",
        "two-lengths",
        "chunks",
        "header",
        "connect",
        "long-path",
    ],
)
def test_what_is_no_http(live: Live, data: bytes, status: int) -> None:
    """Refused in the error form, and the connection closes."""
    assert refusal(live.raw(data))[0] == status


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1:1", ""], ids=["name", "port", "none"])
def test_wrong_host(live: Live, host: str) -> None:
    """464, as the venue's load balancer answers; the log has it."""
    assert refusal(live.raw(live.head("GET", "/v1/health", Host=host, Connection="close"))) == (464, 3)
    assert live.control.calls()[-1]["status"] == 464


def test_localhost_is_a_host_too(live: Live) -> None:
    """Both names of this machine are taken."""
    sent = live.head("GET", "/v1/health", Host=f"localhost:{live.port}", Connection="close")
    assert parse(live.raw(sent))[0] == 200


@pytest.mark.parametrize(
    "headers",
    [b"X-Many: 1\r\n" * 200, b"X-Large: " + b"x" * 70_000 + b"\r\n"],
    ids=["many", "large"],
)
def test_header_floods(live: Live, headers: bytes) -> None:
    """431 for too many and for too large ones."""
    assert refusal(live.raw(HEALTH % live.port + headers + b"\r\n"))[0] == 431


def test_a_header_without_end(live: Live) -> None:
    """One that never ends is cut at the bound, though none of it was ever whole."""
    with live.connect() as sock:
        sock.sendall(HEALTH % live.port + b"X-Endless: ")
        answer = b""
        try:
            for _ in range(100):
                sock.sendall(b"x" * 4096)
            answer = sock.recv(1 << 16)
        except OSError:
            return
        assert refusal(answer)[0] == 431


def test_large_bodies(live: Live) -> None:
    """Ten megabytes, announced or in chunks: 413, and the connection goes on."""
    large = b"x" * (10 << 20)
    head = live.head("POST", "/v1/refdata/symbols", **{"Content-Length": str(len(large))})
    chunked = live.head("POST", "/v1/refdata/symbols", **{"Content-Length": "", "Transfer-Encoding": "chunked"})
    for data in (head + large, chunked + b"%x\r\n" % len(large) + large + b"\r\n0\r\n\r\n"):
        with live.connect() as sock:
            sock.sendall(data)
            assert refusal(one_answer(sock))[0] == 413
            sock.sendall(HEALTH % live.port + b"\r\n")
            assert one_answer(sock).endswith(b'{"status":"ok"}')


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/trading/orders/open?symbols=" + "x" * 9000, 403, 7),
        ("/v1/trading/orders/open?symbols=%ff", 400, 3),
        ("/v1/trading/orders/open?" + "a=1&" * 1500, 400, 3),
        ("/v1/accounts?user=%00", 403, 7),
        ("/v1/..%2f..%2fetc/passwd", 403, 7),
        ("//v1/health", 403, 7),
        ("/v1/health/", 403, 7),
        ("/V1/HEALTH", 403, 7),
    ],
    ids=["long", "utf-8", "many", "nul", "dots", "slashes", "trailing", "case"],
)
def test_odd_addresses(live: Live, path: str, status: int, code: int) -> None:
    """An over-long query is 403 as the venue answers it; the rest is refused for what it is."""
    assert refusal(live.raw(live.head("GET", path, Connection="close"))) == (status, code)


@pytest.mark.parametrize(
    ("begun", "said"),
    [
        (b"", b""),
        (b"\r\n", b""),
        (b"GET /v1/health HT", b"HTTP/1.1 408"),
        (b"POST /v1/refdata/symbols HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", b"HTTP/1.1 408"),
    ],
    ids=["nothing", "blank", "half-a-head", "half-a-body"],
)
def test_half_sent_requests_end_in_time(live: Live, begun: bytes, said: bytes) -> None:
    """Who does not finish is told so and hung up on; who never began is hung up on."""
    with live.connect() as sock:
        sock.sendall(begun)
        sock.settimeout(5)
        assert sock.recv(1 << 16)[:12] == said
        assert sock.recv(1 << 16) == b""


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_byte_now_and_then_wins_no_time(live: Live, part: str) -> None:
    """The clock of a request runs from its first byte, not from its last."""
    begun = b"GET /" if part == "head" else live.head("POST", "/v1/refdata/symbols", **{"Content-Length": "99999"})
    began = time.monotonic()
    with live.connect() as sock:
        sock.sendall(begun)
        try:
            while time.monotonic() - began < 5:
                sock.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass
    assert time.monotonic() - began < 2


def test_a_client_that_does_not_read(bench: Bench) -> None:
    """Its answer is given up, and everybody else is served meanwhile."""
    with serving(bench, replace(QUICK, unread_seconds=0.3)) as live:
        live.control.arm("huge", mebibytes=32, operation="GET /v1/health")
        with live.connect() as deaf:
            deaf.sendall(HEALTH % live.port + b"\r\n")
            assert live.send("GET", "/v1/whoami")[0] == 200
            time.sleep(0.6)
            received = 0
            try:
                while part := deaf.recv(1 << 20):
                    received += len(part)
            except ConnectionResetError:
                pass
            assert received < 32 << 20


def test_pipelined_requests_are_answered_in_their_sequence(live: Live) -> None:
    """Twenty in one packet get twenty answers; several hundred get the door."""
    one = live.head("GET", "/v1/whoami")
    answers = live.raw(one * 19 + live.head("GET", "/v1/health", Connection="close"))
    assert answers.count(b"HTTP/1.1 200") == 20
    assert answers.endswith(b'{"status":"ok"}')
    assert b"HTTP/1.1 400" in live.raw((HEALTH % live.port + b"\r\n") * 2000)


def test_too_many_connections(live: Live) -> None:
    """Beyond the bound: 503 at once, and those before go on."""
    kept = [live.connect() for _ in range(8)]
    try:
        assert refusal(live.raw(b"")) == (503, 14)
        kept[0].sendall(HEALTH % live.port + b"\r\n")
        assert kept[0].recv(1 << 16).startswith(b"HTTP/1.1 200")
    finally:
        for sock in kept:
            sock.close()


def test_head_and_options_and_upgrades(live: Live) -> None:
    """Methods that nobody serves are 405; an upgrade is ignored."""
    for method in ("OPTIONS", "DELETE", "PATCH", "TRACE"):
        assert refusal(live.raw(live.head(method, "/v1/health", Connection="close")))[0] == 405
    assert live.raw(live.head("HEAD", "/v1/health", Connection="close")).startswith(b"HTTP/1.1 405")
    upgrade = live.head("GET", "/v1/health", Connection="Upgrade, close", Upgrade="websocket")
    assert live.raw(upgrade).endswith(b'{"status":"ok"}')


def test_memory_stays_bounded(sandbox: Program) -> None:
    """Forty clients that each pour sixteen megabytes in leave the exchange as small as before, and silent."""
    port = int(sandbox.url.rpartition(":")[2])
    before = resident(sandbox)
    for _ in range(40):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            head = b"POST /v1/refdata/symbols HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: %d\r\n\r\n"
            sock.sendall(head % (port, 16 << 20) + b"x" * (16 << 20))
            assert b" 413 " in sock.recv(1 << 16)
    assert resident(sandbox) - before < 16 << 20
    sandbox.process.terminate()
    assert sandbox.process.wait(10) == 0
    assert sandbox.process.stderr
    assert sandbox.process.stderr.read() == ""


def resident(program: Program) -> int:
    """The memory that a program holds, in bytes."""
    text = Path(f"/proc/{program.process.pid}/statm").read_text(encoding="ascii")
    return int(text.split()[1]) * os.sysconf("SC_PAGESIZE")


def test_error_bodies_are_json_with_three_members(bench: Bench) -> None:
    """Also what goes wrong before a route is found."""
    answer = bench.answer("GET", "/v1/%ff/orderbook", participant=None)
    assert set(json.loads(answer.body)) == {"code", "message", "details"}
