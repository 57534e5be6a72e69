"""A mistake of our own: one line, exit 3, and no secret in it, wherever it happens."""

from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace

import pytest
from leaks import leaks

from runner.cli import check, main
from runner.redact import Secret

MARKER = 'cr4sh-m4rker/"of all" things'


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Secret:
    """A command that dies of an exception whose message holds a secret, in two dresses."""
    secret = Secret(MARKER)

    def die(_: object) -> int:
        held = secret.reveal()
        try:
            raise KeyError(held)
        except KeyError as error:
            coded = base64.b64encode(held.encode()).decode()
            raise RuntimeError(f"no {held!r}\n::error::{coded}") from error

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(check, "run", die)
    return secret


@pytest.mark.usefixtures("crashing")
def test_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What it was and where, on one line, with what to do."""
    assert main.dispatch(["check", "x.yaml"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    first, second = said.err.splitlines()
    assert first.startswith("error: pmx-run made a mistake of its own: RuntimeError: no '****' ::error::****")
    assert first.endswith(")")
    assert second == "  = help: please report it with this line"
    assert not leaks(MARKER, said.err.encode())


def test_verbose(crashing: Secret, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With a traceback before it, redacted, its causes too."""
    monkeypatch.setattr(check, "add_arguments", lambda parser: parser.add_argument("--verbose", action="store_true"))
    assert main.dispatch(["check", "--verbose"]) == 3
    said = capsys.readouterr().err
    assert said.startswith("Traceback (most recent call last):\n")
    assert "KeyError: '****'\n" in said
    assert said.count("Traceback") == 2
    assert not leaks(MARKER, said.encode())
    assert crashing == Secret(MARKER)


def test_before_a_secret_is_one(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What was handed in by the environment is masked although nobody has read it as a secret yet."""
    monkeypatch.setenv("PMX_INPUT_KEY", MARKER)
    monkeypatch.setenv("PMX_PRIVATE_KEY_PATH", "keys/mine.pem")

    def die(_: SimpleNamespace) -> int:
        raise ValueError(f"{MARKER} in keys/mine.pem")

    monkeypatch.setattr(check, "run", die)
    assert main.dispatch(["check", "x.yaml"]) == 3
    said = capsys.readouterr().err
    assert "ValueError: **** in keys/mine.pem" in said
    assert not leaks(MARKER, said.encode())
