"""Every input of the YAML test suite: no traceback, nothing read otherwise than it stands there."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runner.cli.main import dispatch
from runner.errors import WrongInput
from runner.playbook.reader import read
from runner.source import Source

FILE = Path(__file__).parents[1] / "data" / "yaml-test-suite" / "cases.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
LENIENT = {
    "9C9N": "brackets go on at the indentation of what is around them",
    "QB6E": "a quoted text goes on at the indentation of what is around it",
    "DK95-01": "a quoted text goes on behind a tab",
    "9JBA": "a comment right behind a bracket",
    "CVW2": "a comment right behind a comma",
    "SU5Z": "a comment right behind a quote",
    "X4QW": "a comment right behind the sign of a block",
    "G5U8": "a dash alone in brackets",
    "YJV2": "a dash alone in brackets",
    "S98Z": "an empty block whose blank lines go deeper than a comment behind it",
}
"""What the suite calls an error, and every parser of use reads in the one way that a person would."""
OTHERWISE = {"L24T-01": "a block's last line has no line end, and blanks alone: one line end less is read"}
GOOD = [case for case in CASES if not case["fail"] and case.get("json")]


def plain(text: str) -> Any:
    return read(Source("suite.yaml", text)).plain()


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_check_refuses_it_without_a_traceback(
    case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """None of them is a playbook: exit 2, with a picture."""
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    path = tmp_path / "suite.yaml"
    path.write_bytes(case["yaml"].encode())
    assert dispatch(["check", str(path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")


@pytest.mark.parametrize("case", [each for each in CASES if each["fail"]], ids=lambda case: case["id"])
def test_an_error_is_one(case: dict[str, Any]) -> None:
    """What is no YAML is refused as such, before anybody asks whether it is a playbook."""
    if case["id"] in LENIENT:
        plain(case["yaml"])
    else:
        with pytest.raises(WrongInput):
            plain(case["yaml"])


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["id"])
def test_what_is_read_is_what_it_stands_for(case: dict[str, Any]) -> None:
    """The exact values and types, or a refusal: of tabs, tags, directives and odd keys that no playbook needs."""
    try:
        found = plain(case["yaml"])
    except WrongInput:
        return
    expected = json.loads(case["json"], parse_float=Decimal)
    assert (case["id"] in OTHERWISE) is (typed(found) != typed(expected))


def typed(value: Any) -> Any:
    """With the type of each part, since ``1 == True == 1.0``."""
    match value:
        case dict():
            return {key: typed(each) for key, each in value.items()}
        case list():
            return [typed(each) for each in value]
    return type(value), value


def test_most_are_read() -> None:
    """The refusals are the exception."""
    read_at_all = 0
    for case in GOOD:
        try:
            plain(case["yaml"])
        except WrongInput:
            continue
        read_at_all += 1
    assert read_at_all >= 180
