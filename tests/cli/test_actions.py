"""`pmx-run actions`: everything there is to know of an action, without a look into the sources."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from runner.actions import BUILTIN
from runner.actions.shapes import MAYBE_TIME, many, maybe, record
from runner.cli.kinds_in_words import default_as_written, fields_of, kind_in_words
from runner.cli.main import dispatch
from runner.value import ANY, DECIMAL, DURATION, FLAG, TEXT, TIME, WHOLE, Argument, Kind, choice, count, list_of

INCLUDED = """\
version: 1
name: place-one
inputs: {price: {type: decimal}}
steps:
  - {id: order, action: set, with: {order_id: "X1"}}
outputs: {placed: steps.order.result.order_id}
"""
"""The playbook that the example of `run_playbook` includes."""

GET_BEST_PRICES = """\
get_best_prices  Look at the best prices
changes nothing at the exchange; 60 s at most, or the step's `timeout`

arguments
  symbol            text, required            The instrument

result
  bid                          number or null
  bid_quantity                 number or null
  offer                        number or null
  offer_quantity               number or null
  spread                       number or null
  mid                          number or null
  state                        INSTRUMENT_STATE_CLOSED, INSTRUMENT_STATE_OPEN,
                               INSTRUMENT_STATE_PREOPEN,
                               INSTRUMENT_STATE_SUSPENDED,
                               INSTRUMENT_STATE_EXPIRED,
                               INSTRUMENT_STATE_TERMINATED,
                               INSTRUMENT_STATE_HALTED,
                               INSTRUMENT_STATE_MATCH_AND_CLOSE_AUCTION or
                               INSTRUMENT_STATE_PENDING or text
  updated_at                   time or null
  raw                          the venue's answer as it came

example, to paste below `steps:`
  - id: list_instruments
    action: list_instruments
    with: {tradable_filter: tradable, limit: 5}
    expect:
      - result.instruments | length > 0
    capture:
      chosen: result.instruments[0]

  - id: get_best_prices
    action: get_best_prices
    with: {symbol: '{{ chosen.symbol }}'}
    expect:
      - result.bid is none or result.bid > 0

source  docs.polymarket.us: institutional/orderbook/overview
"""


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert dispatch(["actions", *words]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    return shown.out


def test_every_action_is_in_the_list_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Under a heading, with what it does; those that change something say so."""
    listed = re.findall(r"^  (\w+) +(.+?)(  \(changes something\))?$", told(capsys), re.MULTILINE)
    assert sorted(name for name, _, _ in listed) == sorted(BUILTIN)
    for name, summary, mark in listed:
        assert summary == BUILTIN[name].summary
        assert bool(mark) == (BUILTIN[name].effect == "changes")


def test_one_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Arguments, result as a tree, an example with the steps before it that it needs, and the source."""
    assert told(capsys, "get_best_prices") == GET_BEST_PRICES


@pytest.mark.parametrize("name", BUILTIN)
def test_it_fits(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Eighty columns are enough, and every argument and field is there."""
    shown = told(capsys, name)
    assert [line for line in shown.splitlines() if len(line) > 80 or line != line.rstrip()] == []
    for argument in BUILTIN[name].arguments:
        assert f"\n  {argument} " in shown
    for _, field, _ in fields_of(BUILTIN[name].result):
        assert f" {field}" in shown


