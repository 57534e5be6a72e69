# ruff: noqa: E501  (many a line)
"""What the language allows, with the exact type and value of each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from .world import NOON, compute

D = Decimal  # short, for the tables

LITERALS = [
    ("1", 1), ("1_000", 1000), ("0x1f", 31), ("0.57", D("0.57")), ("1e3", D("1E+3")), ("1.50", D("1.50")),
    ("'a' \"b\"", "ab"), (r"'\n'", "\n"), ("true", True), ("False", False), ("none", None), ("None", None),
    ("[1, 'a', 0.5]", [1, "a", D("0.5")]), ("(1, 2)", [1, 2]), ("()", []), ("[]", []),
    ("{'a': {'b': 1}}", {"a": {"b": 1}}), ("{}", {}),
    ("12345678901234567890123456789012345678", 12345678901234567890123456789012345678),
]  # fmt: skip
ARITHMETIC = [
    ("1 + 2", 3), ("0.1 + 0.2", D("0.3")), ("1 + 0.5", D("1.5")), ("5 - 7", -2), ("2 * 3", 6), ("6 / 3", D(2)),
    ("1 / 8", D("0.125")), ("1 / 3", D("0.3333333333333333333333333333")), ("7 // 2", 3), ("-7 // 2", -4),
    ("-7 % 3", 2), ("7 % -3", -2), ("-7.5 % 2", D("0.5")), ("-7.5 // 2", D(-4)), ("7.5 // 2", D(3)),
    ("7.5 % -2", D("-0.5")), ("2 ** 10", 1024), ("0.5 ** 2", D("0.25")), ("2 ** -2", D("0.25")), ("-n", -7),
    ("-price", D("-0.57")), ("+n", 7), ("price * n", D("3.99")), ("'a' + 'b'", "ab"), ("[1] + [2]", [1, 2]),
    ("1 ~ 'a' ~ 0.50", "1a0.50"), ("name ~ nothing ~ yes", "Annnulltrue"), ("0.57 * 100", D("57.00")),
    ("1e30 * 1e-30", D("1")), ("2 ** 0", 1), ("0 * -0.5", D("-0.0")),
]  # fmt: skip
COMPARISONS = [
    ("price == 0.57", True), ("1 == 1.0", True), ("1 == '1'", False), ("1 != '1'", True), ("none == none", True),
    ("1 < 2 < 3", True), ("1 < 3 < 2", False), ("0.1 < 1", True), ("'a' < 'b'", True), ("3 in [1, 3.0]", True),
    ("'n' in name", True), ("'items' in result", True), ("4 not in [1]", True), ("not n", False),
    ("n and name", "Ann"), ("empty and x", []), ("nothing or 3", 3), ("n or x", 7), ("1 if n > 3 else 2", 1),
    ("1 if empty else 2", 2), ("x if false else 2", 2), ("orders == orders", True), ("noon > time('2026-01-01T00:00:00Z')", True),
]  # fmt: skip
ACCESS = [
    ("result.order.id", "o1"), ("result['order']['id']", "o1"), ("result.items", 3), ("result['odd key']", 4),
    ("orders[0].id", "b"), ("orders[-1].id", "C"), ("orders.1.id", "a"), ("name[0]", "A"), ("name[1:]", "nn"),
    ("[1, 2, 3][::-1]", [3, 2, 1]), ("[1, 2, 3][:2]", [1, 2]), ("result.none", None), ("number", "123"),
]  # fmt: skip
FUNCTION_CALLS = [
    ("uuid()", "00000000-0000-4000-8000-000000000001"), ("now()", NOON), ("noon", NOON),
    ("time('2026-03-04T12:00:00+00:00')", NOON), ("time(text='2026-03-04T12:00:00Z') == now()", True),
    ("duration('1h30m')", timedelta(minutes=90)), ("duration('250ms')", timedelta(milliseconds=250)),
    ("now() + duration('10m')", NOON + timedelta(minutes=10)), ("now() - noon", timedelta(0)),
    ("noon - duration('1d')", datetime(2026, 3, 3, 12, tzinfo=UTC)), ("decimal('0.570')", D("0.570")),
    ("any(3)", 3), ("any(x='a')", "a"), ("any(none)", None),
    ("decimal(3)", D(3)), ("-duration('1s')", timedelta(seconds=-1)), ("decimal(number) + 1", D(124)),
]  # fmt: skip
TESTS = [
    ("x is defined", False), ("x is undefined", True), ("result.x is defined", False), ("n is defined", True),
    ("nothing is none", True), ("n is not none", True), ("n is odd", True), ("n is even", False),
    ("6 is divisibleby 3", True), ("6 is divisibleby(4)", False), ("n is number", True), ("yes is number", False),
    ("price is integer", False), ("yes is boolean", True), ("result is mapping", True), ("name is string", True),
    ("n is eq 7", True), ("n is in [7]", True), ("name is sequence", True), ("n is iterable", False),
    ("n is gt 3 and n is lt(9)", True), ("yes is true", True), ("'a' is lower", True), ("'A' is upper", True),
]  # fmt: skip
FILTERS = [
    ("(-3) | abs", 3), ("-0.5 | abs", D("0.5")), ("orders | count", 3), ("x | default(3)", 3),
    ("x | d", ""), ("result.x | default('no')", "no"), ("'' | default('no', true)", "no"), ("n | default(x)", 7),
    ("empty | first | default(0)", 0), ("orders | first", {"id": "b", "price": D("0.20"), "state": "NEW", "tags": ["x"]}),
    ("name | first", "A"), ("'42' | int", 42), ("'4.9' | int", 4), ("-4.9 | int", -4), ("'x' | int(0)", 0),
    ("'ff' | int(base=16)", 255), ("[1, 0.50, 'a'] | join('-')", "1-0.50-a"), ("orders | join(',', attribute='id')", "b,a,C"),
    ("[1, 2] | last", 2), ("name | length", 3), ("'ab' | list", ["a", "b"]), ("result.order | list", ["id", "state"]),
    ("name | lower", "ann"), ("name | upper", "ANN"), ("orders | map(attribute='id')", ["b", "a", "C"]),
    ("orders | map(attribute='tags.0', default='-')", ["x", "-", "y"]), ("['a'] | map('upper')", ["A"]),
    ("[1.25, 1.35] | map('round', precision=1)", [D("1.2"), D("1.4")]), ("[1, 0.5] | max", 1),
    ("[1, 0.5] | min", D("0.5")), ("orders | max(attribute='price') == orders[2]", True), ("['b', 'A'] | min", "A"),
    ("[0, 1, ''] | select", [1]), ("[0, 1] | reject", [0]), ("[1, 2, 3] | select('gt', 1)", [2, 3]),
    ("[1, 2, 3] | reject('odd')", [2]), ("orders | selectattr('state', 'eq', 'NEW') | map(attribute='id')", ["b", "C"]),
    ("orders | rejectattr('tags') | map(attribute='id')", ["a"]), ("orders | selectattr('x', 'defined')", []),
    ("'aXbX' | replace('X', '')", "ab"), ("'aXbX' | replace('X', '-', 1)", "a-bX"), ("'ab' | reverse", "ba"),
    ("[1, 2] | reverse", [2, 1]), ("2.5 | round", D(2)), ("3.5 | round", D(4)), ("2.45 | round(1)", D("2.4")),
    ("2.41 | round(1, 'ceil')", D("2.5")), ("-2.41 | round(1, 'floor')", D("-2.5")), ("5 | round", 5),
    ("1250 | round(-2)", 1200), ("1250.5 | round(-2)", D(1300)), ("[1, 2, 3] | slice(2)", [[1, 2], [3]]),
    ("[1, 2, 3] | slice(2, 0)", [[1, 2], [3, 0]]), ("['b', 'C', 'a'] | sort", ["a", "b", "C"]),
    ("['b', 'C', 'a'] | sort(case_sensitive=true)", ["C", "a", "b"]), ("[1, 2] | sort(reverse=true)", [2, 1]),
    ("orders | sort(attribute='state,price') | map(attribute='id')", ["a", "b", "C"]), ("0.50 | string", "0.50"),
    ("[1, 0.1, 0.2] | sum", D("1.3")), ("orders | sum(attribute='price')", D("0.60")), ("[] | sum(start=5)", 5),
    ("{'a': [0.10, none, true, 'é<']} | tojson", '{"a": [0.10, null, true, "é<"]}'),
    ("noon | tojson", '"2026-03-04T12:00:00Z"'), ("[1] | tojson(indent=2)", "[\n  1\n]"), ("[] | tojson", "[]"),
    ("{'a': {}} | tojson(2)", '{\n  "a": {}\n}'), ("' a ' | trim", "a"), ("'xax' | trim('x')", "a"),
    ("[1, 1.0, 'a', 'A'] | unique", [1, "a"]), ("orders | unique(attribute='state') | map(attribute='id')", ["b", "a"]),
    ("price | dollars", "$0.57"), ("0.5 | dollars", "$0.50"), ("0.5750 | dollars", "$0.575"), ("3 | dollars", "$3.00"),
    ("-1234.5 | dollars", "-$1234.50"), ("0.57 | tick(0.05)", D("0.55")), ("0.575 | tick(0.01)", D("0.58")),
    ("0.565 | tick(0.01)", D("0.56")), ("0.57 | tick(0.05, 'up')", D("0.60")), ("-0.57 | tick(0.05, 'down')", D("-0.60")),
    ("7 | tick(5, rounding='nearest')", 5), ("result | jsonpath('$.order.id')", ["o1"]),
    ("result | jsonpath(\"$['odd key']\")", [4]), ("orders | jsonpath('$[-1].id')", ["C"]),
    ("result | jsonpath('$.order.x')", []), ("result | jsonpath('$.items[0]')", []),
]  # fmt: skip

ALLOWED = [*LITERALS, *ARITHMETIC, *COMPARISONS, *ACCESS, *FUNCTION_CALLS, *TESTS, *FILTERS]


@pytest.mark.parametrize(("text", "expected"), ALLOWED, ids=[text for text, _ in ALLOWED])
def test_an_allowed_expression_has_its_exact_type_and_value(text: str, expected: object) -> None:
    """Integers stay integers, fractions are decimals with the digits they have, containers are plain."""
    assert repr(compute(text)) == repr(expected)
