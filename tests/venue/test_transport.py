"""Carrying a request: whole time limits, bounds on what is read, stale connections, what is known when it breaks."""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from runner.clock import SystemClock
from runner.errors import Unreachable
from runner.redact import Redactor
from runner.venue.call import Call, Request
from runner.venue.operations import Effect
from runner.venue.transport import Transport

from .server import MovableClock, Received, Reply, Server, answer

Servers = Callable[..., Server]


def request(url: str, effect: Effect = "reads", limit: float = 5.0, **more: Any) -> Request:
    return Request("GET" if effect == "reads" else "POST", url, effect, limit, **more)


def drip(head: bytes, pause: float = 0.03) -> Callable[[socket.socket], None]:
    """A reply that never ends, a byte at a time."""

    def write(connection: socket.socket) -> None:
        for byte in head:
            connection.sendall(bytes([byte]))
            time.sleep(pause)
        while True:
            connection.sendall(b"x")
            time.sleep(pause)

    return write


def hang(connection: socket.socket) -> None:
    connection.recv(1)


def write(raw: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(raw)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(hang, id="nothing"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX-Slow: "), id="head"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", 0.002), id="body"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 0.002), id="chunks"),
    ],
)
def test_the_whole_call_has_one_limit(reply: Reply, transport: Transport, servers: Servers) -> None:
    """A byte now and then does not prolong a call."""
    heard: list[Call] = []
    began = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        transport.exchange(request(servers(lambda _: reply).url, limit=0.25), 60, heard.append)
    assert 0.2 < time.monotonic() - began < 1.0
    assert caught.value.sent
    assert "within 0.25 s" in caught.value.message
    assert [each.error for each in heard] == [caught.value.message]


@pytest.mark.parametrize("effect", ["reads", "changes"])
@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nServer: one\r\n"])
def test_an_answer_cut_within_its_head(head: bytes, effect: Effect, transport: Transport, servers: Servers) -> None:
    """A connection that closes before the head is whole has not answered, whatever the first line said."""

    def cut(connection: socket.socket) -> None:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_RDWR)

    with pytest.raises(Unreachable) as caught:
        transport.exchange(request(servers(lambda _: cut).url, effect), 60, lambda _: None)
    assert caught.value.sent
    assert "ended within its head" in caught.value.message


