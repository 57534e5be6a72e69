"""Reading the venue's answers in either of its spellings: camelCase or snake_case keys, integers as text or number.

Whatever is promised and absent, or of another type, is an error that names the field; the rest is ignored.
Source: docs.polymarket.us, institutional/refdata/overview and data-guide/reference-data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, NoReturn

from runner.errors import ContractBroken

_ABSENT = object()


def broken(problem: str) -> NoReturn:
    """Raise for an answer that is not what its contract says."""
    raise ContractBroken(problem)


@cache
def snake(name: str) -> str:
    """``orderQty`` as ``order_qty``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@cache
def camel(name: str) -> str:
    """``order_qty`` as ``orderQty``."""
    head, *rest = name.split("_")
    return head + "".join(each[:1].upper() + each[1:] for each in rest)


def moment(at: Any) -> Any:
    """An aware time as the wire writes it; None, and what is yet to come, as they are."""
    return at.isoformat().replace("+00:00", "Z") if isinstance(at, datetime) else at


class Fields:
    """An object of an answer; fields are asked for by their published (camelCase) names.

    ``where`` leads the field's name in errors, such as ``instruments[3].``.
    """

    __slots__ = ("_values", "_where")

    def __init__(self, values: object, where: str = "") -> None:
        if not isinstance(values, Mapping):
            broken(f"`{where.rstrip('.') or 'the body'}` is {kind_of(values)} where an object is due")
        self._values: Mapping[str, Any] = values
        self._where = where

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._get(name) is not _ABSENT

    def text(self, name: str, default: str | None = None) -> str:
        """A text; required unless a default is given."""
        value = self._get(name)
        if value is _ABSENT and default is not None:
            return default
        return value if isinstance(value, str) else self._wrong(name, value, "a text")

    def flag(self, name: str) -> bool:
        """A boolean, False when absent."""
        value = self._get(name)
        if value is _ABSENT:
            return False
        return value if isinstance(value, bool) else self._wrong(name, value, "true or false")

    def whole(self, name: str, default: int | None = None) -> int:
        """An integer, written as a number or as text; required unless a default is given."""
        value = self._get(name)
        if value is _ABSENT and default is not None:
            return default
        match value:
            case bool():
                pass
            case int():
                return value
            case str() if re.fullmatch(r"-?[0-9]{1,38}", value):
                return int(value)
        return self._wrong(name, value, "an integer")

    def number(self, name: str) -> Decimal:
        """A decimal number, written as a number or as text; required."""
        value = self.number_or_none(name)
        return self._wrong(name, self._get(name), "a number") if value is None else value

    def number_or_none(self, name: str) -> Decimal | None:
        """A decimal number, None when absent or an empty text."""
        value = self._get(name)
        if value is _ABSENT or value == "":
            return None
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            number = _decimal(value)
            if number is not None:
                return number
        return self._wrong(name, value, "a number")

    def time(self, name: str) -> datetime | None:
        """A moment, aware; None when absent or empty. Digits beyond microseconds are dropped."""
        value = self._get(name)
        if value is _ABSENT or value == "":
            return None
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            self._wrong(name, value, "a time")
        return moment if moment.tzinfo else self._wrong(name, value, "a time with its zone")

    def day(self, name: str) -> date | None:
        """A calendar day from ``{year, month, day}``; None when absent or all zero."""
        if not self.has(name):
            return None
        parts = self.part(name)
        year, month, day = (parts.whole(each, 0) for each in ("year", "month", "day"))
        try:
            return date(year, month, day) if year or month or day else None
        except ValueError:
            self._wrong(name, f"{year}-{month}-{day}", "a day of the calendar")

    def part(self, name: str) -> Fields:
        """A nested object; required."""
        return Fields(self._need(name), f"{self._where}{name}.")

    def values(self, name: str) -> Mapping[str, Any]:
        """A nested object as it came; required."""
        value = self._need(name)
        return value if isinstance(value, Mapping) else self._wrong(name, value, "an object")

    def texts(self, name: str) -> dict[str, str]:
        """A map of texts, empty when absent."""
        value = self._get(name)
        if value is _ABSENT:
            return {}
        if not isinstance(value, Mapping):
            self._wrong(name, value, "an object")
        return {key: item if isinstance(item, str) else str(item) for key, item in value.items()}

    def items(self, *names: str) -> list[Any]:
        """A list under the first of ``names`` that is there; required."""
        found = [name for name in names if self.has(name)]
        value = self._need((found or names)[0])
        return value if isinstance(value, list) else self._wrong((found or names)[0], value, "a list")

    def _get(self, name: str) -> Any:
        value = self._values.get(name)
        if value is None:
            value = self._values.get(snake(name))
        return _ABSENT if value is None else value

    def _need(self, name: str) -> Any:
        value = self._get(name)
        return broken(f"`{self._where}{name}` is missing") if value is _ABSENT else value

    def _wrong(self, name: str, value: object, due: str) -> NoReturn:
        if value is _ABSENT:
            broken(f"`{self._where}{name}` is missing")
        broken(f"`{self._where}{name}` is {kind_of(value)} where {due} is due")


def _decimal(value: str | int | Decimal) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and len(number.as_tuple().digits) <= 38 else None


def kind_of(value: object) -> str:
    """What a value of an answer is, for a person."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return "a text" if value else "an empty text"
        case int() | Decimal():
            return "a number"
        case list():
            return "a list"
    return "an object"
