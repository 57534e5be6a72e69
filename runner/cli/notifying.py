"""Telling people of a run, beside it: whatever goes wrong here changes neither its output nor its exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from runner.cli.journaling import Book
from runner.errors import PmxError
from runner.record.events import Event
from runner.record.result import fold
from runner.redact import Redactor
from runner.settings import Channel, Settings

if TYPE_CHECKING:
    from runner.journal.outbox import Owed
    from runner.journal.store import Run


class Telling:
    """What is told of one run, by the channels of its settings."""

    def __init__(self, book: Book, run: Run, settings: Settings, redactor: Redactor) -> None:
        self._book = book
        self._run = run
        self._redactor = redactor
        self._channels: Sequence[Channel] = settings.notify.value if settings.notify else ()

    def begin(self) -> None:
        """Learn what no output may show; ping those who wait for a sign of life, in threads that nobody waits for."""
        if not self._channels:
            return
        from runner.notify.credentials import secrets_of

        for secret in secrets_of(self._channels, os.environ):
            self._redactor.learn(secret)
        with _beside():
            self._ping()

    def _ping(self) -> None:
        beating = [each for each in self._channels if each.kind == "heartbeat"]
        if not beating:
            return
        # Two threads that import it at once may each see half of it: the run's own has it first.
        import requests  # noqa: F401

        from runner.notify.delivering import SECONDS, Attempt
        from runner.notify.owing import started

        for channel in beating:
            Attempt(started(channel, self._run.run_id, datetime.now(UTC)), SECONDS)

    def end(self, events: Sequence[Event]) -> None:
        """Owe what is to be told, and try to deliver it, with what is left of earlier runs."""
        with _beside():
            if not self._channels:
                deliver_owed(self._book)
                return
            messages = list(self._owed(events))
            try:
                self._keep(messages)
            except PmxError:
                # Where nothing can be kept any more people must hear of it all the more.
                from runner.notify.delivering import attempted

                attempted(messages)
                return
            deliver_owed(self._book)

    def _owed(self, events: Sequence[Event]) -> Iterator[Owed]:
        from runner.notify.message import happening, message
        from runner.notify.owing import owed_to

        result = fold(events)
        event = happening(result.status, self._before())
        left, typed = [], ""
        if result.status == "in_doubt":
            from runner.cli.leftovers import command, left_of

            left, typed = list(left_of(events)), command(self._book.settings, self._book.folder, self._run.run_id)
        data = message(result, event, left, typed, self._redactor)
        yield from owed_to(self._channels, data, datetime.now(UTC))

    def _before(self) -> str | None:
        """How it was before this: a run that is taken up was in doubt itself, another one had its forerunner."""
        return self._run.status or self._book.journal.outcome_before(self._run)

    def _keep(self, messages: Sequence[Owed]) -> None:
        outbox = self._book.journal.outbox
        for each in messages:
            if each.event.startswith("heartbeat."):
                outbox.supersede(each.channel, "heartbeat.")
        outbox.owe(messages)


def deliver_owed(book: Book) -> None:
    """Try what is due, and say what is given up; without a word else, and without an error."""
    with _beside():
        outbox = book.journal.outbox
        if not outbox.owed():
            return
        from runner.notify.delivering import deliver

        for line in given_up(book):
            print(line, file=sys.stderr)
        deliver(outbox)


def given_up(book: Book) -> Iterator[str]:
    """A line for each message that did not arrive in time; a late heartbeat is no loss."""
    for each in book.journal.outbox.give_up(datetime.now(UTC)):
        if not each.event.startswith("heartbeat."):
            yield f"given up after 3 days: {named(each)}{f': {each.error}' if each.error else ''}"


def named(owed: Owed) -> str:
    """A message as people know it."""
    import json

    from runner.settings.channels import channel_of

    return f"{channel_of(json.loads(owed.channel))}, {owed.event.replace('_', ' ')} of run {owed.run_id}"


@contextlib.contextmanager
def _beside() -> Iterator[None]:
    """Nothing that goes wrong within the block is the run's: what was to be told stays owed.

    A mistake of our own is said in a line.
    """
    try:
        yield
    except (PmxError, OSError):
        return
    except Exception as error:
        print(f"nobody could be told of the run: a mistake of our own ({type(error).__name__})", file=sys.stderr)
