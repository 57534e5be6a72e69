"""The exchange that a run brings along: started as a process of its own, stopped at the end.

It is started as soon as it is known to be needed, and its address is read only when it is: both sides load their
modules at the same time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from runner.errors import StepErrored

_STOP_SECONDS = 5.0


class EmbeddedExchange:
    """A sandbox exchange on a free loopback port, with keys of its own; ``options`` are its program's."""

    def __init__(self, *options: str) -> None:
        # It stops by itself when our end of its standard input closes, so it can't outlive us, whatever ends us.
        command = [sys.executable, "-m", "runner.sandbox", "--print-env", "json", "--stop-with-stdin", *options]
        self._process = subprocess.Popen(  # noqa: S603 - our own program, no word from outside
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True, env=_environ()
        )

    def variables(self) -> dict[str, str]:
        """How to reach it, by the names of the environment variables; waits until it serves."""
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        line = self._process.stdout.readline()
        if not line:
            raise StepErrored("the embedded exchange did not start", help="try `pmx-run sandbox` to see why")
        found: dict[str, str] = json.loads(line)
        return found

    def stop(self) -> None:
        """Stop it and wait until it has ended."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def _environ() -> dict[str, str]:
    """Our own variables without those that are ours: keys and secret inputs are none of its business."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PMX_")}


@contextmanager
def embedded_exchange() -> Iterator[dict[str, str]]:
    """The exchange within the block, with the variables that lead to it."""
    exchange = EmbeddedExchange()
    try:
        yield exchange.variables()
    finally:
        exchange.stop()
