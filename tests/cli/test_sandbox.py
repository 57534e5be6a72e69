"""``pmx-run sandbox`` hands everything to the exchange."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runner.cli import sandbox
from runner.errors import WrongInput

_SERVE = """
import argparse, sys
from runner.cli import sandbox
parser = argparse.ArgumentParser()
sandbox.add_arguments(parser)
sys.exit(sandbox.run(parser.parse_args(sys.argv[1:])))
"""


def command(*words: str) -> int:
    parser = argparse.ArgumentParser(prog="pmx-run sandbox")
    sandbox.add_arguments(parser)
    return sandbox.run(parser.parse_args(words))


def test_help_is_the_exchange_s_own(capsys: pytest.CaptureFixture[str]) -> None:
    """It names the options that the exchange has, and ends with 0."""
    with pytest.raises(SystemExit) as caught:
        command("--help")
    assert caught.value.code == 0
    assert "--dialect" in capsys.readouterr().out


@pytest.mark.parametrize("words", [("--prot", "1"), ("--port", "x"), ("--dialect", "klingon")])
def test_wrong_options_end_with_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is served, said on stderr."""
    with pytest.raises(SystemExit) as caught:
        command(*words)
    assert caught.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words[0] in said.err


def test_words_are_for_later() -> None:
    """Refused, never ignored."""
    with pytest.raises(WrongInput) as caught:
        command("status")
    assert str(caught.value) == "error: `sandbox status` is not yet supported\n  = help: pmx-run sandbox --help"


def test_it_serves_until_sigterm(tmp_path: Path) -> None:
    """The options arrive: one JSON object, the key where it was asked for, a clean end."""
    words = ["--port", "0", "--print-env", "json", "--key-dir", str(tmp_path)]
    with subprocess.Popen([sys.executable, "-c", _SERVE, *words], stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        variables = json.loads(serving.stdout.readline())
        assert Path(variables["PMX_PRIVATE_KEY_PATH"]).parent == tmp_path
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(10) == 0
