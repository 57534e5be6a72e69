"""Playbooks with one mistake each: a typo in a key, an action, an argument, a name or a field, or a wrong type.

A mutant is a mistake by its making: a misspelt word is never another word of the language or of the playbook, and a
value of another type is one that the argument's own reading refuses, or a text where a number is computed with.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import yaml

from runner.action import Action
from runner.actions import BUILTIN
from runner.cli.playbooks import KnownActions
from runner.expression.nodes import Binary, Compare, Const, Filter, Listing, Node, children
from runner.expression.references import Reference
from runner.plan.build import _plan
from runner.plan.names import expressions_of, uses
from runner.playbook.load import Forgetful, load
from runner.playbook.model import Code, Playbook, Scalar, Text
from runner.source import Source, Span
from runner.value import WrongValue

CLASSES = ("key", "action", "argument", "name", "field", "type")
_FREE = frozenset({"inputs", "capture", "outputs", "headers", "body", "query", "default"})
_OTHERS: tuple[tuple[object, str], ...] = (
    ({"a": 1}, "\"{{ {'a': 1} }}\""),
    ([True], '"{{ [true] }}"'),
    (True, '"{{ run.id == environment.name }}"'),
    ("a b", "\"{{ 'a b' }}\""),
    ("run-1", '"{{ run.id }}"'),
    (datetime(2026, 11, 22, tzinfo=UTC), '"{{ run.started_at }}"'),
    (Decimal("0.5"), '"{{ 1 / 2 }}"'),
)


@dataclass(frozen=True)
class Edit:
    """One place of a text, and what stands there instead."""

    span: Span
    before: str
    after: str

    def applied(self, text: str) -> str:
        lines = text.splitlines(keepends=True)
        line, start = lines[self.span.line - 1], self.span.column - 1
        assert line[start : start + len(self.before)] == self.before
        lines[self.span.line - 1] = line[:start] + self.after + line[start + len(self.before) :]
        return "".join(lines)


@dataclass(frozen=True)
class Mutant:
    """A playbook with a mistake in it."""

    playbook: str
    sort: str
    edit: Edit

    def __str__(self) -> str:
        return f"{self.playbook}:{self.edit.span.line}: {self.sort}: {self.edit.before} -> {self.edit.after}"


class Ground:
    """A right playbook, and every place of it where a mistake can be made."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        memory = Forgetful()
        self.playbook: Playbook = load(Source(name, text), KnownActions(), memory)
        self.plan, _ = _plan(self.playbook, BUILTIN, {}, (), memory)
        self.places: dict[str, list[Callable[[random.Random], Edit | None]]] = {sort: [] for sort in CLASSES}
        tree = yaml.compose(text)
        assert tree is not None
        self._words = frozenset(_words_of(tree)) | _FIELDS
        self._keys(tree, "", None)
        self._expressions()
        self._arguments()

    def mutant(self, sort: str, chance: random.Random) -> Mutant | None:
        """A mutant of one class; None where chance made none."""
        if not self.places[sort]:
            return None
        edit = chance.choice(self.places[sort])(chance)
        return None if edit is None else Mutant(self.name, sort, edit)

    def _typo(self, sort: str, span: Span, word: str) -> None:
        line = self.text.splitlines()[span.line - 1]
        if line[span.column - 1 : span.column - 1 + len(word)] == word and len(word) > 1:
            self.places[sort].append(lambda chance: self._misspelt(span, word, chance))

    def _misspelt(self, span: Span, word: str, chance: random.Random) -> Edit | None:
        after = misspelt(word, chance)
        return None if after in self._words or after == word else Edit(span, word, after)

    def _keys(self, node: yaml.Node, above: str, action: str | None) -> None:
        """Keys that the language names, and the actions."""
        if isinstance(node, yaml.SequenceNode):
            for each in node.value:
                self._keys(each, above, None)
        if not isinstance(node, yaml.MappingNode):
            return
        named = {key.value: value for key, value in node.value}
        action = str(named["action"].value) if "action" in named else action
        for key, value in node.value:
            span = Span(self.name, key.start_mark.line + 1, key.start_mark.column + 1, len(key.value))
            if above == "with" and action is not None and not BUILTIN[action].free:
                self._typo("argument", span, key.value)
            elif above not in _FREE | {"with", "for_each"}:
                self._typo("key", span, key.value)
            if key.value == "action":
                place = Span(self.name, value.start_mark.line + 1, value.start_mark.column + 1)
                self._typo("action", place, value.value)
            # what is below a mapping of anybody's own names is as free
            inside = "input" if above == "inputs" else above if above in _FREE else key.value
            self._keys(value, inside, action if key.value == "with" else None)

    def _expressions(self) -> None:
        for written, _ in uses(self.plan, BUILTIN):
            for expression in expressions_of(written):
                for reference in expression.names():
                    self._reference(written, reference)
                self._constants(written, expression.tree, None)

    def _reference(self, written: Code | Text, reference: Reference) -> None:
        parts = reference.parts
        named = 2 if reference.root in ("inputs", "steps") else 1
        for at, part in enumerate(parts):
            if isinstance(part.key, str):
                self._typo("name" if at < named else "field", written.place(part.offset, part.length), part.key)

    def _constants(self, written: Code | Text, node: Node, above: Node | None) -> None:
        """Numbers that are computed with, and attributes that filters name."""
        if isinstance(node, Const) and isinstance(above, Binary | Compare):
            self._number(written, node)
        if isinstance(node, Filter):
            first = dict(node.keywords).get("attribute") or (
                node.arguments[0] if node.name in ("selectattr", "rejectattr") else None
            )
            if isinstance(first, Const) and str(first.value).isidentifier():
                self._typo("field", written.place(first.offset + 1, first.length - 2), str(first.value))
        for each in children(node):
            if not isinstance(each, Listing):
                self._constants(written, each, node)

    def _number(self, written: Code | Text, node: Const) -> None:
        """A number in quotes; a text that is one of the venue's words, misspelt."""
        span = written.place(node.offset, node.length)
        shown = self.text.splitlines()[span.line - 1][span.column - 1 : span.column - 1 + node.length]
        if isinstance(node.value, int | Decimal) and not isinstance(node.value, bool):
            quote = '"' if '"' not in shown and not _in_double_quotes(self.text, span) else "'"
            self.places["type"].append(lambda _: Edit(span, shown, f"{quote}{shown}{quote}"))
        elif isinstance(node.value, str) and "_" in node.value and shown[1:-1] == node.value:
            inner = written.place(node.offset + 1, node.length - 2)
            word = node.value
            self.places["type"].append(lambda _: Edit(inner, word, word.rpartition("_")[2]))
            self._typo("type", inner, word)

    def _arguments(self) -> None:
        for step in self.plan.all_steps:
            own = (step.action, step.written.arguments)
            for action, arguments in (own, *((each.action, each.written.arguments) for each in step.cleanup)):
                for entry in arguments:
                    known = entry.key in action.arguments and entry.key not in action.expressions
                    if known and isinstance(entry.value, Text | Scalar):
                        self._value(action, entry.key, entry.value)

    def _value(self, action: Action, name: str, value: Text | Scalar) -> None:
        """A value that the argument's own reading refuses, in place of the one that is written."""
        span = value.span
        shown = self.text.splitlines()[span.line - 1][span.column - 1 : span.column - 1 + span.length]
        for sample, written in _OTHERS:
            if refused(action, name, sample):
                self.places["type"].append(lambda _, written=written: Edit(span, shown, written))  # type: ignore[misc]


