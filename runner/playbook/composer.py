"""From events to the tree; every bound is checked by counting, before anything has grown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from runner.frozen import frozen
from runner.playbook.nodes import ListNode, MapNode, NodeEntry, ScalarNode
from runner.playbook.scalars import BadNumber, resolve, resolve_as
from runner.playbook.syntax import unquoted_braces
from runner.playbook.tokens import Events, Stop, value_start
from runner.source import Source, Span

if TYPE_CHECKING:
    from runner.playbook.complaints import Complaints
    from runner.playbook.nodes import Node, Plain, Start

MOST_LEVELS = 64
MOST_NODES = 500_000

_CORE = "tag:yaml.org,2002:"
_SCALAR_TAGS = ("str", "int", "float", "bool", "null")
_TAG = re.compile(r"!\S*")
_BLOCKS = ("|", ">")
_PIECES = {"'": re.compile(r"''|[^']"), '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|.)|[^\\]")}


@frozen
class _Anchored:
    """A node that aliases may stand for, with what it weighs: nodes in all, levels below it."""

    node: Node
    size: int
    levels: int


class Composer:
    """Builds the tree of one text."""

    __slots__ = ("_anchors", "_complaints", "_count", "_deepest", "_next", "_open", "_source")

    def __init__(self, source: Source, complaints: Complaints) -> None:
        self._source = source
        self._complaints = complaints
        self._next = Events(source, complaints).next
        self._anchors: dict[str, _Anchored] = {}
        self._open: set[str] = set()
        self._count = 0
        self._deepest = 0

    def document(self) -> Node:
        """The one document of the text; raises Stop where it can't be read on."""
        self._next()
        if _kind(self._next()) == "StreamEndEvent":
            self._stop(self._source.span(1, 1), "the file is empty")
        node = self._node(self._next(), 1)
        self._next()
        after = self._next()
        if _kind(after) == "DocumentStartEvent":
            self._stop(self._span(after), "a second document", "one file holds one document")
        return node

    def _stop(self, span: Span, title: str, label: str = "", help: str = "") -> NoReturn:
        self._complaints.add(span, title, label, help)
        raise Stop

    def _span(self, event: Any) -> Span:
        """From the event's start to its end, or to the end of its first line."""
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column
        length = end.column - column if end.line == line else self._rest(line, column)
        return Span(self._source.path, line + 1, column + 1, length if length > 0 else 1)

    def _rest(self, line: int, column: int) -> int:
        return len(self._complaints.line(line + 1).rstrip()) - column

    def _node(self, event: Any, depth: int) -> Node:
        kind = _kind(event)
        if kind == "AliasEvent":
            return self._alias(event, depth)
        self._weigh(event, 1, depth)
        if event.anchor is None:
            return self._new(kind, event, depth)
        return self._anchored(kind, event, depth)

    def _weigh(self, event: Any, size: int, depth: int) -> None:
        self._count += size
        if depth > self._deepest:
            self._deepest = depth
        if self._count > MOST_NODES:
            self._stop(self._span(event), f"more than {MOST_NODES:,} values", help="aliases count each time")
        if depth > MOST_LEVELS:
            self._stop(self._span(event), f"more than {MOST_LEVELS} levels of nesting", help="aliases count each time")

    def _new(self, kind: str, event: Any, depth: int) -> Node:
        if kind == "ScalarEvent":
            return self._scalar(event)
        return self._mapping(event, depth) if kind == "MappingStartEvent" else self._list(event, depth)

    def _anchored(self, kind: str, event: Any, depth: int) -> Node:
        name, count, deepest = event.anchor, self._count - 1, self._deepest
        self._check_anchor(event)
        self._deepest = depth
        self._anchors.pop(name, None)
        self._open.add(name)
        node = self._new(kind, event, depth)
        self._open.discard(name)
        self._anchors[name] = _Anchored(node, self._count - count, self._deepest - depth)
        self._deepest = max(self._deepest, deepest)
        return node

    def _check_anchor(self, event: Any) -> None:
        """YAML has more signs in names than the parser, which would begin the value with the rest of the name."""
        text, sign = self._source.text, f"&{event.anchor}"
        end = text.find(sign, event.start_mark.index) + len(sign)
        if text[end : end + 1] == ":":
            span = self._span(event)
            place = Span(span.path, span.line, span.column, len(sign) + 1)
            self._complaints.add(
                place, "an anchor's name with `:` in it", "", "names have letters, digits, `_` and `-`"
            )

    def _alias(self, event: Any, depth: int) -> Node:
        known = self._anchors.get(event.anchor)
        if known is None:
            return self._lost_alias(event)
        self._weigh(event, known.size, depth + known.levels)
        return known.node

    def _lost_alias(self, event: Any) -> Node:
        span, name = self._span(event), event.anchor
        if name in self._open:
            self._complaints.add(span, f"`*{name}` stands inside what it stands for", help="write the value out")
        else:
            self._complaints.add(
                span, f"no anchor `&{name}` before this alias", help="put quotes around it if it is a text"
            )
        return ScalarNode(None, span)

    def _list(self, event: Any, depth: int) -> ListNode:
        span = self._span_of_collection(event, "seq")
        items = []
        while _kind(each := self._next()) != "SequenceEndEvent":
            items.append(self._node(each, depth + 1))
        return ListNode(tuple(items), span)

    def _mapping(self, event: Any, depth: int) -> MapNode:
        span = self._span_of_collection(event, "map")
        own: dict[str, NodeEntry] = {}
        while _kind(each := self._next()) != "MappingEndEvent":
            key = self._key(each, depth)
            node = self._node(self._next(), depth + 1)
            if key is not None:
                self._enter(NodeEntry(str(key.value), key.span, node), own)
        merge = own.pop("<<", None)
        if merge is not None:
            self._merge(merge.node, own)
        return MapNode(tuple(own.values()), span)

    def _key(self, event: Any, depth: int) -> ScalarNode | None:
        """The key as a text, None if it is something else (which was complained about)."""
        key = self._node(event, depth + 1)
        if isinstance(key, ScalarNode):
            before = event.start_mark.index - 1
            if before >= 0 and self._source.text[before] == "?":
                # YAML has it for a part of the key, and the parser leaves it out.
                help = "put quotes around the key, with the `?` or without it"
                self._complaints.add(key.span, "a `?` right before a key", "", help)
                return None
            if not isinstance(key.value, str):
                self._complaints.add(key.span, "a key must be a text", help="put quotes around it")
                return None
            return key
        line = self._complaints.line(key.span.line)
        if line[max(key.span.column - 2, 0) :].startswith("{{"):
            self._complaints.add(*unquoted_braces(key.span, line))
        else:
            self._complaints.add(key.span, "a key must be a text", "not a list or a mapping")
        return None

    def _enter(self, entry: NodeEntry, own: dict[str, NodeEntry]) -> None:
        first = own.setdefault(entry.key, entry)
        if first is not entry:
            title, help = f"duplicate key `{entry.key}`", f"the first one is in line {first.key_span.line}"
            self._complaints.add(entry.key_span, title, "a second time", help)

    def _merge(self, node: Node, own: dict[str, NodeEntry]) -> None:
        """Add what ``<<`` brings; a mapping's own keys win, then the earlier of several mappings."""
        for each in node.items if isinstance(node, ListNode) else (node,):
            if not isinstance(each, MapNode):
                self._complaints.add(each.span, "`<<` takes a mapping or a list of mappings")
                continue
            for entry in each.entries:
                own.setdefault(entry.key, entry)

    def _span_of_collection(self, event: Any, name: str) -> Span:
        start = event.start_mark
        tag = event.tag
        if tag is not None and tag != "!" and tag != _CORE + name:
            self._complain_of_tag(event)
        length = self._rest(start.line, start.column)
        return Span(self._source.path, start.line + 1, start.column + 1, max(length, 1))

    def _complain_of_tag(self, event: Any) -> None:
        span = self._span(event)
        line = self._complaints.line(span.line)
        match = _TAG.search(line, span.column - 1)
        if match is not None:
            span = Span(span.path, span.line, match.start() + 1, len(match[0]))
        help = "remove it; a text that begins with `!` needs quotes"
        self._complaints.add(span, "a tag of YAML", "", help)

    def _scalar(self, event: Any) -> ScalarNode:
        span, style, tag = self._span(event), event.style, event.tag
        if tag or event.anchor:
            span = self._behind_properties(event, span)
        value = self._tagged(event, span) if tag else event.value if style else self._resolved(event.value, span)
        return ScalarNode(value, span, bool(style), self._start(event, span))

    def _behind_properties(self, event: Any, span: Span) -> Span:
        """The place of the value alone, if it is in the line of its anchor and tag."""
        skipped = value_start(self._source.text, event) - event.start_mark.index
        if skipped >= span.length:
            return span
        return Span(span.path, span.line, span.column + skipped, span.length - skipped)

    def _resolved(self, text: str, span: Span, kind: str = "") -> Plain:
        try:
            return resolve_as(kind, text) if kind else resolve(text)
        except BadNumber as error:
            self._complaints.add(span, error.title, help=error.help)
            return None

    def _tagged(self, event: Any, span: Span) -> Plain:
        kind = event.tag.removeprefix(_CORE)
        if event.tag == "!" or kind == "str":
            return str(event.value)
        if kind in _SCALAR_TAGS:
            return self._resolved(event.value, span, kind)
        self._complain_of_tag(event)
        return str(event.value)

    def _start(self, event: Any, span: Span) -> Start:
        """Where the characters of a scalar are; see ``ScalarNode``."""
        start, end, style = event.start_mark, event.end_mark, event.style
        if start.line != end.line or style in _BLOCKS:
            return None
        if not style:
            return span.column
        inner = self._source.text[value_start(self._source.text, event) + 1 : end.index - 1]
        if inner == event.value:
            return span.column + 1
        columns = tuple(span.column + 1 + piece.start() for piece in _PIECES[style].finditer(inner))
        return columns if len(columns) == len(event.value) else None


def _kind(event: Any) -> str:
    return type(event).__name__
