"""A folder of evidence, put together and written whole."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner import __version__
from runner.frozen import frozen
from runner.record.events import CallMade, Event
from runner.record.result import RunResult, fold
from runner.redact import Redactor
from runner.reporters.evidence.chain import beginning, chained, digest
from runner.reporters.evidence.manifest import ENTRIES, MANIFEST, REPORT, SIGNATURE, Manifest
from runner.reporters.evidence.signature import signed
from runner.reporters.redacted import redacted

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_LIBRARIES = ("requests", "urllib3", "PyJWT", "cryptography", "PyYAML", "jsonschema", "Jinja2", "python-jsonpath")


@frozen
class Material:
    """What evidence is made of, all of it as the journal keeps it.

    ``playbooks`` are texts by file name; ``settings`` are key, value and origin of each, secrets hidden.
    """

    events: Sequence[Event]
    playbooks: Mapping[str, str]
    settings: Sequence[Sequence[str]]


def evidence(material: Material, redactor: Redactor, key: RSAPrivateKey) -> dict[str, bytes]:
    """Every file of the folder with its content. What is hashed and signed is what is left after ``redactor``."""
    from runner.venue.keys import fingerprint

    result = redacted(fold(material.events), redactor)
    calls = [redacted(each, redactor) for each in material.events if isinstance(each, CallMade)]
    lines = list(chained(result.started.run_id, calls))
    files = {**_reports(result), **_texts(material, result, redactor)}
    hashes = {name: digest(content) for name, content in files.items()}
    manifest = _manifest(result, lines, hashes, fingerprint(key.public_key())).content()
    entries = b"".join(line + b"\n" for line in lines)
    return {**files, ENTRIES: entries, MANIFEST: manifest, SIGNATURE: signed(manifest, key)}


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder that is not there yet, or empty, and only whole; raises ``OSError``."""
    temporary = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    temporary.mkdir(parents=True)
    try:
        for name, content in files.items():
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        temporary.rename(folder)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _reports(result: RunResult) -> dict[str, bytes]:
    from runner.reporters import json_report, markdown
    from runner.reporters.html import page

    texts = {
        REPORT: json_report.text([result]),
        "report.md": markdown.text([result]),
        "report.html": page.text([result]),
    }
    return {name: text.encode(errors="backslashreplace") for name, text in texts.items()}


def _texts(material: Material, result: RunResult, redactor: Redactor) -> dict[str, bytes]:
    settings = [dict(zip(("name", "value", "origin"), each, strict=True)) for each in material.settings]
    data = {"versions.json": _versions(result), "settings.json": redactor.value(settings)}
    plain = {name: json.dumps(each, indent=2, ensure_ascii=False) + "\n" for name, each in data.items()}
    playbooks = {f"playbooks/{name}": redactor.text(text) for name, text in material.playbooks.items()}
    return {name: text.encode(errors="backslashreplace") for name, text in (plain | playbooks).items()}


def _versions(result: RunResult) -> dict[str, Any]:
    """What ran the playbook, and what wrote this down: later, that may be another."""
    return {
        "run_by": {"pmx-run": result.started.tool_version},
        "written_by": {
            "pmx-run": __version__,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
            "libraries": dict(_libraries()),
        },
    }


def _libraries() -> Iterator[tuple[str, str]]:
    from importlib.metadata import PackageNotFoundError, version

    for name in _LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not known"


def _manifest(result: RunResult, lines: Sequence[bytes], files: Mapping[str, str], key_fingerprint: str) -> Manifest:
    started, where = result.started, result.started.surroundings
    return Manifest(
        run_id=started.run_id,
        playbook=started.playbook,
        environment=where.name,
        host=where.host,
        participant=where.participant,
        account=where.account,
        clock_offset_ms=result.finished.clock_offset_ms if result.finished else None,
        key_fingerprint=key_fingerprint,
        tool_version=__version__,
        written_at=datetime.now(UTC).isoformat(timespec="seconds"),
        entries=len(lines),
        last_hash=digest(lines[-1]) if lines else beginning(started.run_id),
        files=files,
    )
