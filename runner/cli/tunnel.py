"""The way through a proxy, as the usual environment variables name it: taken step by step, for the doctor."""

from __future__ import annotations

import base64
import re
import socket
from urllib.parse import SplitResult, unquote, urlsplit

from runner.address import host_of, is_loopback
from runner.errors import Unreachable

PATIENCE = 5.0
LET_THROUGH = "let *.polymarketexchange.com and *.auth0.com through on port 443"
_LONGEST = 1 << 16
_ANSWER = re.compile(rb"HTTP/1\.[01] (\d{3})[ ]?([^\r\n]*)")


def proxy_for(url: str) -> str:
    """The proxy that the environment names for ``url``, as ``host:port``; empty if it is reached directly."""
    parts = _named(url)
    return parts.netloc.rpartition("@")[2] if parts else ""


def proxy_url(url: str) -> str:
    """The same as an address, without name and password."""
    parts = _named(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts else ""


def opened(url: str, port: int) -> socket.socket:
    """A connection to the host of ``url`` through the proxy that is named for it.

    Raises ``Unreachable`` if the proxy is not there, is none, or lets nothing through; ``OSError`` if it falls silent.
    """
    parts, place = _named(url), proxy_for(url)
    assert parts is not None  # noqa: S101 - who asks for it saw that there is one
    target = f"{host_of(url)}:{port}"
    try:
        way = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=PATIENCE)
    except OSError as error:
        title = f"no connection to the proxy {place}: {error.strerror or error}"
        raise Unreachable(title, sent=False, help=_elsewhere(url)) from error
    try:
        way.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{_who(parts)}\r\n".encode())
        _judge(_head(way), target, place, url, told=bool(parts.username))
    except (OSError, Unreachable):
        way.close()
        raise
    return way


def _named(url: str) -> SplitResult | None:
    if is_loopback(url):
        return None
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(url, get_environ_proxies(url)) or ""
    return urlsplit(proxy if "//" in proxy else f"http://{proxy}") if proxy else None


def _who(parts: SplitResult) -> str:
    if not parts.username:
        return ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}\r\n"


def _head(way: socket.socket) -> bytes:
    """The head of the answer, read byte by byte: what follows belongs to the host behind."""
    head = bytearray()
    while not head.endswith(b"\r\n\r\n") and len(head) < _LONGEST:
        byte = way.recv(1)
        if not byte:
            break
        head += byte
    return bytes(head)


def _judge(head: bytes, target: str, place: str, url: str, *, told: bool) -> None:
    answer = _ANSWER.match(head)
    if answer is None:
        raise Unreachable(f"{place} does not answer as a proxy", sent=False, help=_elsewhere(url))
    status, words = answer[1].decode(), answer[2].decode(errors="replace").strip()
    if status == "407":
        asks = "takes neither this name nor this password" if told else "asks for a name and a password"
        help = f"give both in its address: HTTPS_PROXY=http://NAME:PASSWORD@{place}"
        raise Unreachable(f"the proxy {place} {asks}: 407 {words}".rstrip(), sent=False, help=help)
    if not status.startswith("2"):
        title = f"the proxy {place} does not let us through to {target}: {status} {words}".rstrip()
        raise Unreachable(title, sent=False, help=f"ask its owner to {LET_THROUGH}")


def _elsewhere(url: str) -> str:
    return f"HTTPS_PROXY names it; if {host_of(url)} can be reached without one: NO_PROXY={host_of(url)}"
