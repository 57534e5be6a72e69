"""What can be typed behind ``pmx-run``: every command with its options and values, read from the parsers themselves."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from runner.cli.finding import playbooks_folder
from runner.cli.main import COMMANDS
from runner.cli.reports import WORDS
from runner.frozen import frozen
from runner.settings.layers import BUILT_IN_ENVIRONMENTS

Kind = Literal["words", "reports", "file", "folder", "playbook", "anything"]
_KINDS: dict[str, Kind] = {"FILE": "file", "PATH": "file", "DIR": "folder", "PLAYBOOK": "playbook"}
_REPORTS = tuple(f"{format}=" for format in WORDS)


@frozen
class Value:
    """What an option takes, or what stands without one; ``words`` are all it may be, if that is known."""

    name: str
    kind: Kind
    words: tuple[str, ...] = ()
    many: bool = False


@frozen
class Flag:
    """An option under all its names; ``value`` is None for one that takes none."""

    names: tuple[str, ...]
    help: str
    value: Value | None
    repeatable: bool


@frozen
class CommandWords:
    """A command: ``check``, or ``keys new`` for one of another's words."""

    name: str
    summary: str
    flags: tuple[Flag, ...]
    operand: Value | None
    words: tuple[tuple[str, str], ...] = ()


def bundled_playbooks() -> tuple[str, ...]:
    """The playbooks that come along, by name."""
    return tuple(sorted(path.stem for path in playbooks_folder().glob("*.yaml")))


def all_commands() -> Iterator[CommandWords]:
    """Every command there is, those of ``keys`` behind it."""
    for name, summary in COMMANDS.items():
        parser = argparse.ArgumentParser()
        importlib.import_module(f"runner.cli.{name}").add_arguments(parser)
        yield from _of_parser(name, summary, parser)


def _of_parser(name: str, summary: str, parser: argparse.ArgumentParser) -> Iterator[CommandWords]:
    # argparse tells of its options in no other way; the library for completion scripts reads them so, too
    told = [each for each in parser._actions if each.help != argparse.SUPPRESS]
    nested = next((each for each in told if isinstance(each, argparse._SubParsersAction)), None)
    helps = {each.dest: each.help or "" for each in nested._choices_actions} if nested else {}
    flags = tuple(_flag(each, name) for each in told if each.option_strings)
    operands = (_value(each, name) for each in told if not each.option_strings and each is not nested)
    yield CommandWords(name, summary, flags, next(operands, None), tuple(helps.items()))
    for word, inner in (nested.choices if nested else {}).items():
        yield from _of_parser(f"{name} {word}", helps.get(word, ""), inner)


def _flag(action: argparse.Action, command: str) -> Flag:
    value = None if action.nargs == 0 else _value(action, command)
    help = (action.help or "").replace("%(default)s", str(action.default))
    return Flag(tuple(action.option_strings), help, value, isinstance(action, argparse._AppendAction))


def _value(action: argparse.Action, command: str) -> Value:
    name = str(action.metavar or action.dest).upper()
    many = action.nargs in ("+", "*", argparse.REMAINDER)
    words = _words(action, command, name)
    if words:
        return Value(name, "reports" if words is _REPORTS else "words", words, many)
    kind = "file" if action.type is Path and name not in _KINDS else _KINDS.get(name, "anything")
    return Value(name, kind, (), many)


def _words(action: argparse.Action, command: str, name: str) -> tuple[str, ...]:
    """Everything that it may be, where that is known before anything is typed."""
    if action.choices:
        return tuple(map(str, action.choices))
    if "--env" in action.option_strings:
        return tuple(BUILT_IN_ENVIRONMENTS)
    if "--report" in action.option_strings:
        return _REPORTS
    if (command, name) == ("actions", "NAME"):
        from runner.actions import BUILTIN

        return tuple(BUILTIN)
    if (command, name) == ("copy", "NAME"):
        return bundled_playbooks()
    return ("status",) if command == "sandbox" else ()
