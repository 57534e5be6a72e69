"""The sandbox exchange inside the test's own process, in the network's place: calls are counted and can go wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from sandbox.bench import ALICE, BOB, SETTLE, Bench, Keys

from runner.errors import Unreachable
from runner.redact import MASK, Secret
from runner.sandbox.gateway import message
from runner.sandbox.gateway.dialect import PUBLISHED, Dialect
from runner.sandbox.rules import Rules
from runner.venue.body import decoded, encoded
from runner.venue.call import Answer, Call, Heard, Request

Fault: TypeAlias = Callable[["Passing"], Answer]

INSERT = "POST /v1/trading/orders"
CANCEL = "POST /v1/trading/orders/cancel"
OPEN = "GET /v1/trading/orders/open"
SEARCH = "POST /v1/report/orders/search"
WHOAMI = "GET /v1/whoami"
HEALTH = "GET /v1/health"
TOKEN = "POST /oauth/token"
CALL_SECONDS = 0.005


class MovedClock:
    """Time passes only when somebody waits or a call is made; ``at`` does something at a later moment."""

    def __init__(self) -> None:
        self.moved = 0.0
        self.waits: list[float] = []
        self._later: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 22, 12, tzinfo=UTC) + timedelta(seconds=self.moved)

    def steady(self) -> float:
        return self.moved

    def wait(self, seconds: float) -> None:
        """Wait, but not past the next thing that happens by itself."""
        self.waits.append(seconds)
        end = self.moved + seconds
        self.move(min([seconds, *(at - self.moved for at, _ in self._later if at <= end)]))

    def move(self, seconds: float) -> None:
        self.moved += seconds
        due = [each for each in self._later if each[0] <= self.moved]
        self._later = [each for each in self._later if each[0] > self.moved]
        for _, act in due:
            act()

    def at(self, moment: float, act: Callable[[], None]) -> None:
        """``act`` when the clock reaches ``moment``, in seconds from the start."""
        self._later.append((moment, act))


@dataclass(frozen=True)
class Asked:
    """One call as the exchange, or whatever stands before it, got it. ``at`` in seconds from the start."""

    operation: str
    at: float
    headers: Mapping[str, str]
    query: str
    body: Any


@dataclass(frozen=True)
class Passing:
    """A call on its way: ``forward`` lets the exchange answer it, ``left`` is how long its answer may take."""

    forward: Callable[[], Answer]
    clock: MovedClock
    left: float


@dataclass
class Wire:
    """Stands where the transport stands: every call reaches the sandbox unless a fault was planned for it."""

    keys: Keys
    clock: MovedClock
    dialect: Dialect = PUBLISHED
    rules: Rules = field(default_factory=Rules)
    token_lifetime: int = 180
    clock_offset_ms: int | None = 0
    asked: list[Asked] = field(default_factory=list)
    faults: dict[str, list[Fault | None]] = field(default_factory=dict)
    always: dict[str, Fault] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._bench = Bench(self.keys, self.dialect, self.rules, token_lifetime=self.token_lifetime)
        self._bench.clock.at = self.clock.now()

    def plan(self, operation: str, *faults: Fault | None) -> None:
        """What becomes of the next calls of an operation, in sequence; None lets one through."""
        self.faults.setdefault(operation, []).extend(faults)

    def count(self, operation: str) -> int:
        return self.counts[operation]

    @property
    def counts(self) -> Counter[str]:
        return Counter(each.operation for each in self.asked)

    def of(self, operation: str) -> list[Asked]:
        return [each for each in self.asked if each.operation == operation]

    def exchange(self, request: Request, left: float, heard: Heard) -> Answer:
        """As the transport's own: the answer, or ``Unreachable``; either is told to ``heard``."""
        left = min(left, request.time_limit)
        if left <= 0:
            raise Unreachable("no time was left for the call", sent=False)
        asked = self._asked(request)
        self.asked.append(asked)
        began, began_at = self.clock.steady(), self.clock.now()
        passing = Passing(lambda: self._answer(request, asked), self.clock, left)
        answer, error = None, None
        try:
            answer = self._fault(asked.operation)(passing)
        except Unreachable as problem:
            error = problem
        took = round((self.clock.steady() - began) * 1000)
        status = answer.status if answer else None
        said = _without(answer.body, request.hidden) if answer else None
        headers = answer.headers if answer else {}
        words = error.message if error else None
        heard(Call(request.method, request.url, status, began_at, took, request.shown(), said, headers, words))
        if answer is None:
            assert error is not None
            raise error
        return answer

    def orders(self) -> list[Any]:
        """Every order of the first participant, as the exchange itself has it."""
        return list(self._ask("/v1/report/orders/search", {"pageSize": 100}, ALICE)["order"])

    def states(self) -> list[str]:
        """The states of all orders at the exchange, oldest first, without their prefix."""
        return [each["state"].removeprefix("ORDER_STATE_") for each in self.orders()]

    def trade(self, price: str, quantity: str, symbol: str, side: str = "SIDE_SELL") -> None:
        """Somebody else's order, which trades with whatever it meets."""
        body = {
            "symbol": symbol,
            "side": side,
            "type": "ORDER_TYPE_LIMIT",
            "timeInForce": "TIME_IN_FORCE_DAY",
            "orderQty": quantity,
            "price": price,
        }
        self._ask("/v1/trading/orders", body, BOB)
        self.clock.moved += SETTLE.total_seconds()

    def _ask(self, path: str, body: object, participant: str) -> Any:
        """A call of the test's own, which is not counted."""
        self._bench.clock.at = self.clock.now()
        headers = {"authorization": f"Bearer {self._bench.access_token()}", "x-participant-id": participant}
        answer = self._bench.respond(message.Request("POST", path, "", headers, encoded(body).encode()))
        assert answer.status == 200, answer.body
        return decoded(answer.body)

    def _asked(self, request: Request) -> Asked:
        parts = urlsplit(request.url)
        headers = {name.lower(): _revealed(value) for name, value in request.headers.items()}
        body = None if request.body is None else decoded(encoded(request.body).encode())
        return Asked(f"{request.method} {parts.path}", self.clock.steady(), headers, parts.query, body)

    def _fault(self, operation: str) -> Fault:
        planned = self.faults.get(operation)
        fault = planned.pop(0) if planned else self.always.get(operation)
        return fault or (lambda passing: passing.forward())

    def _answer(self, request: Request, asked: Asked) -> Answer:
        method, path = asked.operation.split(" ", 1)
        body = b"" if request.body is None else encoded(request.body).encode()
        headers = {"content-type": "application/json", **asked.headers}
        self.clock.move(CALL_SECONDS)
        self._bench.clock.at = self.clock.now()
        got = self._bench.respond(message.Request(method, path, asked.query, headers, body))
        return Answer(got.status, {"content-type": "application/json"}, decoded(got.body))


