"""Where our meaning is Jinja's, our values are Jinja's: random expressions computed by both."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined

from runner.expression import EvaluationError, ExpressionError, evaluate, parse_expression

from .world import FUNCTIONS

SCOPE: dict[str, object] = {"n": 7, "m": -3, "s": "aBc", "t": "", "xs": [3, 1, 2], "ys": [], "ws": ["b", "A", "b"]}
_JINJA = Environment(undefined=StrictUndefined)

_numbers = st.sampled_from(["n", "m", "0", "1", "12", "xs[0]", "xs[-1]", "(s | length)", "(xs | sum)", "(xs | max)"])
_texts = st.sampled_from(
    ["s", "t", "'x'", "ws[0]", "(s | upper)", "(s | replace('B', 'x'))", "s[1:]", "(ws | join(','))"]
)
_lists = st.sampled_from(
    ["xs", "ys", "[1, n]", "xs[::-1]", "(xs | sort)", "(xs | reverse | list)", "(xs | select('odd') | list)"]
)
_joined_texts = st.sampled_from(
    ["ws", "(ws | sort)", "(ws | unique | list)", "(ws | map('lower') | list)", "(s | list)"]
)


def _arithmetic(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "//", "%"])
    infix = st.builds("({} {} {})".format, inner, operators, inner)
    return infix | st.builds("(-{})".format, inner) | st.builds("({} | abs)".format, inner)


numbers = st.recursive(_numbers, _arithmetic, max_leaves=6)
texts = st.recursive(
    _texts, lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("~+"), inner), max_leaves=4
)
lists = st.recursive(_lists, lambda inner: st.builds("({} + {})".format, inner, inner), max_leaves=3)
_orders = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
conditions = st.recursive(
    st.builds("({} {} {})".format, numbers, _orders, numbers)
    | st.builds("({} {} {})".format, texts, _orders, texts)
    | st.builds("({} in {})".format, numbers, lists)
    | st.builds("({} not in {})".format, texts, _joined_texts)
    | st.builds("({} is {})".format, numbers, st.sampled_from(["odd", "not even", "divisibleby 3", "defined", "gt 2"])),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=4,
)  # fmt: skip
values = numbers | texts | lists | _joined_texts | conditions
expressions = values | st.builds("{} if {} else {}".format, values, conditions, values)


def outcome(text: str) -> object:
    """The value, or the error if there is one."""
    try:
        return evaluate(parse_expression(text), SCOPE, FUNCTIONS)
    except (ExpressionError, EvaluationError) as error:
        return error


@settings(max_examples=600, deadline=None)
@given(expressions)
def test_random_expressions_have_jinjas_value(text: str) -> None:
    """Integers, texts, lists and conditions agree in type and value, and so do divisions by zero."""
    found = outcome(text)
    try:
        expected = _JINJA.compile_expression(text, undefined_to_none=False)(**SCOPE)
    except ZeroDivisionError:
        assert isinstance(found, EvaluationError)
        assert found.message == "division by zero"
    else:
        assert repr(found) == repr(expected)


@settings(max_examples=600, deadline=None)
@given(st.text(alphabet="nx .[](){}'\"|~+-*/%=<>!,:0123456789eabs_isnotor\\\n", max_size=40))
def test_any_text_is_an_expression_or_an_error_with_a_place(text: str) -> None:
    """Never a traceback of another kind, and every place lies in the text."""
    found = outcome(text)
    if isinstance(found, ExpressionError | EvaluationError):
        assert 0 <= found.offset <= len(text)
        assert found.length >= 1
        assert found.message
