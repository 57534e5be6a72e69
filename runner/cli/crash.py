"""A mistake of our own that nobody caught: told in one line, without a secret in it."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping

from runner.engine.outcome import problem_of
from runner.errors import ExitCode
from runner.redact import Redactor, Secret, alive
from runner.venue.refusals import one_line


def report(error: Exception, *, verbose: bool) -> int:
    """Say what happened on stderr, with ``verbose`` where, too; gives the exit code."""
    redactor = _knowing_all(os.environ)
    problem = problem_of(error, redactor)
    if verbose:
        sys.stderr.write(redactor.text("".join(traceback.format_exception(error))))
    print(f"error: {one_line(problem.message, redactor)}\n  = help: {problem.help}", file=sys.stderr)
    return ExitCode.ERRORED


def _knowing_all(environ: Mapping[str, str]) -> Redactor:
    """Whoever reports a crash was told no secret: it knows all that were made, and what may not have become one yet."""
    given = (
        Secret(text) for name, text in environ.items() if name == "PMX_PRIVATE_KEY" or name.startswith("PMX_INPUT_")
    )
    return Redactor([*alive(), *given])
