"""The engine's recorder on the journal: what was done once is never done again, whichever process goes on.

What announces an act (an intent, a debt, the start of a sending) is durable before that act. What only tells of the
past is gathered and written with the next of those, or when time is let pass: losing it costs a second look at most.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NoReturn, TypeVar, cast

from runner.clock import Clock
from runner.engine.ledger import Ledger
from runner.engine.recorder import Audience, Listener, sleep_until, with_owners
from runner.engine.stop import Stop
from runner.errors import NotRecorded
from runner.journal.store import Batch, Entry, Journal, Risk
from runner.record.codec import decode, decode_value, encode, text_of, text_of_data
from runner.record.events import (
    CleanupDone,
    CleanupOwed,
    Event,
    Intent,
    OrderIntended,
    OrderLost,
    OrderSeen,
    ReplaceIntended,
    ReplaceSettled,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
)
from runner.redact import Redactor
from runner.venue.participant import firm_of
from runner.venue.trade_day import trade_day

T = TypeVar("T")

_ANNOUNCING = (RunStarted, OrderIntended, ReplaceIntended, CleanupOwed)
_NAMES = frozenset(
    {"event", "path", "id", "step", "clord_id", "order_id", "replaces", "action", "status", "state", "verdict"}
)
_DURABLE = (*_ANNOUNCING, OrderLost, ReplaceSettled, CleanupDone, RunFinished)
_OF_ORDERS = (OrderIntended, ReplaceIntended, OrderSeen, OrderLost, ReplaceSettled)
_MOST_WAITING = 100
_LONG_ENOUGH_TO_WRITE = 0.2


class JournalRecorder:
    """Records one run. ``earlier`` are its entries from a process that died, none for a new run.

    ``base_url`` is what its orders count for. The last scan of ``redactor`` goes over all that is written.
    """

    def __init__(
        self,
        journal: Journal,
        run_id: str,
        base_url: str,
        clock: Clock,
        stop: Stop,
        redactor: Redactor,
        listeners: Sequence[Listener] = (),
        earlier: Sequence[Entry] = (),
    ) -> None:
        self._journal = journal
        self._run_id = run_id
        self._base_url = base_url
        self._clock = clock
        self._stop = stop
        self._redactor = redactor
        self._audience = Audience(listeners)
        self._turn = threading.RLock()
        self._next = len(earlier)
        self._waiting: list[Entry] = []
        self._risks: list[Risk] = []
        self._ended: tuple[str, int] | None = None
        self._ledger = Ledger()
        self.broken: Exception | None = None
        self.earlier: Sequence[Event] = events_of(earlier)
        self.events: list[Event] = list(self.earlier)
        self._done = {each.path: each.data for each in earlier if each.kind == "done"}
        self._begun = {part for each in earlier if each.kind == "start" for part in with_owners(each.path)}
        self._said = set(filter(None, map(_identity, self.events)))
        for event in self.events:
            self._ledger.take(event)

    def emit(self, *events: Event) -> None:
        """Keep events, all or none of them; durable when this returns if one of them announces something.

        What a dead process said already is not said again, but for the beginning of a step that goes on: listeners hear
        it once more, and it is kept once. Raises ``NotRecorded`` for an announcement that can't be written, and for
        the run's end if that is the first that can't be; anything else then waits for better times.
        """
        with self._turn:
            new = [event for event in events if self._is_new(event)]
            announced = any(isinstance(event, _ANNOUNCING) for event in new)
            self._refuse_if_broken(announced)
            before = len(self._waiting), len(self._risks), self._ended
            whole = self.broken is None
            self._waiting += map(self._entry, new)
            for event in new:
                self._index(event)
            if any(isinstance(event, _DURABLE) for event in new) or len(self._waiting) > _MOST_WAITING:
                self._flush()
            if self.broken is not None and (announced or (whole and self._ended)):
                self._take_back(*before)
            self.events += new
            for event in events:
                if event in new or self._goes_on(event):
                    self._audience.hear(event)

    def step(self, path: str, act: Callable[[], T], settle: Callable[[], T] | None = None) -> T:
        """The recorded result of a leaf, or perform it and record; see ``Recorder``."""
        recorded = self._done.get(path)
        if recorded is not None:
            return cast("T", decode_value(json.loads(recorded)))
        if settle is None:
            result = act()
            self._keep(path, result)
            return result
        with self._turn:
            died = path in self._begun
            if not died:
                self._start(path)
        result = settle() if died else act()
        self._keep(path, result)
        with self._turn:
            self._flush()
        return result

    def keep(self) -> None:
        """Write what waits; where that fails, nothing new is begun from then on (``broken``)."""
        with self._turn:
            self._flush()

    def begun(self, path: str) -> bool:
        """Whether a leaf that may change something was started at or below ``path``."""
        return path in self._begun

    def sleep_until(self, path: str, at: datetime) -> None:  # noqa: ARG002 - the moment is the caller's to record
        """Let time pass; returns early when the run is to stop."""
        if (at - self._clock.now()).total_seconds() > _LONG_ENOUGH_TO_WRITE:
            with self._turn:
                self._flush()
        sleep_until(self._clock, at)

    def cancelled(self) -> bool:
        """Whether a signal came."""
        return self._stop.requested

    def _start(self, path: str) -> None:
        """Make it durable that a leaf is about to be performed. Raises ``NotRecorded``; nothing is begun then."""
        self._refuse_if_broken(True)
        before = len(self._waiting), len(self._risks), self._ended
        self._waiting.append(Entry("start", path, "null"))
        self._flush()
        if self.broken is not None:
            self._take_back(*before)
        self._begun |= with_owners(path)

    def _refuse_if_broken(self, announced: bool) -> None:
        """What was refused once is refused for good, even if there is room again: nobody counts on it any more."""
        if announced and self.broken is not None:
            raise self.broken

    def _take_back(self, entries: int, risks: int, ended: tuple[str, int] | None) -> NoReturn:
        """Leave out what could not be written, since its teller is told so; it must not be written later."""
        del self._waiting[entries:], self._risks[risks:]
        self._ended = ended
        assert self.broken is not None  # noqa: S101 - that is why
        raise self.broken

    def _keep(self, path: str, result: object) -> None:
        """Record what a leaf came to, unless there is a secret in it: then it is made again when it is needed."""
        try:
            text = text_of(result)
        except TypeError:
            return
        if self._redactor.text(text) == text:
            with self._turn:
                self._waiting.append(Entry("done", path, text))

    def _entry(self, event: Event) -> Entry:
        text = text_of(event)
        if self._redactor.text(text) != text:
            data = encode(event)
            text = text_of_data({name: each if name in _NAMES else self._masked(each) for name, each in data.items()})
        return Entry("event", getattr(event, "path", ""), text)

    def _masked(self, data: Any) -> Any:
        """Every text in it masked, and nothing else: a secret that is a word or a number of ours must not make the
        journal unreadable."""
        match data:
            case {"$decimal": _} | {"$time": _} | {"$seconds": _}:
                return data
            case dict():
                return {name: self._masked(each) for name, each in data.items()}
            case list():
                return [self._masked(each) for each in data]
        return self._redactor.text(data) if isinstance(data, str) else data

    def _index(self, event: Event) -> None:
        """What the journal's index has to know of an event."""
        self._ledger.take(event)
        if isinstance(event, RunFinished):
            self._ended = (event.status, event.exit_code)
        trail = self._ledger.trail(event.clord_id) if isinstance(event, _OF_ORDERS) else None
        if trail is not None:
            shares = trail.shares()
            self._risks += (risk_of(each, self._base_url, str(shares[each.clord_id])) for each in trail.intents)

    def _is_new(self, event: Event) -> bool:
        """Whether nobody has said this before; from now on somebody has."""
        identity = _identity(event)
        if identity is None:
            return True
        new = identity not in self._said
        self._said.add(identity)
        return new

    def _goes_on(self, event: Event) -> bool:
        """Whether it tells of a step that a dead process had begun, and that goes on now."""
        return isinstance(event, StepStarted) and (StepFinished, event.path) not in self._said

    def _flush(self) -> None:
        """Write what waits. Where that fails ``broken`` says why, and it goes on waiting for the next flush."""
        if not self._waiting:
            return
        batch = Batch(self._run_id, self._next, self._waiting, self._clock.now(), self._risks, self._ended)
        try:
            self._journal.append(batch)
        except NotRecorded as error:
            self.broken = error
            return
        self._next += len(self._waiting)
        self._waiting, self._risks, self._ended = [], [], None


def events_of(entries: Sequence[Entry]) -> tuple[Event, ...]:
    """The events among a run's entries."""
    return tuple(decode(json.loads(each.data)) for each in entries if each.kind == "event")


def risk_of(intended: Intent, base_url: str, exposure: str) -> Risk:
    """What an order puts at risk, for the trade day on which it was intended; what a replace adds has a plus sign."""
    day = trade_day(intended.at).isoformat()
    sign = "+" if isinstance(intended, ReplaceIntended) else ""
    return Risk(intended.clord_id, base_url, firm_of(intended.participant), day, sign + exposure)


def _identity(event: Event) -> tuple[object, ...] | None:
    """What makes an event the same when a second process comes by the same place; None: new whenever it is said."""
    match event:
        case RunStarted():
            return (RunStarted,)
        case StepStarted() | StepFinished() | OrderIntended() | ReplaceIntended() | CleanupOwed():
            return (type(event), event.path)
    return None
