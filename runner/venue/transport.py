"""Carrying requests: one pool of connections for the process, a whole time limit for each call, nothing followed.

Every failure is ``Unreachable`` and knows whether a byte of the request may have left. A status is not judged here.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from runner.address import is_loopback, url_problem
from runner.clock import Clock
from runner.errors import GuardRefused, Unreachable
from runner.frozen import frozen
from runner.redact import MASK, Redactor, Secret
from runner.venue.body import Unusable, decoded, encoded, read, text_of
from runner.venue.call import Answer, Call, Heard, Request
from runner.venue.connections import CONNECT_LIMIT, failure, make_adapter
from runner.venue.flight import INTERRUPTED, Flight, Watchdog

if TYPE_CHECKING:
    from requests import PreparedRequest
    from requests.adapters import HTTPAdapter

_GRACE = 5.0
_WITHOUT_BODY = frozenset({204, 304})
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_HALF_A_SECOND = timedelta(milliseconds=500)


@frozen
class _Route:
    """How a host is reached."""

    proxies: dict[str, str]
    verify: str | bool


@dataclass(slots=True)
class _Outcome:
    """What is known of an attempt so far."""

    began_at: datetime
    began: float
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    answer: Answer | None = None
    error: Unreachable | None = None
    stale: bool = False

    def fail(self, message: str, *, sent: bool) -> None:
        """There is no usable answer."""
        self.answer, self.error = None, Unreachable(message, sent=sent, status=self.status)


class Transport:
    """Sends requests for all of a process; safe to share between threads.

    ``ca_bundle`` replaces the usual certificates for https. Proxies and certificates are otherwise taken from the usual
    environment variables, once a host; loopback is never reached through a proxy. ``.netrc`` and cookies play no part.
    """

    def __init__(self, clock: Clock, redactor: Redactor, ca_bundle: str | None = None) -> None:
        self._clock = clock
        self._redactor = redactor
        self._ca_bundle = ca_bundle
        self._routes: dict[str, _Route] = {}
        self._watchdog = Watchdog()
        self.clock_offset_ms: int | None = None
        """The venue's clock minus ours, by the first answer's ``Date`` (which counts in whole seconds)."""

    def exchange(self, request: Request, left: float, heard: Heard) -> Answer:
        """Send ``request`` and give the answer, whatever its status; at most ``left`` seconds, and its own limit.

        Every attempt is told to ``heard``. A read that met a connection which the other side had closed is sent once
        more on a fresh one; a write never. Raises ``Unreachable``, or ``GuardRefused`` for an address that must not be
        called.
        """
        seconds = min(request.time_limit, left)
        if seconds <= 0:
            raise Unreachable("no time was left for the call", sent=False)
        route, ends = self._route(request.url), time.monotonic() + seconds
        outcome = self._attempt(request, route, Flight(ends, write=request.effect != "reads"), seconds, heard)
        if outcome.stale:
            outcome = self._attempt(request, route, Flight(ends, write=False, fresh=True), seconds, heard)
        if outcome.error is not None:
            raise outcome.error
        assert outcome.answer is not None  # noqa: S101
        return outcome.answer

    def interrupt(self, *, at_once: bool = False) -> None:
        """Cut the calls now in flight: reads at once, writes after 5 seconds. Later calls are not concerned.

        ``at_once`` gives writes no time either. Made for signal handlers: it waits for nothing.
        """
        self._watchdog.interrupt(0.0 if at_once else _GRACE)

    def close(self) -> None:
        """Close all idle connections."""
        if "_adapter" in self.__dict__:
            self._adapter.close()
        self._watchdog.stop()

    @cached_property
    def _adapter(self) -> HTTPAdapter:
        return make_adapter()

    def _attempt(self, request: Request, route: _Route, flight: Flight, seconds: float, heard: Heard) -> _Outcome:
        from requests.exceptions import ConnectionError as Broken
        from urllib3.exceptions import HTTPError

        outcome = _Outcome(self._clock.now(), self._clock.steady())
        self._watchdog.watch(flight)
        try:
            self._perform(request, route, flight, outcome)
        except Unusable as problem:
            outcome.fail(f"the answer can't be used: {problem}", sent=True)
        except (OSError, HTTPError, UnicodeError) as problem:
            outcome.stale = flight.reused and not flight.write and not flight.why and not flight.fresh
            outcome.stale &= outcome.status is None and isinstance(problem, Broken)
            outcome.fail(self._story(request, flight, seconds, outcome, problem), sent=flight.sent)
        finally:
            self._watchdog.forget(flight)
        self._tell(request, outcome, heard)
        return outcome

    def _perform(self, request: Request, route: _Route, flight: Flight, outcome: _Outcome) -> None:
        response = self._adapter.send(
            _prepared(request),
            stream=True,
            timeout=(min(CONNECT_LIMIT, flight.left), flight.left),
            verify=route.verify,
            proxies=route.proxies,
        )
        outcome.status = response.status_code
        outcome.headers = {name.lower(): value for name, value in response.headers.items()}
        outcome.headers.pop("set-cookie", None)
        self._measure_clock(outcome)
        raw = read(response)
        if flight.why:
            raise ConnectionAbortedError(flight.why)
        _check_framed(outcome, raw)
        outcome.answer = Answer(outcome.status, outcome.headers, _body(raw, request, outcome))

    def _tell(self, request: Request, outcome: _Outcome, heard: Heard) -> None:
        duration = round((self._clock.steady() - outcome.began) * 1000)
        error = outcome.error.message if outcome.error else None
        heard(
            Call(
                request.method,
                request.url,
                outcome.status,
                outcome.began_at,
                duration,
                request.shown(),
                self._shown(request, outcome),
                outcome.headers,
                error,
            )
        )

    def _shown(self, request: Request, outcome: _Outcome) -> object:
        """The answer as a report may hold it. What refuses us may repeat what we sent, secrets included."""
        body = outcome.answer.body if outcome.answer else None
        if request.hidden and isinstance(body, dict):
            body = body | {name: MASK for name in request.hidden if name in body}
        return self._redactor.value(body) if request.hidden or outcome.status != 200 else body

    def _story(
        self, request: Request, flight: Flight, seconds: float, outcome: _Outcome, problem: BaseException
    ) -> str:
        """Why there is no answer, for a person."""
        host = urlsplit(request.url).netloc
        if flight.why == INTERRUPTED:
            return "interrupted while waiting for the answer"
        if flight.why or time.monotonic() >= flight.cut_at:
            return f"no complete answer from {host} within {seconds:.3g} s"
        words = self._redactor.text(failure(problem))
        if not flight.sent:
            return f"could not connect to {host}: {words}"
        what = "answer was complete" if outcome.status else "answer"
        return f"the connection to {host} broke before the {what}: {words}"

    def _measure_clock(self, outcome: _Outcome) -> None:
        if self.clock_offset_ms is not None or "date" not in outcome.headers:
            return
        from email.utils import parsedate_to_datetime

        try:
            theirs = parsedate_to_datetime(outcome.headers["date"])
        except ValueError:
            return
        theirs = theirs.replace(tzinfo=theirs.tzinfo or UTC) + _HALF_A_SECOND
        ours = outcome.began_at + timedelta(seconds=(self._clock.steady() - outcome.began) / 2)
        self.clock_offset_ms = round((theirs - ours).total_seconds() * 1000)

    def _route(self, url: str) -> _Route:
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc}"
        route = self._routes.get(place)
        if route is None:
            problem = url_problem(place)
            if problem:
                raise GuardRefused(f"the address {place} {problem}; nothing was sent")
            route = self._routes[place] = self._found_route(place)
        return route

    def _found_route(self, place: str) -> _Route:
        from requests.utils import get_environ_proxies

        proxies = {} if is_loopback(place) else get_environ_proxies(place)
        named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        return _Route(dict(proxies), self._ca_bundle or named or True)


def _prepared(request: Request) -> PreparedRequest:
    """The request on its way to the wire: here, and nowhere else, secrets are revealed."""
    from requests import PreparedRequest
    from requests.structures import CaseInsensitiveDict

    prepared = PreparedRequest()
    prepared.method, prepared.url = request.method, request.url
    if request.body is not None:
        prepared.body = encoded(request.body).encode()
    headers = request.wire_headers(len(prepared.body or ""))
    prepared.headers = CaseInsensitiveDict(
        {name: value.reveal() if isinstance(value, Secret) else value for name, value in headers.items()}
    )
    return prepared


def _check_framed(outcome: _Outcome, raw: bytes) -> None:
    """Refuse what was cut within its head: the HTTP library takes that for a whole answer without a body.

    Raises ``Unusable``.
    """
    framed = outcome.status in _WITHOUT_BODY or _FRAMING & outcome.headers.keys()
    if not raw and not framed:
        raise Unusable("it ended within its head")


def _body(raw: bytes, request: Request, outcome: _Outcome) -> Any:
    """Strict where the contract says JSON; a refusal's page, or what ``any_text`` accepts, may be a text."""
    lenient = request.any_text and "json" not in outcome.headers.get("content-type", "")
    if not lenient and outcome.status is not None and 200 <= outcome.status < 300:
        return decoded(raw)
    try:
        return decoded(raw)
    except Unusable:
        return text_of(raw)
