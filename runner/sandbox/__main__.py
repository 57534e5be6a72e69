"""``python -m runner.sandbox``: start the exchange, print how to reach it, serve until told to stop."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from runner.sandbox.keys import KeyMaker, save

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

_USAGE_ERROR = 2
_LONGEST = 10**9


def main(argv: list[str]) -> int:
    """Run the exchange with these options (without the program's name); return the exit code."""
    options = _parser().parse_args(argv)
    maker = KeyMaker()
    client_key, signing_key = maker.order(), maker.order()
    _on_stop_signals(_exit)
    try:
        return _run(options, client_key, signing_key)
    except SystemExit as stop:
        return int(stop.code or 0)


def _run(
    options: argparse.Namespace,
    client_key: Future[rsa.RSAPrivateKey],
    signing_key: Future[rsa.RSAPrivateKey],
) -> int:
    # Imported while the keys are in the making; together these take longer than one key.
    from datetime import timedelta

    from runner.sandbox import server
    from runner.sandbox.assembly import Parts, assemble
    from runner.sandbox.gateway.dialect import DIALECTS

    try:
        sock = server.listen(options.port)
    except OSError as error:
        print(f"cannot listen on port {options.port}: {error.strerror}", file=sys.stderr)
        return _USAGE_ERROR
    with sock, ExitStack() as cleanup:
        base_url = f"http://{server.LOOPBACK}:{sock.getsockname()[1]}"
        parts = Parts(
            base_url=base_url,
            client_keys=(client_key.result().public_key(),),
            signing_key=signing_key,
            dialect=DIALECTS[options.dialect],
            settle=timedelta(milliseconds=options.settle_ms),
            token_lifetime=options.expires_in,
        )
        exchange = server.Server(server.application(assemble(parts)))
        key_path = save(client_key.result(), _key_folder(options, cleanup))
        # From here on a signal may come at any moment, and raising in the middle of the server's start would show.
        _on_stop_signals(exchange.handle_exit)
        _announce(_variables(base_url, key_path), as_json=options.print_env == "json")
        if options.stop_with_stdin:
            threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
        exchange.run([sock])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pmx-run sandbox", description="A local exchange on the loopback interface.")
    parser.add_argument("--port", type=_between(0, 65_535), default=0, help="port to listen on (default: any free one)")
    parser.add_argument("--dialect", choices=("published", "seed"), default="published")
    parser.add_argument("--print-env", choices=("json", "export"), default="export")
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop at the end of standard input")
    parser.add_argument("--key-dir", type=Path, help="folder for the client's private key (default: a temporary one)")
    parser.add_argument("--expires-in", type=_between(1, _LONGEST), default=180, help="life of a token in seconds")
    parser.add_argument("--settle-ms", type=_between(0, _LONGEST), default=10, help="how long orders stay pending")
    return parser


def _between(least: int, most: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"must be from {least} to {most}")
        return number

    return whole_number


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


def _announce(variables: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(variables), flush=True)
        return
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")
    sys.stdout.flush()
    address = variables["PMX_BASE_URL"]
    print(f"The sandbox exchange serves on {address} until SIGTERM or Ctrl-C.", file=sys.stderr, flush=True)


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
