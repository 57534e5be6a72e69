"""Asking a person whether to go on: once, whatever happens to the process after the answer."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from runner.errors import GuardRefused
from runner.record.events import Asked

if TYPE_CHECKING:
    from runner.engine.context import StepContext


class Person(Protocol):
    """Whoever runs the playbook."""

    @property
    def there(self) -> bool:
        """Whether there is a terminal to ask at."""
        ...

    def agreed(self, path: str) -> bool:
        """Whether the command line agrees to the step in advance."""
        ...

    def answer(self, question: str, seconds: float, go_on: Callable[[], None]) -> bool | None:
        """Yes or no, None if nobody answers within ``seconds``; ``go_on`` raises when the run is to stop."""
        ...


class Nobody:
    """No person anywhere near."""

    there = False

    def agreed(self, path: str) -> bool:  # noqa: ARG002
        """Nobody agrees."""
        return False

    def answer(self, question: str, seconds: float, go_on: Callable[[], None]) -> bool | None:  # noqa: ARG002
        """Nobody answers."""
        return None


def confirmed(context: StepContext, message: str) -> str:
    """How a person agreed to go on; the answer is recorded, and asked for once. Raises ``GuardRefused`` otherwise."""
    answer: dict[str, Any] = context.step("answer", lambda: _asked(context, message))
    context.world.recorder.keep()
    if not answer["yes"]:
        raise GuardRefused("nobody agreed to go on: the answer was no", help="nothing beyond it was sent")
    return f"confirmed {answer['by']}"


def _asked(context: StepContext, message: str) -> dict[str, Any]:
    context.refuse_if_late()
    world, path = context.world, context.standing.path
    if world.services.person.agreed(path):
        return {"yes": True, "by": "by --confirm"}
    if not world.services.person.there:
        raise GuardRefused("nobody can be asked to confirm this step", help=_help(path))
    where = world.services.surroundings
    question = world.services.redactor.text(f"{where.name} ({where.host}) · {path}: {message}")
    world.tell(Asked(path, question))
    world.recorder.keep()
    seconds = context.deadline.left
    yes = world.services.person.answer(question, seconds, context.go_on)
    if yes is None:
        raise GuardRefused(f"nobody answered within {seconds:.0f} s", help=_help(path))
    return {"yes": yes, "by": "at the terminal"}


def _help(path: str) -> str:
    return f"run it at a terminal, or agree in advance: --confirm {shlex.quote(path)}; nothing beyond it was sent"
