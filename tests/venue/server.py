"""A small server in threads that answers as a test says, byte for byte, and a clock that is moved by hand."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

PARTICIPANT = "firms/ISV-Participant-Acme/users/u1"


@dataclass(frozen=True)
class Received:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Reply: TypeAlias = "bytes | Callable[[socket.socket], None]"


def answer(body: object = None, status: int = 200, **headers: str) -> bytes:
    """A whole HTTP answer; ``body`` as JSON unless it is bytes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(raw))}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + raw


def opaque_jwt(**claims: object) -> str:
    """A token that looks like a JWT; nobody here verifies it."""
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in ({}, claims)]
    return ".".join([*parts, "c2lnbmF0dXJl"])


@dataclass
class Server:
    """Answers each request by ``reply``; a callable reply writes to the socket itself, which is then closed."""

    reply: Callable[[Received], Reply] = lambda _: answer({})
    received: list[Received] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for each in self._open:
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), connection.makefile("rb") as stream:
            while request := read_request(stream):
                self.received.append(request)
                reply = self.reply(request)
                if callable(reply):
                    reply(connection)
                    break
                connection.sendall(reply)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def read_request(stream: Any) -> Received | None:
    """The next request of a connection, None at its end."""
    first = stream.readline().decode().split()
    if not first:
        return None
    headers: dict[str, str] = {}
    while line := stream.readline().decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Received(first[0], first[1], headers, stream.read(int(headers.get("content-length", 0))))


class MovableClock:
    """Time stands still until it is moved."""

    def __init__(self) -> None:
        self.moved = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 2, 12, tzinfo=UTC) + timedelta(seconds=self.moved)

    def steady(self) -> float:
        return 1000.0 + self.moved

    def wait(self, seconds: float) -> None:
        self.moved += seconds


@dataclass
class Exchange:
    """A venue whose answers a test decides: ``routes`` by method and path, the token endpoint by ``token``."""

    server: Server
    routes: dict[str, Any] = field(default_factory=dict)
    tokens: int = 0
    expires_in: object = 180

    def __post_init__(self) -> None:
        self.server.reply = self._reply

    def token(self, number: int) -> str:
        return opaque_jwt(sub="client-1", scope="read:accounts write:orders", jti=f"issued-{number}")

    def asked(self, path: str) -> list[Received]:
        return [each for each in self.server.received if each.target.partition("?")[0] == path]

    def _reply(self, request: Received) -> Reply:
        key = f"{request.method} {request.target.partition('?')[0]}"
        route = self.routes.get(key)
        if route is None and key == "POST /oauth/token":
            self.tokens += 1
            return answer({"access_token": self.token(self.tokens), "expires_in": self.expires_in})
        if route is None:
            return answer({"code": 5, "message": "no such route", "details": []}, 404)
        reply = route(request) if callable(route) else route
        return reply if isinstance(reply, bytes) or callable(reply) else answer(reply)
