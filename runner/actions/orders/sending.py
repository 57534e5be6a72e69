"""Sending something that must not be sent twice: once, or once more after a 429, which was not carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from runner.action import Context
from runner.errors import ComeBackLater, HeldBack, Refused, Unreachable
from runner.foreseen import Foreseen
from runner.later import Later
from runner.venue.asks import Ask

_WAIT_AFTER_429 = 1.0

CLORD_ID_TO_COME = Later("client order id, made by the run")
ORDER_ID_TO_COME = Later("order id, from the answer")


def sent_once(context: Context, clord_id: str, send: Callable[[], str], look: Callable[[], str]) -> str:
    """What ``send`` gives; if its answer is lost, what ``look`` finds of it. It is never sent again then.

    ``send`` goes out under ``clord_id``; what is known of its fate is told to the context.
    """
    try:
        return _send(context, send)
    except (Refused, ComeBackLater) as no:
        context.lost(clord_id, "not_sent" if isinstance(no, HeldBack) else "refused")
        raise
    except Unreachable as unreachable:
        if not unreachable.sent:
            context.lost(clord_id, "not_sent")
            raise
        context.note(f"the answer was lost: {unreachable.message}")
        return look()


def sending_foreseen(ask: Ask) -> Iterator[Foreseen]:
    """The calls of ``sent_once``, but for looking."""
    yield Foreseen(ask)
    yield Foreseen(ask, when="once more after a 429, which is not carried out", trouble=True)


def _send(context: Context, send: Callable[[], str]) -> str:
    """A 429 was not carried out: it is sent once more after the wait that the venue asks for, if there is time."""
    try:
        return send()
    except ComeBackLater as later:
        wait = _WAIT_AFTER_429 if later.retry_after is None else later.retry_after
        if wait >= context.deadline.left:
            raise
        context.wait(wait, "since the venue asked to come back later")
    return send()
