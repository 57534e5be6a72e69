"""A bench behind real sockets: the exchange of this process served by a thread, its clock still the test's."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from runner.sandbox.connection import Limits
from runner.sandbox.control.panel import Panel
from runner.sandbox.server import Listener, Server, application, listen, url_of
from sandbox.bench import ALICE, Bench, Json
from sandbox.control import Control

TOKEN = "the control token"


class Live:
    """One served bench."""

    def __init__(self, bench: Bench, url: str, control_url: str) -> None:
        self.bench = bench
        self.url = url
        self.control_url = control_url
        self.control = Control({"PMX_SANDBOX_CONTROL_URL": control_url, "PMX_SANDBOX_CONTROL_TOKEN": TOKEN})

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def head(self, method: str, path: str, body: bytes = b"", /, **headers: str) -> bytes:
        """A request as bytes, signed and acting for Alice."""
        sent = {
            "Host": f"127.0.0.1:{self.port}",
            "Authorization": f"Bearer {self.bench.access_token()}",
            "X-Participant-Id": ALICE,
            "Content-Length": str(len(body)),
            **headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items() if value)
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body

    def raw(self, data: bytes, *, end: bool = False) -> bytes:
        """All that comes back for these bytes until the exchange closes, or until it has said nothing for a while."""
        with self.connect() as sock:
            sock.sendall(data)
            if end:
                sock.shutdown(socket.SHUT_WR)
            return _read(sock)

    def send(self, method: str, path: str, body: object = None) -> tuple[int, Json, dict[str, str]]:
        """One whole call: status, JSON and headers. Raises ConnectionError if there was no whole answer."""
        data = b"" if body is None else json.dumps(body).encode()
        with self.connect() as sock:
            sock.sendall(self.head(method, path, data))
            return parse(one_answer(sock))


def parse(answer: bytes) -> tuple[int, Json, dict[str, str]]:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]), json.loads(body) if body else None, headers


def one_answer(sock: socket.socket) -> bytes:
    data = b""
    while True:
        head, found, body = data.partition(b"\r\n\r\n")
        if found:
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            if len(body) >= int(length.split(b":")[1]):
                return data
        part = sock.recv(1 << 16)
        if not part:
            raise ConnectionError(data)
        data += part


def _read(sock: socket.socket) -> bytes:
    parts: list[bytes] = []
    sock.settimeout(2)
    try:
        while part := sock.recv(1 << 16):
            parts.append(part)
    except (TimeoutError, ConnectionResetError):
        pass
    return b"".join(parts)


@contextmanager
def serving(bench: Bench, limits: Limits | None = None) -> Iterator[Live]:
    """The bench behind sockets within the block."""
    limits = limits or Limits()
    with listen(0) as sock, listen(0) as control_sock:
        url, control_url = url_of(sock), url_of(control_sock)
        port = url.rpartition(":")[2]
        house = replace(bench.house, hosts=frozenset({f"127.0.0.1:{port}", f"localhost:{port}"}))
        panel = Panel(house, TOKEN, control_url)
        server = Server(
            [
                Listener(sock, application(house.serve, house.clock, limits)),
                Listener(control_sock, application(panel.serve, house.clock, limits)),
            ],
            limits,
        )
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield Live(bench, url, control_url)
        finally:
            while thread.is_alive():
                server.handle_exit(0, None)
                thread.join(0.05)
                time.sleep(0)
