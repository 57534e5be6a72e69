"""``pmx-run copy NAME``: a bundled playbook as a file of one's own, with those that it includes. Overwrites nothing."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from runner.cli.bundled import SCHEMA_COMMENT, Bundled, bundled
from runner.cli.finding import playbooks_folder
from runner.cli.new_files import write
from runner.diagnostic import Diagnostic, nearest
from runner.errors import WrongInput

SUMMARY = "Copy a bundled playbook, and those that it includes, to change it. Never overwrites a file."

_SCHEMA = Path("schemas") / "playbook.schema.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which one, and where to."""
    parser.add_argument("name", metavar="NAME", help="a bundled playbook's name; `pmx-run list` shows them")
    parser.add_argument("target", nargs="?", type=Path, metavar="TARGET", help="a folder, or the new file (default: .)")


def run(options: argparse.Namespace) -> int:
    """Copy it and say what to type next; raises ``WrongInput`` if one of the files is there already."""
    source = _named(options.name)
    target = _target(source, options.target or Path())
    copies = dict(_copies(source, target))
    schema = _schema_for(target.parent)
    texts = {path: _text(each, path, schema) for path, each in copies.items()}
    made = [path for path, text in texts.items() if path == target or not _same(path, text)]
    _refuse_existing(made)
    for path in made:
        write(path, texts[path])
    if not schema.exists():
        write(schema, _schema_text())
        made.append(target.parent / _SCHEMA)
    print("\n".join(["copied:", *(f"  {path}" for path in made), "", "next:", f"  pmx-run {_typed(target)}"]))
    return 0


def _named(name: str) -> Bundled:
    names = sorted(path.stem for path in playbooks_folder().glob("*.yaml"))
    if name in names:
        return bundled(playbooks_folder() / f"{name}.yaml")
    help = nearest(name, names) or f"there are: {', '.join(names)}"
    raise WrongInput([Diagnostic(f"there is no bundled playbook `{name}`", help=help)])


def _target(source: Bundled, given: Path) -> Path:
    is_file = given.suffix in {".yaml", ".yml"} and not given.is_dir()
    return given if is_file else given / source.path.name


def _copies(source: Bundled, target: Path) -> Iterator[tuple[Path, Bundled]]:
    """Where it goes, and where those that it includes go: to the same places beside it."""
    yield target, source
    for name in source.includes:
        yield from _copies(bundled(source.path.parent / name), target.parent / name)


def _schema_for(folder: Path) -> Path:
    """The schema of the project that the folder is in, or where a new one goes: beside the copy."""
    above = [folder.resolve(), *folder.resolve().parents]
    return next((each / _SCHEMA for each in above if (each / _SCHEMA).is_file()), folder.resolve() / _SCHEMA)


def _text(source: Bundled, path: Path, schema: Path) -> str:
    """The playbook's text; its first line tells an editor where the schema is from there."""
    first, _, rest = source.path.read_text(encoding="utf-8").partition("\n")
    assert first.startswith(SCHEMA_COMMENT)  # noqa: S101 - a test holds each bundled playbook to it
    where = Path(os.path.relpath(schema, path.parent.resolve())).as_posix()
    return f"{SCHEMA_COMMENT}{where}\n{rest}"


def _refuse_existing(paths: list[Path]) -> None:
    there = [path for path in paths if os.path.lexists(path)]
    if there:
        also = f"; so {'is' if len(there) == 2 else 'are'} {', '.join(map(str, there[1:]))}" if there[1:] else ""
        title = f"{there[0]} is there already, and nothing is overwritten{also}"
        raise WrongInput([Diagnostic(title, help="give another folder or file: nothing was copied")])


def _same(path: Path, text: str) -> bool:
    """Whether this very text is there already, as one that others include may be."""
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _schema_text() -> str:
    from runner.cli.schema import schema_text

    return schema_text("playbook")


def _typed(path: Path) -> str:
    """The path as a command line takes it, never mistaken for a word of its own."""
    return shlex.quote(str(path) if path.parent != Path() else f"./{path}")
