"""Completion scripts: the skeleton of each shell, filled with the words of the commands.

They are static: pressing the key starts no process, and a new version of pmx-run has a new script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from runner.cli.command_words import CommandWords, Flag, Value

_SKELETONS = Path(__file__).with_name("shells")


def bash(commands: list[CommandWords], bundled: Iterable[str]) -> str:
    """The script for bash, 3.2 or newer."""
    values = "\n".join(
        f'        "{command.name} {name}") _pmx_run_value {_bash_value(flag.value)}; return ;;'
        for command in commands
        for flag in command.flags
        if flag.value
        for name in flag.names
    )
    cases = "\n".join(
        f'        "{each.name}") flags="{" ".join(_names(each))}" value="{_bash_value(_operand(each))}" ;;'
        for each in commands
    )
    return _filled(
        "bash",
        bundled=" ".join(bundled),
        names="|".join(_first_words(commands)),
        words=" ".join(_first_words(commands)),
        nested="|".join(f'"{each.name}"' for each in commands if " " in each.name),
        values=values,
        commands=cases,
    )


def zsh(commands: list[CommandWords], bundled: Iterable[str]) -> str:
    """The script for zsh, 5 or newer."""
    told = (f"        {_quoted(f'{each.name}:{each.summary}')}" for each in commands if " " not in each.name)
    return _filled(
        "zsh",
        bundled=" ".join(bundled),
        names="|".join(_first_words(commands)),
        commands="\n".join(told),
        functions="\n\n".join(map(_zsh_function, commands)),
    )


def fish(commands: list[CommandWords], bundled: Iterable[str]) -> str:
    """The script for fish, 3 or newer."""
    return _filled(
        "fish",
        bundled=" ".join(bundled),
        names=" ".join(_first_words(commands)),
        nested=" ".join(_quoted(each.name) for each in commands if " " in each.name),
        commands="\n".join(line for each in commands for line in _fish_lines(each)),
    )


SHELLS: dict[str, Callable[[list[CommandWords], Iterable[str]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}


def _filled(shell: str, **parts: str) -> str:
    text = (_SKELETONS / shell).read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return text


def _first_words(commands: Iterable[CommandWords]) -> list[str]:
    return [each.name for each in commands if " " not in each.name]


def _names(command: CommandWords) -> Iterator[str]:
    for flag in command.flags:
        yield from flag.names


def _operand(command: CommandWords) -> Value | None:
    """What stands without an option: the words of ``keys`` count as such."""
    if command.words:
        return Value("WORD", "words", tuple(word for word, _ in command.words))
    return command.operand


def _bash_value(value: Value | None) -> str:
    return " ".join((value.kind, *value.words)) if value else "anything"


def _zsh_function(command: CommandWords) -> str:
    name = f"_pmx_run_{command.name.replace(' ', '_')}"
    specs = [_zsh_flag(flag, name) for flag in command.flags for name in flag.names]
    if command.operand:
        position = "*" if command.operand.many else "1"
        specs.append(_quoted(f"{position}:{command.operand.name}:{_zsh_value(command.operand)}"))
    arguments = " \\\n        ".join(["_arguments -s", *specs])
    if not command.words:
        return f"{name}() {{\n    {arguments}\n}}"
    words = " ".join(_quoted(f"{word}:{help}") for word, help in command.words)
    cases = "|".join(word for word, _ in command.words)
    return (
        f"{name}() {{\n    local -a inner=({words})\n    local word=$words[2]\n"
        f"    if ((CURRENT == 2)); then _describe -t words word inner; return; fi\n"
        f"    case $word in ({cases}) shift words; ((CURRENT--)); {name}_$word ;; esac\n}}"
    )


def _zsh_flag(flag: Flag, name: str) -> str:
    others = "*" if flag.repeatable else f"({' '.join(flag.names)})" if len(flag.names) > 1 else ""
    help = flag.help.replace("[", r"\[").replace("]", r"\]").replace(":", r"\:")
    value = f":{flag.value.name.replace(':', '')}:{_zsh_value(flag.value)}" if flag.value else ""
    return _quoted(f"{others}{name}[{help}]{value}")


def _zsh_value(value: Value) -> str:
    return {
        "words": f"({' '.join(value.words)})",
        "reports": f"_pmx_run_reports {' '.join(value.words)}",
        "file": "_files",
        "folder": "_files -/",
        "playbook": "_pmx_run_playbooks",
        "anything": " ",
    }[value.kind]


def _fish_lines(command: CommandWords) -> Iterator[str]:
    inside = f"complete -c pmx-run -n '__pmx_run_in {command.name}'"
    if " " not in command.name:
        told = f"-a {command.name} -d {_quoted(command.summary)}"
        yield f"complete -c pmx-run -n __pmx_run_first {told}"
    for flag in command.flags:
        names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names)
        yield " ".join(filter(None, [inside, names, _fish_value(flag.value), f"-d {_quoted(flag.help)}"]))
    for word, help in command.words:
        yield f"{inside} -a {word} -d {_quoted(help)}"
    if command.operand and command.operand.kind != "anything":
        yield f"{inside} {_fish_value(command.operand).removeprefix('-x ').removeprefix('-r ')}"


def _fish_value(value: Value | None) -> str:
    if value is None:
        return ""
    return {
        "words": f"-x -a {_quoted(' '.join(value.words))}",
        "reports": f"-r -F -a {_quoted(' '.join(value.words))}",
        "file": "-r -F",
        "folder": "-x -a '(__fish_complete_directories)'",
        "playbook": "-x -a '(__pmx_run_playbooks)'",
        "anything": "-x",
    }[value.kind]


def _quoted(text: str) -> str:
    """In single quotes, as all three shells read them; the texts are our own, and an apostrophe may be a curly one."""
    return "'" + text.replace("'", "’") + "'"
