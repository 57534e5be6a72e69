"""One token bucket and the line before it, as plain data: who may go when.

The bucket fills continuously. Calls that have to wait stand in line, urgent ones before all others, and each goes when
it is first and there is a token for it; whoever died in line has used the token of that moment, and holds up nobody.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from runner.venue.operations import Bucket

LONGEST_SHUT = 600.0
_SOON = 0.001
_NEARLY = 1e-6
_LATENESS = 0.25
_SHARE = 6


def reserve(bucket: Bucket) -> int:
    """The tokens that only urgent calls may use: a sixth of the bucket, rounded down.

    Of 12 a minute that is two: the search by which a cleanup learns an order's end, and one more; the next token comes
    five seconds later, and an urgent call is the first to get it. Of 6 a minute it is one. A bucket of less than six
    keeps none, since ordinary work would lose too much of it. What is kept is also the margin for calls that arrive at
    the venue later after their turn than others.
    """
    return int(bucket.capacity // _SHARE)


def margin(bucket: Bucket) -> float:
    """The tokens that must be there besides one's own after a wait, where nothing else is kept.

    The venue's bucket began to fill when the call before arrived there, and that may have been on its way for longer
    than this one will be. So it waits a quarter of a second more, or for half a token if that is less.
    """
    return min(_LATENESS * bucket.per_second, 0.5)


@dataclass(slots=True)
class Waiter:
    """A call in line. ``late`` is whether it could not go at once."""

    ticket: str
    urgent: bool
    late: bool = False

    def missing(self, bucket: Bucket, tokens: float) -> float:
        """The tokens that have to come before it may go."""
        kept = 0 if self.urgent else reserve(bucket)
        spare = margin(bucket) if self.late and not kept else 0.0
        missing = 1.0 + kept + spare - tokens
        return missing if missing > _NEARLY else 0.0


@dataclass(slots=True)
class Level:
    """``tokens`` in the bucket at the moment ``at``; nobody goes before ``shut``. Moments are Unix seconds."""

    tokens: float
    at: float
    shut: float = 0.0
    line: list[Waiter] = field(default_factory=list)

    def advance(self, bucket: Bucket, now: float) -> None:
        """Let time pass until ``now``: tokens come, and those in line whose turn it was have gone."""
        if now < self.at:
            # The clock was set back. Nothing is won by it, and nobody has to wait for the old time to come again.
            self.shut -= self.at - now
            self.at = now
        self.shut = min(self.shut, now + LONGEST_SHUT)
        for waiter, moment, left in list(self._turns(bucket)):
            if moment > now + _NEARLY:
                break
            self.line.remove(waiter)
            self.tokens, self.at = left, max(self.at, moment)
        most = bucket.capacity + (margin(bucket) if self.line else 0.0)
        self.tokens = min(most, self.tokens + max(0.0, now - self.at) * bucket.per_second)
        self.at = now

    def join(self, bucket: Bucket, waiter: Waiter) -> float:
        """Stand in line; the seconds until its turn."""
        self.line.append(waiter)
        waiter.late = self.wait(bucket, waiter.ticket) > 0
        return self.wait(bucket, waiter.ticket)

    def wait(self, bucket: Bucket, ticket: str) -> float:
        """Seconds until a ticket's turn; 0 for one that is not in line any more."""
        for waiter, moment, _ in self._turns(bucket):
            if waiter.ticket == ticket:
                wait = moment - self.at
                return wait if wait >= _SOON else 0.0
        return 0.0

    def leave(self, ticket: str) -> bool:
        """Take a ticket out of the line; False if it had gone."""
        stayed = [waiter for waiter in self.line if waiter.ticket != ticket]
        left = len(stayed) < len(self.line)
        self.line = stayed
        return left

    def _turns(self, bucket: Bucket) -> Iterator[tuple[Waiter, float, float]]:
        """Each in line, when its turn comes, and the tokens left then."""
        tokens, at = self.tokens, self.at
        for waiter in sorted(self.line, key=lambda waiter: not waiter.urgent):
            moment = max(at + waiter.missing(bucket, tokens) / bucket.per_second, self.shut)
            tokens = max(0.0, min(bucket.capacity, tokens + max(0.0, moment - at) * bucket.per_second) - 1.0)
            at = max(at, moment)
            yield waiter, moment, tokens


def written(level: Level) -> str:
    """A bucket as one line of text."""
    line = [[waiter.ticket, waiter.urgent, waiter.late] for waiter in level.line]
    return json.dumps([level.tokens, level.at, level.shut, line], separators=(",", ":"))


def read(text: str, bucket: Bucket, now: float) -> Level:
    """The bucket of a line of text; a full one where the text says nothing that makes sense."""
    try:
        tokens, at, shut, line = json.loads(text)
        waiters = [Waiter(str(ticket), urgent is True, late is True) for ticket, urgent, late in line]
        level = Level(float(tokens), float(at), float(shut), waiters)
    except (ValueError, TypeError, RecursionError):
        return Level(bucket.capacity, now)
    if not math.isfinite(level.tokens + level.at + level.shut) or level.tokens < 0:
        return Level(bucket.capacity, now)
    return level
