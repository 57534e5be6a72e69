"""A playbook's steps, with the defaults filled in and what a schema can't see checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, get_args

from runner.diagnostic import nearest
from runner.playbook.header import retry
from runner.playbook.loops import Naming, loop
from runner.playbook.model import (
    CONFIRM,
    RUN_PLAYBOOK,
    CleanupStep,
    Defaults,
    Duration,
    Expectation,
    OnFailure,
    Repeat,
    Severity,
    Step,
)
from runner.playbook.nodes import ListNode, MapNode
from runner.playbook.special import check_cleanup, check_special
from runner.playbook.traps import EXPRESSION_ARGUMENTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from runner.playbook.model import Named, Retry, Time
    from runner.playbook.nodes import Node
    from runner.playbook.parts import Parts
    from runner.source import Span

EVERY_MILLISECONDS = 1_000
WITHIN_MILLISECONDS = 60_000

_REPEATED_BY_THE_ENGINE = frozenset({"cancel_order"})
_OF_THEIR_OWN_TIME = frozenset({RUN_PLAYBOOK, CONFIRM})


class Actions(Protocol):
    """What must be known of the actions to read a playbook."""

    @property
    def names(self) -> Collection[str]:
        """Those that can be used."""
        ...

    def effect(self, name: str) -> Literal["reads", "changes"]:
        """Whether an action changes something at the venue."""
        ...


class Steps:
    """Makes the steps of one playbook; ids and captures are unique over all that one object makes."""

    __slots__ = ("_defaults", "_ids", "_known", "_naming", "_parts", "_tags")

    def __init__(self, parts: Parts, known: Actions, defaults: Defaults, tags: tuple[str, ...] = ()) -> None:
        self._parts = parts
        self._known = known
        self._defaults = defaults
        self._tags = tags
        self._ids: dict[str, Span] = {}
        self._naming = Naming(parts.complaints)

    def all_of(self, node: Node | None) -> tuple[Step, ...]:
        """The steps of a list."""
        return tuple(self._step(self._parts.mapping(item)) for item in self._parts.items(node))

    def _step(self, node: MapNode) -> Step:
        parts, action = self._parts, self._action(node)
        check_special(node, action, parts.complaints)
        id_node, action_node = node.get("id") or node, node.get("action") or node
        return Step(
            id=self._id(node),
            id_span=id_node.span,
            action=action,
            action_span=action_node.span,
            arguments=parts.arguments(node.get("with"), EXPRESSION_ARGUMENTS.get(action, ())),
            title=parts.text(node.get("title")),
            help=parts.text(node.get("help")),
            participant=parts.text(node.get("participant")),
            when=parts.condition(node.get("when")),
            loop=loop(node, parts, self._naming),
            repeat=self._repeat(node, action),
            timeout=parts.time(node.get("timeout")) or self._default_timeout(action),
            retry=self._retry(node, action) or self._default_retry(action),
            expect=self._expect(node.get("expect")),
            capture=self._capture(node.get("capture")),
            cleanup=self._cleanup(node.get("cleanup")),
            on_failure=parts.word(node.get("on_failure"), self._defaults.on_failure, get_args(OnFailure)),
            severity=parts.word(node.get("severity"), self._defaults.severity, get_args(Severity)),
            tags=(*self._tags, *(each for each in parts.strings(node.get("tags")) if each not in self._tags)),
            span=node.first,
        )

    def _id(self, node: MapNode) -> str:
        written = node.get("id")
        text = self._parts.string(written)
        if written is not None and text:
            first = self._ids.setdefault(text, written.span)
            if first is not written.span:
                help = f"the first one is in line {first.line}"
                self._parts.complaints.add(written.span, f"a second step `{text}`", help=help)
        return text

    def _action(self, node: MapNode) -> str:
        written = node.get("action")
        name = self._parts.string(written)
        if written is None or not name or name in self._known.names:
            return name
        help = nearest(name, self._known.names) or "`pmx-run actions` lists them"
        self._parts.complaints.add(written.span, f"unknown action `{name}`", "", help)
        return name

    def _changes(self, action: str) -> bool:
        return action in self._known.names and self._known.effect(action) == "changes"

    def _retry(self, node: MapNode, action: str) -> Retry | None:
        if self._changes(action) and action not in (*_REPEATED_BY_THE_ENGINE, RUN_PLAYBOOK):
            self._never_twice(node, "retry", action)
        return retry(node.get("retry"), self._parts)

    def _default_timeout(self, action: str) -> Time | None:
        """A whole playbook's time, and a person's, is not that of a step."""
        return None if action in _OF_THEIR_OWN_TIME else self._defaults.timeout

    def _default_retry(self, action: str) -> Retry | None:
        return None if self._changes(action) or action == CONFIRM else self._defaults.retry

    def _never_twice(self, node: MapNode, key: str, action: str) -> None:
        span = next((entry.key_span for entry in node.entries if entry.key == key), None)
        if span is not None:
            title = f"`{key}` on `{action}`"
            label = "an action that changes something is never blindly repeated"
            help = "remove it; look at what became of it with a step that reads"
            self._parts.complaints.add(span, title, label, help)

    def _repeat(self, node: MapNode, action: str) -> Repeat | None:
        written = node.get("repeat")
        if written is None:
            return None
        if self._changes(action) and action != RUN_PLAYBOOK:
            self._never_twice(node, "repeat", action)
        keys = self._parts.mapping(written)
        every = self._parts.time(keys.get("every")) or Duration(EVERY_MILLISECONDS, written.span)
        within = self._parts.time(keys.get("within")) or Duration(WITHIN_MILLISECONDS, written.span)
        return Repeat(self._parts.code(keys.get("until")), every, within, keys.first)

    def _expect(self, node: Node | None) -> tuple[Expectation, ...]:
        return tuple(self._expectation(item) for item in self._parts.items(node))

    def _expectation(self, node: Node) -> Expectation:
        parts = self._parts
        if not isinstance(node, MapNode):
            return Expectation(parts.code(node), None, None, "required", node.span)
        title, help = parts.text(node.get("title")), parts.text(node.get("help"))
        severity: Severity = parts.word(node.get("severity"), "required", get_args(Severity))
        return Expectation(parts.code(node.get("check")), title, help, severity, node.first)

    def _capture(self, node: Node | None) -> tuple[Named, ...]:
        captures = () if node is None else self._parts.named(node)
        for each in captures:
            self._naming.capture(each.name, each.name_span)
        return captures

    def _cleanup(self, node: Node | None) -> tuple[CleanupStep, ...]:
        if node is None:
            return ()
        nodes = node.items if isinstance(node, ListNode) else (node,)
        return tuple(self._cleanup_step(self._parts.mapping(each)) for each in nodes)

    def _cleanup_step(self, node: MapNode) -> CleanupStep:
        parts, action = self._parts, self._action(node)
        check_cleanup(node, action, parts.complaints)
        return CleanupStep(
            action=action,
            action_span=(node.get("action") or node).span,
            arguments=parts.arguments(node.get("with"), EXPRESSION_ARGUMENTS.get(action, ())),
            title=parts.text(node.get("title")),
            when=parts.condition(node.get("when")),
            timeout=parts.time(node.get("timeout")),
            retry=self._retry(node, action),
            span=node.first,
        )
