"""What leaves an evaluation, and what a comparison may walk through: plain data, counted as it goes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from runner.expression.errors import Trouble
from runner.expression.values import DEEPEST, kind_of, refuse_secret, too_deep
from runner.expression.work import MOST_NODES, MOST_TEXT
from runner.redact import Secret

if TYPE_CHECKING:
    from runner.expression.work import Work


def plain(value: object, work: Work) -> object:
    """The value as it leaves an evaluation: containers copied into plain dicts and lists, and counted.

    Raises:
        Trouble: it has more than 100,000 nodes, 1 MiB of text or 64 levels.
    """
    if isinstance(value, Mapping | list | tuple):
        return _Copy(work).copy(value, 0)
    if isinstance(value, str):
        work.spend_text(len(value))
    elif isinstance(value, float):
        kind_of(value)
    return value


class _Copy:
    """A deep copy that counts as it goes."""

    __slots__ = ("nodes", "text", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.nodes = 0
        self.text = 0

    def copy(self, value: object, depth: int) -> object:
        self._count(value, depth)
        if isinstance(value, dict) or (not isinstance(value, _LEAVES) and isinstance(value, Mapping)):
            self.text += sum(map(len, value))
            return {key: self.copy(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.copy(item, depth + 1) for item in value]
        if isinstance(value, float):
            kind_of(value)
        return value

    def _count(self, value: object, depth: int) -> None:
        self.nodes += 1
        if isinstance(value, str):
            self.text += len(value)
        if depth > DEEPEST:
            raise too_deep()
        if self.nodes > MOST_NODES or self.text > MOST_TEXT:
            raise Trouble("the value is larger than 100,000 nodes or 1 MiB of text", "pick the part you need")
        self.work.spend(1)


_LEAVES = (str, int, Decimal, type(None), Secret)


def weigh(value: object, work: Work) -> None:
    """Pay for walking through a container, before a comparison does; a secret anywhere in it is refused."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        refuse_secret(current)
        if isinstance(current, Mapping):
            work.spend(len(current))
            waiting.extend(current.values())
        elif isinstance(current, list | tuple):
            work.spend(len(current))
            waiting.extend(current)
