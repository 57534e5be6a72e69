"""A program for the fault matrix: each cell is one run that meets one fault at one call, then ``resume`` twice.

Arguments: the life of an order, and names of its cells, ``garbage@insert``; none for all of them; ``undisturbed`` for
a run that nothing befalls. A line of JSON for each: what came of it, and every promise that was broken. The runs are
those of ``pmx-run``, with less patience: a call has a second, the end of a run 3.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chaos.lives import DISK, ENTERS, LATE, LIVES, Life
from runner.cli.chaos.doom import Doom
from runner.cli.chaos.exchange import Exchange
from runner.cli.chaos.judging import violations
from runner.cli.chaos.processes import shared_out
from runner.cli.chaos.trial import Script, Trial
from runner.cli.performing import Carriers
from runner.engine import closing
from runner.errors import NotRecorded
from runner.journal.store import Batch, Journal, Pinned, Run
from runner.record.result import OrderResult, RunResult
from runner.sandbox import world
from runner.venue.call import Answer, Heard, Request
from runner.venue.transport import Transport

UNDISTURBED = "undisturbed"
NOT_CARRIED_OUT = frozenset({401, 429})
OPTIONS = ("--settle-ms", "0")
AT_ONCE = 6
REPLACED_PRICE = 20
"""As the wire counts it: the playbook's replace asks for 0.02 dollars, and no order is placed at that."""
LASTING = ("delay", "slow drip")
"""Faults that go on when the run has gone on without them: their exchange serves no other cell."""


class Hasty(Transport):
    """A second for each call."""

    def exchange(self, request: Request, left: float, heard: Heard) -> Answer:
        return super().exchange(request, min(left, 1.0), heard)


class Full(Journal):
    """A journal whose disk is full from its n-th write on."""

    def __init__(self, folder: Path, first: int) -> None:
        super().__init__(folder)
        self._left = first - 1

    def begin(self, run: Run, pinned: Pinned) -> None:
        self._write()
        super().begin(run, pinned)

    def append(self, batch: Batch) -> None:
        self._write()
        super().append(batch)

    def _write(self) -> None:
        if self._left < 1:
            raise NotRecorded(f"the journal {self.path} can't be written: database or disk is full")
        self._left -= 1


def main(life: str, names: Sequence[str]) -> None:
    """Try the cells, several at once since they mostly wait."""
    with tempfile.TemporaryDirectory() as folder:
        cells = names or LIVES[life].cells()
        for each in shared_out(cells, lambda some: tried(LIVES[life], some, Path(folder)), AT_ONCE):
            print(json.dumps(each), flush=True)


def tried(life: Life, names: Sequence[str], folder: Path) -> Iterator[Mapping[str, object]]:
    """Each cell in turn, on one exchange as long as nothing is left on it."""
    symbol = symbol_here()
    exchange: Exchange | None = None
    for number, name in enumerate(names):
        exchange = exchange or Exchange(*OPTIONS)
        trial = Trial(replace(script(life, symbol, number), late=LATE in name), exchange, folder)
        yield undisturbed(trial) if name == UNDISTURBED else cell(life, name, trial, symbol)
        if name.startswith(LASTING) or not exchange.as_new:
            exchange.stop()
            exchange = None
    if exchange is not None:
        exchange.stop()


def symbol_here() -> str:
    return next(each.symbol for each in world.instruments(datetime.now(UTC)) if each.symbol.endswith("-kc"))


def script(life: Life, symbol: str, number: int) -> Script:
    return Script(str(life.playbook), (f"symbol={symbol}", f"person=person-{number}"))


def undisturbed(trial: Trial) -> Mapping[str, object]:
    """The exit code, the calls and how often the journal was written to."""
    doom, told, before = Doom(None), trial.folder / "writes", len(calls(trial.exchange))

    def tell() -> None:
        told.write_text(str(len(doom.reach.writes)), encoding="utf-8")

    code = trial.run(doom.carriers(), tell)
    operations = [each["operation"] for each in calls(trial.exchange)[before:]]
    return {"cell": UNDISTURBED, "code": code, "calls": operations, "writes": int(told.read_text(encoding="utf-8"))}


def cell(life: Life, name: str, trial: Trial, symbol: str) -> Mapping[str, object]:
    fault, _, at = name.partition("@")
    before = len(calls(trial.exchange))
    if fault.startswith(DISK):
        first = int(at.removeprefix("write "))
        code = hasty_run(trial, Carriers(lambda folder: Full(folder, first), Hasty))
    else:
        with trial.exchange.armed(life.fault(fault, at, symbol)):
            code = hasty_run(trial, Carriers(None, Hasty))
    came = f"{code} {outcome(trial.result(), trial.orders())}"
    if fault == "halt":
        trial.exchange.ask("POST", "/instruments/state", {"symbol": symbol, "state": "OPEN"})
    evidence = trial.evidence()
    if code == 4 or fault.startswith(DISK):
        came += f" > {evidence.resumed} {outcome(evidence.result, evidence.orders)}"
    broken = [f"{each.promise}: {each.seen}" for each in violations(evidence, frozenset())]
    broken += sent_twice(life, calls(trial.exchange)[before:])
    return {"cell": name, "came": came, "broken": broken, "orders": len(evidence.orders), "said": trial.said()}


def hasty_run(trial: Trial, carriers: Carriers) -> int:
    """A run with little time for its end; ``resume`` has all of it."""
    usual, closing.PHASE_SECONDS = closing.PHASE_SECONDS, 3.0
    try:
        return trial.run(carriers)
    finally:
        closing.PHASE_SECONDS = usual


def calls(exchange: Exchange) -> list[dict[str, Any]]:
    """All that the exchange was asked so far, whether it saw it or a fault did."""
    return list(exchange.ask("GET", "/calls?after=0")["calls"])


def sent_twice(life: Life, asked: Sequence[Mapping[str, Any]]) -> list[str]:
    """The inserts and replaces beyond those of the playbook; one that was answered 401 or 429 was not carried out."""
    sent = Counter(each["operation"] for each in asked if each["status"] not in NOT_CARRIED_OUT)
    planned = Counter(life.calls.values())
    return [f"sent twice: {sent[each]} times {each}" for each in sorted(ENTERS) if sent[each] > planned[each]]


def outcome(result: RunResult | None, orders: Sequence[Mapping[str, Any]]) -> str:
    """The orders at the exchange, and the report's words where they are other ones."""
    there = ", ".join(state_at_exchange(each) for each in orders) or "no order"
    told = ", ".join(state_told(each) for each in result.orders) if result else ""
    if not told or told == ", ".join(each["state"].lower() for each in orders):
        return there
    return f"{there} ({told})"


def state_at_exchange(order: Mapping[str, Any]) -> str:
    replaced = " as replaced" if order["price"] == REPLACED_PRICE else ""
    filled = f" {order['filled']}/{order['quantity']}" if order["filled"] else ""
    return f"{order['state'].lower()}{replaced}{filled}"


def state_told(order: OrderResult) -> str:
    return order.state.removeprefix("ORDER_STATE_").lower() or "sent"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
