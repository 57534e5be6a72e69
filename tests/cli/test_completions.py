"""`pmx-run completions`: each script in its own shell, where that is installed."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runner.actions import BUILTIN
from runner.cli.command_words import all_commands, bundled_playbooks
from runner.cli.completion_scripts import SHELLS
from runner.cli.main import COMMANDS, dispatch
from runner.cli.reports import ReportTargets
from runner.errors import WrongInput

ONE = [
    ("che", "check"),
    ("quicks", "quickstart"),
    ("my_", "my_own.yaml"),
    ("fol", "folder/"),
    ("check my_", "my_own.yaml"),
    ("check --fo", "--format"),
    ("check --format g", "github"),
    ("check my_own.yaml --env pre", "preprod"),
    ("my_own.yaml --run", "--run-id"),
    ("my_own.yaml --inputs sec", "secret.txt"),
    ("my_own.yaml --ski", "--skip-tags"),
    ("my_own.yaml --tags a --fr", "--from"),
    ("run --job", "--jobs"),
    ("run --report js", "json="),
    ("report run-1 --report ht", "html="),
    ("history pru", "prune"),
    ("history --status inter", "interrupted"),
    ("run --report json=sec", "secret.txt"),
    ("run --report ev", "evidence="),
    ("veri", "verify"),
    ("noti", "notify"),
    ("verify --key sec", "secret.txt"),
    ("actions place", "place_order"),
    ("actions --js", "--json"),
    ("schema rep", "report"),
    ("keys fing", "fingerprint"),
    ("keys rot", "rotate"),
    ("keys rotate --sw", "--switch"),
    ("doctor --js", "--json"),
    ("keys new --bi", "--bits"),
    ("keys new --bits 4", "4096"),
    ("keys fingerprint sec", "secret.txt"),
    ("completions fi", "fish"),
    ("init fol", "folder/"),
    ("sandbox sta", "status"),
    ("copy quicks", "quickstart"),
    ("list --js", "--json"),
]
"""What is typed behind the program's name, and the one word that its last part may become."""

