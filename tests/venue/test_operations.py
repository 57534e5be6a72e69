"""The table of operations, the paths made from it, and bodies on their way out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from runner.errors import GuardRefused
from runner.redact import Secret
from runner.venue.body import encoded
from runner.venue.operations import OPERATIONS, find
from runner.venue.paths import filled
from runner.venue.refusals import retry_after


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_found(name: str) -> None:
    """By its method and a path with its parts filled in; no two share one."""
    operation = OPERATIONS[name]
    assert find(operation.method.lower(), operation.path.replace("{symbol}", "a-b").replace("{id}", "7")) == operation


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/v1/trading/orders"),
        ("POST", "/v1/trading/orders/"),
        ("POST", "/V1/trading/orders/cancel"),
        ("GET", "/v1/orderbook/a/b"),
        ("GET", "/v1/whoami?x=/v1/health"),
        ("GET", "/v1/rfqs"),
    ],
)
def test_what_is_not_in_the_table(method: str, path: str) -> None:
    """Another case, another method or more of a path is another thing."""
    assert find(method, path) is None


def test_effects() -> None:
    """What changes something is known as such: an insert, a replace, KYC; a cancel by itself."""
    effects = {name: each.effect for name, each in OPERATIONS.items() if each.effect != "reads"}
    assert {name for name, effect in effects.items() if effect == "cancels"} == {"cancel_order", "cancel_orders"}
    assert {"insert_order", "insert_orders", "insert_cross", "replace_order", "kyc_start"} <= effects.keys()


@pytest.mark.parametrize(("name", "seconds"), [("whoami", 15), ("users", 30), ("symbols", 30), ("insert_order", 15)])
def test_time_limits(name: str, seconds: float) -> None:
    """Users and symbols have been seen to take longer than the rest."""
    assert OPERATIONS[name].time_limit == seconds


def test_parts_of_a_path_are_quoted() -> None:
    """A symbol can't lead elsewhere."""
    path = OPERATIONS["order_book"].path
    assert filled(path, {"symbol": "a/../b?c#d"}) == "/v1/orderbook/a%2F..%2Fb%3Fc%23d"
    for bad in ("", ".", ".."):
        with pytest.raises(GuardRefused):
            filled(path, {"symbol": bad})


def test_bodies_are_exact() -> None:
    """Decimals keep their digits, secrets are revealed, times are ISO."""
    moment = datetime(2026, 11, 2, 12, tzinfo=UTC)
    body = {
        "a": Decimal("0.10"),
        "b": Secret('s"'),
        "c": [1, True, None, "é"],
        "d": {"e": moment},
        "f": Decimal("1E+2"),
    }
    text = encoded(body)
    assert text.startswith('{"a":0.10,')
    read = json.loads(text)
    assert read == {"a": 0.1, "b": 's"', "c": [1, True, None, "é"], "d": {"e": "2026-11-02T12:00:00+00:00"}, "f": 100}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("Mon, 02 Nov 2026 12:00:30 GMT", 30),
        ("Mon, 02 Nov 2026 11:00:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    """Seconds or a date; anything else says nothing."""
    assert retry_after(value, datetime(2026, 11, 2, 12, tzinfo=UTC)) == seconds
