"""Up to ``--jobs`` playbooks of one call at once.

They share the process, its signals and its secrets; each has a client, a journal's connection and locks of its own, as
separate processes would have. What a run tells is shown whole when it has ended.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from io import StringIO

from runner.cli.hearing import saying
from runner.cli.performing import Performer
from runner.cli.reviving import Prepared
from runner.cli.several import Ending, not_begun, performed
from runner.redact import Redactor
from runner.reporters.terminal import PlainView, Streams


def at_once(performer: Performer, prepared: Sequence[Prepared], jobs: int) -> list[Ending]:
    """Run ``jobs`` of them at once; those that a signal keeps from beginning count as interrupted.

    The endings are in the sequence of the call.
    """
    with ThreadPoolExecutor(jobs, "job") as pool:
        told = dict(_begun(pool, performer, each) for each in prepared)
        for future in as_completed(told):
            told[future].show(future.result(), performer.redactor)
        return [future.result() for future in told]


def _begun(pool: ThreadPoolExecutor, performer: Performer, prepared: Prepared) -> tuple[Future[Ending], _Told]:
    told = _Told()
    return pool.submit(_one, performer, prepared, told), told


class _Told:
    """What one run says, kept together until it has ended."""

    def __init__(self) -> None:
        self._out, self._err = StringIO(), StringIO()
        self.streams = Streams(self._out, self._err)

    def show(self, ending: Ending, redactor: Redactor) -> None:
        """Hand it on, whole."""
        run_id = ending.result.started.run_id if ending.result else "RUN"
        for told, stream, name in ((self._out, sys.stdout, "stdout"), (self._err, sys.stderr, "stderr")):
            if told.getvalue():
                with saying(f"the report on {name}", run_id, sys.stderr, redactor):
                    PlainView(stream).line(told.getvalue().removesuffix("\n"))


def _one(performer: Performer, prepared: Prepared, told: _Told) -> Ending:
    return not_begun(performer) or performed(performer.telling(told.streams), prepared, None, told.streams.err)
