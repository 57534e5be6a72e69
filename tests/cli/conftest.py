"""An exchange for commands that run playbooks in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from sandbox.served import served


@pytest.fixture(scope="session")
def exchange_variables() -> Iterator[Mapping[str, str]]:
    """How to reach an exchange that is there all the time."""
    with served("--rates", "off") as variables:
        yield variables


@pytest.fixture
def elsewhere(exchange_variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs need no exchange of their own: one is set in the environment."""
    for name, value in exchange_variables.items():
        monkeypatch.setenv(name, value)
