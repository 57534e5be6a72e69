"""A step's loop, and the names that a playbook may give: those of captures and of loops' items.

::

    error: `order_id` can't be the item's name
     --> playbooks/place.yaml:9:9
      |
    9 |     as: order_id
      |         ^^^^^^^^ the name of a capture
      |
      = help: line 7 captures it; take another name
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.expression import RESERVED
from runner.playbook.model import ITEM, ListValue, Loop
from runner.playbook.nodes import ListNode

if TYPE_CHECKING:
    from runner.playbook.complaints import Complaints
    from runner.playbook.model import Code
    from runner.playbook.nodes import MapNode, Node
    from runner.playbook.parts import Parts
    from runner.source import Span

_WORDS_OF_EXPRESSIONS = frozenset(
    {"and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None"}
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Naming:
    """The names that one playbook has given so far; two captures are never called the same, nor a capture and an item.

    Items of several loops may share a name, since no expression sees more than one of them.
    """

    __slots__ = ("_captures", "_complaints", "_items")

    def __init__(self, complaints: Complaints) -> None:
        self._complaints = complaints
        self._captures: dict[str, Span] = {}
        self._items: dict[str, Span] = {}

    def capture(self, name: str, span: Span) -> None:
        """A step captures ``name``."""
        if not self._is_free(name, span, "can't be captured"):
            return
        first = self._captures.setdefault(name, span)
        if first is not span:
            self._complaints.add(span, f"a second capture `{name}`", help=f"the first one is in line {first.line}")
        elif name in self._items:
            help = f"line {self._items[name].line} calls it so; take another name"
            self._complaints.add(span, f"`{name}` can't be captured", "the name of a loop's item", help)

    def item(self, name: str, span: Span) -> None:
        """A loop calls its item ``name``."""
        if name == ITEM or not self._is_free(name, span, "can't be the item's name"):
            return
        self._items.setdefault(name, span)
        if name in self._captures:
            help = f"line {self._captures[name].line} captures it; take another name"
            self._complaints.add(span, f"`{name}` can't be the item's name", "the name of a capture", help)

    def _is_free(self, name: str, span: Span, verdict: str) -> bool:
        """Whether the language leaves the name to the playbook; what is no name at all, the schema has told."""
        if name in RESERVED:
            self._complaints.add(span, f"`{name}` {verdict}", "a name that the language has", "take another name")
        elif name in _WORDS_OF_EXPRESSIONS:
            self._complaints.add(span, f"`{name}` {verdict}", "a word of expressions", "take another name")
        else:
            return _NAME.fullmatch(name) is not None
        return False


def loop(node: MapNode, parts: Parts, naming: Naming) -> Loop | None:
    """The loop of a step; None for one that is performed once."""
    entry = next((each for each in node.entries if each.key == "for_each"), None)
    if entry is None:
        return None
    concurrency = node.get("concurrency")
    return Loop(
        items=_items(entry.node, parts),
        name=_item_name(node.get("as"), parts, naming),
        concurrency=1 if concurrency is None else int(parts.number(concurrency) or 1),
        span=entry.key_span,
    )


def _items(node: Node, parts: Parts) -> Code | ListValue:
    if isinstance(node, ListNode):
        return ListValue(tuple(parts.value(item) for item in node.items), node.span)
    return parts.code(node)


def _item_name(node: Node | None, parts: Parts, naming: Naming) -> str:
    if node is None:
        return ITEM
    name = parts.string(node)
    naming.item(name, node.span)
    return name