def test_the_deadline_counts_where_it_is_nearer(transport: Transport, servers: Servers) -> None:
    """What is left of the step's time cuts a call below its own limit."""
    began = time.monotonic()
    with pytest.raises(Unreachable):
        transport.exchange(request(servers(lambda _: hang).url, limit=15), 0.2, lambda _: None)
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (answer(b"{"), "not JSON"),
        (answer(b"<html>"), "not JSON"),
        (answer(b'{"a": "\xff"}'), "UTF-8"),
        (answer(rb'{"a": "\ud800"}'), "not Unicode"),
        (answer(b'{"a": NaN}'), "NaN"),
        (answer(b'{"a": -Infinity}'), "Infinity"),
        (answer(b'{"a": 1e31}'), "exponent"),
        (answer(b'{"a": 1e-999999999}'), "exponent"),
        (answer(b'{"a": ' + b"1" * 39 + b"}"), "digits"),
        (answer(b'{"a": 0.' + b"1" * 39 + b"}"), "digits"),
        (answer(b'{"a": 0.' + b"1" * 9999 + b"}"), "digits"),
        (answer(b"[" * 101 + b"]" * 101), "nested"),
        (answer(b"[" * 100_000 + b"]" * 100_000), "nested"),
        (write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}"), "broke"),
        (write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"), "broke"),
        (write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}"), "broke"),
        (answer(b'{"a": 12}', Content_Length="4"), "not JSON"),
        (answer(b"{}", Content_Length="99999999"), "larger"),
        (answer(b"{}", Content_Length="9" * 99), "larger"),
        (write(b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n{"), "not JSON"),
        (write(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n{}"), "broke"),
        (write(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n{}"), "broke"),
        (answer(b"not gzip", Content_Encoding="gzip"), "broke"),
        (write(b"\x16\x03\x01 not http\r\n\r\n"), "broke"),
        (write(b""), "broke"),
        (reset, "broke"),
    ],
)
def test_answers_that_cannot_be_used(reply: Reply, words: str, transport: Transport, servers: Servers) -> None:
    """Each is no answer to a request that was sent."""
    with pytest.raises(Unreachable) as caught:
        transport.exchange(request(servers(lambda _: reply).url, "changes"), 5, lambda _: None)
    assert caught.value.sent
    assert words in caught.value.message


def test_numbers_are_exact(transport: Transport, servers: Servers) -> None:
    """A fraction is a Decimal with its digits, an integer an int."""
    raw = b'{"a": 0.57, "b": 12345678901234567890, "c": 1e30, "d": 0.10}'
    body = transport.exchange(request(servers(lambda _: answer(raw)).url), 5, lambda _: None).body
    assert body == {"a": Decimal("0.57"), "b": 12345678901234567890, "c": Decimal("1e30"), "d": Decimal("0.10")}
    assert (type(body["b"]), str(body["d"])) == (int, "0.10")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_an_answer_beyond_16_mib_is_refused_while_reading(packed: bool, transport: Transport, servers: Servers) -> None:
    """Counted after decompression, so that a small bomb is one too."""
    body = b'"' + b" " * (17 * 1024 * 1024) + b'"'
    raw = gzip.compress(body, 1) if packed else b"".join(b"%x\r\n%b\r\n" % (len(body), body) for _ in (1,))
    head = b"Content-Encoding: gzip\r\nContent-Length: %d" % len(raw) if packed else b"Transfer-Encoding: chunked"

    def reply(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + raw)

    with pytest.raises(Unreachable, match="larger than 16 MiB"):
        transport.exchange(request(servers(lambda _: reply).url), 10, lambda _: None)


def test_gzip_is_read(transport: Transport, servers: Servers) -> None:
    """Compressed answers are welcome."""
    raw = gzip.compress(b'{"a": 1}')
    server = servers(lambda _: answer(raw, Content_Encoding="gzip"))
    assert transport.exchange(request(server.url), 5, lambda _: None).body == {"a": 1}
    assert server.received[0].headers["accept-encoding"] == "gzip"


def stale_after_first(server: Server) -> Callable[[Received], Reply]:
    """Answers the first request of all, and closes that connection when a second comes over it."""

    def reply(_: Received) -> Reply:
        if len(server.received) == 2:
            return write(b"")
        return answer({"n": len(server.received)})

    return reply


def test_a_read_on_a_stale_connection_is_sent_again(transport: Transport, servers: Servers) -> None:
    """Once, on a fresh connection; both attempts are heard."""
    server: Server = servers()
    server.reply = stale_after_first(server)
    heard: list[Call] = []
    bodies = [transport.exchange(request(server.url), 5, heard.append).body for _ in range(2)]
    assert bodies == [{"n": 1}, {"n": 3}]
    assert [each.status for each in heard] == [200, None, 200]
    assert server.connections == 2


def test_a_write_on_a_stale_connection_is_never_sent_again(transport: Transport, servers: Servers) -> None:
    """It may have been carried out."""
    server: Server = servers()
    server.reply = stale_after_first(server)
    transport.exchange(request(server.url, "changes"), 5, lambda _: None)
    with pytest.raises(Unreachable) as caught:
        transport.exchange(request(server.url, "changes"), 5, lambda _: None)
    assert caught.value.sent
    assert len(server.received) == 2


def test_a_read_that_breaks_on_a_fresh_connection_is_not_repeated(transport: Transport, servers: Servers) -> None:
    """Only a connection that had served before can be stale."""
    server = servers(lambda _: write(b""))
    with pytest.raises(Unreachable):
        transport.exchange(request(server.url), 5, lambda _: None)
    assert len(server.received) == 1


def test_a_connection_closed_while_idle_is_noticed(transport: Transport, servers: Servers) -> None:
    """An order after the server closed the idle connection goes out on a new one."""
    closing = answer({}, Connection="close")
    server = servers(lambda _: write(closing))
    for _ in range(3):
        transport.exchange(request(server.url, "changes"), 5, lambda _: None)
    assert server.connections == 3


def test_an_idle_connection_is_not_trusted(
    transport: Transport, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a minute a new one is made, before an order could be lost on the old."""
    server = servers()
    transport.exchange(request(server.url), 5, lambda _: None)
    transport.exchange(request(server.url), 5, lambda _: None)
    assert server.connections == 1
    monkeypatch.setattr("runner.venue.connections._MOST_IDLE", -1.0)
    transport.exchange(request(server.url, "changes"), 5, lambda _: None)
    assert server.connections == 2


def test_nothing_listens(transport: Transport) -> None:
    """A refused connection is certain: nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable) as caught:
        transport.exchange(request(f"http://127.0.0.1:{port}", "changes"), 5, lambda _: None)
    assert not caught.value.sent
    assert caught.value.message == f"could not connect to 127.0.0.1:{port}: Connection refused"


def test_an_unknown_host(transport: Transport) -> None:
    """A name that does not resolve is certain, too."""
    with pytest.raises(Unreachable) as caught:
        transport.exchange(request("https://nowhere.invalid", "changes"), 5, lambda _: None)
    assert not caught.value.sent


def test_a_server_without_tls(transport: Transport, servers: Servers) -> None:
    """A handshake that fails sends nothing of the request."""
    server = servers(lambda _: answer({}))
    with pytest.raises(Unreachable) as caught:
        transport.exchange(request(f"https://127.0.0.1:{server.port}", "changes"), 2, lambda _: None)
    assert not caught.value.sent


def test_a_handshake_that_hangs(transport: Transport) -> None:
    """The limit counts while connecting as well."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        with pytest.raises(Unreachable) as caught:
            url = f"https://127.0.0.1:{listener.getsockname()[1]}"
            transport.exchange(request(url, "changes", 0.3), 5, lambda _: None)
    assert not caught.value.sent
    assert time.monotonic() - began < 1.0


@pytest.mark.parametrize(("ahead", "offset"), [(0, 500), (90, 90_500), (-3600, -3_599_500)])
def test_the_clock_offset_is_measured_once(ahead: int, offset: int, servers: Servers) -> None:
    """The venue's `Date` against ours, from the first answer on."""
    dates = [
        f"Mon, 02 Nov 2026 {12 + (ahead // 3600)}:{(ahead % 3600) // 60:02}:{ahead % 60:02} GMT",
        "Thu, 01 Jan 2026",
    ]
    replies = iter(answer({}, Date=date) for date in dates)
    server = servers(lambda _: next(replies))
    with contextlib.closing(Transport(MovableClock(), Redactor())) as transport:
        assert transport.clock_offset_ms is None
        for _ in range(2):
            transport.exchange(request(server.url), 5, lambda _: None)
        assert transport.clock_offset_ms == offset


def test_no_date_no_offset(transport: Transport, servers: Servers) -> None:
    """A server that tells no time leaves the offset unknown."""
    transport.exchange(request(servers().url), 5, lambda _: None)
    assert transport.clock_offset_ms is None


def test_netrc_and_cookies_play_no_part(
    servers: Servers, transport: Transport, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Neither a `.netrc` nor what a server set before changes what is sent."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = servers(lambda _: answer({}, Set_Cookie="a=b"))
    heard: list[Call] = []
    for _ in range(2):
        transport.exchange(request(server.url, headers={"Authorization": "Bearer mine"}), 5, heard.append)
    assert [each.headers["authorization"] for each in server.received] == ["Bearer mine"] * 2
    assert all("cookie" not in each.headers for each in server.received)
    assert "set-cookie" not in heard[0].headers


def test_threads_share_the_pool(transport: Transport, servers: Servers) -> None:
    """Calls at once don't disturb each other, and one that is cut leaves the others alone."""
    slow = threading.Event()

    def reply(received: Received) -> Reply:
        if received.target == "/slow":
            return hang
        slow.wait(0.3)
        return answer({"at": received.target})

    server = servers(reply)
    got: dict[str, Any] = {}

    def ask(path: str, limit: float) -> None:
        try:
            got[path] = transport.exchange(request(server.url + path, limit=limit), 5, lambda _: None).body
        except Unreachable as problem:
            got[path] = problem.message

    threads = [threading.Thread(target=ask, args=(f"/{n}", 5)) for n in range(20)]
    threads.append(threading.Thread(target=ask, args=("/slow", 0.1)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "within 0.1 s" in got.pop("/slow")
    assert got == {f"/{n}": {"at": f"/{n}"} for n in range(20)}


def test_a_call_after_a_cut_works(transport: Transport, servers: Servers) -> None:
    """The watchdog concerns the call whose time is up, not the next."""
    server: Server = servers(lambda received: hang if received.target == "/slow" else answer({}))
    for _ in range(3):
        with pytest.raises(Unreachable):
            transport.exchange(request(f"{server.url}/slow", limit=0.05), 5, lambda _: None)
        assert transport.exchange(request(server.url), 5, lambda _: None).status == 200


def test_system_time_is_used(servers: Servers) -> None:
    """Started-at and duration come from the clock that was handed in."""
    clock = MovableClock()

    def reply(_: Received) -> Reply:
        clock.wait(0.25)
        return answer({})

    server = servers(reply)
    heard: list[Call] = []
    with contextlib.closing(Transport(clock, Redactor())) as transport:
        transport.exchange(request(server.url), 5, heard.append)
    assert (heard[0].started_at.isoformat(), heard[0].duration_ms) == ("2026-11-02T12:00:00+00:00", 250)
    assert SystemClock().now().tzinfo is not None
