"""The types of expressions: what is inferred, what is never doubted, and what is only worth a warning."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from runner.actions import BUILTIN
from runner.cli.finding import Files
from runner.cli.main import dispatch
from runner.cli.playbooks import KnownActions
from runner.diagnostic import Diagnostic
from runner.expression import ExpressionError, parse_expression
from runner.plan import examine
from runner.plan.types.follower import Follower
from runner.plan.types.model import Type
from runner.playbook.including import Opened, with_included
from runner.playbook.load import Forgetful, load
from runner.playbook.model import Code
from runner.playbook.schemas import schemas_folder
from runner.source import Source

HERE = Path(__file__).parent
PLAYBOOKS = HERE.parents[1] / "playbooks"
BUNDLED = sorted(PLAYBOOKS.glob("*.yaml"))
RIGHT = sorted((HERE / "right").glob("*.yaml"))
REALISTIC = sorted((HERE / "realistic").glob("*.yaml"))


def examined(text: str, path: str = "tried.yaml") -> list[Diagnostic]:
    """All that is said of a playbook, which may include those that come along."""
    memory, source, shelf = Forgetful(), Source(path, text), Files(PLAYBOOKS / "tried.yaml", PLAYBOOKS)
    written = load(source, KnownActions(), memory)
    whole = with_included(
        written, Opened(source, shelf.top), shelf, lambda each: load(each, KnownActions(), memory.of(each))
    )
    return examine(whole, BUILTIN, (), memory)


@pytest.mark.parametrize("path", [*BUNDLED, *RIGHT, *REALISTIC], ids=lambda path: path.stem)
def test_no_false_alarm(path: Path) -> None:
    """Not an error and not a warning for what can go well."""
    found = examined(path.read_text(encoding="utf-8"), path.name)
    assert not found, "\n\n".join(each.picture() for each in found)


def test_there_are_many_right_ones() -> None:
    """What is right is tried in as many ways as what is wrong."""
    assert len(RIGHT) >= 40
    assert len(REALISTIC) >= 3


INPUTS = """
inputs:
  text: {type: string, default: ""}
  side: {type: string, enum: [buy, sell], default: buy}
  whole: {type: integer, default: 1}
  much: {type: decimal, default: 1}
  yes: {type: boolean, default: true}
  some: {type: list, default: []}
  thing: {type: object, default: {}}
  key: {type: string, secret: true}
