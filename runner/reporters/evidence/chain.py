"""The calls of a run as lines of JSON, each with the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from runner.record.events import CallMade
from runner.reporters.json_report import call_data

CONTEXT = "pmx-evidence/1"
"""What evidence is signed as: in every hash's beginning and before the manifest that is signed."""


def canonical(data: Any) -> bytes:
    """JSON data in the one form that is hashed: sorted keys, no spaces, UTF-8; half of a surrogate pair escaped."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode(errors="backslashreplace")


def digest(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def beginning(run_id: str) -> str:
    """What stands for "the hash before" in the first entry, so that no entry can begin another run's chain."""
    return digest(f"{CONTEXT}\0{run_id}".encode())


def chained(run_id: str, calls: Iterable[CallMade]) -> Iterator[bytes]:
    """A line for each call, without its end; the calls have to be redacted already: the hash is over what is shown."""
    before = beginning(run_id)
    for number, call in enumerate(calls, start=1):
        line = canonical({"n": number, "run_id": run_id, "previous": before, "call": _plain(call)})
        yield line
        before = digest(line)


def _plain(call: CallMade) -> dict[str, Any]:
    return {"step": call.path, **call_data(call)}
