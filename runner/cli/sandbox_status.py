"""``pmx-run sandbox status``: what a running exchange holds, asked through its control port."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from runner.address import is_loopback
from runner.diagnostic import Diagnostic
from runner.errors import Unreachable, WrongInput

_URL, _TOKEN = "PMX_SANDBOX_CONTROL_URL", "PMX_SANDBOX_CONTROL_TOKEN"
_PATIENCE = 10.0


def status(arguments: list[str]) -> int:
    """Print the status; raises ``WrongInput`` if it isn't known where to ask, ``Unreachable`` if nobody answers."""
    options = _options(arguments)
    url, token = options.control_url or os.environ.get(_URL), options.control_token or os.environ.get(_TOKEN)
    if not url or not token:
        help = f"set {_URL} and {_TOKEN}, which `pmx-run sandbox` prints"
        raise WrongInput([Diagnostic("it isn't known how to reach the sandbox's control port", help=help)])
    if not is_loopback(url):
        raise WrongInput([Diagnostic("the sandbox's control port is on this machine only", help=f"see {_URL}")])
    held = _asked(url, token)
    print(json.dumps(held, indent=2) if options.json else "\n".join(_lines(held)))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    from runner.cli.parser import Parser

    parser = Parser(prog="pmx-run sandbox status", description="Tell what a running exchange holds.")
    parser.add_argument("--control-url", metavar="URL", help=f"where to ask (default: {_URL})")
    parser.add_argument(
        "--control-token", metavar="TOKEN", help=f"what to show there (default: {_TOKEN}, which no process list shows)"
    )
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    return parser.parse_args(arguments)


def _asked(url: str, token: str) -> Mapping[str, Any]:
    import requests

    help = "is the exchange running, and are these its own variables? each start has a new token"
    try:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"authorization": f"Bearer {token}"}
            answer = session.get(f"{url.rstrip('/')}/status", headers=headers, timeout=_PATIENCE, allow_redirects=False)
    except (requests.RequestException, ValueError) as error:
        raise Unreachable("the sandbox's control port doesn't answer", sent=False, help=help) from error
    if answer.status_code != requests.codes.ok:
        raise Unreachable(f"the sandbox's control port answers {answer.status_code}", sent=True, help=help)
    held: Mapping[str, Any] = answer.json()
    return held


def _lines(held: Mapping[str, Any]) -> Iterator[str]:
    clock = held["clock"]
    yield f"clock     {clock['now']}{', stopped' if clock['stopped'] else ''}"
    yield from _rows("orders", [f"{count:>6} {state}" for state, count in sorted(held["orders"].items())])
    yield from _rows("balances", [_balance(each) for each in held["balances"]])
    yield from _rows("faults", [_fault(each) for each in held["faults"]])
    yield from _rows("calls", [_calls(operation, counts) for operation, counts in held["calls"].items()])


def _rows(title: str, rows: list[str]) -> Iterator[str]:
    first, *others = rows or ["none"]
    yield f"{title:<10}{first}"
    yield from (f"{'':<10}{row}" for row in others)


def _balance(each: Mapping[str, Any]) -> str:
    return f"{each['account']}  {each['balance']} USD, {each['buying_power']} to spend  ({each['participant']})"


def _fault(each: Mapping[str, Any]) -> str:
    return f"{each['id']}: {each['fault']} on {each['operation']}, struck {each['struck']} of {each['matched']} calls"


def _calls(operation: str, counts: Mapping[str, int]) -> str:
    shown = ", ".join(f"{count} x {status if status != '0' else 'no answer'}" for status, count in counts.items())
    return f"{operation}  {shown}"
