"""``pmx-run init DIR``: a project to start from, whose first playbook runs at once. Never overwrites anything."""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path

from runner.cli.new_files import write
from runner.cli.schema import schema_text
from runner.diagnostic import Diagnostic
from runner.errors import WrongInput

SUMMARY = "Make a project: pmx.yaml, a first playbook, schemas and settings for an editor. Never overwrites a file."

_STARTER = Path(__file__).with_name("starter")
_FIRST = "playbooks/first.yaml"
_FILES = {
    "pmx.yaml": ("pmx.yaml", "settings: limits, environments"),
    _FIRST: ("first.yaml", "a playbook to begin with"),
    ".vscode/settings.json": ("settings.json", "tells the editor which schema is whose"),
    ".vscode/extensions.json": ("extensions.json", "the editor's extension for YAML"),
    ".gitignore": ("gitignore", "keeps keys and secrets out of git"),
    "README.md": ("README.md", "what to type"),
}
_SCHEMAS = {
    "schemas/playbook.schema.json": ("playbook", "completion and checks while a playbook is written"),
    "schemas/pmx.schema.json": ("pmx", "the same for pmx.yaml"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where."""
    parser.add_argument("folder", metavar="DIR", type=Path, help="a new folder, or one that has none of the files")


def run(options: argparse.Namespace) -> int:
    """Make the project and say what to type next; raises ``WrongInput`` if one of its files is there already."""
    folder: Path = options.folder
    texts = _texts()
    _refuse_existing(folder, list(texts))
    for name, text in texts.items():
        write(folder / name, text)
    print("\n".join(_told(folder)))
    return 0


def _texts() -> dict[str, str]:
    made = {name: (_STARTER / source).read_text(encoding="utf-8") for name, (source, _) in _FILES.items()}
    return made | {name: schema_text(schema) for name, (schema, _) in _SCHEMAS.items()}


def _refuse_existing(folder: Path, names: list[str]) -> None:
    if os.path.lexists(folder) and not folder.is_dir():
        raise WrongInput([Diagnostic(f"{folder} is a file", help="give another folder")])
    there = [name for name in names if os.path.lexists(folder / name)]
    if there:
        title = f"{folder / there[0]} is there already, and nothing is overwritten"
        also = f"; so {'is' if len(there) == 2 else 'are'} {', '.join(there[1:])}" if there[1:] else ""
        raise WrongInput([Diagnostic(f"{title}{also}", help="give a new folder: nothing was made")])


def _told(folder: Path) -> list[str]:
    made = {name: what for name, (_, what) in (_FILES | _SCHEMAS).items()}
    width = max(map(len, made)) + 2
    enter = [] if folder.resolve() == Path.cwd() else [f"  cd {shlex.quote(str(folder))}"]
    return [
        f"made a project in {folder}:",
        *(f"  {name.ljust(width)}{what}" for name, what in made.items()),
        "",
        "next:",
        *enter,
        f"  pmx-run {_FIRST}",
    ]
