"""What must be said before the schema speaks: a trap of YAML, a later language version.

::

    error: `: ` in an expression without quotes
     --> playbooks/place.yaml:9:9
      |
    9 |       - result.state == "a: b"
      |         ^^^^^^^^^^^^^^^^^^^^^^ YAML reads this as a mapping
      |
      = help: put quotes around it: 'result.state == "a: b"'
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from runner.errors import WrongInput
from runner.expression import FUNCTIONS, RESERVED
from runner.playbook.model import ITEM
from runner.playbook.nodes import ListNode, MapNode, ScalarNode
from runner.playbook.syntax import quoted
from runner.source import Span

if TYPE_CHECKING:
    from runner.playbook.complaints import Complaints
    from runner.playbook.nodes import Node

VERSION = 1
EXPRESSION_ARGUMENTS = {"assert": frozenset({"that"})}

_CHAIN = re.compile(r"(?P<root>[A-Za-z_][A-Za-z0-9_]*)(?:\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9]+\])+")
_LOOP_NAMES = frozenset({ITEM, "index"})
_KEYS_OF_EXPECTATIONS = frozenset({"check", "title", "severity", "help"})


def check_version(root: Node, complaints: Complaints) -> None:
    """Raise WrongInput for another version of the language: nothing else in it could be judged."""
    version = root.get("version") if isinstance(root, MapNode) else None
    if isinstance(version, ScalarNode) and type(version.value) is int and version.value != VERSION:
        title = f"version {version.value} of the playbook language"
        complaints.add(version.span, title, f"this pmx-run reads version {VERSION}", "use a newer pmx-run")
        raise WrongInput(complaints.found)


def check_colons(root: Node, complaints: Complaints) -> None:
    """Complain where YAML made a mapping of an expression, since it holds ``: ``."""
    for node in _expressions(root):
        if isinstance(node, MapNode) and node.entries:
            _complain_of_colon(node, complaints)


def check_chains(root: Node, complaints: Complaints) -> None:
    """Complain about an argument that would be sent as the text it is, since its braces were forgotten."""
    roots = _roots(root)
    for step in steps_of(root):
        _complain_of_chains(_inside_list(step.get("for_each")), roots, complaints)
        seen = roots | _loop_roots(step)
        for each in _acts(step):
            _complain_of_chains(_argument_values(each), seen, complaints)


def steps_of(root: Node) -> Iterator[MapNode]:
    """Every step that is written as a mapping, those of ``finally`` included."""
    for key in ("steps", "finally"):
        node = root.get(key) if isinstance(root, MapNode) else None
        if isinstance(node, ListNode):
            yield from (item for item in node.items if isinstance(item, MapNode))


def acting(root: Node) -> Iterator[MapNode]:
    """Every mapping with an action: steps and their cleanups."""
    for step in steps_of(root):
        yield from _acts(step)


def _acts(step: MapNode) -> Iterator[MapNode]:
    yield step
    yield from (each for each in _items(step.get("cleanup")) if isinstance(each, MapNode))


def _complain_of_chains(nodes: Iterable[Node], roots: Collection[str], complaints: Complaints) -> None:
    for node in nodes:
        text = node.value if isinstance(node, ScalarNode) and isinstance(node.value, str) else ""
        match = _CHAIN.fullmatch(text)
        if match is not None and match["root"] in roots:
            label = f"`{match['root']}` is a name of this playbook, but this is a plain text"
            complaints.add(node.span, "an expression without braces", label, f'write "{{{{ {text} }}}}"')


def _roots(root: Node) -> frozenset[str]:
    """The names an expression of this playbook may begin with."""
    captures = [step.get("capture") for step in steps_of(root)]
    own = {entry.key for capture in captures if isinstance(capture, MapNode) for entry in capture.entries}
    return RESERVED - FUNCTIONS.keys() - _LOOP_NAMES | own


def _loop_roots(step: MapNode) -> frozenset[str]:
    """The names that only this step's expressions may begin with, since it is a loop."""
    if step.get("for_each") is None:
        return frozenset()
    name = step.get("as")
    return frozenset({str(name.value) if isinstance(name, ScalarNode) else ITEM})


def _inside_list(node: Node | None) -> Iterator[Node]:
    if isinstance(node, ListNode):
        yield from _inside(node)


def _argument_values(step: MapNode) -> Iterator[Node]:
    action, arguments = step.get("action"), step.get("with")
    name = action.value if isinstance(action, ScalarNode) else None
    for entry in arguments.entries if isinstance(arguments, MapNode) else ():
        if entry.key not in EXPRESSION_ARGUMENTS.get(str(name), ()):
            yield from _inside(entry.node)


def _inside(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    below = node.items if isinstance(node, ListNode) else _values(node)
    for each in below:
        yield from _inside(each)


def _expressions(root: Node) -> Iterator[Node]:
    """Every node that is an expression; an expectation in its long form is none."""
    if not isinstance(root, MapNode):
        return
    yield from _values(root.get("outputs"))
    for step in steps_of(root):
        yield from _values(step.get("capture"))
        yield from (item for item in _items(step.get("expect")) if not _is_long_form(item))
        for owner in (step, step.get("repeat"), *_items(step.get("cleanup"))):
            if isinstance(owner, MapNode):
                yield from (node for node in (owner.get("when"), owner.get("until")) if node is not None)
        yield from _expression_arguments(step)


def _expression_arguments(step: MapNode) -> Iterator[Node]:
    action, arguments = step.get("action"), step.get("with")
    if isinstance(action, ScalarNode) and isinstance(arguments, MapNode):
        for name in EXPRESSION_ARGUMENTS.get(str(action.value), ()):
            yield from _items(arguments.get(name))


def _values(node: Node | None) -> Iterator[Node]:
    if isinstance(node, MapNode):
        yield from (entry.node for entry in node.entries)


def _items(node: Node | None) -> tuple[Node, ...]:
    if isinstance(node, ListNode):
        return node.items
    return () if node is None else (node,)


def _is_long_form(node: Node) -> bool:
    return isinstance(node, MapNode) and any(entry.key in _KEYS_OF_EXPECTATIONS for entry in node.entries)


def _complain_of_colon(node: MapNode, complaints: Complaints) -> None:
    key = node.first
    written = complaints.line(key.line)[key.column - 1 :].rstrip()
    if not written.startswith("{"):
        span = Span(key.path, key.line, key.column, len(written))
        help = f"put quotes around it: {quoted(written)}"
        complaints.add(span, "`: ` in an expression without quotes", "YAML reads this as a mapping", help)
