"""From a word on the command line to a playbook's text."""

from __future__ import annotations

import os
from pathlib import Path

from runner.diagnostic import Diagnostic, nearest
from runner.errors import WrongInput
from runner.frozen import frozen
from runner.source import Source

_PACKAGE = Path(__file__).resolve().parents[1]


@frozen
class Found:
    """A playbook's text and where it is from; a bundled one belongs to no folder of the user's."""

    source: Source
    folder: Path


def playbooks_folder() -> Path:
    """Where the bundled playbooks are: in the package, or beside it in a checkout."""
    inside = _PACKAGE / "playbooks"
    return inside if inside.is_dir() else _PACKAGE.parent / "playbooks"


def find(word: str) -> Found:
    """A playbook by its path, or a bundled one by its name. Raises ``WrongInput`` if there is none."""
    path = Path(word)
    bundled = playbooks_folder() / f"{word}.yaml"
    if not path.exists() and os.sep not in word and bundled.is_file():
        return Found(_read(bundled, f"{word} (bundled)"), Path())
    if not path.is_file():
        names = sorted(each.stem for each in playbooks_folder().glob("*.yaml"))
        what = "is a folder" if path.is_dir() else "there is no such file"
        help = nearest(word, names) or f"give a path, or one of the bundled ones: {', '.join(names)}"
        raise WrongInput([Diagnostic(f"no playbook `{word}`: {what}", help=help)])
    # a name that is not UTF-8 goes into events and reports, which are
    shown = word.encode(errors="backslashreplace").decode()
    return Found(_read(path, shown), path.resolve().parent)


def _read(path: Path, shown: str) -> Source:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WrongInput([Diagnostic(f"{shown} can't be read: {error.strerror}")]) from error
    try:
        return Source(shown, content.decode("utf-8"))
    except UnicodeDecodeError:
        # What is wrong with a text, its length too, is said by the reader, which one that is remembered needs no more.
        from runner.playbook.reader import decode

        return decode(shown, content)
