"""``python -m runner.sandbox``: start the exchange, print how to reach it, serve until told to stop."""

from __future__ import annotations

import argparse
import gc
import json
import os
import secrets
import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from runner.sandbox.keys import KeyMaker, save
from runner.sandbox.options import parse

if TYPE_CHECKING:
    import socket
    import ssl

    from cryptography.hazmat.primitives.asymmetric import rsa

    from runner.sandbox.assembly import Parts
    from runner.sandbox.connection import Limits
    from runner.sandbox.faults.armed import Fault
    from runner.sandbox.server import Listener

_USAGE_ERROR = 2


class _WrongOption(Exception):
    """An option whose mistake shows only when it is used; the text is for people."""


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of the start; the second one is needed at the first token only."""

    client: Future[rsa.RSAPrivateKey]
    signing: Future[rsa.RSAPrivateKey]


def main(argv: list[str], parser_class: type[argparse.ArgumentParser] = argparse.ArgumentParser) -> int:
    """Run the exchange with these options (without the program's name); return the exit code."""
    options = parse(argv, parser_class)
    maker = KeyMaker()
    keys = _Keys(maker.order(), maker.order())
    _on_stop_signals(_exit)
    try:
        return _run(options, keys)
    except BrokenPipeError:
        # Whoever started us died before we were ready; nobody is left to serve.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except _WrongOption as error:
        print(f"error: {error}", file=sys.stderr)
        return _USAGE_ERROR
    except SystemExit as stop:
        return int(stop.code or 0)


def _run(options: argparse.Namespace, keys: _Keys) -> int:
    # Imported while the keys are in the making; together these take longer than one key.
    from runner.sandbox.connection import Limits
    from runner.sandbox.server import Server

    with ExitStack() as cleanup:
        token, limits = secrets.token_urlsafe(24), Limits()
        venue, control = _listeners(options, keys, token, limits, cleanup)
        exchange = Server([venue, control], limits)
        key_path = save(keys.client.result(), _key_folder(options, cleanup))
        # From here on a signal may come at any moment, and raising in the middle of the server's start would show.
        _on_stop_signals(exchange.handle_exit)
        variables = _variables(venue.url, key_path) | _control_variables(control.url, token)
        _announce(variables, as_json=options.print_env == "json")
        _collect_rarely()
        if options.stop_with_stdin:
            threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
        exchange.run()
    return 0


def _listeners(
    options: argparse.Namespace, keys: _Keys, token: str, limits: Limits, cleanup: ExitStack
) -> tuple[Listener, Listener]:
    """The port of the exchange and the port of the control calls. Raises _WrongOption."""
    from runner.sandbox.assembly import assemble
    from runner.sandbox.control.panel import Panel
    from runner.sandbox.server import Listener, application, url_of
    from runner.sandbox.storage import StorageError

    tls = _tls(options)
    sock, control_sock = (_listening(port, cleanup) for port in (options.port, options.control_port))
    try:
        house = assemble(_parts(options, url_of(sock, tls), keys))
    except StorageError as error:
        raise _WrongOption(error) from error
    panel = Panel(house, token, url_of(control_sock))
    return (
        Listener(sock, application(house.serve, house.clock, limits), tls),
        Listener(control_sock, application(panel.serve, house.clock, limits)),
    )


def _parts(options: argparse.Namespace, base_url: str, keys: _Keys) -> Parts:
    from datetime import timedelta

    from runner.sandbox.assembly import Parts
    from runner.sandbox.gateway.buckets import PLANS, UnknownRate, rates_from
    from runner.sandbox.gateway.dialect import DIALECTS

    try:
        rates = rates_from(options.rate, PLANS[options.rates])
    except UnknownRate as error:
        raise _WrongOption(error) from error
    return Parts(
        base_url=base_url,
        client_keys=(keys.client.result().public_key(),),
        signing_key=keys.signing,
        dialect=DIALECTS[options.dialect],
        rules=options.rules,
        rates=rates,
        faults=_faults(options),
        settle=timedelta(milliseconds=options.settle_ms),
        token_lifetime=options.expires_in,
        liquidity=options.liquidity,
        database=options.db,
    )


def _faults(options: argparse.Namespace) -> tuple[Fault, ...]:
    if not options.faults:
        return ()
    from runner.sandbox.faults.reading import WrongFaults, read_file

    try:
        return tuple(read_file(options.faults))
    except WrongFaults as error:
        raise _WrongOption(error) from error


def _listening(port: int, cleanup: ExitStack) -> socket.socket:
    from runner.sandbox.server import listen

    try:
        return cleanup.enter_context(listen(port))
    except OSError as error:
        raise _WrongOption(
            f"cannot listen on port {port}: {error.strerror}\n  = help: --port 0 takes any free one"
        ) from error


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if not options.tls:
        return None
    from runner.sandbox.server import tls_context

    try:
        return tls_context(*options.tls)
    except OSError as error:
        raise _WrongOption(f"cannot use {' and '.join(map(str, options.tls))} for TLS: {error}") from error


def _key_folder(options: argparse.Namespace, cleanup: ExitStack) -> Path:
    if options.key_dir:
        return Path(options.key_dir).absolute()
    return Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="pmx-sandbox-")))


def _variables(base_url: str, key_path: Path) -> dict[str, str]:
    from runner.sandbox import world
    from runner.sandbox.issuer import TOKEN_PATH

    return {
        "PMX_ENV": "preprod",
        "PMX_BASE_URL": base_url,
        "PMX_AUTH_URL": f"{base_url}{TOKEN_PATH}",
        "PMX_AUDIENCE": base_url,
        "PMX_CLIENT_ID": world.CLIENT_ID,
        "PMX_PRIVATE_KEY_PATH": str(key_path),
        "PMX_PARTICIPANT_ID": world.PARTICIPANTS[0].name,
        "PMX_ACCOUNT": world.accounts()[0].name,
    }


def _control_variables(url: str, token: str) -> dict[str, str]:
    return {"PMX_SANDBOX_CONTROL_URL": url, "PMX_SANDBOX_CONTROL_TOKEN": token}


def _announce(variables: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(variables), flush=True)
        return
    # in one piece: a shell that waits for the file to be filled reads all of it
    print("\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items()), flush=True)
    address = variables["PMX_BASE_URL"]
    print(f"The sandbox exchange serves on {address} until SIGTERM or Ctrl-C.", file=sys.stderr, flush=True)


def _collect_rarely() -> None:
    """An exchange keeps its orders for good: looking through all of them for garbage would only hold up its answers."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 1000)


def _stop_at_end_of_input() -> None:
    """Read past Python's buffers: a thread that waits inside them would hold up the end of the program."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _on_stop_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)


def _exit(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
