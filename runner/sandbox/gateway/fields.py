"""Reading a request by the rules of proto3 JSON, as the venue's gateway does, be it a body or query parameters.

Both casings are accepted, unknown keys are ignored, null means the default, a 64-bit integer may be a number or a
string, an enum may be a word or a number, and a word nobody knows silently becomes the zero member
(docs.polymarket.us: institutional/refdata/overview and data-guide/reference-data). A wrong type is 400.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Self, TypeVar
from urllib.parse import parse_qs

from runner.sandbox.gateway.errors import Refused, denied, invalid
from runner.sandbox.gateway.wire import camel, prefix_of

_Word = TypeVar("_Word", bound=IntEnum)
_INTEGER = re.compile(r"-?[0-9]{1,19}\Z", re.ASCII)
_FLAGS = {"": False} | dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True)
_FLAGS |= dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False)
_LONGEST_QUERY = 8192
_MOST_PARAMETERS = 1000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)


class Fields:
    """The members of one JSON object; every getter gives the default for a member that is absent or null."""

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[str, object]) -> None:
        self._members = members

    def text(self, name: str) -> str:
        """A string, default empty."""
        value = self._value(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise _wrong("string", name)
        return _encodable(value, name)

    def plain(self, name: str) -> object:
        """A member as it was written, for what is no message of the venue's; None if it is absent."""
        return self._value(name)

    def texts(self, name: str) -> frozenset[str]:
        """The distinct strings of a list, default none."""
        return frozenset(self._text_in(name, value) for value in self._list(name))

    def integer(self, name: str, bits: int = 64) -> int:
        """A whole number of this many bits, default 0."""
        value = self._value(name)
        return 0 if value is None else _whole(value, name, bits)

    def flag(self, name: str) -> bool:
        """A boolean, default false."""
        value = self._value(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise _wrong("bool", name)
        return value

    def word(self, name: str, kind: type[_Word]) -> _Word:
        """A member of an enum, default the zero member."""
        value = self._value(name)
        return kind(0) if value is None else _member(value, name, kind)

    def words(self, name: str, kind: type[_Word]) -> frozenset[_Word]:
        """The distinct enum members of a list, default none."""
        return frozenset(_member(value, name, kind) for value in self._list(name))

    def moment(self, name: str) -> datetime | None:
        """An RFC 3339 time with its zone, in UTC."""
        text = self.text(name)
        return _moment(text, name) if text else None

    def day(self, name: str) -> date | None:
        """A day, given as ``YYYY-MM-DD`` or as a time."""
        text = self.text(name)
        if not text:
            return None
        return _date(text, name) if _DAY.match(text) else _moment(text, name).date()

    def within(self, name: str) -> Fields:
        """The members of a message inside this one, default none."""
        value = self._value(name)
        if value is None:
            return Fields({})
        if not isinstance(value, dict):
            raise _wrong("message", name)
        return Fields(value)

    def messages(self, name: str) -> list[Fields]:
        """The members of each message in a list, default none."""
        given = self._list(name)
        if not all(isinstance(value, dict) for value in given):
            raise _wrong("message", name)
        return [Fields(value) for value in given if isinstance(value, dict)]

    def is_set(self, name: str) -> bool:
        """Whether a member was given anything but a default of its type, whatever the type."""
        value = self._value(name)
        return value not in (None, "", 0, "0", False, [], {})

    def with_members(self, members: Mapping[str, object]) -> Self:
        """The same with these members put over them."""
        return type(self)({**self._members, **members}) if members else self

    def canonical(self, *without: str) -> str:
        """The members as one text that neither casing nor order changes; ``without`` leaves some out."""
        members = {camel(name): value for name, value in self._members.items()}
        kept = {name: value for name, value in members.items() if name not in {camel(name) for name in without}}
        return json.dumps(kept, sort_keys=True, default=str)

    def _value(self, name: str) -> object:
        value = self._members.get(camel(name))
        return self._members.get(name) if value is None else value

    def _list(self, name: str) -> list[object]:
        value = self._value(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise _wrong("repeated", name)
        return value

    def _text_in(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise _wrong("string", name)
        return _encodable(value, name)


class Parameters(Fields):
    """Query parameters: everything is text, a list is given one by one, a dot leads inside a message."""

    __slots__ = ()

    def flag(self, name: str) -> bool:
        """A boolean as Go reads one, default false."""
        text = self.text(name)
        if text not in _FLAGS:
            raise _wrong("bool", name)
        return _FLAGS[text]

    def word(self, name: str, kind: type[_Word]) -> _Word:
        """A member of an enum by its word or number, default the zero member."""
        value = self._value(name)
        return kind(0) if value is None else _member(_number_or_word(value), name, kind)

    def words(self, name: str, kind: type[_Word]) -> frozenset[_Word]:
        """The distinct enum members of a list, default none."""
        return frozenset(_member(_number_or_word(value), name, kind) for value in self._list(name))

    def within(self, name: str) -> Fields:
        """The parameters that begin with the name and a dot."""
        starts = (f"{camel(name)}.", f"{name}.")
        inside = ((key, start) for key in self._members for start in starts if key.startswith(start))
        return Parameters({key[len(start) :]: self._members[key] for key, start in inside})

    def is_set(self, name: str) -> bool:
        """Whether a parameter was given at all, not empty."""
        return bool(self._value(name))

    def _value(self, name: str) -> object:
        """The last of several, as a plain field takes it; a number where an enum is asked for is one."""
        value = super()._value(name)
        return value[-1] if isinstance(value, list) else value

    def _list(self, name: str) -> list[object]:
        value = super()._value(name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]


def parameters(query: str) -> Parameters:
    """The parameters of a query string. Raises Refused (400) for what is not UTF-8, (403) for one too long.

    The venue's edge answers an over-long query string with 403 (institutional/rfqs/overview).
    """
    if len(query) > _LONGEST_QUERY:
        raise denied("the query string is too long")
    try:
        given = parse_qs(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise invalid("malformed query string") from error
    return Parameters(given)


def parse(body: bytes) -> Fields:
    """The members of a JSON body; an empty body counts as ``{}``. Raises Refused."""
    if not body.strip():
        return Fields({})
    try:
        value = json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise invalid("malformed JSON body") from error
    if not isinstance(value, dict):
        raise invalid("the JSON body is not an object")
    return Fields(value)


def _no_constant(word: str) -> object:
    raise ValueError(word)


def _encodable(text: str, name: str) -> str:
    """JSON can escape half a surrogate pair; UTF-8 cannot carry it back."""
    if text.isascii() or text.encode("utf-8", "ignore").decode() == text:
        return text
    raise _wrong("string", name)


def _whole(value: object, name: str, bits: int) -> int:
    if isinstance(value, str) and _INTEGER.match(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise _wrong(f"int{bits}", name)
    bound = 2 ** (bits - 1)
    if not -bound <= value < bound or value != int(value):
        raise _wrong(f"int{bits}", name)
    return int(value)


def _member(value: object, name: str, kind: type[_Word]) -> _Word:
    if isinstance(value, str):
        prefix = prefix_of(kind)
        return kind.__members__.get(value.removeprefix(prefix), kind(0)) if value.startswith(prefix) else kind(0)
    if isinstance(value, int) and not isinstance(value, bool):
        return next((member for member in kind if member == value), kind(0))
    raise _wrong("enum", name)


def _number_or_word(value: object) -> object:
    return int(value) if isinstance(value, str) and _INTEGER.match(value) else value


def _moment(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        if "T" not in text.upper() or offset is None or abs(offset) >= timedelta(days=1):
            raise ValueError(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _wrong("google.protobuf.Timestamp", name) from error


def _date(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _wrong("date", name) from error


def _wrong(kind: str, name: str) -> Refused:
    return invalid(f"invalid value for {kind} field {camel(name)}")
