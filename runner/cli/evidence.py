"""``--report evidence=DIR``: from the journal into a folder, signed with the environment's registered key."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.cli.journaling import Book, book_of
from runner.diagnostic import Diagnostic
from runner.errors import NotRecorded, WrongInput
from runner.record.result import RunResult
from runner.redact import Redactor, Secret
from runner.settings import Settings

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from runner.reporters.evidence.folder import Material

FORMAT = "evidence"


def check_folder(folder: Path) -> None:
    """Raises ``WrongInput`` for a place where no evidence can be put."""
    if str(folder) == "-":
        raise WrongInput([Diagnostic("evidence is a folder: it can't go to stdout", help="--report evidence=DIR")])
    if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))):
        title = f"the evidence can't be put into {folder}: it is not an empty folder"
        raise WrongInput([Diagnostic(title, help="name a folder that is not there yet: evidence is never mixed")])


def signing_key(settings: Settings) -> RSAPrivateKey:
    """The key that evidence is signed with: never the embedded exchange's, which nobody knows when it is verified.

    Raises ``WrongInput``.
    """
    from runner.venue.keys import KeyFile, KeyText, load_key

    setting = settings.own_key or settings.private_key
    if setting is None:
        title = f"environment `{settings.environment.value}` has no private key to sign the evidence with"
        help = "set PMX_PRIVATE_KEY_PATH to the one whose public half you have handed in; pmx-run keys new makes a pair"
        raise WrongInput([Diagnostic(title, help=help)])
    return load_key(KeyText(setting.value) if isinstance(setting.value, Secret) else KeyFile(setting.value))


def write_evidence(
    folder: Path, results: Sequence[RunResult], redactor: Redactor, settings: Mapping[str, Settings]
) -> None:
    """Evidence of one run, or of several in a folder each by their ids; ``settings`` are by run id.

    Raises ``OSError``, and ``PmxError`` where the journal has not kept the whole run.
    """
    from runner.reporters.evidence.folder import evidence, put

    files: dict[str, bytes] = {}
    for result in results:
        run_id = result.started.run_id
        with book_of(settings[run_id], reading=True) as book:
            made = evidence(_material(book, result), redactor, signing_key(settings[run_id]))
        files |= made if len(results) == 1 else {f"{_name(run_id)}/{name}": each for name, each in made.items()}
    put(folder, files)


def _material(book: Book, result: RunResult) -> Material:
    from runner.journal.recorder import events_of
    from runner.reporters.evidence.folder import Material

    run_id = result.started.run_id
    run = book.journal.run(run_id)
    if run is None or (result.finished is not None and run.status != result.finished.status):
        raise NotRecorded(f"the journal has not kept the whole run {run_id}", help="of half a run there is no evidence")
    pinned = book.journal.pinned(run_id)
    data: Mapping[str, Any] = pinned.data
    included: Mapping[str, str] = data.get("playbooks", {}).get("texts", {})
    texts = {f"{_name(result.started.playbook)}.yaml": pinned.text}
    texts |= {f"included/{_name(name)}.yaml": text for name, text in included.items()}
    return Material(events_of(book.journal.entries(run_id)), texts, data.get("settings", ()))


def _name(text: str) -> str:
    """A file's name that is one on every system."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip(".") or "_"
