"""The person at the terminal, who may be asked before a run goes on."""

from __future__ import annotations

import argparse
import re
import select
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from time import monotonic

from runner.diagnostic import Diagnostic, nearest
from runner.errors import WrongInput
from runner.plan import Plan
from runner.playbook.model import CONFIRM

_LOOK_AGAIN = 0.2
_YES = frozenset({"y", "yes"})


class PersonAtTerminal:
    """Whoever started the command; ``agreed`` are the steps that the command line agrees to in advance."""

    def __init__(self, agreed: Sequence[str] = ()) -> None:
        self._agreed = frozenset(map(_plain, agreed))
        self._turn = threading.Lock()

    @property
    def there(self) -> bool:
        """Whether standard input is a terminal."""
        return sys.stdin is not None and sys.stdin.isatty()

    def agreed(self, path: str) -> bool:
        """Whether the step, or the whole loop that it is an item of, was named on the command line."""
        return not self._agreed.isdisjoint({_plain(path), _of_plan(path)})

    def answer(self, question: str, seconds: float, go_on: Callable[[], None]) -> bool | None:
        """Ask on stderr; only `y` and `yes` mean yes. One question at a time, however many items ask."""
        ends = monotonic() + seconds
        with self._turn:
            print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
            while monotonic() < ends:
                go_on()
                if select.select([sys.stdin], [], [], min(_LOOK_AGAIN, max(0.0, ends - monotonic())))[0]:
                    return sys.stdin.readline().strip().lower() in _YES
            print(file=sys.stderr, flush=True)
            return None


def add_confirm(parser: argparse.ArgumentParser) -> None:
    """The option that agrees in advance."""
    help = "agree in advance to a `confirm` step: its id, or caller/id in an included playbook; repeatable"
    parser.add_argument("--confirm", action="append", default=[], metavar="STEP", help=help)


def check_agreed(agreed: Iterable[str], plans: Sequence[Plan]) -> None:
    """Raise ``WrongInput`` for a word after ``--confirm`` that is no step to confirm in any of the plans."""
    steps = [step for plan in plans for step in plan.all_steps]
    known = {_of_plan(step.path): None for step in steps if step.written.action == CONFIRM}
    for word in agreed:
        if _of_plan(word) in known:
            continue
        other = next((step for step in steps if _of_plan(step.path) == _of_plan(word)), None)
        title = f"`--confirm {word}` names no step that asks to be confirmed"
        listed = f"there is: {', '.join(known)}" if known else "there is no step with `action: confirm`"
        help = f"its action is `{other.written.action}`" if other else nearest(word, known) or listed
        raise WrongInput([Diagnostic(title, help=help)])


def _plain(path: str) -> str:
    """A path as it may be typed: a step of `finally` by its id alone."""
    return "/".join(each.removeprefix("finally.") for each in path.split("/"))


def _of_plan(path: str) -> str:
    """The path of a step as its plan has it, whichever item of a loop it is."""
    return re.sub(r"\[\d+\]", "", _plain(path))