def _without(body: Any, hidden: tuple[str, ...]) -> Any:
    return body | {name: MASK for name in hidden if name in body} if isinstance(body, dict) else body


def _revealed(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def lost_before(passing: Passing) -> Answer:
    """The connection breaks before the exchange saw the request; nobody can tell that here."""
    passing.clock.move(CALL_SECONDS)
    raise Unreachable("the connection broke before the answer", sent=True)


def lost_after(passing: Passing) -> Answer:
    """The exchange carries the request out, and its answer is lost."""
    passing.forward()
    raise Unreachable("the connection broke before the answer", sent=True)


def hangs(passing: Passing) -> Answer:
    """The exchange carries the request out, and the answer never comes."""
    passing.forward()
    passing.clock.move(passing.left)
    raise Unreachable(f"no complete answer within {passing.left:.3g} s", sent=True)


def unconnected(passing: Passing) -> Answer:
    """No connection comes about: no byte has left."""
    passing.clock.move(CALL_SECONDS)
    raise Unreachable("could not connect", sent=False)


def says(status: int, body: object = None, **headers: str) -> Fault:
    """Something before the exchange answers in its place."""
    words = {name.replace("_", "-"): value for name, value in headers.items()}
    default = {"code": 0, "message": f"made up: {status}", "details": []}

    def answer(passing: Passing) -> Answer:
        passing.clock.move(CALL_SECONDS)
        return Answer(status, words, default if body is None else body)

    return answer


def late(status: int) -> Fault:
    """The exchange carries the request out, and something before it answers with another status."""

    def answer(passing: Passing) -> Answer:
        passing.forward()
        return says(status)(passing)

    return answer


def first(act: Callable[[], None], then: Fault = lambda passing: passing.forward()) -> Fault:
    """Do something of the test's own when the call is made, then go on."""

    def fault(passing: Passing) -> Answer:
        act()
        return then(passing)

    return fault


def afterwards(act: Callable[[], None], before: Fault = lambda passing: passing.forward()) -> Fault:
    """Do something of the test's own when the exchange has answered."""

    def fault(passing: Passing) -> Answer:
        answer = before(passing)
        act()
        return answer

    return fault


def changed(change: Callable[[Any], object]) -> Fault:
    """The exchange's answer with its body changed on the way."""

    def fault(passing: Passing) -> Answer:
        answer = passing.forward()
        return Answer(answer.status, answer.headers, change(answer.body))

    return fault
