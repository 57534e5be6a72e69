"""What is signed: whose run it was, how many calls there are, and the hash of everything in the folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from runner.frozen import frozen
from runner.reporters.evidence.chain import CONTEXT

ENTRIES = "entries.jsonl"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
REPORT = "report.json"


@frozen
class Manifest:
    """``entries`` counts the calls and ``last_hash`` ends their chain; ``files`` has the SHA-256 of all other files."""

    run_id: str
    playbook: str
    environment: str
    host: str
    participant: str
    account: str
    clock_offset_ms: int | None
    key_fingerprint: str
    tool_version: str
    written_at: str
    entries: int
    last_hash: str
    files: Mapping[str, str]
    context: str = CONTEXT

    def content(self) -> bytes:
        """The file's bytes, for people to read, too."""
        return (json.dumps(asdict(self), indent=2, sort_keys=True) + "\n").encode()


def read_manifest(content: bytes) -> Manifest:
    """The manifest of a file's bytes; raises ``ValueError`` for what is none of this version."""
    try:
        data: Any = json.loads(content)
        manifest = Manifest(**data)
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    texts = (manifest.run_id, manifest.key_fingerprint, manifest.last_hash, *manifest.files, *manifest.files.values())
    if manifest.context != CONTEXT or not all(isinstance(each, str) for each in texts):
        raise ValueError(f"it is not of the kind {CONTEXT}")
    if isinstance(manifest.entries, bool) or not isinstance(manifest.entries, int):
        raise ValueError("its number of entries is none")
    return manifest
