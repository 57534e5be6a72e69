"""The values and functions that the tests of expressions compute with."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from runner.expression import Functions, evaluate, parse_expression
from runner.redact import Secret

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
FUNCTIONS = Functions(now=lambda: NOON, new_uuid=lambda: "00000000-0000-4000-8000-000000000001")

SCOPE: dict[str, object] = {
    "n": 7,
    "price": Decimal("0.57"),
    "name": "Ann",
    "number": "123",
    "empty": [],
    "nothing": None,
    "yes": True,
    "key": Secret("hunter2-hunter2"),
    "orders": [
        {"id": "b", "price": Decimal("0.20"), "state": "NEW", "tags": ["x"]},
        {"id": "a", "price": Decimal("0.10"), "state": "FILLED", "tags": []},
        {"id": "C", "price": Decimal("0.30"), "state": "NEW", "tags": ["y", "z"]},
    ],
    "result": {"order": {"id": "o1", "state": "ORDER_STATE_NEW"}, "items": 3, "odd key": 4, "none": None},
    "noon": NOON,
}


def compute(text: str) -> object:
    """The value of an expression over ``SCOPE``."""
    return evaluate(parse_expression(text), SCOPE, FUNCTIONS)
