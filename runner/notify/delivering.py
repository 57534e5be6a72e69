"""Delivering what is owed: each message once, all of them at once, within a few seconds."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from runner.journal.outbox import Outbox, Owed
from runner.notify.command import run_command
from runner.notify.credentials import Undelivered, secrets_of
from runner.notify.http import send_heartbeat, send_slack, send_webhook
from runner.notify.mail import send_mail
from runner.notify.sending import Sending
from runner.redact import Redactor
from runner.settings.channels import channel_of

Send: TypeAlias = Callable[[Sending], None]
WAYS: Mapping[str, Send] = {
    "webhook": send_webhook,
    "slack": send_slack,
    "email": send_mail,
    "command": run_command,
    "heartbeat": send_heartbeat,
}
"""How each kind of channel is served. Each gives up by itself after some seconds, as far as its library lets it."""

SECONDS = 2.0
_GRACE = 0.2
_AT_ONCE = 16


class Attempt:
    """One message on its way, in a thread of its own that holds up nobody's end."""

    def __init__(self, owed: Owed, seconds: float) -> None:
        self.owed = owed
        self._seconds = seconds
        self._error: str | None = None
        self._thread = threading.Thread(target=self._try, daemon=True)
        self._thread.start()

    def error(self, until: float) -> str:
        """Why it has not arrived by then (steady seconds), empty if it has."""
        self._thread.join(max(0.0, until - time.monotonic()))
        return f"no answer within {self._seconds:g} s" if self._error is None else self._error

    def _try(self) -> None:
        try:
            channel = channel_of(json.loads(self.owed.channel))
            redactor = Redactor(secrets_of([channel], os.environ))
            data, now = json.loads(self.owed.message), datetime.now(UTC)
            self._error = _sent(Sending(channel, self.owed.id, data, now, self._seconds, os.environ), redactor)
        except Exception as error:  # a thread's bug must neither be lost nor be seen in a run's output
            self._error = f"a mistake of our own: {type(error).__name__}"


def deliver(
    outbox: Outbox, *, early: bool = False, seconds: float = SECONDS, but: Container[str] = ()
) -> list[tuple[Owed, str]]:
    """Try once what is due (``early``: whatever is owed) ``but`` for some ids; each with why it did not arrive.

    At most sixteen, the latest first, in ``seconds`` and a little more. Raises as ``Outbox``.
    """
    claimed = outbox.claim(datetime.now(UTC), _AT_ONCE, early=early, but=but)
    tried = attempted(claimed, seconds)
    if tried:
        arrived = [each for each, error in tried if not error]
        outbox.settle(arrived, [pair for pair in tried if pair[1]], datetime.now(UTC))
    return tried


def attempted(messages: Sequence[Owed], seconds: float = SECONDS) -> list[tuple[Owed, str]]:
    """Each message, tried, with why it did not arrive."""
    until = time.monotonic() + seconds + _GRACE
    return [(each.owed, each.error(until)) for each in [Attempt(each, seconds) for each in messages]]


def _sent(sending: Sending, redactor: Redactor) -> str:
    try:
        WAYS[sending.channel.kind](sending)
    except Undelivered as error:
        return redactor.text(error.message)
    return ""
