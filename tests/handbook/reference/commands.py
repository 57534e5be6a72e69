"""The page of all commands, from their own parsers."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator

from handbook.reference.writing import code, fence, page, table
from runner.cli.command_examples import EXAMPLES
from runner.cli.command_words import CommandWords, Flag, all_commands
from runner.sandbox.options import OPTIONS

_FIRST = """\
`pmx-run PLAYBOOK...` runs playbooks; everything else is a word behind `pmx-run`. `pmx-run COMMAND --help` shows the
same in a terminal. How a command ends is told by its [exit code](exit-codes.md)."""
SETUP = """\
<!-- run: pmx-run init . > /dev/null -->
<!-- run: echo 'rates: {instruments: off}' >> pmx.yaml -->
<!-- run: echo 'schedules: {morning: {playbook: preflight, environment: preprod, cron: "30 9 * * *"}}' >> pmx.yaml -->
<!-- run: pmx-run sandbox --rates off > exchange.env 2> exchange.log & -->
<!-- run: . ./exchange.env; unset PMX_ENV -->
<!-- run: openssl rsa -in "$PMX_PRIVATE_KEY_PATH" -pubout -out registered_public_key.pem 2> /dev/null -->"""
OF_SANDBOX_STATUS = {
    "--control-url URL": "where to ask (default: `PMX_SANDBOX_CONTROL_URL`)",
    "--control-token TOKEN": "what to show there (default: `PMX_SANDBOX_CONTROL_TOKEN`)",
    "--json": "everything, as JSON",
}


def text() -> str:
    """The page."""
    commands = [each for each in all_commands() if each.summary != "not yet supported"]
    rows = ((f"[`{each.name}`](#{each.name.replace(' ', '-')})", each.summary) for each in commands)
    return page("Commands", _FIRST, table(("command", "does"), rows), SETUP, *(_section(each) for each in commands))


def _section(command: CommandWords) -> str:
    parts = [f"## `{command.name}`", f"{command.summary[:1].upper()}{command.summary[1:]}."]
    rows = [*_operand(command), *_options(command)]
    if rows:
        parts.append(table(("word", "meaning"), rows))
    if not command.words:
        parts.append(fence("sh", "\n".join(EXAMPLES[command.name])))
    if command.name == "sandbox":
        parts.append("`sandbox status` tells what a running exchange holds; it takes:")
        parts.append(table(("word", "meaning"), ((code(name), told) for name, told in OF_SANDBOX_STATUS.items())))
        parts.append(fence("sh", "\n".join(EXAMPLES["sandbox status"])))
    return "\n\n".join(parts)


def _operand(command: CommandWords) -> Iterator[tuple[str, str]]:
    operand = command.operand
    if command.words:
        told = (f"`{word}`: {help}" for word, help in command.words if help != "not yet supported")
        yield code("WORD"), "; ".join(told)
    elif operand and command.name != "sandbox":
        yield code(f"{operand.name}{'...' if operand.many else ''}"), _told_of_operand(command.name)


def _told_of_operand(command: str) -> str:
    """The help of what stands without an option, which completions have no use for."""
    parser = argparse.ArgumentParser()
    name, *words = command.split()
    importlib.import_module(f"runner.cli.{name}").add_arguments(parser)
    for word in words:
        parser = next(each for each in parser._actions if isinstance(each, argparse._SubParsersAction)).choices[word]
    return next(each.help or "" for each in parser._actions if not each.option_strings)


def _options(command: CommandWords) -> Iterator[tuple[str, str]]:
    if command.name == "sandbox":
        for name, told in OPTIONS.items():
            words = told.get("metavar") or "\\|".join(told.get("choices", ())) or ("" if "action" in told else "N")
            shown = f"{name} {' '.join(words) if isinstance(words, tuple) else words}".strip().replace("\\|", "|")
            yield code(shown), told["help"]
    for flag in command.flags:
        if flag.names != ("-h", "--help"):
            yield code(_written(flag)), flag.help + ("; may be repeated" if flag.repeatable else "")


def _written(flag: Flag) -> str:
    value = ""
    if flag.value:
        words = flag.value.words if flag.value.kind == "words" and flag.names != ("--env",) else ()
        value = " " + ("|".join(words) if words else flag.value.name)
    return ", ".join(flag.names) + value
