"""The engine tests' worlds, for actions."""

from __future__ import annotations

from engine.conftest import keys, world, worlds

__all__ = ["keys", "world", "worlds"]
