"""The playbooks that a playbook includes by ``run_playbook``: found, read, and put below the one that names them.

::

    error: `top.yaml` includes itself
     --> parts/place.yaml:7:18
      |
    7 |     with: {path: ../top.yaml}
      |                  ^^^^^^^^^^^ top.yaml → parts/place.yaml → top.yaml
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from runner.diagnostic import Diagnostic, in_sequence, problem
from runner.errors import WrongInput
from runner.frozen import frozen
from runner.playbook.model import RUN_PLAYBOOK, Playbook, Step, Text
from runner.source import Source, Span

if TYPE_CHECKING:
    from runner.errors import Pictured

MOST_DEEP = 8
MOST_FILES = 100
MOST_TIMES = 1000

Read = Callable[[Source], Playbook]


@frozen
class Opened:
    """A playbook's file that was found; ``identity`` is the same whatever path led to it."""

    source: Source
    identity: str


class NotFound(Exception):
    """No playbook can be read at a path: what is wrong with it, and what to do."""

    def __init__(self, label: str, help: str = "") -> None:
        super().__init__(label)
        self.label = label
        self.help = help


class Shelf(Protocol):
    """Where included playbooks are: files, or what was kept of them. ``top`` is the identity of the one at the top."""

    @property
    def top(self) -> str:
        """The identity of the playbook that includes the others."""
        ...

    def open(self, path: str, beside: Opened) -> Opened:
        """The playbook that the one ``beside`` means by ``path``; raises ``NotFound``, and ``WrongInput`` for a text
        that can't be decoded."""
        ...


def with_included(playbook: Playbook, opened: Opened, shelf: Shelf, read: Read) -> Playbook:
    """The playbook with all that it includes, ``read`` as it was; raises ``WrongInput`` with every mistake in them."""
    including = _Including(shelf, read)
    whole = including.whole(playbook, (opened,))
    if including.problems:
        raise WrongInput(in_sequence(including.problems))
    return whole.playbook


def included_by(step: Step, playbook: Playbook) -> Playbook | None:
    """The playbook that a step of ``playbook`` performs, None for a step that performs none."""
    path = path_of(step)
    return playbook.included.get(path) if path is not None else None


def path_of(step: Step) -> str | None:
    """The path of a ``run_playbook`` step as written; None where it is no plain text, or for another step."""
    entry = step.arguments.get("path") if step.action == RUN_PLAYBOOK else None
    value = entry.value if entry is not None else None
    return value.written if isinstance(value, Text) and isinstance(value.written, str) else None


def everything(playbook: Playbook) -> Iterator[Playbook]:
    """The playbook and all below it, one that is included twice twice."""
    yield playbook
    for each in playbook.included.values():
        yield from everything(each)


def sha256_of(playbook: Playbook) -> str:
    """The hash of its text; of one that includes others, that of all texts and of how they hang together."""
    text = playbook.source.text
    if playbook.included:
        text = json.dumps([text, [[path, sha256_of(each)] for path, each in sorted(playbook.included.items())]])
    return hashlib.sha256(text.encode()).hexdigest()


def texts_to_plain(playbook: Playbook) -> dict[str, Any]:
    """All texts below a playbook as JSON data, for ``KeptTexts``; each text once."""
    texts: dict[str, str] = {}
    tree = _tree(playbook, texts)
    return {"texts": texts, "included": tree}


