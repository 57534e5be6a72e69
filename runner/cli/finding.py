"""From a word on the command line to a playbook's text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from runner.cli.main import COMMANDS
from runner.diagnostic import Diagnostic, nearest
from runner.errors import WrongInput
from runner.frozen import frozen
from runner.playbook.including import NotFound, Opened
from runner.source import Source

if TYPE_CHECKING:
    from runner.settings import Settings

_PACKAGE = Path(__file__).resolve().parents[1]
_BUNDLED = " (bundled)"


@frozen
class Found:
    """A playbook's text and where it is from: its ``file``, and the ``folder`` from which settings are looked for.

    A bundled one belongs to no folder of the user's.
    """

    source: Source
    folder: Path
    file: Path

    def shelf(self, settings: Settings) -> Files:
        """The playbooks that it may include: those in its project, the folder of its ``pmx.yaml`` or its own."""
        own = self.file.parent
        stated = settings.config.resolve().parent if settings.config else own
        return Files(self.file, stated if self.folder == own and own.is_relative_to(stated) else own)


class Files:
    """Included playbooks as files below ``root``, symbolic links resolved."""

    def __init__(self, file: Path, root: Path) -> None:
        self.top = str(file)
        self._root = root

    def open(self, path: str, beside: Opened) -> Opened:
        """The file at ``path`` from the folder of the playbook ``beside``."""
        try:
            file = (Path(beside.identity).parent / path).resolve()
            inside, there = file.is_relative_to(self._root), file.is_file()
        except (OSError, ValueError, RuntimeError):
            raise NotFound("this is no path of a file") from None
        if Path(path).is_absolute():
            raise NotFound("it begins at the root of the file system", "write it from the folder of this file")
        if not inside:
            raise NotFound(
                "it leads out of the project's folder", "that is where pmx.yaml is, else where the playbook itself is"
            )
        if not there:
            raise NotFound("it is a folder" if file.is_dir() else "there is no such file", self._nearest(file, path))
        return Opened(_read(file, _shown(beside.source.path, path)), str(file))

    def _nearest(self, file: Path, path: str) -> str:
        names = {str(Path(path).parent / each.name) for each in file.parent.glob("*.yaml")}
        return nearest(path, names)


def playbooks_folder() -> Path:
    """Where the bundled playbooks are: in the package, or beside it in a checkout."""
    inside = _PACKAGE / "playbooks"
    return inside if inside.is_dir() else _PACKAGE.parent / "playbooks"


def find(word: str) -> Found:
    """A playbook by its path, or a bundled one by its name. Raises ``WrongInput`` if there is none."""
    path = Path(word)
    bundled = playbooks_folder() / f"{word}.yaml"
    if not path.exists() and os.sep not in word and bundled.is_file():
        return Found(_read(bundled, f"{word}{_BUNDLED}"), Path(), bundled.resolve())
    if not path.is_file():
        raise WrongInput([_none(word, path)])
    # a name that is not UTF-8 goes into events and reports, which are
    shown = word.encode(errors="backslashreplace").decode()
    return Found(_read(path, shown), path.resolve().parent, path.resolve())


def _shown(beside: str, path: str) -> str:
    """The path as people know it: from where they are, as they named the playbook that includes it."""
    shown = os.path.normpath(Path(beside).parent / path)
    return f"{shown}{_BUNDLED}" if beside.endswith(_BUNDLED) else shown


def _none(word: str, path: Path) -> Diagnostic:
    """What is there instead, and what was meant perhaps: a command, a bundled playbook, a file nearby."""
    if path.is_dir():
        inside = sorted(path.glob("*.yaml"))[:3]
        help = f"name the playbooks in it: {' '.join(map(str, inside))}" if inside else "no *.yaml file is in it"
        return Diagnostic(f"`{word}` is a folder, not a playbook", help=help)
    names = sorted(each.stem for each in playbooks_folder().glob("*.yaml"))
    near = [*path.parent.glob("*.yaml"), *Path("playbooks").glob("*.yaml")]
    same = [str(each) for each in near if each.name in {path.name, f"{path.name}.yaml"}]
    help = f"did you mean `{same[0]}`?" if same else nearest(word, [*COMMANDS, *names, *map(str, near)])
    return Diagnostic(
        f"there is no playbook `{word}`",
        help=help or f"give the path of a file, or one of the bundled ones: {', '.join(names)}",
    )


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
