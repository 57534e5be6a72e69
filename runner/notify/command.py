"""Messages that a program of the user's takes."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING

from runner.notify.credentials import Undelivered
from runner.notify.message import body_of
from runner.notify.sending import Sending

if TYPE_CHECKING:
    import subprocess

_OURS = "PMX_"


def run_command(sending: Sending) -> None:
    """Run the program without a shell and without ``PMX_*``; JSON on its stdin. Whatever it starts ends with it."""
    import subprocess

    own = {name: value for name, value in sending.environ.items() if not name.startswith(_OURS)}
    channel, message = sending.channel, body_of(sending.data, id=sending.id)
    try:
        program = subprocess.Popen(  # noqa: S603 - the user's own, from a file that only they can write
            channel.argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=channel.folder or None,
            env=own,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise Undelivered(f"{channel.argv[0]} can't be started") from error
    with program:
        try:
            program.communicate(message, timeout=sending.seconds)
        except subprocess.TimeoutExpired as error:
            raise Undelivered(f"{channel.argv[0]} took longer than {sending.seconds:g} s") from error
        finally:
            _end(program)
    if program.returncode:
        raise Undelivered(f"{channel.argv[0]} ended with {program.returncode}")


def _end(program: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        os.killpg(program.pid, signal.SIGKILL)
