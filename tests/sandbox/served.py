"""What ``python -m runner.sandbox`` serves, on a thread of this process: for tests of what calls it, not of it."""

from __future__ import annotations

import itertools
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from runner.sandbox import __main__ as program
from runner.sandbox.connection import Limits
from runner.sandbox.keys import KeyMaker, save
from runner.sandbox.options import parse
from runner.sandbox.server import Server

TOKEN = "the control token"


def _pairs() -> Iterator[tuple[Future[RSAPrivateKey], Future[RSAPrivateKey]]]:
    """Two pairs of a client's key and an exchange's own in turn: an exchange has other keys than the one before it."""
    maker = KeyMaker()
    yield from itertools.cycle([(maker.order(), maker.order()) for _ in range(2)])


_PAIRS = _pairs()


@contextmanager
def served(*options: str) -> Iterator[dict[str, str]]:
    """The variables that the program with these options would print, and an exchange behind them within the block."""
    parsed, limits = parse([*options], ArgumentParser), Limits()
    with ExitStack() as cleanup:
        client, signing = next(_PAIRS)
        keys = program._Keys(client, signing)
        venue, control = program._listeners(parsed, keys, TOKEN, limits, cleanup)
        path = save(client.result(), program._key_folder(parsed, cleanup))
        server = Server([venue, control], limits)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield program._variables(venue.url, path) | program._control_variables(control.url, TOKEN)
        finally:
            while thread.is_alive():
                server.handle_exit(signal.SIGTERM, None)
                thread.join(0.05)
