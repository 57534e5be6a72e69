"""What is added to the HTTP library's connections: their sockets are known, and an idle one is not trusted.

The venue's load balancer closes a connection after ten idle minutes (docs.polymarket.us,
trader-guide/connection-issues), and others on the way may do so sooner, without a word. An order must not be lost to
such a connection, so none is used again after a minute.
"""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING, Any

from runner.venue.flight import Flight, current

if TYPE_CHECKING:
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection as _Connection
    from urllib3.connectionpool import HTTPConnectionPool as _Pool
else:
    _Connection = _Pool = object

CONNECT_LIMIT = 5.0
_MOST_IDLE = 60.0
_POOL_SIZE = 64


class _Watched(_Connection):
    """A connection whose socket the flight under way can cut, from the first SYN on."""

    uses = 0
    used_at = 0.0

    def _new_conn(self) -> socket.socket:
        from urllib3.exceptions import NewConnectionError

        self.uses = 0
        try:
            sock = _opened(self._dns_host, self.port or self.default_port, self.socket_options or (), current())
        except OSError as problem:
            raise NewConnectionError(self, str(problem)) from problem
        return sock

    def request(self, *arguments: Any, **options: Any) -> None:
        if self.sock is None:
            self.connect()
        flight = current()
        flight.hold(self.sock)
        if flight.why:
            raise ConnectionAbortedError(flight.why)
        flight.reused, flight.sent = self.uses > 0, True
        self.uses, self.used_at = self.uses + 1, time.monotonic()
        super().request(*arguments, **options)


class _Choosy(_Pool):
    """A pool that hands out no connection which was idle for long, nor a used one where a fresh one is asked for."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)
        if connection.uses and (current().fresh or time.monotonic() - connection.used_at > _MOST_IDLE):
            connection.close()
        return connection


def make_adapter() -> HTTPAdapter:
    """The adapter that carries all calls of a process, directly or through proxies."""
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    class Plain(_Watched, HTTPConnection):
        pass

    class Tls(_Watched, HTTPSConnection):
        pass

    class PlainPool(_Choosy, HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(_Choosy, HTTPSConnectionPool):
        ConnectionCls = Tls

    pools = {"http": PlainPool, "https": TlsPool}

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
            super().init_poolmanager(*arguments, **options)
            self.poolmanager.pool_classes_by_scheme = pools

        def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
            manager = super().proxy_manager_for(*arguments, **options)
            manager.pool_classes_by_scheme = pools
            return manager

    return Adapter(pool_maxsize=_POOL_SIZE)


def _opened(host: str, port: int, options: Any, flight: Flight) -> socket.socket:
    """A connected socket; each address of the host is tried in turn."""
    problem = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            return _connected(sock, address, options, flight)
        except OSError as refused:
            problem = refused
            sock.close()
        if flight.why:
            break
    raise problem


def _connected(sock: socket.socket, address: Any, options: Any, flight: Flight) -> socket.socket:
    flight.hold(sock)
    for option in options:
        sock.setsockopt(*option)
    sock.settimeout(min(CONNECT_LIMIT, flight.left))
    sock.connect(address)
    # A TLS layer takes the socket over, which leaves this object empty: the handshake is cut through a copy.
    flight.hold(sock.dup(), owned=True)
    sock.settimeout(min(CONNECT_LIMIT, flight.left))
    if flight.why:
        raise ConnectionAbortedError(flight.why)
    return sock


def failure(problem: BaseException) -> str:
    """What lies at the bottom of the HTTP library's nested errors, in a few words."""
    for _ in range(12):
        inner = _inner(problem)
        if inner is None:
            break
        problem = inner
    words = getattr(problem, "strerror", None) or str(problem)
    with contextlib.suppress(ValueError):
        words = words[words.index("] ") + 2 :] if words.startswith("[") else words
    return words or type(problem).__name__


def _inner(problem: BaseException) -> BaseException | None:
    for each in (getattr(problem, "reason", None), *problem.args[::-1], problem.__cause__, problem.__context__):
        if isinstance(each, BaseException):
            return each
    return None
