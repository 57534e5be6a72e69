"""The functions an expression can call: ``uuid()``, ``now()``, ``time(text)``, ``duration("10m")``, ``decimal(x)`` …"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from runner.expression.arithmetic import decimal_from
from runner.expression.errors import Trouble
from runner.expression.values import number, show, text
from runner.expression.work import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.expression.work import Work

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_PIECE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)")
_DURATION = re.compile(rf"(?:{_PIECE.pattern})+")


def uuid_(work: Work) -> str:
    """A new identifier, from the run."""
    return work.functions.new_uuid()


def now(work: Work) -> datetime:
    """The present time, from the run's clock."""
    return work.functions.now()


def time(_: Work, text: object) -> datetime:
    """The aware time that an ISO 8601 text with an offset or ``Z`` spells; fractions count to the microsecond."""
    if isinstance(text, datetime):
        return text
    if not isinstance(text, str) or len(text) > 50:
        raise Trouble(f"{show(text)} is not a time", 'write it as "2026-01-02T03:04:05Z"')
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Trouble(f"{show(text)} is not a time", 'write it as "2026-01-02T03:04:05Z"') from None
    if moment.tzinfo is None:
        raise Trouble(f"the time {show(text)} has no offset", 'end it with "Z" for UTC')
    return moment.astimezone(UTC) if moment.utcoffset() == timedelta(0) else moment


def duration(_: Work, text: object) -> timedelta:
    """The length of time that a text such as ``90s``, ``1h30m`` or ``250ms`` spells."""
    if isinstance(text, timedelta):
        return text
    if not isinstance(text, str) or len(text) > 60 or not _DURATION.fullmatch(text):
        raise Trouble(f"{show(text)} is not a duration", 'write it as "15s", "10m" or "1h30m"')
    return sum((_piece(amount, unit) for amount, unit in _PIECE.findall(text)), timedelta(0))


def _piece(amount: str, unit: str) -> timedelta:
    microseconds = Decimal(amount) * (_UNITS[unit] // timedelta(microseconds=1))
    return timedelta(microseconds=int(microseconds))


def decimal(_: Work, x: object) -> Decimal:
    """The number, or the number that a text spells, as a decimal."""
    if not isinstance(x, str):
        return Decimal(number(x))
    try:
        return decimal_from(x)
    except Trouble as trouble:
        raise Trouble(f"{show(text(x, 'x'))}: {trouble.message}") from None


def any_(_: Work, x: object) -> object:
    """The value as it is; whoever writes it says that it may be of any type, and no check doubts it."""
    return x


FUNCTIONS: Mapping[str, Operation] = {
    "uuid": Operation(uuid_),
    "now": Operation(now),
    "time": Operation(time, ("text",), 1),
    "duration": Operation(duration, ("text",), 1),
    "decimal": Operation(decimal, ("x",), 1),
    "any": Operation(any_, ("x",), 1),
}

# Functions that came after version 1 of the language: a name of a playbook's own goes before them.
_LATER = frozenset({"any"})

# names of the language that no capture and no loop variable may take
RESERVED = frozenset({"inputs", "steps", "environment", "run", "item", "index", "result", "call", *FUNCTIONS}) - _LATER
