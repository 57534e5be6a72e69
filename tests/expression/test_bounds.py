"""No expression over hostile data takes more than a bounded amount of work, or 50 MiB."""

from __future__ import annotations

import contextlib
import sys
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest

from runner.expression import EvaluationError, Expression, evaluate, parse_expression

from .world import FUNCTIONS


def _deep() -> object:
    value: list[object] = []
    for _ in range(900):
        value = [value]
    return value


LONG = "ab" * (1 << 19)
HOSTILE: dict[str, object] = {
    "big": [{"id": str(i), "n": i, "d": Decimal(i) / 8, "xs": [1, 2]} for i in range(20_000)],
    "ints": list(range(99_000)),
    "texts": [f"text {i}" for i in range(99_000)],
    "decs": [Decimal(i) / 8 for i in range(99_000)],
    "fields": {str(i): i for i in range(99_000)},
    "shared": [list(range(1_000))] * 1_000,
    "wide": [LONG] * 50,
    "long": LONG,
    "deep": _deep(),
    "vast": Decimal("1e999999"),
    "tiny": Decimal("1e-999999"),
    "giant": 10**4_000,
    "backtrack": {"a": "a" * 40 + "!"},
}  # fmt: skip
EXPRESSIONS = """
    ints | sum; ints | sort; texts | sort; texts | unique; texts | join(','); texts | min; decs | sort; decs | sum
    ints | select('gt', 5); ints | map('string') | map('upper') | map('lower') | length; texts | map('int', 0) | sum
    decs | map('tick', 0.01) | length; ints | map('dollars') | length; texts | map('replace', 't', 'uu') | length
    big; big | tojson; ints | tojson; fields | tojson; fields; deep; deep | tojson; deep == deep; deep | string
    big | sort(attribute='d') | first; big | selectattr('n', 'gt', 3) | length; big | select('eq', big) | length
    big | select('in', big) | length; shared | select('in', shared) | length; shared == shared; shared | tojson; shared
    shared | map('tojson') | join; shared | map('join', ',') | length; shared | map('sort') | length
    [ints, ints, ints]; [big, big] == [big, big]; ints | slice(1000000); long | list | unique; ints[::-1] | sort
    long ~ long; long + long; long | replace('a', 'bbbbbbbb'); long | replace('', 'x'); wide | join; wide | unique
    wide | sort | length; wide | map('upper') | length; wide | select('in', long) | length; wide | map('trim', 'ab')
    vast + 1; vast == 1; vast | int; vast | string; vast | round; tiny + 1; tiny % 3; giant + 1; giant | string
    2 ** 1000; 9 ** 999; 1.1 ** 1000; 10 ** 37 * 10; giant * giant; giant == vast
    big | jsonpath('$..*..*..*'); [ints] | jsonpath('$[?@ == $[0]]'); ints | jsonpath('$[?@ == $[0]]')
    texts | map('jsonpath', '$.a'); ints | jsonpath('$[?count($..*) > 1]'); deep | jsonpath('$..x')
    backtrack | jsonpath('$[?search(@, "(a+)+$")]'); backtrack | jsonpath('$[?search(@, "a*a*a*a*a*a*a*b")]')
"""
MOST_CALLS = 2_000_000
TEXTS = [text.strip() for line in EXPRESSIONS.strip().splitlines() for text in line.split(";")]
SAMPLE = 24


@pytest.mark.parametrize("text", Random(20261122).sample(TEXTS, SAMPLE))
def test_some_hostile_data_costs_little(text: str) -> None:
    """It is computed, or refused, within the bounds of time and memory."""
    hold(text)


@pytest.mark.proof
@pytest.mark.parametrize("text", TEXTS)
def test_hostile_data_costs_little(text: str, record_property: Callable[[str, object], None]) -> None:
    """The same of every expression."""
    hold(text)
    record_property("expressions", 1)


def hold(text: str) -> None:
    """Evaluate it twice, once for its calls and once for its memory."""
    expression = parse_expression(text)
    assert calls(expression) < MOST_CALLS
    tracemalloc.start()
    _compute(expression)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50 * (1 << 20)


def calls(expression: Expression) -> int:
    """How many calls of Python and C functions it takes: a measure of time that every machine agrees on."""
    made = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal made
        made += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        _compute(expression)
    finally:
        sys.setprofile(None)
    return made


def _compute(expression: Expression) -> None:
    with contextlib.suppress(EvaluationError):
        evaluate(expression, HOSTILE, FUNCTIONS)


REFUSED = [
    ("long ~ 'x'", "the text would be longer than 1 MiB"),
    ("[ints, ints]", "the value is larger than 100,000 nodes or 1 MiB of text"),
    ("wide", "the value is larger than 100,000 nodes or 1 MiB of text"),
    ("deep", "the value is nested more than 64 levels deep"),
    ("shared | tojson", "this takes too much work over so much data"),
    ("vast + 1", "the number is out of range"),
    ("giant + 1", "the number has more than 38 digits"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[text for text, _ in REFUSED])
def test_too_much_is_refused_in_words(text: str, message: str) -> None:
    """The error says which bound was met."""
    with pytest.raises(EvaluationError, match=message):
        evaluate(parse_expression(text), HOSTILE, FUNCTIONS)
