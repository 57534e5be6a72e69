"""The two ways of speaking: what the venue publishes, and what the seed of the quickstart page shows."""

from __future__ import annotations

from dataclasses import dataclass

from runner.sandbox.gateway.wire import Lines, Pieces, Tree, camel, published, written


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of speaking.

    ``strict`` demands what the venue demands: page sizes, symbols, names and the participant's header. A dialect that
    is not strict speaks as the older quickstart page shows, answers an insert with the whole order, which has settled
    at once, and lets a missing header stand for the firm's first participant.
    """

    name: str
    strict: bool

    def encode(self, answer: Tree | Lines) -> bytes:
        """What a handler gives, as JSON of this dialect."""
        if isinstance(answer, Lines):
            return b"".join(self._written(tree) + b"\n" for tree in answer)
        return self._written(answer)

    def _written(self, tree: Tree) -> bytes:
        if not any(isinstance(value, Pieces) for value in tree.values()):
            return written(published(tree) if self.strict else tree)
        members = (self._name(key) + b":" + self._value(value) for key, value in tree.items())
        return b"{" + b",".join(members) + b"}"

    def _name(self, key: str) -> bytes:
        return written(camel(key) if self.strict else key)

    def _value(self, value: object) -> bytes:
        if isinstance(value, Pieces):
            return b"[" + b",".join(value) + b"]"
        return written(published(value) if self.strict else value)


PUBLISHED = Dialect("published", strict=True)
SEED = Dialect("seed", strict=False)
DIALECTS = {dialect.name: dialect for dialect in (PUBLISHED, SEED)}
