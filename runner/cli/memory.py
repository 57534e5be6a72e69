"""What is remembered between processes to save time, never to decide anything.

One small file a playbook, named by the hash of its text and of this very program: that it is without a mistake, with
which texts that it includes, what was read from it, and its expressions as they were parsed; and which private keys
passed the full check. A file that is
missing, damaged or can't be written costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner import __version__
from runner.playbook.including import sha256_of
from runner.playbook.schemas import schemas_folder
from runner.settings.state import make_private

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.diagnostic import Diagnostic
    from runner.expression import Expression, Template
    from runner.playbook.model import Playbook
    from runner.playbook.parts import Kind
    from runner.source import Source

_PACKAGE = Path(__file__).resolve().parents[1]
_JUDGES = ("", "expression", "playbook", "plan", "plan/types", "actions", "actions/orders", "venue")


class Memory:
    """What is remembered of one playbook's text; ``folder`` is None where nothing may be kept."""

    def __init__(self, folder: Path | None, text: str) -> None:
        self._folder = folder
        self._own = hashlib.sha256(text.encode()).hexdigest()
        self._below: dict[str, Memory] = {}
        name = hashlib.sha256(f"{_program()}\n{text}".encode()).hexdigest()
        self._path = None if folder is None else folder / "playbooks" / f"{name}.json"
        found = {} if self._path is None else _read(self._path)
        self.valid: bool = found.get("valid") is True
        self._texts: dict[str, Any] = found.get("texts", {})
        self._whole: object = found.get("whole")
        self._plain: object = found.get("playbook")
        self._warnings: list[Any] = found.get("warnings", [])
        self._parsed: dict[tuple[Kind, str], Expression | Template | str] = {}
        self._learned = False

    @property
    def alone(self) -> bool:
        """Whether the playbook was without a mistake, and includes no other, which may have changed since."""
        return self.knows(self._own)

    def knows(self, sha256: str) -> bool:
        """Whether the playbook was without a mistake when it and all that it includes had this hash together."""
        return self.valid and self._whole == sha256

    def of(self, source: Source) -> Memory:
        """What is remembered of a playbook that this one includes; the same for the same text."""
        if source.text not in self._below:
            self._below[source.text] = Memory(self._folder, source.text)
            self._below[source.text]._below = self._below
        return self._below[source.text]

    def parse(self, kind: Kind, text: str) -> Expression | Template | str:
        """As ``parse_expression`` and ``parse_template``, from memory where it can be."""
        known = self._parsed.get((kind, text))
        if known is None:
            known = self._parsed[kind, text] = self._remembered(kind, text)
        return known

    def playbook(self, source: Source) -> Playbook | None:
        """The playbook that was read from this text before, if it was without a mistake."""
        from runner.playbook.codec import from_plain

        if self.valid:
            with contextlib.suppress(ValueError):
                return from_plain(self._plain, source, self.parse)
        return None

    def warnings(self, source: Source) -> list[Diagnostic]:
        """What was said of this text besides that it has no mistake, as of ``source``."""
        if not self._warnings:
            return []
        from runner.diagnostic import Diagnostic

        return [
            Diagnostic(title, label, source.span(*place) if place else None, help, excerpt, "warning")
            for title, label, place, help, excerpt in self._warnings
        ]

    def keep(self, playbook: Playbook, warnings: Sequence[Diagnostic]) -> None:
        """Remember that the playbook has no mistake, nor what it includes, what else was said of its own text, and how
        its expressions were read."""
        for each in playbook.included.values():
            self.of(each.source).keep(each, warnings)
        whole = sha256_of(playbook)
        if not self.knows(whole):
            path = playbook.source.path
            self._warnings = [_plain(each) for each in warnings if each.span is None or each.span.path == path]
        if self._path is None or (self.knows(whole) and not self._learned):
            return
        from runner.playbook.codec import to_plain

        plain = to_plain(playbook)
        kept = {"valid": True, "whole": whole, "texts": self._texts, "playbook": plain, "warnings": self._warnings}
        write_whole(self._path, kept)

    def _remembered(self, kind: Kind, text: str) -> Expression | Template | str:
        if kind == "template" and "{" not in text:
            return text
        from runner.expression import from_plain, parse_expression, parse_template, to_plain

        plain = self._texts.get(f"{kind}:{text}")
        if plain is not None:
            with contextlib.suppress(ValueError):
                return from_plain(plain)
        parsed = parse_expression(text) if kind == "expression" else parse_template(text)
        if not isinstance(parsed, str):
            self._learned = True
            self._texts[f"{kind}:{text}"] = to_plain(parsed)
        return parsed


class KeyMemory:
    """Which private keys passed the full check before, by the hash of their text."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = None if folder is None else folder / "keys"

    def knows(self, digest: str) -> bool:
        """Whether this key passed before."""
        return self._folder is not None and (self._folder / digest).is_file()

    def learn(self, digest: str) -> None:
        """Remember that it did."""
        if self._folder is not None:
            write_whole(self._folder / digest, {})


def _program() -> str:
    """This very program: its version, and the state of the files that judge a playbook."""
    judges = [schemas_folder(), schemas_folder() / "actions", *(_PACKAGE / name for name in _JUDGES)]
    files = sorted((entry.path, entry.stat()) for folder in judges for entry in os.scandir(folder) if entry.is_file())
    return __version__ + "".join(f"{stat.st_mtime_ns}:{stat.st_size};" for _, stat in files)


def _plain(warning: Diagnostic) -> list[Any]:
    span = warning.span
    place = [span.line, span.column, span.length] if span else None
    return [warning.title, warning.label, place, warning.help, warning.excerpt]


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("texts"), dict) else {}


def write_whole(path: Path, data: dict[str, Any]) -> None:
    """Write whole and rename, so that nobody ever reads half of it."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        make_private(path.parent)
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")
        temporary.replace(path)
