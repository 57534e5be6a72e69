"""Everything a run acts with, put together: the venue's client, the clock, signals, the journal, and who listens."""

from __future__ import annotations

import argparse
import random
import sys
import uuid
from contextlib import AbstractContextManager, ExitStack
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from runner import __version__
from runner.address import host_of
from runner.cli.client import Client, MakeTransport
from runner.cli.inputs import given_inputs
from runner.cli.instrument_file import InstrumentFile, instrument_file
from runner.cli.journaling import Book, book_of, halt_keys, held_if_open, lock_key
from runner.cli.listeners import Listeners
from runner.cli.notifying import Telling
from runner.cli.pacing import buckets_for
from runner.cli.person import PersonAtTerminal, check_agreed
from runner.cli.pinning import check_pins
from runner.cli.retention import prune_once_a_day
from runner.cli.reviving import Prepared, how_far, pinned_of, revived
from runner.clock import Clock, SystemClock
from runner.diagnostic import Diagnostic
from runner.engine.run import run
from runner.engine.stop import Stop
from runner.engine.world import Services
from runner.errors import ExitCode, InDoubt, WrongInput
from runner.frozen import frozen
from runner.plan import personal_texts
from runner.record.events import Event, Going, Surroundings
from runner.record.result import RunResult, fold
from runner.redact import Redactor, Secret
from runner.reporters.lines import summary
from runner.reporters.terminal import Streams
from runner.settings import PinSettings, Settings, with_embedded
from runner.venue.pins import PinGuard, Pins

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runner.cli.embedded import EmbeddedExchange
    from runner.engine.pacing import Pace
    from runner.journal.store import Entry, Journal, Run


@frozen
class Carriers:
    """What carries a run's records and its calls, and its time; None for the usual ones.

    ``journal`` opens the one of a folder; ``clock`` makes one whose waits end when the run is to stop.
    """

    journal: Callable[[Path], Journal] | None = None
    transport: MakeTransport | None = None
    clock: Callable[[Stop], Clock] | None = None


@frozen
class _Acting:
    """One run about to be performed: who it is in the journal, and how far it goes.

    ``earlier`` is what a process before this one recorded, ``told`` the events in it.
    """

    run: Run
    prepared: Prepared
    instruments: InstrumentFile | None
    pace: Pace
    earlier: Sequence[Entry] = ()
    told: Sequence[Event] = ()
    going: Going = "on"
    taken_over: bool = False


