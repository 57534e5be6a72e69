"""What all tests share: ``--update`` writes golden files anew instead of comparing with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--update``."""
    parser.addoption("--update", action="store_true", help="write golden files anew")


@pytest.fixture(scope="session", autouse=True)
def _each_key_is_loaded_once() -> Iterator[None]:
    """OpenSSL takes 33 ms to check a key's primes; hundreds of tests sign in with the same few keys."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serialization, "load_pem_private_key", lru_cache(serialization.load_pem_private_key))
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a golden file, whole."""

    def check(path: Path, text: str) -> None:
        if request.config.getoption("--update"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return check
