"""From text to ``Playbook``: read the YAML, check it, build the model; every problem at once, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expression import parse_expression, parse_template
from runner.playbook import header
from runner.playbook.complaints import Complaints
from runner.playbook.model import Playbook
from runner.playbook.nodes import MapNode, ScalarNode
from runner.playbook.parts import Memory, Parts
from runner.playbook.reader import read_into
from runner.playbook.steps import Actions, Steps
from runner.playbook.traps import VERSION, acting, check_chains, check_colons, check_version

if TYPE_CHECKING:
    from runner.expression import Expression, Template
    from runner.playbook.nodes import Node
    from runner.playbook.parts import Kind
    from runner.source import Source

__all__ = ["Actions", "Forgetful", "Memory", "load"]

_SCHEMA = "playbook.schema.json"


class Forgetful:
    """The memory that remembers nothing beyond this object's life."""

    __slots__ = ("_parsed",)

    valid = False

    def __init__(self) -> None:
        self._parsed: dict[tuple[Kind, str], Expression | Template | str] = {}

    def knows(self, sha256: str) -> bool:  # noqa: ARG002
        """Nothing."""
        return False

    def of(self, source: Source) -> Forgetful:  # noqa: ARG002
        """Itself: what it parsed depends on no file."""
        return self

    def parse(self, kind: Kind, text: str) -> Expression | Template | str:
        """As ``parse_expression`` and ``parse_template``; the same text is parsed once."""
        known = self._parsed.get((kind, text))
        if known is None:
            known = parse_expression(text) if kind == "expression" else parse_template(text)
            self._parsed[kind, text] = known
        return known


def load(source: Source, known: Actions, memory: Memory) -> Playbook:
    """The playbook that a text is; raises WrongInput with every problem in it.

    Names in expressions are not looked up here, since what they may be depends on the plan.
    """
    complaints = Complaints(source)
    root = read_into(source, complaints)
    if root is None:
        complaints.raise_any()
    assert root is not None  # noqa: S101 - a text that breaks off has a complaint
    check_version(root, complaints)
    complaints.settle()
    check_colons(root, complaints)
    check_chains(root, complaints)
    complaints.settle()
    if not memory.valid:
        check_schemas(root, known, complaints)
    complaints.settle()
    playbook = _build(source, root, known, Parts(complaints, memory))
    complaints.raise_any()
    return playbook


def check_schemas(root: Node, known: Actions, complaints: Complaints) -> None:
    """What the schemas refuse: the playbook's, and that of each known action's arguments."""
    from runner.playbook.problems import complain

    complain(_SCHEMA, root, complaints)
    for step in acting(root):
        action = step.get("action")
        arguments = step.get("with") or MapNode((), step.first)
        if isinstance(action, ScalarNode) and action.value in known.names and isinstance(arguments, MapNode):
            name = f"actions/{action.value}.schema.json#/$defs/arguments"
            complain(name, arguments, complaints, str(action.value))


def _build(source: Source, root: Node, known: Actions, parts: Parts) -> Playbook:
    written = parts.mapping(root)
    defaults = header.defaults(written.get("defaults"), parts)
    tags = parts.strings(written.get("tags"))
    steps = Steps(parts, known, defaults, tags)
    return Playbook(
        source=source,
        version=VERSION,
        name=parts.string(written.get("name")),
        description=parts.string(written.get("description")),
        tags=tags,
        inputs=header.inputs(written.get("inputs"), parts),
        limits=header.limits(written.get("limits"), parts),
        defaults=defaults,
        allow_hosts=parts.strings(written.get("allow_hosts")),
        steps=steps.all_of(written.get("steps")),
        finally_=steps.all_of(written.get("finally")),
        outputs=parts.named(written.get("outputs")),
    )
