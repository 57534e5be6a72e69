"""Signs of life for a log: after 10 s in one step a line that says what it does and waits for, after 30 s another, and
then one each minute.

Nothing sleeps for them: they are told when an event comes. A wait that would go past the moment of one is told as it
begins, with the time that it has left.
"""

from __future__ import annotations

from typing import TypeAlias

from runner.clock import Clock
from runner.record.events import AttemptFailed, CallMade, Event, StepFinished, StepStarted, Waiting

_Sign: TypeAlias = Waiting | CallMade | AttemptFailed | StepStarted | StepFinished
_SIGNS = (Waiting, CallMade, AttemptFailed, StepStarted, StepFinished)
_FIRST = 10.0
_SECOND = 30.0
_EACH = 60.0


class Pulse:
    """What is under way, since when, and when it was last told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.begin("")

    def begin(self, id: str) -> None:
        """A step began, or with an empty ``id`` ended: what it leaves to be done counts from here."""
        self._id = id
        self._began = self._clock.steady()
        self._due = _FIRST
        self._calls = 0
        self._progress = ""
        self._polls: set[str] = set()

    def progress(self, text: str) -> None:
        """How far the step is, if it holds others."""
        self._progress = text

    def beat(self, event: Event) -> str | None:
        """The line that is due at this event, if one is."""
        self._calls += isinstance(event, CallMade)
        spent = self._clock.steady() - self._began
        long = event.seconds if isinstance(event, Waiting) and event.seconds >= _FIRST else 0.0
        if isinstance(event, Waiting) and event.until:
            self._polls.add(event.path)
        if spent + long < self._due or not isinstance(event, _SIGNS) or self._will_be_told(event):
            return None
        self._due = _SECOND if spent < _SECOND else (spent // _EACH + 1) * _EACH
        return f"  {self._clock.now():%H:%M:%SZ}  {self._told(event, spent)}"

    def _will_be_told(self, event: Event) -> bool:
        """Whether it is a call of a poll, which tells itself after each."""
        return isinstance(event, CallMade) and event.path in self._polls

    def _told(self, event: _Sign, spent: float) -> str:
        """What is under way; of a poll or a wait by its own path, which may be one of several at once."""
        polls = isinstance(event, Waiting) and event.until
        words = [] if polls or spent < 1 else [f"at work for {_length(spent)}"]
        if isinstance(event, Waiting):
            words.append(wait(event))
        elif self._calls > 1:
            words.append(f"{self._calls} calls")
        named = event.path if isinstance(event, Waiting) else self._id or event.path
        return "  ".join(filter(None, [named, ", ".join(words), self._progress]))


def wait(event: Waiting, gone: float = 0.0) -> str:
    """A wait with its reason when ``gone`` seconds of it are over: ``waiting 20 s before the next attempt``.

    Of a poll: ``polling for 40 s, 12 tries, 20 s left: until …``.
    """
    if not event.until:
        return f"waiting {_length(event.seconds - gone)} {event.reason}"
    tries = "1 try" if event.tries == 1 else f"{event.tries} tries"
    return f"polling for {_length(event.spent + gone)}, {tries}, {_length(event.left - gone)} left: until {event.until}"


def _length(seconds: float) -> str:
    """A length of time in seconds, from two minutes on in minutes, too; of less than one with a decimal."""
    whole = max(round(seconds), 0)
    if whole >= 2 * _EACH:
        return f"{whole // 60} min {whole % 60} s"
    return f"{seconds:.1f} s" if 0 < seconds < 1 else f"{whole} s"
