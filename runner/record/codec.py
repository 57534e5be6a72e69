"""Events as JSON and back, without loss: an exact decimal stays one, a time keeps its zone.

JSON has neither, so they are written as ``{"$decimal": "0.57"}`` and ``{"$time": "2026-11-22T14:00:00+00:00"}``; a
mapping of the playbook's own with such a key is wrapped as ``{"$map": …}`` and comes back as it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from runner.record import events
from runner.record.events import Event, Problem, Surroundings

_NESTED: dict[tuple[str, str], type[Any]] = {
    ("RunStarted", "surroundings"): Surroundings,
    ("StepFinished", "error"): Problem,
    ("RunFinished", "error"): Problem,
}


_NAMES: dict[type[Any], tuple[str, ...]] = {}
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode(event: Event) -> dict[str, Any]:
    """The event as JSON data with its type's name under ``event``."""
    name = type(event).__name__
    data = {each.name: _encode_field(getattr(event, each.name)) for each in fields(event)}
    return {"event": name, **data}


def text_of(value: object) -> str:
    """An event (as ``encode`` gives it) or plain data (as ``encode_value`` does) as JSON's text.

    Raises ``TypeError`` for what is never recorded: a secret.
    """
    plain = _fields(value) if isinstance(value, Event) else value
    writing = _Writing()
    text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=writing.other).encode(plain)
    # A key of somebody's own that begins with `$` is told by there being more of them than were written here.
    if text.count('"$') == writing.marked:
        return _keepable(text)
    return text_of_data(encode(value) if isinstance(value, Event) else encode_value(value))


def text_of_data(data: object) -> str:
    """JSON data as a text that can be kept."""
    return _keepable(_ENCODER.encode(data))


def decode(data: Mapping[str, Any]) -> Event:
    """The event that ``encode`` wrote; raises ``ValueError`` for one that this version does not know."""
    name = str(data.get("event"))
    kind: type[Any] | None = getattr(events, name, None)
    if kind is None or not is_dataclass(kind):
        raise ValueError(f"no event is called {name!r}")
    values = {each.name: _decode_field(name, each.name, data[each.name]) for each in fields(kind) if each.name in data}
    built: Any = kind
    decoded: Event = built(**values)
    return decoded


def encode_value(value: object) -> Any:
    """Plain data as JSON data."""
    match value:
        case Decimal():
            return {"$decimal": str(value)}
        case datetime():
            return {"$time": value.isoformat()}
        case timedelta():
            return {"$seconds": str(Decimal(value // timedelta(microseconds=1)).scaleb(-6))}
        case Mapping():
            plain = {str(key): encode_value(item) for key, item in value.items()}
            return {"$map": plain} if any(key.startswith("$") for key in plain) else plain
        case list() | tuple():
            return [encode_value(item) for item in value]
        case str() | int() | bool() | None:
            return value
    raise TypeError(f"{type(value).__name__} is never recorded")


def decode_value(data: Any) -> object:
    """The plain data that ``encode_value`` wrote."""
    match data:
        case {"$decimal": str(text)}:
            return Decimal(text)
        case {"$time": str(text)}:
            return datetime.fromisoformat(text)
        case {"$seconds": str(text)}:
            return timedelta(microseconds=int(Decimal(text).scaleb(6)))
        case {"$map": dict(plain)}:
            return {key: decode_value(item) for key, item in plain.items()}
        case dict():
            return {key: decode_value(item) for key, item in data.items()}
        case list():
            return [decode_value(item) for item in data]
    plain_value: object = data
    return plain_value


def _keepable(text: str) -> str:
    """The same JSON, with half of a surrogate pair escaped: no file takes it as it is."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(json.loads(text), separators=(",", ":"))
    return text


class _Writing:
    """One text on its way: what JSON has no form for, and how often a form of our own was written for it."""

    __slots__ = ("marked",)

    def __init__(self) -> None:
        self.marked = 0

    def other(self, value: object) -> object:
        if isinstance(value, Mapping):
            return dict(value)
        if isinstance(value, Surroundings | Problem):
            return {name: getattr(value, name) for name in _names(type(value))}
        self.marked += 1
        return encode_value(value)


def _fields(event: Event) -> dict[str, object]:
    kind = type(event)
    return {"event": kind.__name__, **{name: getattr(event, name) for name in _names(kind)}}


def _names(kind: type[Any]) -> tuple[str, ...]:
    known = _NAMES.get(kind)
    if known is None:
        known = _NAMES[kind] = tuple(each.name for each in fields(kind))
    return known


def _encode_field(value: object) -> Any:
    if isinstance(value, (Surroundings, Problem)):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    if isinstance(value, float):
        return value
    return encode_value(value)


def _decode_field(event: str, name: str, data: Any) -> object:
    nested = _NESTED.get((event, name))
    if nested is not None and data is not None:
        return nested(**data)
    return decode_value(data)
