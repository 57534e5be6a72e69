"""The two ways of speaking: what the venue publishes, and what the seed of the quickstart page shows."""

from __future__ import annotations

from dataclasses import dataclass

from runner.sandbox.gateway.wire import published


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of speaking.

    ``strict`` demands what the venue demands: page sizes, symbols, names and the participant's header. A dialect that
    is not strict speaks as the older quickstart page shows, answers an insert with the whole order, which has settled
    at once, and lets a missing header stand for the firm's first participant.
    """

    name: str
    strict: bool

    def encode(self, tree: object) -> object:
        """A handler's tree as plain JSON values of this dialect."""
        return published(tree) if self.strict else tree


PUBLISHED = Dialect("published", strict=True)
SEED = Dialect("seed", strict=False)
DIALECTS = {dialect.name: dialect for dialect in (PUBLISHED, SEED)}
