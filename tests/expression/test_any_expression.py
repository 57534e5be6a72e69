"""Random expressions over hostile data: computed or refused in words, within the bounds of work and memory."""

from __future__ import annotations

import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Mapping

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runner.expression import EvaluationError, Expression, ExpressionError, evaluate, parse_expression
from runner.expression.catalogue import FILTERS
from runner.expression.predicates import TESTS
from runner.expression.work import Operation

from .test_bounds import HOSTILE, MOST_CALLS, calls
from .world import FUNCTIONS

MOST_SECONDS = 1.0
"""Ten times what is promised: a proof may share its machine, and still tells a bound from none at all."""
MOST_BYTES = 50 * (1 << 20)

names = st.sampled_from(sorted(HOSTILE))
words = st.sampled_from((
    "'a'", "''", "'id'", "'n'", "'xs.0'", "'x'", "'upper'", "'string'", "'gt'", "'tojson'", "'in'", "'round'", "'eq'",
    "'1s'", "'$..*'", "'$[?@ == $[0]]'", "'(a+)+$'", "'$[?search(@, \"(a*)*b\")]'", "'$[?match(@.id, \"(x+x+)+y\")]'",
))  # fmt: skip
numbers = st.sampled_from(
    ("0", "1", "-1", "3", "0.1", "1000", "99999", "1e30", "-1e-30", "10**9", "123456789012345678")
)
flags = st.sampled_from(("true", "false", "none", "[]", "{}", "[1, 'a']", "{'a': long}"))
arguments = st.one_of(names, words, numbers, flags)


def _forms(form: str, operations: Mapping[str, Operation]) -> list[str]:
    """How each operation may be written, with none to two arguments that it takes."""
    return [
        form.format(name, ", ".join(["{}"] * count))
        for name, each in operations.items()
        for count in range(each.required, min(len(each.parameters), 2) + 1)
    ]


PICKING = [f"({{}} | {name}({word}))" for name, word in (
    ("map", "'upper'"), ("map", "'tojson'"), ("map", "'jsonpath', '$..*'"), ("map", "attribute='xs'"), ("map", "'sum'"),
    ("map", "'replace', 'a', 'aaaa'"), ("map", "'join', ','"), ("map", "'unique'"), ("select", "'in', ints"),
    ("select", "'gt', 3"), ("reject", "'none'"), ("selectattr", "'n', 'odd'"), ("rejectattr", "'xs.0', 'eq', 1"),
    ("sort", "attribute='d'"), ("sum", "attribute='n'"), ("join", "'-', attribute='id'"), ("unique", "attribute='n'"),
)]  # fmt: skip
FORMS = [
    *_forms("({{}} | {}({}))", {name: each for name, each in FILTERS.items() if each.names is None}),
    *_forms("({{}} is {}({}))", TESTS),
    *PICKING,
]
picks = st.sampled_from(["", "", "", "[0]", "[-1]", "[1:]", "[::-1]", "[::2]", ".id", "[n]", "['a']", ".a"])


def _filled(form: str, inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parts = [inner, *[arguments] * (form.count("{}") - 1)]
    return st.tuples(*parts).map(lambda found: form.format(*found))


def _around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "in", "and", "or"])
    functions = st.sampled_from(["time", "duration", "decimal"])
    forms = st.sampled_from(FORMS).flatmap(lambda form: _filled(form, inner))
    return st.one_of(
        *(forms, forms, forms),
        st.builds("({} {} {})".format, inner, operators, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{}({})".format, functions, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("{}{}".format, inner, picks),
    )


expressions = st.recursive(st.one_of(names, names, words, numbers, flags), _around, max_leaves=6)


def _examples(count: int) -> settings:
    phases = (Phase.generate, Phase.shrink)
    return settings(
        max_examples=count, deadline=None, derandomize=True, database=None, phases=phases,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def _outcome(expression: Expression) -> str:
    try:
        evaluate(expression, HOSTILE, FUNCTIONS)
    except EvaluationError:
        return "refused while computed"
    return "computed"


def _seconds(expression: Expression) -> float:
    began = time.thread_time()
    _outcome(expression)
    return time.thread_time() - began


@_examples(150)
@given(text=expressions)
def test_a_hundred_and_fifty(text: str) -> None:
    """A sample, measured in calls, as every machine counts them alike."""
    try:
        expression = parse_expression(text)
    except ExpressionError:
        return
    assert calls(expression) < MOST_CALLS


@pytest.mark.proof
def test_two_thousand(record_property: Callable[[str, object], None]) -> None:
    """The same with a clock and the memory beside it; the figures are those of the worst."""
    counts: Counter[str] = Counter()
    worst = {"milliseconds of the slowest": 0, "MiB of the largest": 0}

    @_examples(2_000)
    @given(text=expressions)
    def each(text: str) -> None:
        try:
            expression = parse_expression(text)
        except ExpressionError:
            counts["refused at once"] += 1
            return
        counts[_outcome(expression)] += 1
        seconds = min(_seconds(expression) for _ in range(2))
        assert seconds < MOST_SECONDS
        tracemalloc.start()
        _outcome(expression)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < MOST_BYTES
        worst["milliseconds of the slowest"] = max(worst["milliseconds of the slowest"], round(seconds * 1000))
        worst["MiB of the largest"] = max(worst["MiB of the largest"], round(peak / (1 << 20)))

    each()
    assert counts.total() >= 2_000
    for name, number in {**counts, **worst}.items():
        record_property(name, number)