class Performer:
    """Performs plans, one after the other, in one process; ``to_stdout`` is whether a report has stdout for itself."""

    def __init__(self, options: argparse.Namespace, *, to_stdout: bool, carriers: Carriers | None = None) -> None:
        self._carriers = carriers or Carriers()
        self._options = options
        self._stack = ExitStack()
        self._stop = Stop()
        clock = self._carriers.clock
        self._clock: Clock = SystemClock(self._stop.pause) if clock is None else clock(self._stop)
        self.redactor = Redactor()
        self._person = PersonAtTerminal(options.confirm)
        self.settings: dict[str, Settings] = {}
        """Those of each run that was performed, by its id."""
        self._pins: dict[tuple[str, PinSettings], PinGuard] = {}
        streams = Streams(sys.stdout, sys.stderr)
        self._listeners = Listeners(options, self.redactor, self._clock, streams, to_stdout)

    def telling(self, streams: Streams) -> Performer:
        """The same performer, whose runs tell of themselves somewhere else: for one of several at once."""
        other = copy(self)
        other._listeners = self._listeners.elsewhere(streams)
        return other

    def __enter__(self) -> Performer:
        self._stack.callback(self._stop.close)
        self._stack.enter_context(self._stop.installed())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def signal_number(self) -> int | None:
        """The signal that asked to stop, None if none did."""
        return self._stop.signal_number

    def perform(self, prepared: Prepared, run_id: str | None = None) -> RunResult:
        """One run, told to the terminal as it goes, with the embedded exchange beside it if its settings say so.

        Runs of the same playbook that died are settled first. Raises ``Locked`` while one is under way, ``InDoubt``
        if one that died can't be settled, ``WrongInput`` where no journal can be kept; nothing was sent then.
        """
        with ExitStack() as stack:
            settings = prepared.settings
            instruments, pace = instrument_file(settings), buckets_for(settings)
            embedded = self._embedded(stack) if settings.embedded else None
            book = stack.enter_context(book_of(settings, self._carriers.journal))
            used = book.journal.run(run_id) if run_id else None
            if used is not None:
                self.settings[used.run_id] = settings
                return self._used_before(book, used, prepared.plan.playbook.name)
            if embedded is not None:
                settings = with_embedded(settings, embedded.variables())
                check_pins(settings, prepared.plan)
            begun = self._new_run(prepared, settings, run_id)
            stack.enter_context(_held(book, begun, self._clock))
            if embedded is None:
                self._settle_dead(book, begun)
            book.journal.begin(begun, pinned_of(prepared, settings))
            result = self._act(book, _Acting(begun, replace(prepared, settings=settings), instruments, pace))
            if self.signal_number is None:
                prune_once_a_day(book, self._clock.now())
            return result

    def resume(self, book: Book, listed: Run, *, ending: bool, named: bool = True) -> RunResult | None:
        """Take up a run whose process died, or that ended in doubt; ``ending`` only settles and cleans up.

        ``named`` is whether it alone was meant, so that each ``--confirm`` must be about it.

        None if it came to its end meanwhile. Raises ``Locked`` while it is under way, ``WrongInput`` where the settings
        lead elsewhere than they did.
        """
        with held_if_open(book, listed, self._clock.now()) as died:
            return None if died is None else self._resume(book, died, ending=ending, named=named)

    def _resume(
        self, book: Book, died: Run, *, ending: bool, taken_over: bool = False, named: bool = False
    ) -> RunResult:
        from runner.journal.recorder import events_of

        pinned = book.journal.pinned(died.run_id)
        prepared = revived(died, pinned, given_inputs(self._options), self._options.state_dir)
        if named:
            check_agreed(self._options.confirm, [prepared.plan])
        entries = book.journal.entries(died.run_id)
        within = float(prepared.settings.resume_within.value)
        told = events_of(entries)
        going = how_far(died, told, within, self._clock.now(), ending=ending)
        settings = prepared.settings
        kept = (instrument_file(settings), buckets_for(settings))
        return self._act(book, _Acting(died, prepared, *kept, entries, told, going, taken_over))

    def _used_before(self, book: Book, used: Run, playbook: str) -> RunResult:
        """A run id that was used before sends nothing new: its outcome, or its end if its process died."""
        from runner.cli.overs import VOID, declared_over, is_void
        from runner.journal.recorder import events_of

        streams = self._listeners.streams
        if used.playbook != playbook:
            title = f"run {used.run_id} is one of `{used.playbook}`, not of `{playbook}`"
            raise WrongInput([Diagnostic(title, help="give each run an id of its own; nothing was sent")])
        if used.status is None and is_void(book, used):
            print(declared_over(book, used, VOID), file=streams.err if self._listeners.json else streams.out)
        elif used.status is None:
            resumed = self.resume(book, used, ending=False)
            if resumed is not None:
                return resumed
        events = events_of(book.journal.entries(used.run_id))
        tell = self._listeners.of(used, silent=True)
        for event in events:
            tell(event)
        result = fold(events)
        if not self._listeners.to_stdout and not self._listeners.json:
            print(f"run {used.run_id} was performed before: {summary(result)}", file=streams.out)
        return result

    def _settle_dead(self, book: Book, begun: Run) -> None:
        """What died before is brought to its end first."""
        for died in book.journal.open_runs():
            if lock_key(died) != lock_key(begun):
                continue
            result = self._resume(book, died, ending=True, taken_over=True)
            if result.finished is None or result.finished.exit_code == ExitCode.IN_DOUBT:
                raise self._unsettled(book, died)

    def _unsettled(self, book: Book, died: Run) -> InDoubt:
        from runner.cli.leftovers import command, left_of
        from runner.journal.recorder import events_of

        left = [f"\n  {self.redactor.text(line)}" for line in left_of(events_of(book.journal.entries(died.run_id)))]
        return InDoubt(
            f"run {died.run_id} of `{died.playbook}` {_ended(died)} and can't be settled yet; nothing new was sent"
            + "".join(left),
            help=f"look at what it left, then: {command(book.settings, book.folder, died.run_id)}",
        )

    def _act(self, book: Book, acting: _Acting) -> RunResult:
        from runner.journal.recorder import JournalRecorder

        settings, plan = acting.prepared.settings, acting.prepared.plan
        self.settings[acting.run.run_id] = settings
        for secret in (*settings.secrets, *(each for each in plan.inputs.values() if isinstance(each, Secret))):
            self.redactor.learn(secret)
        for text in personal_texts(plan):
            self.redactor.learn_name(text)
        telling = Telling(book, acting.run, settings, self.redactor)
        telling.begin()
        if acting.taken_over:
            listener = self._listeners.taking_over(acting.run, acting.told, _ended(acting.run))
        else:
            listener = self._listeners.of(acting.run, acting.told)
        run_id, base_url = acting.run.run_id, acting.run.base_url
        recorder = JournalRecorder(
            *(book.journal, run_id, base_url, self._clock, self._stop, self.redactor, [listener], acting.earlier)
        )
        client = Client(settings, self._clock, self._stop, self.redactor, self._carriers.transport)
        try:
            services = self._services(settings, client, book, acting)
            run(plan, services, recorder, run_id, acting.going)
        finally:
            client.close()
        telling.end(recorder.events)
        return fold(recorder.events)

    def _new_run(self, prepared: Prepared, settings: Settings, run_id: str | None) -> Run:
        from runner.journal.store import Run

        now = self._clock.now()
        return Run(
            run_id or f"{now:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}",
            prepared.plan.playbook.name,
            settings.environment.value,
            settings.base_url.value if settings.base_url else "",
            settings.participant.value if settings.participant else "",
            settings.account.value if settings.account else "",
            now,
            now,
        )

    def _embedded(self, stack: ExitStack) -> EmbeddedExchange:
        from runner.cli.embedded import EmbeddedExchange

        exchange = EmbeddedExchange()
        stack.callback(exchange.stop)
        _load_while_waiting()
        return exchange

    def _services(self, settings: Settings, client: Client, book: Book, acting: _Acting) -> Services:
        from runner.journal.shared import SharedJournal

        base_url = settings.base_url.value if settings.base_url else ""
        return Services(
            clock=self._clock,
            stop=self._stop,
            venue=client.venue,
            clock_offset_ms=client.clock_offset_ms,
            redactor=self.redactor,
            random=random.Random(),
            new_uuid=lambda: str(uuid.uuid4()),
            surroundings=Surroundings(
                name=settings.environment.value,
                host=host_of(base_url),
                participant=settings.participant.value if settings.participant else "",
                account=settings.account.value if settings.account else "",
            ),
            base_url=base_url,
            reconcile_window=float(settings.reconcile_window.value),
            tool_version=__version__,
            shared=SharedJournal(book.journal, book.folder, base_url, halt_keys(settings)),
            instruments=acting.instruments,
            pace=acting.pace,
            person=self._person,
            pins=self._pins.setdefault((base_url, settings.pins), PinGuard(Pins(settings.pins))),
        )


def _ended(died: Run) -> str:
    """How a run ended of which something may be left, and when."""
    how = "died" if died.status is None else "ended in doubt"
    return f"{how} at {died.last_at:%Y-%m-%d %H:%M:%S} UTC"


def _held(book: Book, begun: Run, clock: Clock) -> AbstractContextManager[None]:
    from runner.journal.locks import held

    return held(book.folder, lock_key(begun), begun.run_id, clock.now())


def _load_while_waiting() -> None:
    """What the first call will need, loaded while the embedded exchange starts."""
    import runner.venue.transport  # noqa: F401
