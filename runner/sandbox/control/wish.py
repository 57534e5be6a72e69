"""What a control call asks for: its query and its JSON body as typed values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

_MOST_WORDS = 100


class WrongWish(Exception):
    """The call asks for something that makes no sense; the text says what."""


class Wish:
    """The members of a body, and the parameters of a path and query as texts."""

    __slots__ = ("_members", "_parameters")

    def __init__(self, members: Mapping[str, object], parameters: Mapping[str, str]) -> None:
        self._members = members
        self._parameters = parameters

    @classmethod
    def read(cls, body: bytes, parameters: Mapping[str, str]) -> Wish:
        """From the parts of a request. Raises WrongWish."""
        try:
            members = json.loads(body) if body.strip() else {}
        except (ValueError, RecursionError) as error:
            raise WrongWish("the body is not JSON") from error
        if not isinstance(members, dict):
            raise WrongWish("the body is not an object")
        return cls(members, parameters)

    @property
    def members(self) -> Mapping[str, object]:
        """The whole body."""
        return self._members

    def parameter(self, name: str) -> str:
        """A parameter, default empty."""
        return self._parameters.get(name, "")

    def number(self, name: str, default: int = 0) -> int:
        """A parameter that is a whole number. Raises WrongWish."""
        text = self.parameter(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise WrongWish(f"{name} must be a whole number")
        return int(text)

    def text(self, name: str) -> str:
        """A member that must be there and be a text. Raises WrongWish."""
        value = self._members.get(name)
        if not isinstance(value, str) or not value:
            raise WrongWish(f"{name} must be a text")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """A member that must be there and be a list of at most a hundred texts without spaces. Raises WrongWish."""
        value = self._members.get(name)
        if not isinstance(value, list) or len(value) > _MOST_WORDS or not all(map(_is_word, value)):
            raise WrongWish(f"{name} must be a list of words")
        return tuple(value)

    def seconds(self, name: str) -> float | None:
        """A member that is a number, or None. Raises WrongWish."""
        value = self._members.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e10:
            raise WrongWish(f"{name} must be a number of seconds")
        return value

    def whole(self, name: str) -> int:
        """A member that must be there and be a whole number. Raises WrongWish."""
        value = self._members.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 10**12:
            raise WrongWish(f"{name} must be a whole number")
        return value

    def moment(self, name: str) -> datetime | None:
        """A member that is an RFC 3339 time with its zone, in UTC, or None. Raises WrongWish."""
        value = self._members.get(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(str(value))
            if moment.utcoffset() is None:
                raise WrongWish(f"{name} must have a time zone")
            return moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise WrongWish(f"{name} must be a time such as 2026-11-22T12:00:00Z") from error


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and value != "" and " " not in value