@pytest.mark.parametrize("name", BUILTIN)
def test_the_example_can_be_pasted(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Below `steps:` it is a right playbook, as it stands."""
    monkeypatch.setenv("PMX_STATE_DIR", str(tmp_path / "state"))
    [example] = re.findall(r"^example.*\n((?:(?:  .*)?\n)+)", told(capsys, name), re.MULTILINE)
    (tmp_path / "place-one.yaml").write_text(INCLUDED, encoding="utf-8")
    pasted = tmp_path / "pasted.yaml"
    pasted.write_text(f"version: 1\nname: pasted\nsteps:\n{example}", encoding="utf-8")
    assert dispatch(["check", str(pasted)]) == 0, capsys.readouterr().err


def test_colours_change_nothing_but_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal the same characters stand in the same places."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for words in ([], ["place_order"]):
        with monkeypatch.context() as terminal:
            terminal.setattr("sys.stdout.isatty", lambda: True)
            coloured, without = told(capsys, *words), told(capsys, *words, "--no-color")
        assert "\x1b[" in coloured
        assert "\x1b[" not in without
        assert [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", coloured).splitlines()] == without.splitlines()


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, or one, in one form: arguments and result as JSON Schemas, defaults as a playbook writes them."""
    everything = json.loads(told(capsys, "--json"))
    assert [each["name"] for each in everything["actions"]] == list(BUILTIN)
    one = json.loads(told(capsys, "place_order", "--json"))
    assert one["version"] == everything["version"] == 1
    assert one["actions"] == [each for each in everything["actions"] if each["name"] == "place_order"]
    for action in everything["actions"]:
        for schema in (action["result"], *(argument["schema"] for argument in action["arguments"])):
            jsonschema.Draft202012Validator.check_schema(schema)
    defaults = {each["name"]: each["default"] for each in one["actions"][0]["arguments"]}
    assert (defaults["type"], defaults["settle"], defaults["price"]) == ("limit", "10s", None)


@pytest.mark.parametrize("action", BUILTIN.values(), ids=BUILTIN)
def test_a_default_means_what_it_says(action: Any) -> None:
    """Written into a playbook it comes to the very value that is taken without it."""
    for argument in action.arguments.values():
        if argument.default is not None:
            assert argument.kind.read(default_as_written(argument)) == argument.default


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("place_ordr", "there is no action `place_ordr`\n  = help: did you mean `place_order`?"),
        ("xyzzy", "there is no action `xyzzy`\n  = help: `pmx-run actions` lists them all"),
    ],
)
def test_an_unknown_action(name: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, with the nearest."""
    assert dispatch(["actions", name]) == 2
    assert capsys.readouterr() == ("", f"error: {message}\n")


KINDS = [
    (TEXT, "text"),
    (FLAG, "true or false"),
    (WHOLE, "whole number"),
    (DECIMAL, "number"),
    (DURATION, "duration"),
    (TIME, "time"),
    (ANY, "anything"),
    (count(at_most=10), "whole number, 1 to 10"),
    (choice("SIDE_", "buy", "sell"), "buy or sell"),
    (choice("", "GET", "POST", "PUT"), "GET, POST or PUT"),
    (list_of(choice("A_", "x", "y")), "list of x or y"),
    (list_of(TEXT), "list of texts"),
    (list_of(DECIMAL), "list of numbers"),
]


@pytest.mark.parametrize(("kind", "words"), KINDS, ids=[words for _, words in KINDS])
def test_a_kind_in_words(kind: Kind, words: str) -> None:
    """A person's words, not a schema's; the wire's long forms go without saying."""
    assert kind_in_words(kind.schema) == words


def test_a_result_is_a_tree() -> None:
    """Lists have brackets, what may be null is looked through, and a mapping says of what."""
    result = record(
        orders=many(record(id=TEXT.schema, closed_at=MAYBE_TIME)),
        settled=maybe(record(price=DECIMAL.schema)),
        names=many(TEXT.schema),
        texts={"type": "object", "additionalProperties": TEXT.schema},
    )
    assert [(depth, name, kind_in_words(schema)) for depth, name, schema in fields_of(result)] == [
        (0, "orders[]", "mapping"),
        (1, "id", "text"),
        (1, "closed_at", "time or null"),
        (0, "settled", "mapping or null"),
        (1, "price", "number"),
        (0, "names[]", "text"),
        (0, "texts", "mapping of texts"),
    ]


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        (Argument(DURATION, "", default=90_000), "90s"),
        (Argument(DURATION, "", default=120_000), "2m"),
        (Argument(DURATION, "", default=1_500), "1500ms"),
        (Argument(DECIMAL, "", default=Decimal("0.50")), "0.50"),
        (Argument(FLAG, "", default=False), False),
        (Argument(TEXT, ""), None),
    ],
)
def test_a_default_is_told_as_it_is_written(argument: Argument, written: Any) -> None:
    """Not as the engine keeps it."""
    assert default_as_written(argument) == written
