"""Fixtures: keys made once, and a world for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sandbox.bench import Keys

from engine.exchange import MovedClock, Wire
from engine.world import World
from runner.engine.stop import Stop

Worlds = Callable[..., World]


@pytest.fixture(scope="session")
def keys() -> Keys:
    client, signing = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    return Keys(client, signing, signing)


@pytest.fixture
def worlds(keys: Keys) -> Iterator[Worlds]:
    """Makes worlds; options of the exchange go to it, the others to the world."""
    with ExitStack() as stack:

        def make(**options: Any) -> World:
            clock, stop = MovedClock(), Stop()
            stack.callback(stop.close)
            own = {name: options.pop(name) for name in ("dialect", "rules", "token_lifetime") if name in options}
            return World(Wire(keys, clock, **own), clock, stop, **options)

        yield make


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds()
