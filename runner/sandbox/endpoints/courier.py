"""Deliveries to a firm's webhook, from a thread of their own (docs.polymarket.us: partners/onboarding/kyc/webhooks).

The venue refuses private addresses; this exchange, which reaches nobody, takes none but loopback. Deliveries are
repeated with jittered pauses until they arrive, a few times at most, and may arrive twice. Redirects are not followed.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from random import Random
from time import monotonic
from urllib.parse import SplitResult, urlsplit

from runner.sandbox.endpoints.webhook_signing import signed_headers
from runner.sandbox.exchange.exchange import Exchange
from runner.sandbox.exchange.onboarding import News, Stage
from runner.sandbox.gateway.wire import Tree, moment, written

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PATIENCE = 2.0
_PAUSE = 0.05
_SHORTEST_PAUSE = 0.4
_TRIES = 6
_LONGEST_PAUSE = 60.0
_OK = range(200, 300)
_WAITS = frozenset({408, 429})


@dataclass(slots=True)
class _Effort:
    """How often a delivery was tried, and the moment of the next try on this machine's monotonic clock."""

    tries: int = 0
    next_at: float = 0.0


class Courier:
    """Delivers an exchange's news. Its thread lives while there is something to wait for."""

    def __init__(self, exchange: Exchange, random: Random) -> None:
        self._exchange = exchange
        self._random = random
        self._efforts: dict[str, _Effort] = {}
        self._door = threading.Lock()
        self._thread: threading.Thread | None = None
        self._called = threading.Event()

    def wake(self) -> None:
        """Look after the news, if there are or will be any."""
        self._called.set()
        busy = self._busy()
        with self._door:
            if busy and self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="courier")
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._called.clear()
            for news in self._exchange.news():
                self._attempt(news)
            # Asked before the door is shut: the exchange may be calling from behind its own.
            busy = self._busy()
            with self._door:
                if not busy and not self._called.is_set():
                    self._thread = None
                    return
            self._called.wait(_PAUSE)

    def _busy(self) -> bool:
        return self._exchange.has_news() or self._exchange.expects_news()

    def _attempt(self, news: News) -> None:
        effort = self._efforts.setdefault(news.id, _Effort())
        webhook = self._exchange.webhook_of(news.application.firm)
        if webhook is None or monotonic() < effort.next_at:
            return
        effort.tries += 1
        status, wait = post(webhook.url, webhook.secret, f"evt_{news.id}", self._exchange.now(), event_tree(news))
        if status in _OK or effort.tries >= _TRIES:
            del self._efforts[news.id]
            self._exchange.delivered(news.id)
            return
        pause = _SHORTEST_PAUSE * 2 ** (effort.tries - 1) * self._random.uniform(0.5, 1.0)
        effort.next_at = monotonic() + max(pause, wait if status in _WAITS else 0.0)


def send_test(url: str, secret: str, firm: str, now: datetime) -> str:
    """Deliver a test event; what was wrong, or nothing."""
    if _target(url) is None:
        return "the sandbox delivers to http or https addresses on loopback alone"
    event: Tree = {
        "event_type": "webhook.test",
        "event_id": "evt_test",
        "event_time": moment(now),
        "data": {"firm_id": firm},
    }
    status, _ = post(url, secret, "evt_test", now, event)
    return "" if status in _OK else f"the test delivery was answered with status {status}" if status else "no answer"


def event_tree(news: News) -> Tree:
    """The event of an application that has ended; empty members are left out."""
    application = news.application
    rejected = application.stage is Stage.REJECTED
    data = {
        "external_id": application.external_id,
        "user_id": application.external_id,
        "firm_id": application.firm,
        "kyc_eval_id": application.evaluation,
        "status": "KYC_STATUS_REJECTED" if rejected else "KYC_STATUS_APPROVED",
        "status_set_at": moment(news.at),
        "provisioned_participant": application.participant,
        "provisioned_account": application.account,
        "rejection_reason": "identity verification failed" if rejected else "",
    }
    return {
        "event_type": "kyc.rejected" if rejected else "kyc.approved",
        "event_id": f"evt_{news.id}",
        "event_time": moment(news.at),
        "data": {name: value for name, value in data.items() if value},
    }


def post(url: str, secret: str, delivery: str, now: datetime, event: Tree) -> tuple[int, float]:
    """The status a delivery was answered with, 0 for none, and how many seconds to wait before another."""
    import http.client

    target = _target(url)
    if target is None or target.hostname is None:
        return 0, 0.0
    body = written(event)
    headers = {"content-type": "application/json"} | signed_headers(secret, delivery, int(now.timestamp()), body)
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = kind(target.hostname, target.port, timeout=_PATIENCE)
    try:
        connection.request("POST", (target.path or "/") + (f"?{target.query}" if target.query else ""), body, headers)
        answer = connection.getresponse()
        return answer.status, _seconds(answer.getheader("retry-after", ""))
    except (OSError, http.client.HTTPException):
        return 0, 0.0
    finally:
        connection.close()


def _target(url: str) -> SplitResult | None:
    """The parts of an address that may be delivered to, or None."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    known = parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK
    return parts if known and url.isascii() and url.isprintable() and " " not in url else None


def _seconds(text: str) -> float:
    return min(float(text), _LONGEST_PAUSE) if text.isdecimal() else 0.0
