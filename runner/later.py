"""What is known only once a run has come to it, and the mark that stands in its place until then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runner.frozen import frozen


@frozen
class Later:
    """A value to come. ``what`` says in words what it is and where from: ``chosen.symbol, from step instruments``."""

    what: str

    def __str__(self) -> str:
        """The mark: ``<chosen.symbol, from step instruments>``."""
        return f"<{self.what}>"


def holds_later(value: object) -> bool:
    """Whether anything in a value is yet to come."""
    match value:
        case Later():
            return True
        case Mapping():
            return any(map(holds_later, value.values()))
        case list() | tuple():
            return any(map(holds_later, value))
    return False


def if_known(value: Any, made: Callable[[Any], Any], what: str) -> Any:
    """What ``made`` makes of a value; of one to come, a mark that says ``what`` of it."""
    return Later(f"{what}: {value.what}") if isinstance(value, Later) else made(value)
