"""Runs with marked secrets, and everything that they leave behind, to be searched."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leaks import leaks

from e2e.conftest import Exchange, Machine
from runner.cli.reports import WORDS

ODD = "m4rk3r/\"qüöte\"\n+ 100% <tag> & 'möre'\\end"
"""What a body may hold, and every escape has something to do with."""

PRINTABLE = 'h34d3r/"quote"+ 100% & more\\end'
"""The same for a header."""

TOKENS = "eyJhbGciOiJSUzI1NiIs"
"""What every token and every assertion begins with."""

PLAYBOOK = """
version: 1
name: secrets
inputs:
  odd: {type: string, secret: true}
  key: {type: string, secret: true}
  which: {type: string, default: odd}
  other: {type: string, default: key}
steps:
  - {id: token, action: authenticate}
  - {id: me, action: whoami, title: "with {{ inputs[inputs.which] }}"}
  - {id: say, action: log, with: {message: "it is {{ inputs[inputs.which] }}"}}
  - {id: keep, action: set, with: {it: "Bearer {{ inputs[inputs.other] }}"}, capture: {kept: result.it}}
  - id: send
    action: http
    severity: advisory
    with:
      method: POST
      path: /v1/refdata/symbols
      headers: {X-Key: "{{ kept }}"}
      body: {note: "{{ inputs[inputs.which] }}"}
    expect: [result.status == 299]
  - id: some
    action: list_instruments
    with: {tradable_filter: tradable, states: [open], limit: 5}
    capture: {chosen: "result.instruments[0]"}
  - id: order
    action: place_order
    with: {symbol: "{{ chosen.symbol }}", side: buy, price: 0.01, quantity: 1}
    capture: {order_id: result.order.id}
    cleanup: {action: cancel_order, with: {order_id: "{{ order_id }}", symbol: "{{ chosen.symbol }}"}}
  - {id: open, action: list_open_orders, expect: ['order_id in result.orders | map(attribute="id")']}
"""
REPORTS = [word for format in WORDS for word in ("--report", f"{format}=report.{format}")]
WRITTEN_BY_US = {"secrets.yaml", "pmx.yaml"}

EVERYWHERE, ORDERS, CANCELS = "*", "POST /v1/trading/orders", "POST /v1/trading/orders/cancel"
FAULTS: dict[str, dict[str, Any]] = {
    "no_answer": {"commit": "after", "operation": EVERYWHERE},
    "delay": {"seconds": 0.05, "commit": "before", "operation": EVERYWHERE},
    "drip": {"bytes_per_second": 5000, "operation": "* /v1/*"},
    "status": {"status": 503, "commit": "before", "operation": EVERYWHERE},
    "redirect": {"location": "http://127.0.0.1:1/", "status": 307, "operation": EVERYWHERE},
    "reset": {"after_bytes": 10, "operation": EVERYWHERE},
    "truncated": {"operation": EVERYWHERE},
    "garbage": {"operation": EVERYWHERE},
    "huge": {"mebibytes": 17, "operation": "GET /v1/whoami"},
    "late_reject": {"text": "Instrument is not tradable", "operation": ORDERS},
    "latency_stopgap": {"operation": ORDERS},
    "fill_during_cancel": {"quantity": 0, "operation": CANCELS},
    "stale_read": {"seconds": 1, "operation": "POST /v1/report/orders/search"},
    "halt": {"symbol": "", "operation": ORDERS},
    "maintenance": {"operation": EVERYWHERE},
    "clock_skew": {"seconds": -90, "operation": EVERYWHERE},
    "duplicate_answer": {"operation": EVERYWHERE},
}
"""Each fault of the sandbox, as it is armed here."""


def armed(name: str, seed: int) -> dict[str, Any]:
    """A fault that strikes a share of the calls, drawn by a seed; what is for a few calls strikes all of them."""
    share = {"share": 0.3, "seed": seed} if FAULTS[name]["operation"] == EVERYWHERE else {}
    return FAULTS[name] | share


def sample(count: int, seed: int = 20261122) -> list[str]:
    """Some of the faults, the same ones each time."""
    return sorted(random.Random(seed).sample(sorted(FAULTS), count))


@dataclass(frozen=True)
class Left:
    """What a run left behind: its exit code, every byte of it, and the secrets that it knew."""

    exit_code: int
    data: bytes
    markers: tuple[str, ...]

    def leaks(self) -> dict[str, list[str]]:
        """Every secret that is found, with the forms in which it is."""
        found = {marker: leaks(marker, self.data) for marker in self.markers}
        return {marker: forms for marker, forms in found.items() if forms}


def perform(
    machine: Machine, exchange: Exchange, *words: str, key_as_text: bool = False, program: tuple[str, ...] = ()
) -> Left:
    """The playbook of secrets, run to its end on an exchange, and all that it said and wrote."""
    (machine.folder / "secrets.yaml").write_text(PLAYBOOK)
    settings = machine.folder / "pmx.yaml"
    settings.write_text("reconcile_window: 300ms\n")
    settings.chmod(0o600)
    pem = Path(exchange.env["PMX_PRIVATE_KEY_PATH"]).read_text()
    given = dict(exchange.env)
    if key_as_text:
        del given["PMX_PRIVATE_KEY_PATH"]
        given["PMX_PRIVATE_KEY"] = pem
    machine.env = given
    options = ("secrets.yaml", *REPORTS, *words)
    done = machine.run(*options, program=program, **inputs())
    said = done.stdout.encode() + done.stderr.encode()
    return Left(done.returncode, said + b"\n".join(written(machine.folder)), (ODD, PRINTABLE, TOKENS, *lines_of(pem)))


def inputs() -> Mapping[str, str]:
    """The secret inputs, as the environment hands them in."""
    return {"PMX_INPUT_ODD": ODD, "PMX_INPUT_KEY": PRINTABLE}


def lines_of(pem: str) -> list[str]:
    """The lines of a private key that carry it."""
    return pem.splitlines()[1:-1]


def written(folder: Path) -> Iterator[bytes]:
    """Every file below a folder, names included, but those that the test itself wrote."""
    for path in folder.rglob("*"):
        yield str(path).encode()
        if path.is_file() and path.name not in WRITTEN_BY_US:
            yield path.read_bytes()
