"""Follows the expressions of a playbook, one place after the other, and turns what it finds into diagnostics."""

from __future__ import annotations

from collections.abc import Mapping

from runner.diagnostic import Diagnostic, problem
from runner.expression import FUNCTIONS, Expression, Template
from runner.frozen import frozen
from runner.plan.types.facts import Facts, Path, if_so
from runner.plan.types.findings import Finding, at
from runner.plan.types.inference import Inference
from runner.plan.types.model import ANY_TEXT, SEALED, SECRET, UNKNOWN, Type, holds_secret, words
from runner.playbook.model import Code, Text
from runner.source import Source

_STEADY = frozenset({"inputs", "environment", "run", "result", "call", *(f"{name}()" for name in FUNCTIONS)})
"""Names that mean the same in all steps with one type of result."""


@frozen
class Followed:
    """What following one expression came to, where ``result`` was what it is."""

    result: Type | None
    type: Type
    findings: tuple[Finding, ...]
    inputs: frozenset[str | None]
    constant: bool


class Follower:
    """What can be seen at the place that is looked at now, and what was found so far.

    ``shared`` are everybody's names, ``own`` those of the step; ``facts`` is what is known of them here beyond their
    types, ``lasting`` what is known from here on. ``inputs`` are those that were used, None among them where all were
    used at once. ``constant`` is whether the expression that was followed last depends on nothing.
    """

    def __init__(self, source: Source, shared: dict[str, Type]) -> None:
        self.source = source
        self.shared = shared
        self.own: Mapping[str, Type] = {}
        self.facts: Facts = {}
        self.lasting: dict[Path, Type] = {}
        self.problems: list[Diagnostic] = []
        self.inputs: set[str | None] = set()
        self.constant = False
        self._followed: dict[tuple[int, int], Followed] = {}

    def see(self, own: Mapping[str, Type], facts: Facts) -> None:
        """From here on, look with these names of the step's own, knowing these facts."""
        self.own, self.facts = own, facts

    def keep(self, facts: Facts) -> None:
        """Know these facts for good."""
        self.lasting.update(facts)
        if any(path[0] in _STEADY for path in facts):
            self._followed.clear()

    def code(self, code: Code) -> Type:
        """The type of an expression."""
        return self._type_of(code.expression, code)

    def text(self, text: Text) -> Type:
        """The type that a text is rendered to."""
        if not isinstance(text.written, Template):
            return words(text.written)
        types = [self._type_of(each, text) for each in text.written.expressions]
        if text.written.whole:
            return types[0]
        return SEALED if any(each.kinds & SECRET for each in types) else ANY_TEXT

    def facts_of(self, code: Code, *, soft: bool = False) -> Facts:
        """What is known where the expression holds; ``soft`` of what was expected, and may have been otherwise."""
        run = Inference(code.expression, self._root, self.facts, self.lasting)
        run.soft = soft
        return if_so(code.expression.tree, True, run)

    def reveals(self, written: Code | Text, type_: Type, where: str, help: str) -> bool:
        """Complain if a secret comes to a place that others see."""
        if not holds_secret(type_):
            return False
        expression = written.expression if isinstance(written, Code) else expression_of(written)
        node = expression.tree
        self.complain(written, at(node, f"a secret in {where}", f"`{expression.source(node)}` holds it", help))
        return True

    def complain(self, written: Code | Text, finding: Finding) -> None:
        """Note what is wrong at a place of a text."""
        span = written.place(finding.offset, finding.length)
        self.problems.append(problem(self.source, span, finding.title, finding.label, finding.help))

    def _type_of(self, expression: Expression, written: Code | Text) -> Type:
        followed = self._follow(expression)
        self.inputs |= followed.inputs
        self.constant = followed.constant
        for finding in followed.findings:
            self.complain(written, finding)
        return followed.type

    def _follow(self, expression: Expression) -> Followed:
        """The expression followed, or what came of it in a step of the same kind."""
        result = self.own.get("result")
        key = id(expression), id(result)
        known = None if self.facts else self._followed.get(key)
        if known is not None:
            return known
        run = Inference(expression, self._root, self.facts, self.lasting)
        found = run.type_of(expression.tree)
        followed = Followed(result, found, tuple(run.findings), frozenset(run.inputs), not run.names)
        if not self.facts and run.names <= _STEADY:
            self._followed[key] = followed
        return followed

    def _root(self, name: str) -> Type:
        return self.own.get(name) or self.shared.get(name) or UNKNOWN


def expression_of(text: Text) -> Expression:
    """The first expression of a text that has one."""
    written = text.written
    assert isinstance(written, Template)  # noqa: S101 - a plain text holds nothing that could be wrong
    return written.expressions[0]