"""
INFERRED = {
    "1": "an integer",
    "0.5": "a decimal",
    "'a'": "a text",
    "true": "a boolean",
    "none": "null",
    "[1, 'a']": "a list",
    "[1, 'a'][0]": "a text or an integer",
    "{'a': 1}": "a mapping",
    "{'a': 1}.a": "an integer",
    "inputs.text": "a text",
    "inputs.whole": "an integer",
    "inputs.much": "a decimal",
    "inputs['yes']": "a boolean",
    "inputs.key": "a secret",
    "inputs.some[0]": "",
    "inputs.thing.any.thing": "",
    "run.started_at": "a time",
    "now() - run.started_at": "a duration",
    "run.started_at + duration('1h')": "a time",
    "-duration('1h')": "a duration",
    "inputs.whole + 1": "an integer",
    "inputs.whole / 2": "a decimal",
    "inputs.whole // 2 * inputs.much": "a decimal",
    "inputs.whole ** 2": "a number",
    "inputs.text + 'a'": "a text",
    "inputs.text ~ 1": "a text",
    "[1] + inputs.some": "a list",
    "inputs.thing.a * 2": "a number",
    "inputs.thing.a + 2": "",
    "1 < 2 and inputs.yes": "a boolean",
    "inputs.text or none": "a text or null",
    "inputs.whole if inputs.yes else inputs.text": "a text or an integer",
    "inputs.yes is none": "a boolean",
    "inputs.text in inputs.some": "a boolean",
    "inputs.text[1:]": "a text",
    "inputs.some[1:]": "a list",
    "result.order.price": "a number or null",
    "result.order.price or 0": "a number",
    "result.order.price | default(0, true)": "a number",
    "result.order.price | default('x', true)": "a text or a number",
    "result.order.price | default(0)": "a number or null",
    "result.order.price if result.order.price is not none else 'x'": "a text or a number",
    "result.order.created_at": "a time or null",
    "result.order": "a mapping",
    "result.raw": "",
    "any(result.order.price)": "",
    "uuid()": "a text",
    "decimal(inputs.text)": "a decimal",
    "inputs.text | length": "an integer",
    "inputs.text | int": "an integer",
    "inputs.text | int(none)": "an integer or null",
    "inputs.text | list": "a list",
    "inputs.text | list | first": "a text",
    "inputs.text | reverse": "a text",
    "inputs.some | sum": "a number",
    "[1, 2] | sum": "an integer",
    "[1, 2.5] | sum": "a number",
    "[1, 2] | max": "an integer",
    "[{'a': 'x'}] | map(attribute='a') | first": "a text",
    "[{'a': 'x'}, {'b': 1}] | map(attribute='b', default=none) | last": "an integer or null",
    "['a', none] | reject('none') | first": "a text",
    "['a', 1] | select('number') | list | first": "an integer",
    "[{'a': none}, {'a': 1}] | selectattr('a') | map(attribute='a') | first": "an integer",
    "[3, 1] | map('string') | sort | first": "a text",
    "[[1, 2], [3]] | map('length') | sum": "an integer",
    "[1, 2, 3] | slice(2) | first": "a list",
    "inputs | tojson": "a text",
    "inputs.much | round(2)": "a decimal",
    "inputs.whole | abs": "an integer",
    "inputs.much | tick(0.01)": "a decimal",
    "result | jsonpath('$.order') | first": "",
}


def steps_with(expression: str, tail: str = "") -> str:
    order = "{symbol: ABC, side: buy, price: 0.5, quantity: 1}"
    quoted = expression.replace("'", "''")
    return (
        f"version: 1\nname: tried\n{INPUTS}steps:\n  - id: order\n    action: place_order\n    with: {order}\n"
        f"    expect: ['{quoted}']\n{tail}"
    )


@pytest.mark.parametrize(("expression", "described"), INFERRED.items(), ids=INFERRED)
def test_inferred(expression: str, described: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The type of an expression in words; nothing where a schema is silent."""
    found: list[str] = []
    follow = Follower.code

    def noted(self: Follower, code: Code) -> Type:
        type_ = follow(self, code)
        found.append(type_.described())
        return type_

    monkeypatch.setattr(Follower, "code", noted)
    examined(steps_with(expression))
    assert found == [described]


def nested(turns: tuple[str, ...], deep: int) -> str:
    """An expression around an expression, so many times."""
    found = "result.order.price"
    for level in range(deep):
        found = turns[level % len(turns)].format(found)
    return found


def parses(expression: str) -> bool:
    try:
        parse_expression(expression)
    except ExpressionError:
        return False
    return True


@pytest.mark.parametrize(
    "turns",
    [
        ("({} and inputs.yes)", "({} or inputs.yes)"),
        ("(inputs.yes and {})", "(inputs.yes or {})"),
        ("(inputs.text == {} and inputs.yes)",),
        ("(inputs.some | select('in', [{}]))",),
        ("(inputs.text in [{}])",),
        ("(1 if {} else 2)", "({} | default(1, true))"),
    ],
    ids=str,
)
def test_bounded(turns: tuple[str, ...]) -> None:
    """An expression as deep as may be is followed about as fast as any other of its length."""
    deep = max(each for each in range(1, 60) if parses(nested(turns, each)))
    text = steps_with(nested(turns, deep))
    began = monotonic()
    examined(text)
    assert (deep > 10, monotonic() - began < 2) == (True, True)


