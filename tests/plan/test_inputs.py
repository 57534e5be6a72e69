"""Inputs: where each value comes from, what each type takes, and every mistake at once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from runner.cli.playbooks import KnownActions
from runner.errors import WrongInput
from runner.plan.inputs import Given, resolve_inputs, unknown_variables
from runner.playbook.load import Forgetful, load
from runner.playbook.model import Input
from runner.redact import Secret
from runner.source import Source


def declared(*lines: str) -> tuple[Input, ...]:
    text = "version: 1\nname: tried\ninputs:\n" + "".join(f"  {line}\n" for line in lines)
    text += "steps:\n  - {id: it, action: check_health}\n"
    return load(Source("tried.yaml", text), KnownActions(), Forgetful()).inputs


def given(
    options: Mapping[str, str] = {}, file: Mapping[str, object] = {}, environ: Mapping[str, str] = {}, ask: Any = None
) -> Given:
    return Given(options, file, "inputs.yaml", environ, ask)


READ: dict[str, tuple[str, str, object]] = {
    "string": ("string", "abc", "abc"),
    "digits stay text": ("string", "123", "123"),
    "word stays text": ("string", "true", "true"),
    "empty": ("string", "", ""),
    "braces stay": ("string", "{{ 7 * 7 }}", "{{ 7 * 7 }}"),
    "integer": ("integer", "7", 7),
    "negative": ("integer", "-7", -7),
    "decimal": ("decimal", "0.57", Decimal("0.57")),
    "decimal of a whole number": ("decimal", "7", Decimal(7)),
    "boolean": ("boolean", "true", True),
    "list": ("list", "[1, a, 0.5]", [1, "a", Decimal("0.5")]),
    "object": ("object", "{a: 1}", {"a": 1}),
}


@pytest.mark.parametrize("where", ["option", "variable"])
@pytest.mark.parametrize(("kind", "text", "value"), READ.values(), ids=READ)
def test_read(kind: str, text: str, value: object, where: str) -> None:
    """A text from the command line or the environment is read by the input's type."""
    source = given({"it": text}) if where == "option" else given(environ={"PMX_INPUT_IT": text})
    read = resolve_inputs(declared(f"it: {{type: {kind}}}"), source)["it"]
    assert (read, type(read)) == (value, type(value))


def test_precedence() -> None:
    """`-i` before the file before the environment before the default."""
    wanted = declared("it: {type: string, default: d}")
    sources = {"option": {"it": "o"}, "file": {"it": "f"}, "environ": {"PMX_INPUT_IT": "e"}}
    assert resolve_inputs(wanted, given(sources["option"], sources["file"], sources["environ"])) == {"it": "o"}
    assert resolve_inputs(wanted, given({}, sources["file"], sources["environ"])) == {"it": "f"}
    assert resolve_inputs(wanted, given(environ=sources["environ"])) == {"it": "e"}
    assert resolve_inputs(wanted, given()) == {"it": "d"}


WRONG: dict[str, tuple[str, Given, str]] = {
    "missing": ("it: {type: string}", given(), "input `it` is missing"),
    "not whole": ("it: {type: integer}", given({"it": "7.5"}), "a whole number is wanted, not 7.5"),
    "word for a number": ("it: {type: decimal}", given({"it": "much"}), 'a number is wanted, not "much"'),
    "yes for true": ("it: {type: boolean}", given({"it": "yes"}), 'true or false is wanted, not "yes"'),
    "not UTF-8": ("it: {type: string}", given({"it": "a\udcff"}), "input `it` (-i) is not UTF-8"),
    "too small": ("it: {type: decimal, minimum: 1}", given({"it": "0.5"}), "at least 1 is wanted, not 0.5"),
    "too large": ("it: {type: integer, maximum: 5}", given({"it": "6"}), "at most 5 is wanted, not 6"),
    "not one of": ("it: {type: string, enum: [a, b]}", given({"it": "c"}), 'one of "a", "b" is wanted, not "c"'),
    "pattern": (
        "it: {type: string, pattern: '^a+$'}",
        given({"it": "b"}),
        'a text that matches ^a+$ is wanted, not "b"',
    ),
    "unknown": ("it: {type: string, default: x}", given({"its": "c"}), "unknown input `its` (-i)"),
    "unknown in the file": (
        "it: {type: string, default: x}",
        given(file={"no": 1}),
        "unknown input `no` (inputs.yaml)",
    ),
    "number in the file": ("it: {type: string}", given(file={"it": 7}), "(inputs.yaml): a text is wanted, not 7"),
    "secret by -i": ("it: {type: string, secret: true}", given({"it": "x"}), "can't be given by -i"),
    "secret missing": ("it: {type: string, secret: true}", given(), "secret input `it` is missing"),
    "secret empty": ("it: {type: string, secret: true}", given(file={"it": ""}), "must be a text that is not empty"),
    "secret that is no text": ("it: {type: string, secret: true}", given(file={"it": 7}), "must be a text"),
}


@pytest.mark.parametrize(("line", "source", "message"), WRONG.values(), ids=WRONG)
def test_wrong(line: str, source: Given, message: str) -> None:
    """What is missing, unknown or not of its type is said, exit 2."""
    with pytest.raises(WrongInput) as wrong:
        resolve_inputs(declared(line), source)
    assert message in str(wrong.value)
    assert wrong.value.exit_code == 2


def test_all_mistakes_at_once() -> None:
    """Every mistake is told in one go."""
    with pytest.raises(WrongInput) as wrong:
        resolve_inputs(declared("a: {type: integer}", "b: {type: string}"), given({"a": "x", "c": "y"}))
    assert len(wrong.value.diagnostics) == 3


@pytest.mark.parametrize(
    "source",
    [given(file={"it": "abc"}), given(environ={"PMX_INPUT_IT": "abc"}), given(ask=lambda name: "abc")],
    ids=["file", "variable", "asked"],
)
def test_secret(source: Given) -> None:
    """A secret comes from a file, the environment or a person, and is of a type of its own."""
    assert resolve_inputs(declared("it: {type: string, secret: true}"), source) == {"it": Secret("abc")}


def test_unknown_variables() -> None:
    """A variable that no input is called by is a warning, with the likely one named."""
    wanted = declared("price: {type: decimal, default: 1}")
    found = list(unknown_variables(wanted, {"PMX_INPUT_PRICE": "1", "PMX_INPUT_PRISE": "2", "OTHER": "3"}))
    assert [each.severity for each in found] == ["warning"]
    assert "PMX_INPUT_PRISE" in found[0].title
    assert "PMX_INPUT_PRICE" in found[0].help
