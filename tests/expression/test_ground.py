"""What checks and reports build on: names with places, remembered trees."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from runner.expression import (
    FILTERS,
    FUNCTIONS,
    RESERVED,
    TESTS,
    from_plain,
    parse_expression,
    parse_template,
    to_plain,
)

from .test_allowed import ALLOWED

NAMES = [
    ("steps.order.result", ["steps.order.result"]),
    ("inputs.symbol == 'a' and n", ["inputs.symbol", "n"]),
    ("result['order'].id", ["result.order.id"]),
    ("orders[0].id", ["orders.0.id"]),
    ("orders[n].id", ["orders", "n"]),
    ("orders[1:n]", ["orders", "n"]),
    ("a.b | default(c.d)", ["c.d", "a.b"]),
    ("[x, {'k': y.z}] ~ w", ["x", "y.z", "w"]),
    ("uuid() if p is divisibleby q else (r).s", ["p", "q", "r.s"]),
]


@pytest.mark.parametrize(("text", "expected"), NAMES, ids=[text for text, _ in NAMES])
def test_every_name_is_known_with_its_path(text: str, expected: list[str]) -> None:
    """Enough to check `steps.order.result` before anything is sent; each part knows its place."""
    names = parse_expression(text).names()
    assert sorted(reference.text for reference in names) == sorted(expected)
    for part in (part for reference in names for part in reference.parts):
        assert text[part.offset : part.offset + part.length].strip("'") == str(part.key)


def test_places_count_into_the_template() -> None:
    """An expression in a template knows where it stands."""
    text = "a {{ n }} b {{ result.order }}"
    template = parse_template(text)
    assert not isinstance(template, str)
    roots = [reference for part in template.expressions for reference in part.names()]
    assert [text[root.offset :][:6] for root in roots] == ["n }} b", "result"]
    assert [part.text for part in template.expressions] == [" n ", " result.order "]


@pytest.mark.parametrize("text", [text for text, _ in ALLOWED])
def test_a_remembered_expression_is_the_same(text: str) -> None:
    """Through JSON text and back, nothing is lost."""
    for parsed in (parse_expression(text), parse_template(f"a {{{{ {text} }}}}")):
        assert not isinstance(parsed, str)
        assert from_plain(json.loads(json.dumps(to_plain(parsed)))) == parsed


@pytest.mark.parametrize(
    "plain", [None, 1, [], {"Nope": []}, {"Name": [0, 1, "n"]}, {"Expression": [1]}, {"a": 1, "b": 2}]
)
def test_other_data_is_not_taken_for_an_expression(plain: object) -> None:
    """A remembered file of another version is noticed."""
    with pytest.raises(ValueError, match="remembered"):
        from_plain(plain)


def test_a_remembered_expression_needs_no_jinja() -> None:
    """Importing this room and evaluating a remembered tree loads none of the parser."""
    plain = json.dumps(to_plain(parse_expression("result.price * 2 | int")))
    program = f"""
import json, sys
from decimal import Decimal
from runner.expression import Functions, evaluate, from_plain
functions = Functions(now=lambda: None, new_uuid=lambda: "")
assert evaluate(from_plain(json.loads({plain!r})), {{"result": {{"price": Decimal("0.5")}}}}, functions) == 1
assert not {{"jinja2", "jsonpath"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_tables_agree_with_the_code_behind_them() -> None:
    """Each argument that a table names is one that the function takes, in the same sequence."""
    for operation in (*FILTERS.values(), *FUNCTIONS.values(), *TESTS.values()):
        code = operation.perform.__code__
        taken = code.co_varnames[: code.co_argcount]
        if operation.names is None:
            assert taken[len(taken) - len(operation.parameters) :] == operation.parameters


def test_functions_are_reserved_names() -> None:
    """No capture can hide a function or a name of the language; a function that came later hides no capture."""
    assert set(FUNCTIONS) - {"any"} < RESERVED
    assert {"inputs", "steps", "environment", "run", "item", "index", "result", "call"} < RESERVED
    assert "any" not in RESERVED
