"""What tells of a run may fail, and the run goes on: a full disk behind stdout must not leave an order behind.

What failed is said once on stderr, and where all of it can still be had.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TextIO

from runner.engine.outcome import problem_of
from runner.record.events import Event
from runner.redact import Redactor
from runner.reporters.terminal import Listener
from runner.venue.refusals import one_line


def trouble(what: str, error: Exception, redactor: Redactor, help: str = "") -> str:
    """A message that ``what`` failed, and why: what the system says, or that it is a mistake of our own.

    ``help`` stands in the place of the error's own.
    """
    if isinstance(error, OSError) and error.strerror:
        reason, own = redactor.text(error.strerror), ""
    else:
        problem = problem_of(error, redactor)
        reason, own = problem.message, problem.help
    line = f"error: {what}: {one_line(reason, redactor)}"
    return f"{line}\n  = help: {one_line(help or own, redactor)}" if help or own else line


def careful(listener: Listener, what: str, run_id: str, err: TextIO, redactor: Redactor) -> Listener:
    """A listener that never fails: once ``listener`` did, it says so to ``err`` and hears no more.

    ``what`` names the listener and where it tells.
    """
    deaf = False

    def hear(event: Event) -> None:
        nonlocal deaf
        if deaf:
            return
        deaf = True
        with saying(what, run_id, err, redactor):
            listener(event)
            deaf = False

    return hear


@contextlib.contextmanager
def saying(what: str, run_id: str, err: TextIO, redactor: Redactor) -> Iterator[None]:
    """Whatever fails within the block is a line on ``err``; a pipe that nobody reads any more is none."""
    try:
        yield
    except BrokenPipeError:
        return
    except Exception as error:
        help = f"the run is not touched by that; all of it: pmx-run report {run_id} --report markdown=-"
        with contextlib.suppress(OSError):
            print(trouble(f"{what} broke off", error, redactor, help), file=err, flush=True)
