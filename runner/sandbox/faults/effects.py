"""Everything that can go wrong, one class each: its fields are what the fault asks for beside when it happens.

``commit`` says whether the exchange did what was asked before the fault (``after``) or never saw it (``before``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, Protocol, TypeAlias

from runner.sandbox.faults.course import Course
from runner.sandbox.gateway.errors import Refused, exhausted, unauthenticated, wrong_host
from runner.sandbox.gateway.message import Answer

When: TypeAlias = Literal["before", "after"]
Failing: TypeAlias = Literal["401", "429", "464", "500", "502", "503", "504"]
_MEBIBYTE = 1 << 20
_LARGEST = 64
_MOST_TIMES = 10


class Effect(Protocol):
    """One kind of fault with its settings."""

    def bend(self, course: Course) -> Course:
        """The course of a call that the fault strikes."""
        ...


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The connection closes and nothing was answered."""

    commit: When = "before"

    def bend(self, course: Course) -> Course:
        """Lose the answer, and the call with it where it was not committed."""
        committed = course.commit and self.commit == "after"
        return replace(course, commit=committed, delivery=replace(course.delivery, lost=True))


@dataclass(frozen=True, slots=True)
class Delay:
    """The call waits, either before the exchange sees it or before its answer goes out."""

    seconds: float
    commit: When = "before"

    def __post_init__(self) -> None:
        if self.seconds < 0:
            raise ValueError("seconds: at least 0")

    def bend(self, course: Course) -> Course:
        """Wait longer."""
        if self.commit == "after":
            return replace(course, wait_after=course.wait_after + self.seconds)
        return replace(course, wait_before=course.wait_before + self.seconds)


@dataclass(frozen=True, slots=True)
class Drip:
    """The answer trickles in, its head too."""

    bytes_per_second: float = 100

    def __post_init__(self) -> None:
        if self.bytes_per_second < 1:
            raise ValueError("bytes_per_second: at least 1")

    def bend(self, course: Course) -> Course:
        """Slow the answer down."""
        return replace(course, delivery=replace(course.delivery, bytes_per_second=self.bytes_per_second))


@dataclass(frozen=True, slots=True)
class Status:
    """A refusal in the documented form; ``retry_after`` in seconds comes as a header with a 429 or 503."""

    status: Failing
    commit: When = "before"
    retry_after: int | None = None

    def bend(self, course: Course) -> Course:
        """Answer with the status whatever the exchange said."""
        answer = _failing(self.status, self.retry_after).answer()
        return course.with_rewrite(lambda _: answer, commit=self.commit == "after")


@dataclass(frozen=True, slots=True)
class Redirect:
    """The call is sent elsewhere; a client that follows takes its token there."""

    location: str
    status: Literal["301", "302", "303", "307", "308"] = "307"

    def bend(self, course: Course) -> Course:
        """Answer with the other address."""
        answer = Answer(int(self.status), b"", {"location": self.location})
        return course.with_rewrite(lambda _: answer, commit=False)


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset when some bytes of the answer's body have arrived."""

    after_bytes: int = 10

    def bend(self, course: Course) -> Course:
        """Reset in the middle."""
        return replace(course, delivery=replace(course.delivery, reset_after=self.after_bytes))


@dataclass(frozen=True, slots=True)
class Truncated:
    """Half of the JSON arrives, as a whole answer."""

    def bend(self, course: Course) -> Course:
        """Cut the body."""
        return course.with_rewrite(lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]))


@dataclass(frozen=True, slots=True)
class Garbage:
    """The answer says that it is JSON and is none."""

    def bend(self, course: Course) -> Course:
        """Answer with something else."""
        return course.with_rewrite(lambda answer: replace(answer, body=b"<html>\xff\x00 upstream error</html>"))


@dataclass(frozen=True, slots=True)
class Huge:
    """The answer is right but enormous: a field that nobody asked for fills it up."""

    mebibytes: int = 17

    def __post_init__(self) -> None:
        if self.mebibytes > _LARGEST:
            raise ValueError(f"mebibytes: at most {_LARGEST}")

    def bend(self, course: Course) -> Course:
        """Fill the answer up."""
        return course.with_rewrite(lambda answer: _padded(answer, self.mebibytes * _MEBIBYTE))


