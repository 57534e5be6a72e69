"""Kinds of values: one declaration gives both the JSON Schema that people and editors see and the reading of a value.

A playbook's literal is checked by the schema before a run; a templated one is known only when it is rendered, and is
then read here, by the same declaration. Reading turns what was written into what the engine works with: ``"0.57"``
into an exact ``Decimal``, ``buy`` into ``SIDE_BUY``, ``15s`` into 15 seconds.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from runner.frozen import frozen
from runner.later import Later
from runner.redact import Secret

Schema: TypeAlias = dict[str, Any]

DECIMAL_TEXT = r"^-?(0|[1-9]\d*)(\.\d+)?$"
DURATION_TEXT = r"^(\d+(\.\d+)?(ms|s|m|h|d))+$"
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class WrongValue(Exception):
    """A value is not of its kind; the text says what was wanted and what came."""


@frozen
class Kind:
    """What a value may be: its JSON Schema, and how one is read."""

    schema: Schema
    reading: Callable[[object], Any]

    def read(self, value: object) -> Any:
        """A value as the engine works with it; raises ``WrongValue``. One that is yet to come is not judged."""
        return value if isinstance(value, Later) else self.reading(value)


@frozen
class Argument:
    """One argument of an action. ``default`` is what the action gets when it is not given (None: nothing).

    A ``personal`` one tells who somebody is: nothing that the runner writes or keeps may hold it.
    """

    kind: Kind
    help: str
    required: bool = False
    default: Any = None
    personal: bool = False


def milliseconds(text: str) -> int:
    """``1h30m`` as milliseconds; raises ``WrongValue``."""
    if not re.fullmatch(DURATION_TEXT, text, re.ASCII):
        raise WrongValue(f"{shown(text)} is no duration: write `15s`, `2m`, `1h30m` or `500ms`")
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", text)
    return int(sum(Decimal(number) * _MILLISECONDS[unit] for number, unit in parts))


def counted(number: int, noun: str) -> str:
    """``1 order``, ``2 orders``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown(value: object) -> str:
    """A value as a message shows it: one line, at most 60 characters, a secret as ``****``."""
    if isinstance(value, Secret):
        return str(value)
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, bool) or value is None:
        text = {True: "true", False: "false", None: "null"}[value]
    elif isinstance(value, datetime):
        text = value.isoformat()
    elif isinstance(value, Mapping):
        text = f"a mapping of {len(value)}"
    elif isinstance(value, Sequence):
        text = f"a list of {len(value)}"
    else:
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise WrongValue(f"a text is wanted, not {shown(value)}")
    return value


def _name(value: object) -> str:
    text = _text(value)
    if not text:
        raise WrongValue("a text is wanted, not an empty one")
    return text


def _secret_text(value: object) -> str | Secret:
    return value if isinstance(value, Secret) else _text(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(f"true or false is wanted, not {shown(value)}")
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongValue(f"a whole number is wanted, not {shown(value)}")
    return value


def _decimal(value: object) -> Decimal:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and re.fullmatch(DECIMAL_TEXT, value, re.ASCII) and len(value) <= 40:
        return Decimal(value)
    raise WrongValue(f"a number is wanted, not {shown(value)}")


def _duration(value: object) -> int:
    return milliseconds(_text(value))


def _time(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        raise WrongValue(f"{shown(value)} is no time: write `2026-11-22T14:00:00Z`") from None
    if moment.tzinfo is None:
        raise WrongValue(f"{shown(value)} has no time zone: write `2026-11-22T14:00:00Z`")
    return moment


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise WrongValue(f"a mapping is wanted, not {shown(value)}")
    return dict(value)


TEXT = Kind({"type": "string"}, _text)
NAME = Kind({"type": "string", "minLength": 1}, _name)
SECRET_TEXT = Kind({"type": "string"}, _secret_text)
FLAG = Kind({"type": "boolean"}, _flag)
WHOLE = Kind({"type": "integer"}, _whole)
DECIMAL = Kind({"anyOf": [{"type": "number"}, {"type": "string", "pattern": DECIMAL_TEXT}]}, _decimal)
DURATION = Kind({"type": "string", "pattern": DURATION_TEXT}, _duration)
TIME = Kind({"type": "string", "format": "date-time"}, _time)
MAPPING = Kind({"type": "object"}, _mapping)
ANY = Kind({}, lambda value: value)


def count(*, at_most: int) -> Kind:
    """A whole number from 1 to ``at_most``."""

    def read(value: object) -> int:
        number = _whole(value)
        if not 1 <= number <= at_most:
            raise WrongValue(f"a whole number from 1 to {at_most} is wanted, not {number}")
        return number

    return Kind({"type": "integer", "minimum": 1, "maximum": at_most}, read)


def choice(prefix: str, *words: str) -> Kind:
    """An enum of the venue: ``buy`` or, as on the wire, ``SIDE_BUY``; reading gives the wire's word."""
    wire = {word: prefix + word.upper() for word in words}
    wire |= {long: long for long in wire.values()}

    def read(value: object) -> str:
        word = wire.get(_text(value))
        if word is None:
            close = difflib.get_close_matches(str(value), wire, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise WrongValue(f"one of {', '.join(words)} is wanted, not {shown(value)}{hint}")
        return word

    return Kind({"enum": list(wire)}, read)


def list_of(kind: Kind) -> Kind:
    """A list whose items are all of one kind."""

    def read(value: object) -> list[Any]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise WrongValue(f"a list is wanted, not {shown(value)}")
        return [kind.read(item) for item in value]

    return Kind({"type": "array", "items": kind.schema}, read)


def read_arguments(declared: Mapping[str, Argument], given: Mapping[str, object]) -> dict[str, Any]:
    """Every declared argument with its value, read, or its default; raises ``WrongValue`` naming the argument.

    A value of null is as good as none at all, so that a template can leave an argument out.
    """
    read: dict[str, Any] = {}
    for name, argument in declared.items():
        value = given.get(name)
        if value is None:
            if argument.required:
                raise WrongValue(f"`{name}` is missing")
            read[name] = argument.default
            continue
        try:
            read[name] = argument.kind.read(value)
        except WrongValue as wrong:
            raise WrongValue(f"`{name}`: {wrong}") from None
    return read
