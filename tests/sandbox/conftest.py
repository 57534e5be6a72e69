"""Fixtures: keys made once, an exchange in this process, and real exchanges as programs of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from runner.sandbox.gateway.dialect import SEED
from sandbox.bench import Bench, Keys

Start = Callable[..., "Program"]


class Program:
    """A running ``python -m runner.sandbox`` and what it printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout
        self.env: dict[str, str] = json.loads(process.stdout.readline())

    @property
    def url(self) -> str:
        return self.env["PMX_BASE_URL"]


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys(*(rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)))


@pytest.fixture
def bench(keys: Keys) -> Bench:
    return Bench(keys)


@pytest.fixture
def seed_bench(keys: Keys) -> Bench:
    return Bench(keys, SEED)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts exchanges with the options given; all are stopped when the test ends."""
    with ExitStack() as running:

        def run(*options: str) -> Program:
            command = [sys.executable, "-m", "runner.sandbox", "--print-env", "json", *options]
            pipe = subprocess.PIPE
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
            running.enter_context(process)
            running.callback(process.terminate)
            return Program(process)

        yield run


@pytest.fixture
def sandbox(start: Start) -> Program:
    """A real exchange in the published dialect."""
    return start()