@dataclass(frozen=True, slots=True)
class LateReject:
    """The order or the replace is taken with 200 and rejected afterwards."""

    text: str = "Instrument is not tradable"

    def bend(self, course: Course) -> Course:
        """Reject what the call enters."""
        return replace(course, surprises=replace(course.surprises, late_reject=self.text))


@dataclass(frozen=True, slots=True)
class LatencyStopgap:
    """The order or replace was not processed within five seconds and is rejected (trader-guide/rate-limits)."""

    def bend(self, course: Course) -> Course:
        """Reject what the call enters, in the documented words."""
        return LateReject("Global Rate Limit Exceeded").bend(course)


@dataclass(frozen=True, slots=True)
class FillDuringCancel:
    """The order is filled while its cancel is under way, by a wire quantity; 0 for all that is left."""

    quantity: int = 0

    def bend(self, course: Course) -> Course:
        """Fill what the call cancels."""
        return replace(course, surprises=replace(course.surprises, fill_during_cancel=self.quantity))


@dataclass(frozen=True, slots=True)
class StaleRead:
    """A read does not show the orders of the last seconds."""

    seconds: float

    def bend(self, course: Course) -> Course:
        """Hide what is new."""
        return replace(course, surprises=replace(course.surprises, stale=timedelta(seconds=self.seconds)))


@dataclass(frozen=True, slots=True)
class Halt:
    """An instrument is halted just before the call: the one named, or the one that the call names."""

    symbol: str = ""

    def bend(self, course: Course) -> Course:
        """Halt the instrument."""
        return replace(course, halts=(*course.halts, self.symbol))


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The exchange is closed for maintenance: 503."""

    def bend(self, course: Course) -> Course:
        """Refuse the call."""
        answer = Refused(503, 14, "the exchange is closed for maintenance").answer()
        return course.with_rewrite(lambda _: answer, commit=False)


@dataclass(frozen=True, slots=True)
class ClockSkew:
    """The answer's ``Date`` is wrong by some seconds."""

    seconds: float

    def bend(self, course: Course) -> Course:
        """Turn the date."""
        return replace(course, delivery=replace(course.delivery, skew=self.seconds))


@dataclass(frozen=True, slots=True)
class DuplicateAnswer:
    """The answer comes twice; the second one meets the client's next request."""

    def bend(self, course: Course) -> Course:
        """Send it twice."""
        return replace(course, delivery=replace(course.delivery, twice=True))


@dataclass(frozen=True, slots=True)
class Resent:
    """Something on the way sends the call again; the client gets the last answer."""

    times: int = 2

    def __post_init__(self) -> None:
        if not 2 <= self.times <= _MOST_TIMES:
            raise ValueError(f"times: from 2 to {_MOST_TIMES}")

    def bend(self, course: Course) -> Course:
        """Let the exchange see the call as often."""
        return replace(course, times=self.times)


EFFECTS: Mapping[str, type[Effect]] = {
    "no_answer": NoAnswer,
    "delay": Delay,
    "drip": Drip,
    "status": Status,
    "redirect": Redirect,
    "reset": Reset,
    "truncated": Truncated,
    "garbage": Garbage,
    "huge": Huge,
    "late_reject": LateReject,
    "latency_stopgap": LatencyStopgap,
    "fill_during_cancel": FillDuringCancel,
    "stale_read": StaleRead,
    "halt": Halt,
    "maintenance": Maintenance,
    "clock_skew": ClockSkew,
    "duplicate_answer": DuplicateAnswer,
    "resent": Resent,
}
_FAILING: Mapping[str, Refused] = {
    "401": unauthenticated("token has expired"),
    "464": wrong_host(),
    "500": Refused(500, 13, "internal error"),
    "502": Refused(502, 14, "upstream connect error"),
    "503": Refused(503, 14, "no children to pick from"),
    "504": Refused(504, 4, "upstream request timeout"),
}


def _failing(status: str, retry_after: int | None) -> Refused:
    if status == "429":
        return exhausted(retry_after)
    plain = _FAILING[status]
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    return Refused(plain.status, plain.code, plain.message, headers)


def _padded(answer: Answer, size: int) -> Answer:
    """The JSON object with one more member, so that it is ``size`` bytes long; what is no object is left alone."""
    if not answer.body.startswith(b"{"):
        return answer
    rest = answer.body[1:] if answer.body == b"{}" else b"," + answer.body[1:]
    filling = b"x" * (size - len(rest) - len(b'{"padding":""'))
    return replace(answer, body=b'{"padding":"' + filling + b'"' + rest)
