"""Between pmx-run and its exchange: passes calls on, and holds back the answer of one."""

from __future__ import annotations

import http.client
import socket
import threading
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from venue.server import Received, Reply, Server, answer


@dataclass
class Proxy:
    """``hold`` an operation's n-th call and all after it up to ``last``: ``reached`` is set when the first comes.

    They are counted from the first call of another operation on, if ``after`` names one.
    A held call is passed on first unless it is ``lost``; its answer never comes.
    """

    target: str
    hold: str = ""
    first: int = 1
    last: int = 1
    lost: bool = False
    after: str = ""
    reached: threading.Event = field(default_factory=threading.Event)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._ended = threading.Event()
        self._turn = threading.Lock()
        self._seen = 0
        self.server = Server(self._reply)

    @property
    def url(self) -> str:
        return self.server.url

    def close(self) -> None:
        self._ended.set()
        self.server.close()

    def _reply(self, request: Received) -> Reply:
        operation = f"{request.method} {request.target.partition('?')[0]}"
        with self._turn:
            self.counts[operation] += 1
            if operation == self.hold and (not self.after or self.counts[self.after]):
                self._seen += 1
            held = operation == self.hold and self.first <= self._seen <= self.last
        if not held:
            return self._passed_on(request)
        if not self.lost:
            self._passed_on(request)
        self.reached.set()
        return self._silence

    def _silence(self, _: socket.socket) -> None:
        self._ended.wait(60)

    def _passed_on(self, request: Received) -> bytes:
        parts = urlsplit(self.target)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            headers = {name: value for name, value in request.headers.items() if name != "host"}
            connection.request(request.method, request.target, request.body or None, headers)
            got = connection.getresponse()
            wait = got.getheader("Retry-After")
            return answer(got.read(), got.status, **({} if wait is None else {"Retry_After": wait}))
        finally:
            connection.close()
