"""One expression being followed: what a rule for a kind of node may ask and say.

A rule says something only of what is known, and goes on with the type that the author must have meant, so that one
mistake is told once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runner.plan.types.facts import Facts, if_so, path_of
from runner.plan.types.findings import Finding, at, maybe_null, sealed
from runner.plan.types.following import RULES
from runner.plan.types.model import (
    MISSING,
    NULL,
    SECRET,
    Type,
    described,
)

if TYPE_CHECKING:
    from runner.expression.model import Expression
    from runner.expression.nodes import Node


class Inference:
    """One expression being followed: what it can see, what is known of that here and for good.

    ``names`` are the root names and functions that were met; ``inputs`` are those that were named, ``None`` among them
    where all are used at once. ``forgiven`` is the node whose own absence somebody asks about. ``soft`` facts
    tell only that something is there, since what was expected may have turned out otherwise.
    """

    __slots__ = ("expression", "facts", "findings", "forgiven", "inputs", "lasting", "names", "roots", "soft")

    def __init__(self, expression: Expression, roots: Callable[[str], Type], facts: Facts, lasting: Facts) -> None:
        self.soft = False
        self.expression = expression
        self.roots = roots
        self.facts = facts
        self.lasting = lasting
        self.findings: list[Finding] = []
        self.forgiven: Node | None = None
        self.names: set[str] = set()
        self.inputs: set[str | None] = set()

    def type_of(self, node: Node) -> Type:
        """The node's type; what is wrong in it is added to the findings."""
        return RULES[type(node)](node, self)

    def quietly(self, node: Node) -> Type:
        """The node's type, whatever is wrong in it."""
        found, self.findings = self.findings, []
        try:
            return self.type_of(node)
        finally:
            self.findings = found

    def assuming(self, condition: Node, holds: bool, node: Node) -> Type:
        """The node's type where a condition holds, or doesn't."""
        before = self.facts
        self.facts = {**before, **if_so(condition, holds, self)}
        try:
            return self.type_of(node)
        finally:
            self.facts = before

    def told(self, node: Node) -> Type | None:
        """What a condition around, or an earlier one, has told of this very path."""
        if not (self.facts or self.lasting):
            return None
        path = path_of(node)
        found = None if path is None else self.facts.get(path) or self.lasting.get(path)
        if path is not None and found is not None:
            self.names.add(str(path[0]))
        return found

    def needs(self, node: Node, type_: Type, kinds: int, doing: str, help: str = "") -> None:
        """Complain unless the node's value is of these kinds; ``doing`` says what wants it: ``| length``."""
        if not type_.known:
            return
        if type_.kinds & SECRET & ~kinds:
            self.findings.append(sealed(node))
        elif not type_.kinds & kinds:
            title = f"`{doing}` of {type_.without(MISSING).described()}"
            label = f"{self.source(node)} is {type_.explained()}"
            self.findings.append(at(node, title, label, help or f"it takes {described(kinds)}"))
        elif type_.kinds & NULL & ~kinds:
            self.findings.append(maybe_null(node, self.source(node), type_, f"no `{doing}` of null"))

    def refuse_secret(self, node: Node, type_: Type) -> None:
        """Complain of a secret that something is computed of."""
        if type_.kinds & SECRET:
            self.findings.append(sealed(node))

    def source(self, node: Node) -> str:
        """What a message calls the node: its text in back quotes, cut to size."""
        written = " ".join(self.expression.source(node).split())
        return f"`{written if len(written) <= 60 else written[:59] + '…'}`"
