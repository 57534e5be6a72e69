"""Why a check is false: pictures, as they stand behind `because` in a report."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from runner.expression import Functions, parse_expression
from runner.expression.explaining import explain
from runner.redact import Redactor, Secret

from . import world
from .test_allowed import ALLOWED

TOKEN = "eyJhbGciOiJSUzI1NiJ9." + "c2VjcmV0" * 30
SCOPE: Mapping[str, object] = {
    **world.SCOPE,
    "result": {
        "order": {"id": "42X84BCDNDBM", "state": "ORDER_STATE_REJECTED", "reason": "Book is CLOSED"},
        "orders": [
            {"id": f"42X84BCDNDB{last}", "symbol": "tec-nfl-sbw-2026", "state": "ORDER_STATE_NEW", "price": price}
            for last, price in zip("MNP", (Decimal("0.01"), Decimal("0.02"), Decimal("0.03")), strict=True)
        ],
        "text": "The quick brown fox jumps over the lazy dog, and runs",
        "buying_power": Decimal("3.50"),
        "none": None,
        "echo": f"you sent {TOKEN}",
        "sealed": [Secret("hunter2-hunter2")],
    },
    "inputs": {
        "price": Decimal("0.57"),
        "quantity": 10,
        "text": "The quick brown fox jumps over the lazy cat, and runs",
    },
    "order_id": "42X84BCDNDBX",
    "numbers": list(range(1000)),
    "symbols": [f"tec-nfl-{number}" for number in range(1, 21)],
    "lasting": timedelta(hours=30),
}
PICTURES = Path(__file__).parent / "because.txt"


def because(text: str, redactor: Redactor | None = None) -> str:
    """The explanation of an expression over ``SCOPE``."""
    return explain(parse_expression(text), SCOPE, world.FUNCTIONS, (redactor or Redactor()).text)


EXPRESSIONS = [line for line in PICTURES.read_text(encoding="utf-8").splitlines() if line and not line.startswith(" ")]


def picture(text: str) -> str:
    """An expression with its explanation below it."""
    return "\n".join([text, *(f"    {line}" for line in because(text).splitlines())])


def test_pictures(golden: Callable[[Path, str], None]) -> None:
    """Each part that decided, with its value and what it was made of, and what the values alone don't show.

    A new expression is one line more in `because.txt`; `--update` draws its picture.
    """
    golden(PICTURES, "\n\n".join(map(picture, EXPRESSIONS)) + "\n")


def test_there_are_many() -> None:
    """Every kind of comparison, of missing thing and of value has its picture."""
    assert len(EXPRESSIONS) >= 65


@pytest.mark.parametrize("text", [text for text, _ in ALLOWED])
def test_never_a_trouble_of_its_own(text: str) -> None:
    """Whatever the expression: at most 16 lines of 200 characters and their indent, and no exception."""
    for written in (text, f"not ({text})", f"({text}) == 1", f"({text}) in [1]", f"({text}) and nothing"):
        lines = because(written).splitlines()
        assert len(lines) <= 16
        assert all(len(line) <= 240 for line in lines)


def test_a_wide_expression_stays_short() -> None:
    """Forty alternatives, none of which holds."""
    lines = because(" or ".join(f"n == {number}" for number in range(100, 140))).splitlines()
    assert len(lines) == 16
    assert lines[-1] == "… and 65 lines more"


@pytest.mark.parametrize(
    "text",
    [
        "result.echo == inputs.text",
        'result.echo == "you sent nothing of that kind"',
        "result.echo in [inputs.text]",
        'inputs.text in [result.echo, "x"]',
        '[result.echo] == ["x"]',
        '{"a": result.echo} == {"a": 1}',
        "result.echo ~ inputs.text == 1",
        "result.echo > 5",
        "decimal(result.echo) > 5",
        "result.echo.size > 5",
        "result.echo + 1 > 5",
        "inputs[result.echo] == 1",
        "result.sealed == [1]",
        "key in result.sealed",
        "1 in result.sealed",
        "result.echo[9:40] == inputs.text",
    ],
)
def test_no_part_of_a_secret_is_shown(text: str) -> None:
    """A text is masked before it is cut: the beginning of a token would be found by no later scan."""
    shown = because(text, Redactor([Secret(TOKEN), Secret("hunter2-hunter2")]))
    assert "hunter2" not in shown
    if "[9:40]" not in text:
        assert TOKEN[:12] not in shown
        assert "c2VjcmV0c2" not in shown


def test_large_data_are_explained_at_once() -> None:
    """A hundred thousand entries cost no more than the evaluation may."""
    scope = {"many": [f"tec-nfl-{number}" for number in range(90_000)], "one": "tec-nfl-x"}
    began = time.perf_counter()
    shown = explain(parse_expression("one in many"), scope, world.FUNCTIONS)
    assert time.perf_counter() - began < 2
    assert "… 89,9" in shown


def test_a_part_is_computed_once() -> None:
    """What differs at each call says the same in every line."""
    calls = iter(range(10))
    functions = Functions(now=lambda: world.NOON, new_uuid=lambda: str(next(calls)))
    assert explain(parse_expression('uuid() ~ "!" == "x"'), {}, functions) == 'uuid() ~ "!" is "0!"\n  uuid() is "0"'
