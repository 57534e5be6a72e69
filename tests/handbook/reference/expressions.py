"""The page of names, functions, filters and tests; what each example gives is computed while the page is made."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from handbook.reference.writing import code, page, table
from runner.expression import FILTERS, FUNCTIONS, TESTS, Functions, evaluate, parse_expression
from runner.expression.work import Operation

_FIRST = """\
`when`, `expect`, `capture`, `repeat.until`, `for_each` and `outputs` hold an expression, without braces. In `with`,
`title`, `help`, `participant` and durations a text may hold `{{ expression }}`; a text that is nothing else keeps the
value's type. Both are Jinja's expressions without its statements: numbers are exact, `.name` of a mapping is its key,
and nothing can be called but what stands here."""
NAMES = {
    "inputs.NAME": "an input",
    "steps.ID.result": "what a step brought back; also `.status`, and each of its captures by name",
    "NAME": "a capture of an earlier step",
    "result": "in the step's own `expect`, `capture` and `repeat.until`: what it brought back",
    "call": "there, too: its last HTTP call, with `.status`, `.headers` and `.duration_ms`",
    "item, index": "in a loop: the item (or the name in `as`) and its number from 0",
    "environment": "`.name`, `.base_url`, `.participant`, `.account`",
    "run": "`.id` and `.started_at`",
}
DATA = {
    "orders": [
        {"id": "A1", "price": Decimal("0.52"), "state": "NEW"},
        {"id": "B2", "price": Decimal("0.48"), "state": "FILLED"},
    ]
}
"""What the examples look at."""
EXAMPLES = {
    "any": "any(5)",
    "decimal": 'decimal("0.57") + 1',
    "duration": 'duration("1h30m")',
    "now": "now()",
    "time": 'time("2026-01-02T03:04:05Z")',
    "uuid": "uuid()",
    "abs": "-3 | abs",
    "count": "orders | count",
    "d": 'orders[0].note | d("none")',
    "default": 'orders[0].note | default("none")',
    "dollars": "1234.5 | dollars",
    "first": "[3, 1, 2] | first",
    "int": '"12" | int',
    "join": 'orders | map(attribute="id") | join(", ")',
    "jsonpath": "orders | jsonpath(\"$[?@.state == 'NEW'].id\")",
    "last": "[3, 1, 2] | last",
    "length": "orders | length",
    "list": '"abc" | list',
    "lower": '"NEW" | lower',
    "map": 'orders | map(attribute="price")',
    "max": 'orders | map(attribute="price") | max',
    "min": "[3, 1, 2] | min",
    "reject": '[1, 2, 3] | reject("odd")',
    "rejectattr": 'orders | rejectattr("state", "equalto", "NEW") | map(attribute="id")',
    "replace": '"a-b" | replace("-", "_")',
    "reverse": "[3, 1, 2] | reverse",
    "round": "0.125 | round(2)",
    "select": '[1, 2, 3] | select("odd")',
    "selectattr": 'orders | selectattr("price", "gt", 0.5) | map(attribute="id")',
    "slice": "[1, 2, 3, 4, 5] | slice(2)",
    "sort": "[3, 1, 2] | sort",
    "string": "0.57 | string",
    "sum": 'orders | sum(attribute="price")',
    "tick": "0.573 | tick(0.01)",
    "tojson": "orders[0] | tojson",
    "trim": '" a " | trim',
    "unique": "[1, 2, 1] | unique",
    "upper": '"new" | upper',
}


def text() -> str:
    """The page."""
    head = ("written", "does", "example", "gives")
    return page(
        "Expressions",
        _FIRST,
        table(("name", "is"), ((", ".join(map(code, names.split(", "))), told) for names, told in NAMES.items())),
        "The examples below look at two orders, `A1` at 0.52 (NEW) and `B2` at 0.48 (FILLED).",
        "## Functions",
        table(head, _rows(FUNCTIONS, "{}({})")),
        "## Filters",
        "Applied by a bar: `orders | length`.",
        table(head, _rows(FILTERS, "{}({})")),
        "## Tests",
        'Behind `is`, or named to `select` and its like: `x is none`, `list | select("odd")`.',
        ", ".join(code(name) for name in sorted(TESTS)) + ".",
    )


def _rows(operations: Mapping[str, Operation], form: str) -> Iterator[tuple[str, str, str, str]]:
    for name, operation in operations.items():
        written = form.format(name, ", ".join(operation.parameters)).removesuffix(
            "()" if form and operations is FILTERS else ""
        )
        told = (inspect.getdoc(operation.perform) or "").split("\n\n")[0].replace("\n", " ").replace("``", "`")
        yield code(written), told, code(EXAMPLES[name]), code(given(EXAMPLES[name]))


def given(example: str) -> str:
    """What an expression gives, as JSON writes it; the clock stands still here."""
    functions = Functions(
        lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), lambda: "5f0c3a52-3c1e-4d55-9a3f-0b6f6a1f7c11"
    )
    value = evaluate(parse_expression(example), DATA, functions)
    return json.dumps(value, default=_plain, ensure_ascii=False).strip('"')


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value) if isinstance(value, timedelta) else value.isoformat()
