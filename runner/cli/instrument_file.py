"""Reference data between runs: one small file for each exchange and firm, in the state directory."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner import __version__
from runner.cli.memory import write_whole
from runner.cli.remembering import remembering_folder
from runner.settings import Settings
from runner.venue.catalogue import FRESH_SECONDS


class InstrumentFile:
    """What ``Catalogue`` keeps; a file that is missing or damaged costs a call to the venue and nothing else."""

    def __init__(self, folder: Path, base_url: str, firm: str) -> None:
        name = hashlib.sha256(f"{__version__}\n{base_url}\n{firm}".encode()).hexdigest()
        self._path = folder / f"{name}.json"

    def recall(self) -> Mapping[str, Any]:
        """What was kept, by symbol."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def keep(self, entries: Mapping[str, Any]) -> None:
        """Keep this, and take away what other exchanges left behind long ago."""
        write_whole(self._path, dict(entries))
        with contextlib.suppress(OSError):
            for other in self._path.parent.iterdir():
                if time.time() - other.stat().st_mtime > FRESH_SECONDS:
                    other.unlink()


def instrument_file(settings: Settings) -> InstrumentFile | None:
    """The file for these settings; None for an exchange that ends with the run, or where nothing can be kept."""
    folder = None if settings.embedded or settings.base_url is None else remembering_folder(settings)
    if folder is None or settings.base_url is None:
        return None
    who = settings.participant.value if settings.participant else ""
    firm = who.split("/")[1] if who.count("/") >= 3 else ""
    return InstrumentFile(folder / "instruments", settings.base_url.value, firm)
