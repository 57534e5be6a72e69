"""One evaluation under way: what it can see, and how much work it may still do.

No expression over any data takes more than about 100 ms: whatever loops over data pays for it here first. One unit
is about a third of a microsecond on a slow machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from runner.expression.errors import Trouble
from runner.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MOST_WORK = 200_000
MOST_TEXT = 1 << 20
MOST_NODES = 100_000
_CHARACTERS_A_UNIT = 32


@frozen
class Functions:
    """Where time and identifiers come from; handed in, so that a run can be recorded and repeated."""

    now: Callable[[], datetime]
    new_uuid: Callable[[], str]


@frozen
class Operation:
    """A filter, test or function: its code and the names of its arguments as Jinja has them.

    ``required`` counts the leading arguments that must be given; ``names`` says what the first text among the
    arguments of ``map`` or ``select`` names, a filter or a test, and at which position. ``cost`` is the work of one
    application, in units of ``Work``; what grows with the data is paid by ``perform`` itself.
    """

    perform: Callable[..., object]
    parameters: tuple[str, ...] = ()
    required: int = 0
    names: tuple[str, int] | None = None
    cost: int = 1


class Work:
    """The scope, the functions, the tables of operations and the budget of one evaluation."""

    __slots__ = ("filters", "functions", "left", "scope", "tests")

    def __init__(
        self,
        scope: Mapping[str, object],
        functions: Functions,
        filters: Mapping[str, Operation],
        tests: Mapping[str, Operation],
    ) -> None:
        self.scope = scope
        self.functions = functions
        self.filters = filters
        self.tests = tests
        self.left = MOST_WORK

    def spend(self, units: int) -> None:
        """Pay for this many small steps before taking them.

        Raises:
            Trouble: the evaluation has used all that it may.
        """
        self.left -= units
        if self.left < 0:
            raise Trouble("this takes too much work over so much data", "pick the part you need first")

    def spend_text(self, length: int) -> None:
        """Pay for handling a text of this many characters, and refuse one of more than 1 MiB."""
        if length > MOST_TEXT:
            raise Trouble("the text would be longer than 1 MiB", "join or replace less at once")
        self.spend(1 + length // _CHARACTERS_A_UNIT)
