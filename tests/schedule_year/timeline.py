"""Time that only moves when every run waits or has ended: each waits for its moment in a process of its own."""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from runner.engine.stop import Stop

_PATIENCE_SECONDS = 300
_AT_ONCE = -1.0
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class RunClock:
    """The ``Clock`` of a run: its waits are the timeline's. The steady clock counts what computing takes, too."""

    def __init__(self, wire: socket.socket, now: datetime) -> None:
        self._wire = wire
        self._now = now
        self._waited = 0.0
        self._began = time.monotonic()
        self._turn = threading.Lock()

    def of(self, stop: Stop) -> RunClock:
        """The same, whose waits end when the run is to stop."""
        stop.on_request(lambda: self._send(_AT_ONCE))
        return self

    def now(self) -> datetime:
        return self._now

    def steady(self) -> float:
        return self._waited + time.monotonic() - self._began

    def wait(self, seconds: float) -> None:
        with self._turn:
            asked = time.monotonic()
            self._send(max(0.0, seconds))
            before, self._now = self._now, _EPOCH + timedelta(seconds=struct.unpack("d", self._wire.recv(8))[0])
            self._waited += (self._now - before).total_seconds()
            self._began += time.monotonic() - asked

    def _send(self, seconds: float) -> None:
        self._wire.send(struct.pack("d", seconds))


@dataclass(eq=False)
class Run:
    """A process on the timeline: it computes, or waits for a moment; ``hurried`` if its next wait is to end at once.

    ``earlier`` is whether it takes up what another one began.
    """

    pid: int
    wire: socket.socket
    computes: bool = True
    until: datetime | None = None
    hurried: bool = False
    code: int | None = None
    earlier: bool = False

    def ended(self) -> int | None:
        """Its exit code, minus a signal's number if that killed it."""
        return self.code

    def stop(self) -> None:
        """SIGTERM: it says that it wants to go on, or ends."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.code is None:
            os.kill(self.pid, number)
            self.computes = True


@dataclass
class Timeline:
    """``tell`` is called whenever it is another moment; ``killed`` counts the runs that a SIGKILL ended."""

    now: datetime
    tell: Callable[[datetime], None]
    runs: list[Run] = field(default_factory=list)
    killed: int = 0

    def begin(self, act: Callable[[RunClock], int]) -> Run:
        """``act`` in a process of its own, which is forked from this one."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            ours.close()
            code = 3
            try:
                code = act(RunClock(theirs, self.now))
            finally:
                os._exit(code)
        theirs.close()
        run = Run(pid, ours)
        self.runs.append(run)
        return run

    def settle(self) -> None:
        """Until every run waits or has ended."""
        while computing := [each for each in self.runs if each.computes]:
            ready, _, _ = select.select([each.wire for each in computing], [], [], _PATIENCE_SECONDS)
            assert ready, "a run does nothing"
            for each in computing:
                if each.wire in ready:
                    self._hear(each)

    def pass_to(self, moment: datetime) -> None:
        """Let time pass, and every run go on at its own moment."""
        self.settle()
        while self.runs and (first := min(_until(each) for each in self.runs)) <= moment:
            self._set(max(first, self.now))
            for each in self.runs:
                if _until(each) <= self.now:
                    self._release(each)
            self.settle()
        self._set(moment)

    def _set(self, moment: datetime) -> None:
        if moment > self.now:
            self.now = moment
            self.tell(moment)

    def _hear(self, run: Run) -> None:
        message = run.wire.recv(8)
        if not message:
            self._bury(run)
            return
        seconds = struct.unpack("d", message)[0]
        if seconds == _AT_ONCE and run.until is None:
            run.hurried = True
        elif seconds == _AT_ONCE or run.hurried:
            run.hurried = False
            self._release(run)
        else:
            run.computes, run.until = False, self.now + timedelta(seconds=seconds)

    def _release(self, run: Run) -> None:
        run.computes, run.until = True, None
        with suppress(BrokenPipeError):
            run.wire.send(struct.pack("d", (self.now - _EPOCH).total_seconds()))

    def _bury(self, run: Run) -> None:
        run.wire.close()
        run.code = os.waitstatus_to_exitcode(os.waitpid(run.pid, 0)[1])
        self.runs.remove(run)
        self.killed += run.code == -signal.SIGKILL


def _until(run: Run) -> datetime:
    assert run.until is not None
    return run.until
