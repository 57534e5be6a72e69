"""The course that one call takes: when the exchange sees it, if at all, what is answered, and how that arrives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from runner.sandbox.delivery import PLAIN, Delivery
from runner.sandbox.exchange.surprises import NONE, Surprises
from runner.sandbox.gateway.message import Answer

Rewrite: TypeAlias = Callable[[Answer], Answer]


@dataclass(frozen=True, slots=True)
class Course:
    """One call's course. Waits are in seconds; ``halts`` holds symbols, an empty one for the call's own;
    ``times`` says how often the exchange sees the call.

    Without ``commit`` the exchange never sees the call; then something must rewrite the answer or lose it.
    """

    wait_before: float = 0
    commit: bool = True
    rewrites: tuple[Rewrite, ...] = ()
    wait_after: float = 0
    delivery: Delivery = PLAIN
    surprises: Surprises = NONE
    halts: tuple[str, ...] = ()
    times: int = 1

    def rewritten(self, answer: Answer) -> Answer:
        """The answer after all rewrites."""
        for rewrite in self.rewrites:
            answer = rewrite(answer)
        return answer

    def with_rewrite(self, rewrite: Rewrite, *, commit: bool = True) -> Course:
        """The same with one more rewrite; without ``commit`` the exchange does not see the call any more."""
        return replace(self, rewrites=(*self.rewrites, rewrite), commit=self.commit and commit)


STRAIGHT = Course()
