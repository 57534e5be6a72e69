"""One client's connection: HTTP by httptools, with a bound on everything that a client could make grow or last.

Whatever is refused here, before there is a request, is refused in the venue's error form too. The venue closes a
connection after ten idle minutes and cuts what takes more than 30 s (docs.polymarket.us:
trader-guide/connection-issues); the other bounds are this exchange's own.
"""

from __future__ import annotations

import asyncio
from asyncio import TimerHandle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from runner.sandbox.gateway.errors import Refused, crowded, header_flood, invalid, too_slow


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds: bytes, pieces and seconds."""

    body_bytes: int = 1 << 20
    head_bytes: int = 64 << 10
    headers: int = 100
    connections: int = 1024
    pipelined: int = 100
    first_byte_seconds: float = 60.0
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    unread_seconds: float = 60.0
    idle_seconds: int = 600


class _Refuse(Exception):
    """Stops the parser; why is kept beside."""


class Connection(HttpToolsProtocol):
    """A connection that ends itself when a client sends too much, too slowly, or does not read."""

    def __init__(self, config: Config, state: ServerState, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(config=config, server_state=state, app_state={}, _loop=loop)
        self._limits = limits
        self._refusal: Refused | None = None
        self._timer: TimerHandle | None = None
        self._head_bytes = 0
        self._reading = "nothing"
        self._timed = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a client in, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            self._refuse(crowded())
            return
        self._arm("silence", self._limits.first_byte_seconds, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; whatever has begun must end in time."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._reading == "head":
            self._head_bytes += len(data)
            if self._head_bytes > self._limits.head_bytes:
                self._refuse(header_flood())
        self._watch()

    def on_message_begin(self) -> None:
        """A request begins; the application finds its connection in the scope."""
        if len(self.pipeline) >= self._limits.pipelined:
            self._stop(invalid("too many requests are waiting on this connection"))
        self._reading, self._head_bytes = "head", 0
        super().on_message_begin()
        self.scope["connection"] = self  # type: ignore[typeddict-unknown-key]

    def on_headers_complete(self) -> None:
        """The head is whole."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self._limits.head_bytes or len(self.headers) > self._limits.headers:
            self._stop(header_flood())
        self._reading = "body"
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._reading = "nothing"
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The client does not read; it has some time to."""
        super().pause_writing()
        self._arm("unread", self._limits.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads again."""
        self._disarm()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or what was stopped on the way."""
        self._refuse(self._refusal or invalid(msg))

    def abandon(self) -> None:
        """End the connection at once, answered or not."""
        self._disarm()
        self.transport.abort()

    def _watch(self) -> None:
        """Time what has begun from its first byte to its last; bytes between them win no time."""
        if self.transport.is_closing():
            return
        if self._reading == "head":
            self._arm("head", self._limits.head_seconds, self._give_up)
        elif self._reading == "body":
            self._arm("body", self._limits.body_seconds, self._give_up)
        elif self._timed in ("head", "body"):
            self._disarm()
        if not self._timed and not self.timeout_keep_alive_task and self._idle():
            self._arm("silence", self._limits.first_byte_seconds, self.transport.close)

    def _idle(self) -> bool:
        return self._reading == "nothing" and (self.cycle is None or self.cycle.response_complete)

    def _give_up(self) -> None:
        self._refuse(too_slow())

    def _stop(self, refusal: Refused) -> None:
        self._refusal = refusal
        raise _Refuse

    def _refuse(self, refusal: Refused) -> None:
        body = refusal.answer().body
        head = f"HTTP/1.1 {refusal.status} \r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(head.encode() + b"connection: close\r\n\r\n" + body)
        self.transport.close()

    def _arm(self, what: str, seconds: float, action: Callable[[], Any]) -> None:
        if self._timed == what:
            return
        self._disarm()
        self._timed, self._timer = what, self.loop.call_later(seconds, action)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timed, self._timer = "", None