HIDDEN = """\
steps:
  - {id: me, action: whoami, when: false, capture: {firm: result.firm}}
  - {id: say, action: log, with: {message: "{{ firm }}"}, capture: {said: firm}}
  - {id: more, action: log, with: {message: "{{ said }}"}}
  - {id: last, action: log, with: {message: "{{ firm | default('none') }}"}}
"""
WARNED = {
    "unused input": (
        "inputs: {one: {type: string, default: a}}\nsteps:\n  - {id: me, action: whoami}\n",
        ["nothing uses input `one`"],
    ),
    "never": ("steps:\n  - {id: me, action: whoami, when: false}\n", ["step `me` never runs"]),
    "never by a constant": ("steps:\n  - {id: me, action: whoami, when: 1 > 2}\n", ["step `me` never runs"]),
    "needs what never runs": (
        HIDDEN,
        ["step `me` never runs", "step `say` never runs", "step `more` never runs"],
    ),
    "always true": ("steps:\n  - {id: me, action: whoami, expect: [1 == 1]}\n", ["this is always true"]),
    "always false": ("steps:\n  - {id: me, action: whoami, expect: [1 > 2]}\n", ["this is always false"]),
    "an assertion meant to fail": ("steps:\n  - {id: me, action: assert, with: {that: [1 == 2]}}\n", []),
}


@pytest.mark.parametrize(("body", "titles"), WARNED.values(), ids=WARNED)
def test_warned(body: str, titles: list[str]) -> None:
    """What a playbook says in vain is a warning."""
    found = examined(f"version: 1\nname: tried\n{body}")
    assert [(each.severity, each.title) for each in found] == [("warning", title) for title in titles]


def test_check_shows_warnings_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr and with exit 0, also where the playbook was found good before; a run says nothing of them."""
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    Path("odd.yaml").write_text("version: 1\nname: odd\nsteps:\n  - {id: me, action: whoami, when: false}\n")
    shown = []
    for _ in range(2):
        assert dispatch(["check", "odd.yaml"]) == 0
        shown.append(capsys.readouterr())
    assert shown[0] == shown[1]
    assert shown[0].out == "ok: odd.yaml\n"
    assert shown[0].err == (
        "warning: step `me` never runs\n --> odd.yaml:4:10\n  |\n4 |   - {id: me, action: whoami, when: false}\n"
        "  |          ^^\n  |\n  = help: its `when` is false whatever happens\n"
    )


ENUMS = {
    "ORDER_STATE": "OrderState",
    "SIDE": "Side",
    "ORDER_TYPE": "OrderType",
    "TIME_IN_FORCE": "TimeInForce",
    "INSTRUMENT_STATE": "InstrumentState",
    "FIRM_TYPE": "FirmType",
    "EXECUTION_TYPE": "ExecutionType",
    "TRADE_TYPE": "TradeType",
    "TRADE_STATE": "TradeState",
}


def words_in(schema: Any) -> Iterator[list[str]]:
    """Every list of words in the results of actions."""
    if isinstance(schema, dict):
        yield from (each["enum"] for each in schema.get("anyOf", ()) if "enum" in each)
        for each in schema.values():
            yield from words_in(each)


def test_words_are_those_of_the_contract() -> None:
    """Each word that a result is said to have is one of the venue's contract, and none of them is left out."""
    contract = json.loads((schemas_folder() / "venue" / "types.schema.json").read_text(encoding="utf-8"))["$defs"]
    stated = {tuple(words) for action in BUILTIN.values() for words in words_in(action.result)}
    prefixes = {name: f"{name}_" for name in ENUMS}
    for words in stated:
        name = max((each for each in ENUMS if words[0].startswith(prefixes[each])), key=len)
        assert set(words) == set(contract[ENUMS[name]]["enum"])
    assert len(stated) == len(ENUMS)
