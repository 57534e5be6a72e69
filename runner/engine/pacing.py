"""Waiting for one's turn: every call takes from the bucket of its method first, and says so where that takes long."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from runner.errors import HeldBack
from runner.frozen import frozen
from runner.record.events import Waiting

if TYPE_CHECKING:
    from runner.engine.context import StepContext
    from runner.venue.operations import Operation

_WORTH_SAYING = 1.0
_FOR_THE_CALL = 1.0
_MOST_FOR_A_CANCEL = 1.0


@frozen
class Turn:
    """A call's place in the line before a bucket.

    ``wait`` is in seconds from when it was asked for, 0 for at once. ``limit`` reads like ``12 a minute``; ``ticket``
    is how the bucket knows the call.
    """

    operation: Operation
    limit: str
    wait: float
    ticket: str


class Pace(Protocol):
    """The venue's allowances as this machine keeps them. ``now`` is in Unix seconds: processes share no other clock."""

    def take(self, operation: Operation, now: float, *, urgent: bool, longest: float) -> Turn | None:
        """A turn for one call, None where no limit is stated.

        ``urgent`` calls go before others and may use what is kept for them. If the wait is more than ``longest``
        seconds, it is told and nothing is taken.
        """
        ...

    def left(self, turn: Turn, now: float) -> float:
        """The seconds until the turn comes; more than before if the venue said 429 in between."""
        ...

    def give_back(self, turn: Turn, now: float) -> None:
        """The call will not be made."""
        ...

    def limited(self, operation: Operation, now: float, seconds: float | None) -> None:
        """The venue answered 429: its bucket is empty, and nobody should come back within ``seconds``, if it said."""
        ...


def take_turn(context: StepContext, pace: Pace, operation: Operation) -> None:
    """Wait until the call may leave; raises ``HeldBack`` if the step has not the time for that, and ``Interrupted``.

    Cancels, and what an order's end hangs on, are urgent. A cancel waits a second at most: if our own count still
    stands in its way then, the venue shall be the judge.
    """
    now, left = context.clock.now().timestamp(), context.deadline.left
    cancels = operation.effect == "cancels"
    longest = math.inf if cancels else left - _FOR_THE_CALL
    turn = pace.take(operation, now, urgent=cancels or not context.standing.counted, longest=max(0.0, longest))
    if turn is None or turn.wait <= 0:
        return
    if turn.wait > longest:
        raise _held_back(turn, turn.wait, left)
    most = min(_MOST_FOR_A_CANCEL, left / 2) if cancels else math.inf
    try:
        _wait(context, pace, turn, most)
    except Exception:
        pace.give_back(turn, context.clock.now().timestamp())
        raise


def _wait(context: StepContext, pace: Pace, turn: Turn, most: float) -> None:
    wait = min(turn.wait, most)
    _say(context, turn, wait)
    context.pass_time(wait)
    while most == math.inf and (wait := pace.left(turn, context.clock.now().timestamp())) > 0:
        left = context.deadline.left
        if wait > left - _FOR_THE_CALL:
            raise _held_back(turn, wait, left)
        context.pass_time(wait)


def _say(context: StepContext, turn: Turn, seconds: float) -> None:
    """Tell the wait. Short ones are told when they have come to something together."""
    unsaid = context.world.unsaid_waits
    name = turn.operation.name
    unsaid[name] = unsaid.get(name, 0.0) + seconds
    if unsaid[name] >= _WORTH_SAYING:
        unsaid[name] = 0.0
        reason = f"for the venue's rate limit of {name} ({turn.limit})"
        context.world.tell(Waiting(context.standing.path, reason, seconds))


def _held_back(turn: Turn, wait: float, left: float) -> HeldBack:
    return HeldBack(
        f"{turn.operation.name} would have to wait {wait:.1f} s for the venue's rate limit of {turn.limit}, "
        f"and the step has {left:.1f} s left",
        retry_after=wait,
        help="all runs on this machine share that limit; nothing was sent. Give the step a longer `timeout`, or call "
        "less often",
    )
