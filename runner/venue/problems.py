"""What is wrong with a value by the venue's contract, and how strictly it is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from runner.frozen import frozen

Schema: TypeAlias = Mapping[str, Any]
Check: TypeAlias = Callable[[Any], "Sequence[Problem]"]

_MOST_NAMES = 12


@frozen
class Problem:
    """What is wrong at ``where``, such as ``orders[3].id``; empty for the whole.

    ``promised``: the contract is broken by it, it is not merely odd.
    """

    where: str
    text: str
    promised: bool = True

    def __str__(self) -> str:
        return f"`{self.where or 'the body'}` {self.text}"

    def below(self, name: str) -> Problem:
        """The same, seen from what holds it under ``name``."""
        dot = "." if self.where and not self.where.startswith("[") else ""
        return Problem(f"{name}{dot}{self.where}", self.text, self.promised)


@frozen
class Reading:
    """How a schema is read.

    ``tolerant``: as one of an answer. What its ``required`` names is promised and must be there and of its type; of
    the rest nothing may be relied on, and what is odd about it is no more than a note. Otherwise all must be as it is
    written. ``promised`` says it of the value at hand, ``demanded`` of its fields, where a schema with a ``$ref``
    requires more than what it refers to. ``resolve`` finds what a ``$ref`` in the file ``home`` names.
    """

    resolve: Callable[[str, Reading], Check]
    home: str
    tolerant: bool
    promised: bool = True
    demanded: frozenset[str] = frozenset()

    def of(self, promised: bool) -> Reading:
        """The same for a part that is promised, or not."""
        return Reading(self.resolve, self.home, self.tolerant, promised or not self.tolerant)

    def demanding(self, names: frozenset[str]) -> Reading:
        """The same, with these fields promised too."""
        return Reading(self.resolve, self.home, self.tolerant, self.promised, self.demanded | names)


def missing(name: str, value: Mapping[str, Any]) -> Problem:
    """A field that an object does not have, and those that it has."""
    names = [short(str(each)) for each in value]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    has = ", ".join(names[:_MOST_NAMES]) + more
    return Problem(name, f"is missing; it has: {has}" if has else "is missing; it has nothing")


def short(text: str) -> str:
    """At most 40 characters, all of them printable."""
    shown = "".join(each if each.isprintable() else " " for each in text[:41])
    return shown if len(shown) <= 40 else f"{shown[:37]}..."


def quoted(value: Any) -> str:
    """A value as JSON, cut."""
    return short(json.dumps(value, ensure_ascii=False, default=str))
