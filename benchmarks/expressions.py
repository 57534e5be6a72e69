"""Expressions alone: parsing one, reading one that is remembered, computing one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from timeit import Timer

from benchmarks.table import Row

_ROUNDS = 5
_CHECK = 'result.firm_type == "FIRM_TYPE_PARTICIPANT"'
_MONEY = "result.buying_power >= inputs.price * inputs.quantity"
_LIST = 'order_id in result.orders | map(attribute="id")'


def rows(seconds: float) -> Iterator[Row]:
    """Each measured for about ``seconds``, the best of several rounds."""
    from runner.expression import Functions, evaluate, from_plain, parse_expression, parse_template, render, to_plain

    functions = Functions(now=lambda: datetime.now(UTC), new_uuid=lambda: "")
    scope = _scope()
    plain = to_plain(parse_expression(_MONEY))
    yield _row(f"parse `{_MONEY}`", partial(parse_expression, _MONEY), seconds)
    yield _row("read the same, remembered", partial(from_plain, plain), seconds)
    for text in (_CHECK, _MONEY, _LIST):
        expression = parse_expression(text)
        yield _row(f"evaluate `{text}`", partial(evaluate, expression, scope, functions), seconds)
    template = parse_template("{{ inputs.price }}")
    yield _row("render `{{ inputs.price }}`", partial(render, template, scope, functions), seconds)


def _scope() -> dict[str, object]:
    orders = [{"id": f"order-{number}", "state": "ORDER_STATE_NEW"} for number in range(20)]
    result = {"firm_type": "FIRM_TYPE_PARTICIPANT", "buying_power": Decimal(1_000_000), "orders": orders}
    return {"inputs": {"price": Decimal("0.01"), "quantity": 1}, "result": result, "order_id": "order-19"}


def _row(measured: str, act: Callable[[], object], seconds: float) -> Row:
    timer = Timer(act)
    number, taken = timer.autorange()
    number = max(1, round(number * seconds / _ROUNDS / taken))
    return Row(measured, f"{min(timer.repeat(_ROUNDS, number)) / number * 1_000_000:.1f} µs")
