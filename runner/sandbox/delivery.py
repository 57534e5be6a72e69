"""How an answer goes out: as it should, or in one of the ways in which answers go wrong."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from runner.sandbox.connection import Connection
from runner.sandbox.gateway.message import Answer

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_READ_FIRST = 0.05
_AT_ONCE_SECONDS = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What happens to an answer on its way.

    ``lost``: the connection closes without it. ``bytes_per_second``: it trickles, head and all. ``reset_after``: that
    many bytes of its body arrive, then the connection is reset. ``twice``: it comes a second time, as the answer to
    whatever the client asks next. ``skew``: seconds by which its ``Date`` is wrong.
    """

    lost: bool = False
    bytes_per_second: float = 0
    reset_after: int | None = None
    twice: bool = False
    skew: float = 0


PLAIN = Delivery()


@dataclass(frozen=True, slots=True)
class Way:
    """The way back to the client of one request."""

    connection: Connection
    receive: Receive
    send: Send


async def deliver(answer: Answer, delivery: Delivery, date: str, way: Way) -> None:
    """Send an answer; ``date`` is what its ``Date`` header says."""
    if delivery.lost:
        await _closed(way)
    elif delivery.reset_after is not None:
        await _reset(_raw(answer, date, whole=False), delivery.reset_after, way)
    elif delivery.bytes_per_second:
        await _trickle(_raw(answer, date, whole=False), delivery.bytes_per_second, way)
    else:
        if delivery.twice:
            way.connection.transport.write(b"".join(_raw(answer, date, whole=True)))
        await _sent(answer, date, way.send)


async def _sent(answer: Answer, date: str, send: Send) -> None:
    headers = [(name.encode(), value.encode()) for name, value in _headers(answer, date).items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _closed(way: Way) -> None:
    way.connection.transport.close()
    await _gone(way)


async def _reset(raw: tuple[bytes, bytes], after: int, way: Way) -> None:
    """Without a moment between the two, the reset would overtake what was sent."""
    transport = way.connection.transport
    transport.write(raw[0] + raw[1][:after])
    await asyncio.sleep(_READ_FIRST)
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is not None and not transport.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE_SECONDS)
    transport.abort()
    await _gone(way)


async def _trickle(raw: tuple[bytes, bytes], bytes_per_second: float, way: Way) -> None:
    """At least twenty pieces a second, so that no client sees a silence longer than it must be."""
    text, transport = b"".join(raw), way.connection.transport
    size = max(1, int(bytes_per_second // 20))
    for start in range(0, len(text), size):
        if transport.is_closing():
            break
        transport.write(text[start : start + size])
        await asyncio.sleep(size / bytes_per_second)
    await _closed(way)


async def _gone(way: Way) -> None:
    """Wait until the connection has ended, so that nothing else is sent on it."""
    while (await way.receive())["type"] != "http.disconnect":
        continue


def _headers(answer: Answer, date: str) -> dict[str, str]:
    usual = {"date": date, "content-length": str(len(answer.body))}
    kind = {"content-type": "application/json"} if answer.body else {}
    return usual | kind | dict(answer.headers)


def _raw(answer: Answer, date: str, *, whole: bool) -> tuple[bytes, bytes]:
    """Head and body as bytes; what is not ``whole`` ends with its connection."""
    try:
        phrase = HTTPStatus(answer.status).phrase
    except ValueError:
        phrase = ""
    headers = _headers(answer, date) | ({} if whole else {"connection": "close"})
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} {phrase}\r\n{lines}\r\n".encode(), answer.body
