"""Text → ``Expression`` or ``Template``: Jinja's grammar, read into our own tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.expression.errors import ExpressionError
from runner.expression.model import Expression, Template
from runner.expression.nodes import MOST_NESTING, children
from runner.expression.shifting import shifted

if TYPE_CHECKING:
    from runner.expression.nodes import Node

_MOST_CHARACTERS = 1 << 16
_OPENING = re.compile(r"\{[{%#]")
# texts in quotes count as one piece, so that braces inside them close nothing
_PIECE = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{}]""", re.DOTALL)


def parse_expression(text: str) -> Expression:
    """The expression that the whole text is.

    Raises:
        ExpressionError: it is none; ``offset`` counts into ``text``.
    """
    begin = len(text) - len(text.lstrip())
    if text[begin:].startswith("{{"):
        raise ExpressionError("an expression is wanted here", begin, 2, "write the expression without {{ }}")
    return _parsed(text, 0)


def parse_template(text: str) -> Template | str:
    """The template that the text is, or the text itself if nothing in it is computed.

    Raises:
        ExpressionError: something between ``{{`` and ``}}`` is no expression; ``offset`` counts into ``text``.
    """
    parts: list[str | Expression] = []
    position = 0
    while found := _OPENING.search(text, position):
        parts.append(text[position : found.start()])
        end = _closing(text, found)
        parts.append(_inner(text, found.end(), end))
        position = end + 2
    if not parts:
        return text
    parts.append(text[position:])
    return Template(text, _joined(parts))


def _joined(parts: list[str | Expression]) -> tuple[str | Expression, ...]:
    if len(parts) == 3 and not parts[0] and parts[2] == "\n":
        parts.pop()  # as Jinja: the line end of a block scalar is no text around the expression
    return tuple(part for part in parts if part != "")


def _closing(text: str, opening: re.Match[str]) -> int:
    """Where the ``}}`` stands that closes this ``{{``."""
    if opening.group() != "{{":
        raise ExpressionError(
            f"`{opening.group()}` is not part of this language", opening.start(), 2, "only {{ }} computes something"
        )
    braces = 0
    for piece in _PIECE.finditer(text, opening.end()):
        if piece.group() == "{":
            braces += 1
        elif piece.group() == "}" and braces:
            braces -= 1
        elif text.startswith("}}", piece.start()):
            return piece.start()
    raise ExpressionError("`{{` is never closed", opening.start(), 2, "close it with }}")


def _inner(text: str, start: int, end: int) -> Expression:
    inner = text[start:end]
    for place, sign in ((start, inner[:1]), (end - 1, inner[-1:])):
        if sign == "-" or (sign == "+" and place == start):
            raise ExpressionError(
                f"`{sign}` beside the braces means nothing here", place, 1, "put a blank between them"
            )
    return _parsed(inner, start)


def _parsed(text: str, base: int) -> Expression:
    try:
        return Expression(text, shifted(_tree(text), base), base)
    except ExpressionError as error:
        raise ExpressionError(error.message, error.offset + base, error.length, error.help) from None


def _tree(text: str) -> Node:
    if not text.strip():
        raise ExpressionError("there is no expression here", 0, max(1, len(text)))
    if len(text) > _MOST_CHARACTERS:
        raise ExpressionError("the expression is longer than 64 KiB", 0, 1, "capture a part of it first")
    if "\r" in text:
        raise ExpressionError("there is a carriage return in the expression", text.index("\r"), 1, r'write "\r"')
    # the grammar is loaded for a new text only; a remembered tree never needs it
    from runner.expression.lexing import parse, too_nested
    from runner.expression.translating import translate

    parsed, lexemes = parse(text)
    try:
        tree = translate(parsed, lexemes)
    except RecursionError:
        raise too_nested(0, len(text)) from None
    if not _is_shallow(tree):
        raise too_nested(tree.offset, tree.length)
    return tree


def _is_shallow(tree: Node) -> bool:
    level: list[Node] = [tree]
    for _ in range(MOST_NESTING):
        level = [child for node in level for child in children(node)]
        if not level:
            return True
    return False
