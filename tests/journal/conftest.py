"""Fixtures: a journal of its own, and somebody who may be asked to stop."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from journal.made import PINNED, a_run
from runner.engine.stop import Stop
from runner.journal.store import Journal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state directory."""
    made = tmp_path / "state"
    made.mkdir(mode=0o700)
    return made


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    """A journal in which run ``r1`` has begun."""
    with contextlib.closing(Journal(folder)) as opened:
        opened.begin(a_run(), PINNED)
        yield opened


@pytest.fixture
def stop() -> Iterator[Stop]:
    """Nobody asks to stop yet."""
    made = Stop()
    yield made
    made.close()
