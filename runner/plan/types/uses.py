"""A filter being applied, as its rule sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from runner.expression.nodes import Node
from runner.frozen import frozen
from runner.plan.types.model import ANY_TEXT, CONTAINER, LIST, UNKNOWN, Type, either

if TYPE_CHECKING:
    from runner.plan.types.inference import Inference

Arguments: TypeAlias = Mapping[str, tuple[Node, Type]]
Rule: TypeAlias = Callable[["Use", Type], Type]


@frozen
class Given:
    """The arguments of a filter as they were written, each with its type."""

    positional: tuple[tuple[Node, Type], ...]
    keywords: Arguments

    def named(self, names: Sequence[str], start: int = 0) -> Arguments:
        """All of them by name, but the first ``start``."""
        return {**dict(zip(names, self.positional[start:], strict=False)), **self.keywords}


@frozen
class Use:
    """A filter being applied: to the value of ``node``, under ``name``, with its arguments."""

    run: Inference
    node: Node
    name: str
    arguments: Arguments

    def needs(self, type_: Type, kinds: int) -> None:
        """Complain unless what the filter is applied to is of these kinds."""
        self.run.needs(self.node, type_, kinds, f"| {self.name}")

    def type_of(self, name: str) -> Type | None:
        """The type of an argument, None if it is not given."""
        return self.arguments[name][1] if name in self.arguments else None


def items_of(of: Type) -> Type | None:
    """What a filter over a sequence goes through; None for what is known to be empty."""
    if not of.known:
        return UNKNOWN
    texts = [ANY_TEXT] if of.kinds & CONTAINER & ~LIST else []
    found = [*([of.item] if of.kinds & LIST and of.items is not None else []), *texts]
    return None if not found else found[0] if len(found) == 1 else either(*found)
