"""From sockets to answers: an ASGI application without a framework, and a server that stops at once."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from runner.sandbox.gateway.errors import invalid, too_large
from runner.sandbox.gateway.message import Answer, Request

LOOPBACK = "127.0.0.1"
LARGEST_BODY = 1 << 20

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_Application = Callable[[_Message, _Receive, _Send], Awaitable[None]]


def application(respond: Callable[[Request], Answer]) -> _Application:
    """An ASGI application around a plain function."""

    async def serve(scope: _Message, receive: _Receive, send: _Send) -> None:
        if scope["type"] != "http":
            return
        try:
            body = await _body(receive)
        except ConnectionResetError:
            return
        await _send(send, too_large().answer() if body is None else respond(_request(scope, body)))

    return serve


def listen(port: int) -> socket.socket:
    """A listening socket on the loopback interface; port 0 takes any free one. Raises OSError."""
    # asyncio switches Nagle's algorithm off only where the protocol is named: else each answer takes 40 ms more.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
        sock.listen(512)
    except OSError:
        sock.close()
        raise
    return sock


class _Protocol(HttpToolsProtocol):
    """Answers what is no HTTP at all in the venue's error form too."""

    def send_400_response(self, msg: str) -> None:
        body = invalid(msg).answer().body
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(head.encode() + b"connection: close\r\n\r\n" + body)
        self.transport.close()


class Server(uvicorn.Server):
    """Uvicorn looks ten times a second whether to stop and then waits a tenth; this one stops when it is told.

    It leaves signals alone: whoever runs it hands ``handle_exit`` to them, which may be called before it runs too.
    """

    def __init__(self, app: _Application) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                loop="asyncio",
                lifespan="off",
                access_log=False,
                server_header=False,
                log_config=None,
                timeout_keep_alive=600,
            )
        )
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Stop soon; safe to call from a signal handler."""
        self.should_exit = True
        if self._loop and self._stop:
            self._loop.call_soon_threadsafe(self._stop.set)

    async def main_loop(self) -> None:
        """Wait for the word to stop, and renew the ``Date`` header each second meanwhile."""
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        # The second counter in uvicorn's tick counts tenths: zero is what renews the Date header.
        while not await self.on_tick(0):
            try:
                await asyncio.wait_for(self._stop.wait(), timeout=1)
            except TimeoutError:
                continue

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        """Close everything at once; whatever is unanswered stays so."""
        self._loop = None
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)


async def _body(receive: _Receive) -> bytes | None:
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
        if size <= LARGEST_BODY:
            parts.append(part)
    return b"".join(parts) if size <= LARGEST_BODY else None


def _request(scope: _Message, body: bytes) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode("latin-1")
    return Request(scope["method"], scope["path"], query, headers, body)


async def _send(send: _Send, answer: Answer) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
