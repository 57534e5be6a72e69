"""Where time-savers may be kept: in the state directory, if there can be one."""

from __future__ import annotations

from pathlib import Path

from runner.errors import WrongInput
from runner.settings import Settings, state_folder


def remembering_folder(settings: Settings) -> Path | None:
    """The folder, or None where the state directory can't be used: then nothing is remembered."""
    try:
        return state_folder(settings) / "remembered"
    except WrongInput:
        return None
