"""A program for the fault matrix: each cell is one run that meets one fault at one call, then ``resume`` twice.

Arguments: names of cells, ``garbage@insert``; none for all of them. A line of JSON for each: what came of it, and every
promise that was broken. The runs are those of ``pmx-run``, with less patience: a call has a second, the end of a run 3.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runner.cli.chaos.exchange import Exchange
from runner.cli.chaos.judging import violations
from runner.cli.chaos.processes import shared_out
from runner.cli.chaos.trial import Script, Trial
from runner.cli.performing import Carriers
from runner.engine import closing
from runner.errors import NotRecorded
from runner.journal.store import Batch, Journal
from runner.record.result import RunResult
from runner.sandbox import world
from runner.venue.call import Answer, Heard, Request
from runner.venue.transport import Transport

PLAYBOOK = Path(__file__).parent / "playbooks" / "placed-checked-cancelled.yaml"
CALLS = ("token", "instrument", "insert", "read back", "check", "cancel", "read on", "search")
"""The calls of the playbook when nothing goes wrong, in their sequence."""

STORM, OUTAGE = 3, 500
MANY = {"from here on": OUTAGE, "storm": STORM}
FAULTS: Mapping[str, Mapping[str, object]] = {
    "no answer, not done": {"fault": "no_answer", "commit": "before"},
    "no answer, done": {"fault": "no_answer", "commit": "after"},
    "delay past the limit, then done": {"fault": "delay", "seconds": 1.15, "commit": "before"},
    "delay past the limit, done at once": {"fault": "delay", "seconds": 1.15, "commit": "after"},
    "slow drip": {"fault": "drip", "bytes_per_second": 20},
    "401": {"fault": "status", "status": 401},
    "429": {"fault": "status", "status": 429},
    "429, come back in 1 s": {"fault": "status", "status": 429, "retry_after": 1},
    "429 storm": {"fault": "status", "status": 429, "retry_after": 0},
    "464": {"fault": "status", "status": 464},
    "500, not done": {"fault": "status", "status": 500},
    "500, done": {"fault": "status", "status": 500, "commit": "after"},
    "502, done": {"fault": "status", "status": 502, "commit": "after"},
    "503, not done": {"fault": "status", "status": 503},
    "504, done": {"fault": "status", "status": 504, "commit": "after"},
    "redirect": {"fault": "redirect", "location": "http://127.0.0.1:1/"},
    "reset mid-body": {"fault": "reset"},
    "truncated JSON": {"fault": "truncated"},
    "garbage": {"fault": "garbage"},
    "huge": {"fault": "huge"},
    "late reject": {"fault": "late_reject"},
    "latency stopgap": {"fault": "latency_stopgap"},
    "fill during cancel": {"fault": "fill_during_cancel"},
    "part fill during cancel": {"fault": "fill_during_cancel", "quantity": 1},
    "stale read": {"fault": "stale_read", "seconds": 30},
    "halt": {"fault": "halt"},
    "maintenance": {"fault": "maintenance"},
    "clock skew": {"fault": "clock_skew", "seconds": -90},
    "duplicate answer": {"fault": "duplicate_answer"},
    "no answer, not done, from here on": {"fault": "no_answer", "commit": "before"},
    "no answer, done, from here on": {"fault": "no_answer", "commit": "after"},
    "503 from here on": {"fault": "status", "status": 503},
}
DISK = "journal full"
WRITES = tuple(f"write {number}" for number in range(1, 7))
CELLS = [f"{fault}@{call}" for fault in FAULTS for call in CALLS] + [f"{DISK}@{write}" for write in WRITES]

AT_ONCE = 6
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

    def append(self, batch: Batch) -> None:
        if self._left < 1:
            raise NotRecorded(f"the journal {self.path} can't be written: database or disk is full")
        self._left -= 1
        super().append(batch)


def main(names: Sequence[str]) -> None:
    """Try the cells, several at once since they mostly wait."""
    with tempfile.TemporaryDirectory() as folder:
        for each in shared_out(names or CELLS, lambda some: tried(some, Path(folder)), AT_ONCE):
            print(json.dumps(each), flush=True)


def tried(names: Sequence[str], folder: Path) -> Iterator[Mapping[str, object]]:
    """Each cell in turn, on one exchange as long as nothing is left on it."""
    closing._SECONDS = 3.0
    listed = world.instruments(datetime.now(UTC))
    symbol = next(each.symbol for each in listed if each.symbol.endswith("-kc"))
    script = Script(str(PLAYBOOK), (f"symbol={symbol}",))
    exchange: Exchange | None = None
    for name in names:
        exchange = exchange or Exchange("--settle-ms", "0")
        yield cell(name, Trial(script, exchange, folder), symbol)
        if name.startswith(LASTING) or not exchange.as_new:
            exchange.stop()
            exchange = None
    if exchange is not None:
        exchange.stop()


def cell(name: str, trial: Trial, symbol: str) -> Mapping[str, object]:
    fault, _, at = name.partition("@")
    carriers = (
        Carriers(lambda folder: Full(folder, WRITES.index(at) + 1), Hasty) if fault == DISK else Carriers(None, Hasty)
    )
    with nullcontext() if fault == DISK else armed(trial.exchange, fault, at):
        code = trial.run(carriers)
    came = f"{code} {outcome(trial.result(), trial.orders())}"
    if fault == "halt":
        trial.exchange.ask("POST", "/instruments/state", {"symbol": symbol, "state": "OPEN"})
    evidence = trial.evidence()
    if code == 4 or fault == DISK:
        came += f" > {evidence.resumed} {outcome(evidence.result, evidence.orders)}"
    broken = [f"{each.promise}: {each.seen}" for each in violations(evidence, frozenset())]
    return {"cell": name, "came": came, "broken": broken, "orders": len(evidence.orders), "said": trial.said()}


def armed(exchange: Exchange, fault: str, at: str) -> AbstractContextManager[None]:
    first = CALLS.index(at) + 1
    count = next((count for words, count in MANY.items() if fault.endswith(words)), 1)
    return exchange.armed({**FAULTS[fault], "operation": "*", "calls": [*range(first, first + count)]})


def outcome(result: RunResult | None, orders: Sequence[Mapping[str, Any]]) -> str:
    """The order at the exchange, and the report's word where it is another one."""
    there = " ".join(state_at_exchange(each) for each in orders) or "no order"
    told = (
        " ".join(each.state.removeprefix("ORDER_STATE_").lower() or "sent" for each in result.orders) if result else ""
    )
    if not told or told == " ".join(each["state"].lower() for each in orders):
        return there
    return f"{there} ({told})"


def state_at_exchange(order: Mapping[str, Any]) -> str:
    filled = f" {order['filled']}/{order['quantity']}" if order["filled"] else ""
    return f"{order['state'].lower()}{filled}"


if __name__ == "__main__":
    main(sys.argv[1:])
