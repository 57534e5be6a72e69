"""Looking at evidence with the public key alone: what was changed, removed, added, reordered, or is of another run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.frozen import frozen
from runner.reporters.evidence.chain import beginning, digest
from runner.reporters.evidence.manifest import ENTRIES, MANIFEST, REPORT, SIGNATURE, Manifest, read_manifest
from runner.reporters.evidence.signature import is_signed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_OWN = frozenset({ENTRIES, MANIFEST, SIGNATURE})


@frozen
class Found:
    """The files of a folder with their content; ``odd`` are names of what is no plain file."""

    files: Mapping[str, bytes]
    odd: Sequence[str] = ()

    def manifest(self) -> Manifest:
        """The manifest as it claims to be; raises ``ValueError`` without one that can be read."""
        if MANIFEST not in self.files:
            raise ValueError("it is not there")
        return read_manifest(self.files[MANIFEST])


@frozen
class _Entry:
    """A line of the calls: where it stands, its hash, and what it says of itself (None where that can't be read)."""

    line: int
    hash: str
    number: int | None
    run_id: str
    previous: str


def found_in(folder: Path) -> Found:
    """Read the folder; no name in a manifest is ever opened. Raises ``OSError``."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))}
    plain = {name: path for name, path in paths.items() if path.is_file() and not path.is_symlink()}
    odd = [name for name, path in paths.items() if name not in plain and (path.is_symlink() or not path.is_dir())]
    return Found({name: path.read_bytes() for name, path in plain.items()}, odd)


def verified(found: Found, key: RSAPublicKey) -> list[str]:
    """Everything that is wrong with it, in words that name it; nothing if it is as it was signed."""
    missing = [f"removed: {name}" for name in (MANIFEST, SIGNATURE, ENTRIES) if name not in found.files]
    if MANIFEST not in found.files:
        return missing
    try:
        manifest = found.manifest()
    except ValueError as error:
        return [*missing, f"changed: {MANIFEST} can't be read any more: {error}"]
    entries = list(_entries(found.files.get(ENTRIES, b"")))
    wrong = [
        *missing,
        *_of_signature(found, manifest, key),
        *_of_files(found, manifest),
        *_of_run(found, manifest, entries),
    ]
    if ENTRIES in found.files:
        wrong += _of_entries(entries, manifest, found.files[ENTRIES])
    return list(dict.fromkeys(wrong))


def _of_signature(found: Found, manifest: Manifest, key: RSAPublicKey) -> Iterator[str]:
    from runner.venue.keys import fingerprint

    signature = found.files.get(SIGNATURE)
    if signature is None or is_signed(found.files[MANIFEST], signature, key):
        return
    given = fingerprint(key)
    if given == manifest.key_fingerprint:
        yield f"changed: {MANIFEST} or {SIGNATURE}: the signature is not of this manifest by the key {given}"
    else:
        yield f"signed by another key: the manifest names {manifest.key_fingerprint}, the key that was given is {given}"


def _of_files(found: Found, manifest: Manifest) -> Iterator[str]:
    there = {name: digest(content) for name, content in found.files.items() if name not in _OWN}
    yield from (f"removed: {name}" for name in manifest.files if name not in there)
    yield from (f"added: {name}" for name in there if name not in manifest.files)
    yield from (f"added: {name} (not a plain file)" for name in found.odd)
    yield from (f"changed: {name}" for name, hash in there.items() if manifest.files.get(name, hash) != hash)


def _of_run(found: Found, manifest: Manifest, entries: Sequence[_Entry]) -> Iterator[str]:
    """Manifest, report and calls name the run, each by itself: none can be handed on into another one's evidence."""
    named = _run_id(found.files.get(REPORT, b""))
    if named is not None and named != manifest.run_id:
        yield f"of another run: {REPORT} is of {named}, the manifest of {manifest.run_id}"
    strange = [each for each in entries if each.number is not None and each.run_id != manifest.run_id]
    for run_id in dict.fromkeys(each.run_id for each in strange):
        numbers = [each.number for each in strange if each.run_id == run_id]
        which = f"call {numbers[0]} is" if len(numbers) == 1 else f"calls {numbers[0]} to {numbers[-1]} are"
        yield f"of another run: {which} of {run_id}, the manifest of {manifest.run_id}"


def _run_id(report: bytes) -> str | None:
    data = _data(report)
    return str(data["run_id"]) if isinstance(data, dict) and "run_id" in data else None


def _entries(content: bytes) -> Iterator[_Entry]:
    lines = content.split(b"\n")
    for number, line in enumerate(lines if lines[-1] else lines[:-1], start=1):
        data = _data(line)
        said = data if isinstance(data, dict) else {}
        n = said.get("n")
        known = n if isinstance(n, int) and not isinstance(n, bool) else None
        yield _Entry(number, digest(line), known, str(said.get("run_id")), str(said.get("previous")))


def _data(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _of_entries(entries: Sequence[_Entry], manifest: Manifest, content: bytes) -> Iterator[str]:
    yield from (f"changed: line {each.line} of {ENTRIES} is no call" for each in entries if each.number is None)
    numbers = [each.number for each in entries if each.number is not None]
    yield from _of_numbers(numbers, manifest.entries, len(entries))
    yield from _of_chain(entries, manifest)
    if content and not content.endswith(b"\n"):
        yield f"cut off: {ENTRIES} ends in the middle of a line"


def _of_numbers(numbers: Sequence[int], count: int, lines: int) -> Iterator[str]:
    """Calls count from 1 to what the manifest says."""
    there = set(numbers)
    last = max((each for each in there if each <= count), default=0)
    if lines == len(numbers):
        yield from (f"removed: call {each}" for each in range(1, last) if each not in there)
    if last < count and lines < count:
        yield f"cut off: the calls after {last}; the manifest counts {count}"
    yield from (f"added: call {each}; the manifest counts {count}" for each in sorted(there) if not 1 <= each <= count)
    yield from (f"added: call {each} a second time" for each in sorted(there) if numbers.count(each) > 1)
    for before, after in pairwise(numbers):
        if after < before:
            yield f"reordered: call {after} stands behind call {before}"


def _of_chain(entries: Sequence[_Entry], manifest: Manifest) -> Iterator[str]:
    """Each call holds the hash of the one before it, in the sequence of their numbers wherever they stand now."""
    by_number = {each.number: each for each in entries if each.number is not None}
    for number, entry in sorted(by_number.items()):
        if number == 1:
            before, hash = "the beginning of the chain", beginning(manifest.run_id)
        elif number - 1 in by_number:
            before, hash = f"call {number - 1}", by_number[number - 1].hash
        else:
            continue
        if entry.previous != hash:
            yield f"changed: {before}, or what call {number} says of it"
    last = by_number.get(manifest.entries)
    if last is not None and last.hash != manifest.last_hash:
        yield f"changed: call {manifest.entries}, or the chain up to it was made anew: it does not end as signed"
