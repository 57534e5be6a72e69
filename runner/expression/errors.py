"""What can be wrong with an expression: its text (known at check time) or its evaluation (known at run time).

Both errors are data with a place; whoever shows them draws the picture::

    result.order.ordr
                 ^^^^ `result.order` has no field `ordr`
                      it has: id, state; did you mean `id`?
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from runner.expression.nodes import Node


class _Placed(Exception):
    """A message, its place as characters into the text that was given, and what to do about it."""

    def __init__(self, message: str, offset: int, length: int, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.length = length
        self.help = help


class ExpressionError(_Placed):
    """The text is no expression of this language; known before anything is sent."""


class EvaluationError(_Placed):
    """The expression can't be computed over these values."""


class Missing(EvaluationError):
    """A name, field or item isn't there; ``is defined`` and ``default`` forgive it for their own operand only."""

    def __init__(self, trouble: Absent, offset: int, length: int, node: Node) -> None:
        super().__init__(trouble.message, offset, length, trouble.help)
        self.node = node


class Trouble(Exception):
    """Something an operation can't do, before the evaluator has added the place."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class Absent(Trouble):
    """The trouble that becomes ``Missing``."""


def nearest(word: str, known: Iterable[str]) -> str:
    """``did you mean `x`?`` for the known word nearest to this one, or nothing."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), n=1)
    return f"did you mean `{found[0]}`?" if found else ""
