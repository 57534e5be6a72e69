"""From nodes to the small parts of the model: texts, expressions, values, durations.

What does not fit is complained about and replaced by something harmless, so that the rest of the playbook is looked
at, too; a model made with a complaint is never handed out.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from runner.expression import ExpressionError
from runner.playbook.model import Code, Duration, Entry, ListValue, MapValue, Named, Scalar, Text
from runner.playbook.nodes import ListNode, MapNode, ScalarNode, place
from runner.source import Span
from runner.value import WrongValue, milliseconds

if TYPE_CHECKING:
    from collections.abc import Collection

    from runner.expression import Expression, Template
    from runner.playbook.complaints import Complaints
    from runner.playbook.model import Time, Value
    from runner.playbook.nodes import Node
    from runner.source import Source

Kind = Literal["expression", "template"]
Word = TypeVar("Word", bound=str)

_COMMENT = re.compile(r"\s+#")


class Memory(Protocol):
    """What is known of texts that were read before."""

    @property
    def valid(self) -> bool:
        """Whether this very playbook was found to fit its schema before, by this version."""
        ...

    def knows(self, sha256: str) -> bool:
        """Whether the playbook with all that it includes (``sha256_of``) was found to have no mistake in its texts."""
        ...

    def of(self, source: Source) -> Memory:
        """What is known of the text of a playbook that this one includes."""
        ...

    def parse(self, kind: Kind, text: str) -> Expression | Template | str:
        """As ``parse_expression`` and ``parse_template``."""
        ...


class Parts:
    """Makes parts and adds what is wrong to ``complaints``."""

    __slots__ = ("_memory", "complaints")

    def __init__(self, complaints: Complaints, memory: Memory) -> None:
        self.complaints = complaints
        self._memory = memory

    def mapping(self, node: Node | None) -> MapNode:
        """The mapping that belongs here; an empty one if there is none."""
        return node if isinstance(node, MapNode) else MapNode((), self._unfit(node, "a mapping"))

    def items(self, node: Node | None) -> tuple[Node, ...]:
        """The items of the list that belongs here."""
        if isinstance(node, ListNode):
            return node.items
        self._unfit(node, "a list")
        return ()

    def string(self, node: Node | None) -> str:
        """A text in which nothing is computed."""
        if isinstance(node, ScalarNode) and isinstance(node.value, str):
            return node.value
        self._unfit(node, "a text")
        return ""

    def strings(self, node: Node | None) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self.string(item) for item in self.items(node))

    def number(self, node: Node | None) -> int | Decimal | None:
        """A number, None if there is none."""
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return value
        self._unfit(node, "a number")
        return None

    def flag(self, node: Node | None) -> bool:
        """True or false; false if there is none."""
        if isinstance(node, ScalarNode) and isinstance(node.value, bool):
            return node.value
        self._unfit(node, "true or false")
        return False

    def word(self, node: Node | None, default: Word, allowed: Collection[Word]) -> Word:
        """One of a few words."""
        text = self.string(node)
        return next((word for word in allowed if word == text), default)

    def text(self, node: Node | None) -> Text | None:
        """A text that may hold ``{{ }}``."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            self._unfit(node, "a text")
            return None
        return self._text(node, node.value)

    def code(self, node: Node | None) -> Code:
        """An expression."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
            return self._no_code(self._unfit(node, "an expression"))
        try:
            parsed = self._memory.parse("expression", node.value)
        except ExpressionError as error:
            if not self._complain_of_comment(node):
                self._complain(node, error)
            return self._no_code(node.span)
        return Code(parsed, node.span, node.start)  # type: ignore[arg-type]

    def condition(self, node: Node | None) -> Code | bool:
        """An expression, or plainly true or false; true if there is none."""
        if isinstance(node, ScalarNode) and isinstance(node.value, bool):
            return node.value
        return True if node is None else self.code(node)

    def named(self, node: Node | None) -> tuple[Named, ...]:
        """Names with their expressions."""
        return tuple(Named(each.key, each.key_span, self.code(each.node)) for each in self.mapping(node).entries)

    def time(self, node: Node | None) -> Time | None:
        """A length of time, or a template that will give one."""
        text = self.text(node)
        if text is None or not isinstance(text.written, str):
            return text
        try:
            return Duration(milliseconds(text.written), text.span)
        except WrongValue as wrong:
            self.complaints.add(text.span, "this is no duration", help=str(wrong))
            return None

    def arguments(self, node: Node | None, expressions: Collection[str]) -> MapValue:
        """A step's ``with``; the arguments in ``expressions`` are expressions, which are left as texts."""
        written = self.mapping(node)
        entries = (
            Entry(each.key, each.key_span, self._bare(each.node) if each.key in expressions else self.value(each.node))
            for each in written.entries
        )
        return MapValue(tuple(entries), written.span)

    def value(self, node: Node) -> Value:
        """Any value; texts in it may hold ``{{ }}``."""
        match node:
            case MapNode():
                entries = tuple(Entry(each.key, each.key_span, self.value(each.node)) for each in node.entries)
                return MapValue(entries, node.span)
            case ListNode():
                return ListValue(tuple(self.value(item) for item in node.items), node.span)
        if isinstance(node.value, str):
            return self._text(node, node.value)
        return Scalar(node.value, node.span)

    def _bare(self, node: Node) -> Value:
        match node:
            case ListNode():
                return ListValue(tuple(self._bare(item) for item in node.items), node.span)
            case ScalarNode(value=str() as text):
                return Text(text, node.span, node.start)
        return self.value(node)

    def _text(self, node: ScalarNode, text: str) -> Text:
        if "{" not in text:
            return Text(text, node.span, node.start)
        try:
            written = self._memory.parse("template", text)
        except ExpressionError as error:
            self._complain(node, error)
            written = text
        return Text(written, node.span, node.start)  # type: ignore[arg-type]

    def _complain(self, node: ScalarNode, error: ExpressionError) -> None:
        span = place(node.span, node.start, error.offset, error.length)
        self.complaints.add(span, error.message, "", error.help)

    def _complain_of_comment(self, node: ScalarNode) -> bool:
        """Whether an expression broke off since YAML took a `` #`` in it for the begin of a comment."""
        if node.quoted or node.start is None:
            return False
        line = self.complaints.line(node.span.line)
        match = _COMMENT.match(line, node.span.column - 1 + node.span.length)
        if match is None:
            return False
        span = Span(node.span.path, node.span.line, match.end(), len(line.rstrip()) - match.end() + 1)
        help = "put quotes around the whole expression"
        self.complaints.add(span, "` #` in a text without quotes", "YAML takes this for a comment", help)
        return True

    def _no_code(self, span: Span) -> Code:
        return Code(self._memory.parse("expression", "none"), span, None)  # type: ignore[arg-type]

    def _unfit(self, node: Node | None, wanted: str) -> Span:
        """Complain, as a net below the schema; what is missing altogether is nothing to complain about."""
        if node is None:
            return Span(self.complaints.source.path, 1, 1)
        span = node.first if isinstance(node, MapNode) else node.span
        self.complaints.add(span, f"{wanted} is wanted here")
        return span
