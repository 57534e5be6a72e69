"""The jsonpath filter beyond the simplest paths: RFC 9535, exact, bounded."""

from __future__ import annotations

from decimal import Decimal

import pytest

from runner.expression import EvaluationError, evaluate, parse_expression
from runner.redact import Secret

from .world import FUNCTIONS

DOCUMENT = {
    "orders": [
        {"id": "a", "px": Decimal("0.10"), "n": 9007199254740993},
        {"id": "b", "px": Decimal("0.2"), "n": 9007199254740992},
    ],
    "meta": {"id": "m", "none": None},
}
FOUND = [
    ("$.orders[*].id", ["a", "b"]),
    ("$..id", ["a", "b", "m"]),
    ("$.orders[-1:].id", ["b"]),
    ("$.orders[?@.px == 0.1].id", ["a"]),
    ("$.orders[?@.px > 0.15].id", ["b"]),
    ("$.orders[?@.n == 9007199254740993].id", ["a"]),
    ("$.orders[?@.px == 1e-1].id", ["a"]),
    ("$.orders[?match(@.id, '[ab]')].id", ["a", "b"]),
    ("$.orders[?search(@.id, 'b')].px", [Decimal("0.2")]),
    ("$.orders[?length(@.id) == 1].id", ["a", "b"]),
    ("$.orders[0]['id', 'px']", ["a", Decimal("0.10")]),
    ("$.meta[?@ == null]", [None]),
    ("$.nothing[*]", []),
]


@pytest.mark.parametrize(("path", "expected"), FOUND, ids=[path for path, _ in FOUND])
def test_a_path_finds_exact_values(path: str, expected: list[object]) -> None:
    """Number literals are exact in both kinds; the result is a plain list."""
    found = evaluate(parse_expression(f'x | jsonpath("{path}")'), {"x": DOCUMENT}, FUNCTIONS)
    assert repr(found) == repr(expected)


@pytest.mark.parametrize(
    "path", ["", "a", "$.", "$[", "$[?@.a == 01]", "$[?nope(@)]", "$.a | $.b", "$[?@ == 1e99]", "$" * 2000]
)
def test_a_wrong_path_is_an_error(path: str) -> None:
    """Only what the standard knows is followed."""
    with pytest.raises(EvaluationError):
        evaluate(parse_expression(f'x | jsonpath("{path}")'), {"x": DOCUMENT}, FUNCTIONS)


def test_a_secret_in_the_document_is_not_searched() -> None:
    """A filter would compare with it."""
    with pytest.raises(EvaluationError, match="secret"):
        evaluate(parse_expression("x | jsonpath('$..*')"), {"x": {"a": Secret("hunter2")}}, FUNCTIONS)
