"""``pmx-run sandbox`` hands everything to the exchange, and asks a running one how it is."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox.served import served

from runner.cli import sandbox
from runner.errors import Unreachable, WrongInput

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
        command("reset")
    assert str(caught.value) == "error: `sandbox reset` is not yet supported\n  = help: pmx-run sandbox --help"


def test_it_serves_until_sigterm(tmp_path: Path) -> None:
    """The options arrive: one JSON object, the key where it was asked for, a clean end."""
    words = ["--port", "0", "--print-env", "json", "--key-dir", str(tmp_path)]
    with subprocess.Popen([sys.executable, "-c", _SERVE, *words], stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        variables = json.loads(serving.stdout.readline())
        assert Path(variables["PMX_PRIVATE_KEY_PATH"]).parent == tmp_path
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(10) == 0


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A running exchange, its control port in the environment."""
    with served() as variables:
        for name in ("PMX_SANDBOX_CONTROL_URL", "PMX_SANDBOX_CONTROL_TOKEN"):
            monkeypatch.setenv(name, variables[name])
        yield variables


def test_status_tells_what_the_exchange_holds(serving: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Clock, orders by state, balances, faults, calls by endpoint."""
    urllib.request.urlopen(f"{serving['PMX_BASE_URL']}/v1/health", timeout=10).close()
    assert command("status") == 0
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines() if line[0] != " "] == [
        "clock",
        "orders",
        "balances",
        "faults",
        "calls",
    ]
    assert f"{serving['PMX_ACCOUNT']}  1000000 USD, 1000000 to spend  ({serving['PMX_PARTICIPANT_ID']})" in said.out
    assert "GET /v1/health  1 x 200" in said.out
    assert said.err == ""


def test_status_as_json(serving: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Everything, for a program to read; where to ask may be said by options too."""
    where = ["--control-url", serving["PMX_SANDBOX_CONTROL_URL"], "--control-token"]
    assert command("status", "--json", *where, serving["PMX_SANDBOX_CONTROL_TOKEN"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"clock", "orders", "balances", "faults", "calls"}


def test_status_needs_to_know_where(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variables, and for another machine: 2 and what to do."""
    monkeypatch.delenv("PMX_SANDBOX_CONTROL_URL", raising=False)
    with pytest.raises(WrongInput, match="which `pmx-run sandbox` prints"):
        command("status")
    monkeypatch.setenv("PMX_SANDBOX_CONTROL_TOKEN", "x")
    with pytest.raises(WrongInput, match="on this machine only"):
        command("status", "--control-url", "http://example.com:1")


def test_status_of_nobody(serving: dict[str, str]) -> None:
    """Another start's token, or a port where nobody is: 3."""
    with pytest.raises(Unreachable, match="answers 401"):
        command("status", "--control-token", "of another start")
    with pytest.raises(Unreachable, match="doesn't answer"):
        command("status", "--control-url", "http://127.0.0.1:1")
