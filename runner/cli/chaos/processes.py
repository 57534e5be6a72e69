"""Processes made by forking this one, which has everything loaded: a trial's own, and several to share out trials.

A fork is safe as long as this process has one thread and no database open, which is why runs are never performed in it.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import NoReturn, TypeVar

from runner.errors import ExitCode, StepErrored

T = TypeVar("T")
R = TypeVar("R")

_LONGEST_SECONDS = 900


def in_a_process(act: Callable[[], int], environ: Mapping[str, str], output: Path) -> int:
    """``act`` in a process of its own, with these variables and all that it says in a file: its exit code.

    Minus a signal's number if that killed it. One that never ends is ended after a quarter of an hour.
    """
    pid = os.fork()
    if pid == 0:
        _be_another(act, environ, output)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def shared_out(items: Sequence[T], work: Callable[[Sequence[T]], Iterable[R]], processes: int) -> Iterator[R]:
    """What ``work`` makes of the items, as it comes; each of some processes takes every n-th of them.

    Raises ``StepErrored`` if one of them fails.
    """
    readers: list[Connection[object, object]] = []
    pids: list[int] = []
    try:
        for first in range(min(processes, len(items))):
            reader, writer = Pipe(duplex=False)
            readers.append(reader)
            pid = os.fork()
            if pid == 0:
                _do_a_share(items[first::processes], work, writer, readers)
            writer.close()
            pids.append(pid)
        yield from _results(list(readers))
    finally:
        # Nobody hears them any more: whoever still works ends with its next result.
        for reader in readers:
            reader.close()
        for pid in pids:
            os.waitpid(pid, 0)


def _results(readers: list[Connection[object, object]]) -> Iterator[R]:
    while readers:
        for ready in wait(readers):
            assert isinstance(ready, Connection)  # noqa: S101 - that is all that is waited for
            try:
                result = ready.recv()
            except EOFError:
                raise StepErrored("a process that performed trials has died") from None
            if result is None:
                readers.remove(ready)
            elif isinstance(result, StepErrored):
                raise result
            else:
                yield result


def _do_a_share(
    items: Sequence[T],
    work: Callable[[Sequence[T]], Iterable[R]],
    writer: Connection[object, object],
    readers: Iterable[Connection[object, object]],
) -> NoReturn:
    code = 0
    try:
        for reader in readers:
            reader.close()
        for result in work(items):
            writer.send(result)
        writer.send(None)
    except (BrokenPipeError, KeyboardInterrupt):
        code = 1
    except Exception as error:
        writer.send(StepErrored(f"{type(error).__name__}: {error}"))
    finally:
        os._exit(code)


def _be_another(act: Callable[[], int], environ: Mapping[str, str], output: Path) -> NoReturn:
    code = int(ExitCode.ERRORED)
    try:
        signal.alarm(_LONGEST_SECONDS)
        _redirect(output)
        os.environ.clear()
        os.environ.update(environ)
        code = act()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _redirect(output: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    told = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number, handle in enumerate((nothing, told, told)):
        os.dup2(handle, number)