def _tree(playbook: Playbook, texts: dict[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, each in playbook.included.items():
        name = hashlib.sha256(each.source.text.encode()).hexdigest()
        texts[name] = each.source.text
        tree[path] = {"path": each.source.path, "text": name, "included": _tree(each, texts)}
    return tree


class KeptTexts:
    """The included playbooks as they were when ``texts_to_plain`` kept them, whatever became of their files."""

    top = ""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self._texts: Mapping[str, str] = plain["texts"]
        self._included: dict[str, Mapping[str, Any]] = {"": plain["included"]}

    def open(self, path: str, beside: Opened) -> Opened:
        """What was kept of the playbook that the one ``beside`` means by ``path``."""
        kept = self._included[beside.identity].get(path)
        if kept is None:
            raise NotFound("its text was not kept with the run")
        identity = f"{beside.identity}\n{path}"
        self._included[identity] = kept["included"]
        return Opened(Source(kept["path"], self._texts[kept["text"]]), identity)


@frozen
class _Whole:
    """A playbook with all that it includes: how many levels are below it, and how many times something is included."""

    playbook: Playbook
    height: int = 0
    times: int = 0


class _Including:
    """What was read so far, by its identity; None for what has a mistake, which was told."""

    def __init__(self, shelf: Shelf, read: Read) -> None:
        self._shelf = shelf
        self._read = read
        self._known: dict[str, _Whole | None] = {}
        self.problems: list[Diagnostic] = []

    def whole(self, playbook: Playbook, chain: tuple[Opened, ...]) -> _Whole:
        """``playbook``, the last of ``chain``, with all below it; whatever is wrong is left out and told."""
        found: dict[str, Playbook] = {}
        height = times = 0
        for step in playbook.all_steps:
            below = self._of_step(playbook.source, step, chain) if step.action == RUN_PLAYBOOK else None
            if below is None:
                continue
            height, times = max(height, below.height + 1), times + below.times + 1
            if times > MOST_TIMES:
                self._wrong(playbook.source, step.action_span, "too much is included", f"more than {MOST_TIMES} times")
                break
            found[str(path_of(step))] = below.playbook
        return _Whole(replace(playbook, included=found) if found else playbook, height, times)

    def _of_step(self, source: Source, step: Step, chain: tuple[Opened, ...]) -> _Whole | None:
        span, path = _place(step), path_of(step)
        if path is None:
            label = "which file it is must be known before anything is sent"
            self._wrong(source, span, "the path of a playbook is written out", label, "no {{ }} in it")
            return None
        try:
            opened = self._shelf.open(path, chain[-1])
        except NotFound as error:
            self._wrong(source, span, f"no playbook `{path}` to include", error.label, error.help)
            return None
        except WrongInput as wrong:
            self.problems += _diagnostics(wrong.diagnostics)
            return None
        return self._below(source, span, opened, chain)

    def _below(self, source: Source, span: Span, opened: Opened, chain: tuple[Opened, ...]) -> _Whole | None:
        if any(each.identity == opened.identity for each in chain):
            self._wrong(source, span, f"`{opened.source.path}` includes itself", _told(chain, opened))
            return None
        if opened.identity not in self._known:
            if len(chain) > MOST_DEEP:
                self._too_deep(source, span)
                return None
            if len(self._known) >= MOST_FILES:
                self._wrong(source, span, "too many playbooks are included", f"more than {MOST_FILES}")
                return None
            self._known[opened.identity] = self._first_read(opened, chain)
        below = self._known[opened.identity]
        if below is not None and len(chain) + below.height > MOST_DEEP:
            self._too_deep(source, span)
            return None
        return below

    def _first_read(self, opened: Opened, chain: tuple[Opened, ...]) -> _Whole | None:
        try:
            return self.whole(self._read(opened.source), (*chain, opened))
        except WrongInput as wrong:
            self.problems += _diagnostics(wrong.diagnostics)
            return None

    def _too_deep(self, source: Source, span: Span) -> None:
        self._wrong(source, span, "playbooks include each other too deep", f"more than {MOST_DEEP} levels")

    def _wrong(self, source: Source, span: Span, title: str, label: str, help: str = "") -> None:
        self.problems.append(problem(source, span, title, label, help))


def _place(step: Step) -> Span:
    entry = step.arguments.get("path")
    return entry.value.span if entry is not None else step.action_span


def _told(chain: tuple[Opened, ...], again: Opened) -> str:
    """The way round: ``a.yaml → b.yaml → a.yaml``."""
    first = next(index for index, each in enumerate(chain) if each.identity == again.identity)
    return " → ".join(each.source.path for each in (*chain[first:], again))


def _diagnostics(found: tuple[Pictured, ...]) -> list[Diagnostic]:
    return [each for each in found if isinstance(each, Diagnostic)]
