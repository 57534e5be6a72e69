"""A venue whose answers a test decides, and a desk at it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runner.clock import Deadline, SystemClock
from runner.redact import Redactor
from runner.venue.auth import Credentials, KeyFile, new_pair
from runner.venue.call import Call
from runner.venue.desk import Desk, Venue
from runner.venue.transport import Transport

from .server import PARTICIPANT, Exchange, Received, Reply, Server, answer


@pytest.fixture
def servers() -> Iterator[Callable[..., Server]]:
    """Starts servers, and ends them."""
    with contextlib.ExitStack() as stack:

        def start(reply: Callable[[Received], Reply] = lambda _: answer({})) -> Server:
            server = Server(reply)
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture
def transport() -> Iterator[Transport]:
    with contextlib.closing(Transport(SystemClock(), Redactor())) as made:
        yield made


@pytest.fixture(scope="session")
def key_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key with mode 600."""
    path = tmp_path_factory.mktemp("keys") / "private_key.pem"
    path.touch(0o600)
    path.write_text(new_pair()[0].reveal())
    return path


@pytest.fixture
def exchange(servers: Callable[..., Server]) -> Exchange:
    return Exchange(servers())


@pytest.fixture
def redactor() -> Redactor:
    return Redactor()


@pytest.fixture
def venue(exchange: Exchange, key_path: Path, redactor: Redactor) -> Iterator[Venue]:
    clock = SystemClock()
    url = exchange.server.url
    credentials = Credentials("client-1", KeyFile(key_path), f"{url}/oauth/token", url)
    with contextlib.closing(Transport(clock, redactor)) as transport:
        yield Venue(credentials, url, transport, clock, redactor)


@pytest.fixture
def calls() -> list[Call]:
    """What the desk's calls were heard as."""
    return []


@pytest.fixture
def desk(venue: Venue, calls: list[Call]) -> Desk:
    return venue.desk(PARTICIPANT, "firms/ISV-Acme/accounts/a1", Deadline(venue.clock, 10), calls.append)
