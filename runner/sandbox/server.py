"""From sockets to answers: an ASGI application without a framework, and a server that stops at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import sys
import traceback
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from types import FrameType
from typing import TypeAlias

import uvicorn

from runner.sandbox.connection import Connection, Limits
from runner.sandbox.delivery import PLAIN, Delivery, Message, Receive, Send, Way, deliver
from runner.sandbox.exchange.clock import Clock
from runner.sandbox.gateway.errors import internal, too_large
from runner.sandbox.gateway.message import Answer, Request

LOOPBACK = "127.0.0.1"
_QUEUE = 512

Serve: TypeAlias = Callable[[Request], Awaitable[tuple[Answer, Delivery]]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that listens, what answers on it, and the certificate if it speaks TLS."""

    socket: socket.socket
    application: Application
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """Where it is reached."""
        return url_of(self.socket, self.tls)


def application(serve: Serve, clock: Clock, limits: Limits) -> Application:
    """An ASGI application around a function; every answer is dated by the exchange's clock."""

    async def respond(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            answer, delivery = await _answered(serve, scope, receive, limits.body_bytes)
        except ConnectionResetError:
            return
        date = _http_date((clock.now() + timedelta(seconds=delivery.skew)).replace(microsecond=0))
        await deliver(answer, delivery, date, Way(scope["connection"], receive, send))

    return respond


def listen(port: int) -> socket.socket:
    """A listening socket on the loopback interface; port 0 takes any free one. Raises OSError."""
    # asyncio switches Nagle's algorithm off only where the protocol is named: else each answer takes 40 ms more.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
        sock.listen(_QUEUE)
    except OSError:
        sock.close()
        raise
    return sock


def url_of(sock: socket.socket, tls: ssl.SSLContext | None = None) -> str:
    """The address of a listening socket."""
    return f"{'https' if tls else 'http'}://{LOOPBACK}:{sock.getsockname()[1]}"


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer with a certificate chain and its key. Raises OSError, of which ssl.SSLError is one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


class Server(uvicorn.Server):
    """Uvicorn looks ten times a second whether to stop and then waits a tenth; this one stops when it is told.

    It leaves signals alone: whoever runs it hands ``handle_exit`` to them, which may be called before it runs too.
    """

    def __init__(self, listeners: Sequence[Listener], limits: Limits) -> None:
        super().__init__(
            uvicorn.Config(
                listeners[0].application,
                http=Connection,
                ws="none",
                loop="asyncio",
                lifespan="off",
                access_log=False,
                server_header=False,
                date_header=False,
                log_config=None,
                timeout_keep_alive=limits.idle_seconds,
            )
        )
        # It would tell of every client's mistake on stderr; ours are told by ``_answered``.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
        self._listeners = listeners
        self._limits = limits
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop soon; safe to call from a signal handler or another thread."""
        self.should_exit = True
        if self._loop and self._stop:
            self._loop.call_soon_threadsafe(self._stop.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Listen on every socket, each with its own application."""
        loop = asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(self._connections(listener, loop), sock=listener.socket, ssl=listener.tls)
            for listener in self._listeners
        ]
        self.started = True

    async def main_loop(self) -> None:
        """Wait for the word to stop."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        if not self.should_exit:
            await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Close everything at once; whatever is unanswered stays so."""
        self._loop = None
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.abandon()
        await asyncio.sleep(0)

    def _connections(self, listener: Listener, loop: asyncio.AbstractEventLoop) -> Callable[[], Connection]:
        def connect() -> Connection:
            connection = Connection(self.config, self.server_state, self._limits, loop)
            connection.app = listener.application
            return connection

        return connect


async def _answered(serve: Serve, scope: Message, receive: Receive, most: int) -> tuple[Answer, Delivery]:
    """The answer to one request; a defect of ours is 500, and its traceback goes to stderr alone."""
    body = await _body(receive, most)
    if body is None:
        return too_large().answer(), PLAIN
    try:
        return await serve(_request(scope, body))
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return internal().answer(), PLAIN


async def _body(receive: Receive, most: int) -> bytes | None:
    """The whole body, or None if it is too large; the rest of that is read and dropped.

    Raises ConnectionResetError if the client left in the middle: half a request is none.
    """
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        part: bytes = message.get("body", b"")
        size, more = size + len(part), message.get("more_body", False)
        if size <= most:
            parts.append(part)
        else:
            parts.clear()
    return b"".join(parts) if size <= most else None


def _request(scope: Message, body: bytes) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    return Request(scope["method"], scope["raw_path"].decode("latin-1"), query, headers, body)


@lru_cache(maxsize=16)
def _http_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)
