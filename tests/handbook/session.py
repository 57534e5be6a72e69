"""A page's commands, typed one after the other into one shell by somebody with a folder and a home of his own."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from handbook.blocks import ROOT, Block

SHELLS = ("sh", "console", "hidden", "crontab")
_CRON = re.compile(r"^(?:[\d*/,-]+ +){5}(.+)$")
_END = "\x1e"
_SECONDS = 120
_PRELUDE = f"""
start=$PWD
make() {{ command make -n -C {shlex.quote(str(ROOT))} "$@" > /dev/null; }}
"""


@dataclass(frozen=True, slots=True)
class Command:
    """One command; ``shown`` is what the page shows of its output, empty where it shows nothing.

    ``lines`` are those of the block that it stands in, counted from 0: the first one, and the one behind the last.
    """

    block: Block
    text: str
    shown: str = ""
    lines: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a command; ``judged`` where the page itself shows the exit code next."""

    command: Command
    output: str
    code: int
    judged: bool


def commands_of(block: Block) -> Iterator[Command]:
    """The commands of a block, of whichever kind."""
    match block.language:
        case "console":
            yield from _typed(block)
        case "crontab":
            for line in filter(None, block.text.splitlines()):
                found = _CRON.match(line)
                assert found, f"{block.place}: no line of a crontab: {line}"
                yield Command(block, f"(cd && /bin/sh -c {shlex.quote(found[1])})")
        case "hidden":
            yield Command(block, block.text)
        case _:
            yield from (Command(block, text) for text in _logical_lines(block.text))


def _typed(block: Block) -> Iterator[Command]:
    """Behind each `$` a command, which goes on behind a backslash; below it what it prints."""
    lines = block.text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    assert starts[:1] == [0], f"{block.place}: a console block begins with `$ `"
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        output = next((at for at in range(start + 1, end) if not lines[at - 1].endswith("\\")), end)
        text = "\n".join([lines[start][2:], *lines[start + 1 : output]])
        yield Command(block, text, "\n".join(lines[output:end]).strip("\n"), (output, end))


def _logical_lines(text: str) -> Iterator[str]:
    if "<<" in text:
        yield text
        return
    for line in re.sub(r"\\\n *", "", text).splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line


def run(blocks: Sequence[Block], folder: Path) -> list[Done]:
    """Perform the blocks in an empty home below ``folder``; what was left running is ended."""
    home = folder / "home"
    (home / ".local/bin").mkdir(parents=True)
    (home / ".local/bin/pmx-run").symlink_to(Path(sys.executable).with_name("pmx-run"))
    commands: list[Command] = []
    script = _PRELUDE
    for block in blocks:
        if block.title:
            script += _written(block)
        if block.language in SHELLS:
            for command in commands_of(block):
                commands.append(command)
                script += _performed(command.text)
    (folder / "script").write_text(script, encoding="utf-8")
    return [*_done(commands, _output_of(folder, home))]


def _written(block: Block) -> str:
    path = f'"$start"/{shlex.quote(block.title)}'
    return f"mkdir -p \"$(dirname {path})\"; cat > {path} <<'{_END}'\n{block.text}{_END}\n"


def _performed(text: str) -> str:
    """The command, its exit code behind it; the next one sees that code as `$?`. A server is waited for."""
    wait = ""
    if found := re.search(r"> *(\S+) *&\s*(?:#.*)?$", text):
        wait = f"for _ in $(seq 1200); do [ -s {found[1]} ] && break; sleep 0.05; done\n"
    return f"(exit $last)\n{text}\nlast=$?\n{wait}printf '%s%s%s' '{_END}' \"$last\" '{_END}'\n"


def _output_of(folder: Path, home: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PMX_", "XDG_", "PYTEST"))}
    environment |= {
        "HOME": str(home),
        "PATH": f"{home}/.local/bin:{os.environ['PATH']}",
        "COLUMNS": "80",
        "LANG": "C.UTF-8",
    }
    output = folder / "output"
    with output.open("wb") as file:
        shell = subprocess.Popen(
            ["bash", str(folder / "script")], cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=file,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            shell.wait(_SECONDS)
        finally:
            _end(shell)
    text = output.read_text(encoding="utf-8", errors="replace")
    return text.replace(str(home), "/home/you")


def _end(shell: subprocess.Popen[bytes]) -> None:
    """The shell, and what it left running."""
    with suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGTERM)
    shell.wait(_SECONDS)


def _done(commands: Sequence[Command], output: str) -> Iterator[Done]:
    parts = output.split(_END)
    assert len(parts) == 2 * len(commands) + 1, f"the shell came to an end of its own:\n{output[-2000:]}"
    for number, command in enumerate(commands):
        following = commands[number + 1].text if number + 1 < len(commands) else ""
        yield Done(command, parts[2 * number].strip("\n"), int(parts[2 * number + 1]), following == "echo $?")