def refused(action: Action, name: str, value: object) -> bool:
    """Whether an action can't read a value of its argument."""
    try:
        action.arguments[name].kind.read(value)
    except WrongValue:
        return True
    return False


def misspelt(word: str, chance: random.Random) -> str:
    """The word with a letter left out, doubled, changed, or two exchanged."""
    at = chance.randrange(len(word) - 1)
    other = chance.choice("abcdefghijklmnopqrstuvwxyz")
    return chance.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + other + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def mutants(grounds: list[Ground], count: int, seed: int) -> Iterator[Mutant]:
    """So many different mutants, of all classes in turn."""
    chance, turn = random.Random(seed), 0
    seen: set[str] = set()
    while len(seen) < count:
        turn += 1
        found = chance.choice(grounds).mutant(CLASSES[turn % len(CLASSES)], chance)
        if found is not None and str(found) not in seen:
            seen.add(str(found))
            yield found


def _in_double_quotes(text: str, span: Span) -> bool:
    line = text.splitlines()[span.line - 1]
    return line[: span.column - 1].count('"') % 2 == 1


def _words_of(node: yaml.Node) -> Iterator[str]:
    if isinstance(node, yaml.ScalarNode):
        yield str(node.value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _words_of(each)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from (*_words_of(key), *_words_of(value))


def _fields_of(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for each in schema.values():
            yield from _fields_of(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _fields_of(each)


_FIELDS = frozenset(
    (*BUILTIN, *(name for each in BUILTIN.values() for name in (*each.arguments, *_fields_of(each.result))))
)
