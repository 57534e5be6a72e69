"""Whether the venue says that it is well, and how far its clock is from ours.

The offset is in milliseconds, by the `Date` of its first answer; null if that told no time.
"""

from __future__ import annotations

from runner.action import Action, Arguments, Context, Observation
from runner.actions.shapes import MAYBE_NUMBER, RAW, TEXT, record
from runner.foreseen import Foreseen
from runner.venue import asks, endpoints


def _perform(_arguments: Arguments, context: Context) -> Observation:
    reply = endpoints.health(context.desk)
    offset = context.desk.clock_offset_ms
    return Observation({"status": reply.value, "clock_offset_ms": offset, "raw": reply.raw}, reply.value)


CHECK_HEALTH = Action(
    name="check_health",
    summary="Check the venue's health",
    effect="reads",
    arguments={},
    result=record(status=TEXT, clock_offset_ms=MAYBE_NUMBER, raw=RAW),
    perform=_perform,
    foresee=lambda _arguments, _outlook: [Foreseen(asks.health())],
    example='action: check_health\nexpect:\n  - result.status == "ok"',
    source="docs.polymarket.us: trader-guide/health-check",
)