NONE = ["keys sec", "my_own.yaml --run-id my", "actions xyz", "check --nothing"]
"""What may become nothing: a file where a word is wanted, a value that only the caller knows."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a playbook, another file and a folder in it."""
    monkeypatch.chdir(tmp_path)
    for name in ("my_own.yaml", "secret.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.fixture(scope="module", params=SHELLS)
def script(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A shell that is installed, and its script."""
    shell = str(request.param)
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    path = tmp_path_factory.mktemp("completions") / "_pmx-run"
    path.write_text(SHELLS[shell](list(all_commands()), bundled_playbooks()), encoding="utf-8")
    return shell, path


def in_bash(script: Path, typed: list[str]) -> list[list[str]]:
    """Bash's own answers: the line cut into words as it does, `=` apart."""
    lines = []
    for each in typed:
        words = " ".join(f"'{word}'" for word in re.findall(r"=|[^\s=]+|(?<=\s)$", f"pmx-run {each}"))
        lines.append(f"COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))")
        lines.append('_pmx_run; echo "${COMPREPLY[*]}"')
    program = "\n".join(["set -u", f"source {script}", *lines])
    done = subprocess.run(["bash", "--norc", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    # a real shell puts the slash behind a folder, since the script says that these are file names
    found = [line.split() for line in done.stdout.split("\n")[:-1]]
    return [list(dict.fromkeys(f"{word}/" if Path(word).is_dir() else word for word in words)) for words in found]


def in_fish(script: Path, typed: list[str]) -> list[list[str]]:
    """Fish's own answers, without their descriptions and what stands before the word's end."""
    asked = "\n".join(f"complete -C 'pmx-run {each}'; echo ====" for each in typed)
    command = ["fish", "--no-config", "-c", f"source {script}\n{asked}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return [[line.split("\t")[0].removeprefix("json=") or "json=" for line in block] for block in _blocks(done.stdout)]


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line == "====":
            blocks.append([])
        else:
            blocks[-1].append(line)
    return blocks[:-1]


def in_zsh(script: Path, typed: list[str]) -> list[list[str]]:
    """What zsh makes of the line after one press of the key: only what is the one possibility is put in whole."""
    return [[word] if word else [] for word in _typed_into_zsh(script, typed)]


def _typed_into_zsh(script: Path, typed: list[str]) -> Iterator[str]:
    process, terminal = pty.fork()
    if process == 0:
        environ = {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(script.parent), "LC_ALL": "C.UTF-8"}
        os.execvpe("zsh", ["zsh", "-f", "-i"], environ)
    try:
        setup = (
            f"PS1=; KEYTIMEOUT=1; unsetopt beep; autoload -U compinit; compinit -u -D; source {script}; "
            "tell() { print -r -- \"<<$BUFFER>>\"; BUFFER=; zle send-break }; zle -N tell; bindkey '^X' tell; "
            "bindkey '^I' complete-word; print ready''now\n"
        )
        os.write(terminal, setup.encode())
        _until(terminal, r"readynow")
        for each in typed:
            os.write(terminal, f"pmx-run {each}\t\x18".encode())
            [line] = _until(terminal, r"<<(.*?)>>")
            before, _, word = line.removeprefix("pmx-run ").rstrip(" ").rpartition(" ")
            became = f"{before} {word}".strip() != each
            yield word.removeprefix("json=") or "json=" if became else ""
    finally:
        os.kill(process, 9)
        os.waitpid(process, 0)
        os.close(terminal)


def _until(terminal: int, pattern: str) -> tuple[str, ...]:
    """The groups of a pattern, once the terminal shows it."""
    shown, ends = "", time.monotonic() + 20
    while time.monotonic() < ends:
        if select.select([terminal], [], [], 0.2)[0]:
            shown += os.read(terminal, 65_536).decode(errors="replace")
        found = re.search(pattern, shown)
        if found:
            return found.groups() or ("",)
    raise AssertionError(f"the shell shows {shown!r}")


ASK: dict[str, Callable[[Path, list[str]], list[list[str]]]] = {"bash": in_bash, "zsh": in_zsh, "fish": in_fish}


def test_the_one_possibility(script: tuple[str, Path]) -> None:
    """Commands, options and their values, playbooks by name and by file, actions: each in its place."""
    shell, path = script
    found = ASK[shell](path, [typed for typed, _ in ONE])
    assert dict(zip([typed for typed, _ in ONE], found, strict=True)) == {typed: [word] for typed, word in ONE}


def test_nothing_fits(script: tuple[str, Path]) -> None:
    """What can't stand there is not offered."""
    shell, path = script
    assert ASK[shell](path, NONE) == [[] for _ in NONE]


def test_everything_is_offered(script: tuple[str, Path]) -> None:
    """In shells that tell all they would offer: every command first, every action, every option of each command."""
    shell, path = script
    if shell == "zsh":
        pytest.skip("it is asked through its line, which holds one possibility")
    commands = [each for each in all_commands() if each.name != "sandbox"]
    typed = ["", "actions ", *(f"{each.name} -" for each in commands)]
    first, actions, *options = ASK[shell](path, typed)
    assert {*COMMANDS, *bundled_playbooks(), "my_own.yaml", "folder/"} == set(first)
    assert set(actions) >= set(BUILTIN)
    for command, offered in zip(commands, options, strict=True):
        assert {name for flag in command.flags for name in flag.names} <= set(offered)


def test_a_script_is_read_without_a_word(script: tuple[str, Path]) -> None:
    """Its syntax is the shell's."""
    shell, path = script
    done = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_it(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole, with where to put it; nothing of the skeleton is left open."""
    assert dispatch(["completions", shell]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert f"pmx-run completions {shell} > ~/" in shown.out
    assert not re.search(r"@[a-z]+@", shown.out)
    assert all(command in shown.out for command in COMMANDS)


@pytest.mark.parametrize("format", ["json", "junit", "html", "markdown", "evidence"])
def test_a_report_is_offered_if_there_is_one(format: str) -> None:
    """A format that is refused is not offered, and the other way round."""
    [run] = [each for each in all_commands() if each.name == "run"]
    [words] = [flag.value.words for flag in run.flags if flag.value and flag.names == ("--report",)]
    try:
        ReportTargets([f"{format}=x"])
    except WrongInput:
        assert f"{format}=" not in words
    else:
        assert f"{format}=" in words
