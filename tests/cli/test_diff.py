"""``pmx-run diff``: two runs side by side, and an exit code for scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from runner.cli.main import dispatch

PLAYBOOK = """version: 1
name: tiny
inputs: {word: {type: string, default: hello}}
steps:
  - {id: kept, action: set, with: {it: "{{ inputs.word }}"}, capture: {it: result.it}, expect: [result.it != "bad"]}
"""


@pytest.fixture(autouse=True)
def runs(elsewhere: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Three runs: two that passed with other values, and one that failed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "tiny.yaml").write_text(PLAYBOOK, encoding="utf-8")
    codes = [
        dispatch(["tiny.yaml", "--quiet", "--run-id", name, "-i", f"word={word}"])
        for name, word in (("one", "hello"), ("two", "::error::\u202e"), ("bad", "bad"))
    ]
    assert codes == [0, 0, 1]
    capsys.readouterr()


def test_the_same_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    """Other values are told, one line each, with nothing hidden in them; exit 0."""
    assert dispatch(["diff", "one", "two"]) == 0
    told = re.sub(r"\d+ ms|× \d+\.\d+", "N", capsys.readouterr().out).splitlines()
    assert [line.split("  ")[0] for line in told[:2]] == ["one", "two"]
    assert told[2:4] == ["values", "  kept  capture it: hello → \\x3a:error::\\u202e"]
    assert told[-3:] == ["time", "  the whole run: N → N  (N)", "the same outcome"]


def test_another_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1."""
    assert dispatch(["diff", "one", "bad"]) == 1
    told = capsys.readouterr().out
    assert "outcome\n  status: passed → failed\n  exit code: 0 → 1\n  kept  status: passed → failed\n" in told
    assert '  kept  check result.it != "bad": held → did not hold: result.it is "bad"\n' in told
    assert told.endswith("not the same outcome\n")


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """All of it as one object."""
    assert dispatch(["diff", "one", "bad", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["runs"], told["same_outcome"], told["setting"]) == (["one", "bad"], False, [])
    assert [each["step"] for each in told["timings"]] == ["", "kept"]
    assert told["outcome"][0] == {"step": "", "what": "status", "first": "passed", "second": "failed"}


def test_a_run_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2."""
    assert dispatch(["diff", "one", "none"]) == 2
    assert "there is no run `none`" in capsys.readouterr().err
