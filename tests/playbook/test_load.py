"""The model of a right playbook: everything that was written, every default filled in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from runner.errors import WrongInput
from runner.expression import Template
from runner.playbook.inputs import accept
from runner.playbook.load import Actions, Forgetful, load
from runner.playbook.model import (
    Code,
    DayLimits,
    Duration,
    Input,
    Limit,
    ListValue,
    MapValue,
    Playbook,
    Scalar,
    Step,
    Text,
)
from runner.source import Source, Span
from runner.value import WrongValue

WHOLE = """\
version: 1
name: whole
description: Everything at once.
inputs:
  symbol: {type: string, default: "", description: Instrument}
  quantity: {type: decimal, default: 1, minimum: 0.01, maximum: 100, enum: [1, "2.50"]}
  key: {type: string, secret: true, pattern: "^k"}
limits:
  orders: 1
  exposure: 5.00
  per_day: {orders: 9}
  symbols: [ABC*, DEF]
  environments: [sandbox]
defaults:
  timeout: 20s
  retry: {attempts: 5, backoff: 500ms}
  on_failure: continue
  severity: advisory
allow_hosts: [example.com]
steps:
  - id: order
    title: "Buy {{ inputs.symbol }}"
    help: Call the desk.
    action: place_order
    participant: firms/x/users/y
    when: inputs.quantity > 0
    timeout: 1h30m
    with:
      symbol: "{{ inputs.symbol }}"
      side: buy
      price: 0.57
      quantity: "{{ inputs.quantity }}"
      post_only: true
    expect:
      - result.order.state == "ORDER_STATE_NEW"
      - {check: result.order.price == 0.57, title: The price, severity: advisory, help: Look at it}
    capture:
      order_id: result.order.id
    cleanup:
      action: cancel_order
      with: {order_id: "{{ order_id }}", symbol: "{{ inputs.symbol }}"}
      when: false
      retry: {attempts: 2, on: [rate_limited]}
    on_failure: stop
    severity: required
  - id: found
    action: search_orders
    for_each: "[1, 2]"
    as: page
    concurrency: 2
    repeat: {until: "result.orders | length > 0", every: "{{ inputs.every }}"}
  - id: checked
    action: assert
    with:
      that: [found.count, "order_id != ''"]
finally:
  - {id: last, action: whoami, for_each: ["{{ order_id }}", 0.5]}
outputs:
  order_id: order_id
"""


@pytest.fixture(scope="module")
def whole(known: Actions) -> Playbook:
    return load(Source("p.yaml", WHOLE), known, Forgetful())


@pytest.fixture(scope="module")
def order(whole: Playbook) -> Step:
    return whole.steps[0]


def text_of(value: object) -> str:
    assert isinstance(value, Text)
    return value.written if isinstance(value.written, str) else value.written.text


def test_the_head_of_a_playbook(whole: Playbook) -> None:
    """Names, limits with their places, hosts and outputs."""
    assert (whole.version, whole.name, whole.description) == (1, "whole", "Everything at once.")
    assert whole.limits.orders is not None
    assert whole.limits.exposure is not None
    assert whole.limits.symbols is not None
    assert (whole.limits.orders.value, str(whole.limits.exposure.value)) == (1, "5.00")
    assert whole.limits.exposure.span == Span("p.yaml", 10, 13, 4)
    assert whole.limits.symbols.names == ("ABC*", "DEF")
    assert whole.limits.requests is None
    assert whole.limits.per_day == DayLimits(Limit(9, Span("p.yaml", 11, 21, 1)))
    assert whole.allow_hosts == ("example.com",)
    assert [each.name for each in whole.outputs] == ["order_id"]
    assert [each.id for each in whole.finally_] == ["last"]


def test_inputs_have_values_of_their_type(whole: Playbook) -> None:
    """A decimal is a Decimal, however it was written; what has no default is required."""
    symbol, quantity, key = whole.inputs
    assert (symbol.has_default, symbol.default, symbol.description) == (True, "", "Instrument")
    assert (quantity.default, quantity.enum) == (Decimal(1), (Decimal(1), Decimal("2.50")))
    assert isinstance(quantity.default, Decimal)
    assert (quantity.minimum, quantity.maximum) == (Decimal("0.01"), 100)
    assert (key.has_default, key.secret, key.pattern) == (False, True, "^k")


def test_a_step_has_what_was_written(order: Step) -> None:
    """Values keep their kind and place; templates are parsed, plain texts are not."""
    assert (order.id, order.action, order.action_span) == ("order", "place_order", Span("p.yaml", 24, 13, 11))
    assert isinstance(order.title, Text)
    assert isinstance(order.title.written, Template)
    assert text_of(order.help) == "Call the desk."
    assert text_of(order.participant) == "firms/x/users/y"
    assert order.timeout == Duration(5_400_000, Span("p.yaml", 27, 14, 5))
    price = order.arguments.get("price")
    assert price is not None
    assert price.value == Scalar(Decimal("0.57"), Span("p.yaml", 31, 14, 4))
    assert [entry.key for entry in order.arguments] == ["symbol", "side", "price", "quantity", "post_only"]


def test_expectations_captures_and_cleanups(order: Step) -> None:
    """Both forms of an expectation; a cleanup is a list even if one was written."""
    short, long = order.expect
    assert short.check.expression.text == 'result.order.state == "ORDER_STATE_NEW"'
    assert (short.title, short.severity) == (None, "required")
    assert (text_of(long.title), text_of(long.help), long.severity) == ("The price", "Look at it", "advisory")
    assert [(each.name, each.code.expression.text) for each in order.capture] == [("order_id", "result.order.id")]
    (cleanup,) = order.cleanup
    assert (cleanup.action, cleanup.when, cleanup.timeout) == ("cancel_order", False, None)
    assert cleanup.retry is not None
    assert (cleanup.retry.attempts, cleanup.retry.on) == (2, ("rate_limited",))


def test_defaults_are_filled_in(whole: Playbook, order: Step) -> None:
    """The playbook's own, then the language's; what changes something gets no retry by default."""
    found = whole.steps[1]
    assert (order.on_failure, order.severity, order.retry) == ("stop", "required", None)
    assert (found.on_failure, found.severity, found.when) == ("continue", "advisory", True)
    assert isinstance(found.timeout, Duration)
    assert found.timeout.milliseconds == 20_000
    assert found.retry is not None
    assert (found.retry.attempts, found.retry.on) == (5, ("unreachable", "rate_limited", "server_error"))
    assert found.repeat is not None
    assert isinstance(found.repeat.every, Text)
    assert isinstance(found.repeat.within, Duration)
    assert found.repeat.within.milliseconds == 60_000


def test_loops(whole: Playbook, order: Step) -> None:
    """Over an expression or a list that holds templates; what isn't said is filled in."""
    assert order.loop is None
    computed, written = whole.steps[1].loop, whole.finally_[0].loop
    assert computed is not None
    assert isinstance(computed.items, Code)
    assert (computed.items.expression.text, computed.name, computed.concurrency) == ("[1, 2]", "page", 2)
    assert computed.span == Span("p.yaml", 48, 5, 8)
    assert written is not None
    assert isinstance(written.items, ListValue)
    first, second = written.items.items
    assert text_of(first) == "{{ order_id }}"
    assert isinstance(second, Scalar)
    assert (second.value, written.name, written.concurrency) == (Decimal("0.5"), "item", 1)


def test_arguments_that_are_expressions_are_left_as_texts(whole: Playbook) -> None:
    """What ``assert`` is to check isn't mistaken for a template or a forgotten one."""
    that = whole.steps[2].arguments.get("that")
    assert that is not None
    assert isinstance(that.value, ListValue)
    assert [text_of(item) for item in that.value.items] == ["found.count", "order_id != ''"]


def test_code_knows_the_column_of_each_part(order: Step) -> None:
    """A later message about a name points at that name."""
    assert isinstance(order.when, Code)
    (reference,) = order.when.expression.names()
    part = reference.parts[-1]
    assert order.when.place(part.offset, part.length) == Span("p.yaml", 26, 18, 8)


class Remembering(Forgetful):
    """A memory that has seen the playbook before."""

    valid = True


def test_a_playbook_known_to_be_valid_is_not_validated_again(known: Actions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the validator costs more than all the rest; what a schema can't see is still looked at."""
    monkeypatch.setattr("runner.playbook.problems.complain", None)
    source = Source("p.yaml", WHOLE)
    assert load(source, known, Remembering()) == load(source, known, Remembering())
    with pytest.raises(WrongInput, match="a second step"):
        load(Source("p.yaml", WHOLE.replace("id: found", "id: order")), known, Remembering())


def test_merged_steps_are_steps(known: Actions) -> None:
    """``<<`` and anchors work in a playbook."""
    text = "version: 1\nname: m\nsteps:\n  - &a {id: a, action: whoami, timeout: 5s}\n  - {<<: *a, id: b}\n"
    first, second = load(Source("m.yaml", text), known, Forgetful()).steps
    assert (second.id, second.action, second.timeout) == ("b", "whoami", first.timeout)
    assert second.arguments == MapValue((), second.arguments.span)


SPAN = Span("p.yaml", 1, 1)
NUMBER = Input("n", SPAN, "decimal", SPAN, minimum=Decimal("0.01"), maximum=1)
ACCEPTED: list[tuple[Input, Any, Any]] = [
    (NUMBER, "0.57", Decimal("0.57")),
    (NUMBER, 1, Decimal(1)),
    (replace(NUMBER, type="integer"), 1, 1),
    (Input("t", SPAN, "string", SPAN, pattern="b"), "abc", "abc"),
    (Input("f", SPAN, "boolean", SPAN), False, False),
    (Input("l", SPAN, "list", SPAN), [1, "a"], [1, "a"]),
    (Input("o", SPAN, "object", SPAN), {"a": 1}, {"a": 1}),
    (Input("e", SPAN, "decimal", SPAN, enum=(Decimal("1.5"),)), "1.50", Decimal("1.5")),
]
REJECTED: list[tuple[Input, Any, str]] = [
    (NUMBER, "0", "at least 0.01 is wanted, not 0"),
    (NUMBER, 2, "at most 1 is wanted, not 2"),
    (NUMBER, "1e3", 'a number is wanted, not "1e3"'),
    (NUMBER, True, "a number is wanted, not true"),
    (replace(NUMBER, type="integer"), Decimal("0.5"), "a whole number is wanted, not 0.5"),
    (Input("t", SPAN, "string", SPAN, pattern="^b"), "abc", 'a text that matches ^b is wanted, not "abc"'),
    (Input("t", SPAN, "string", SPAN), 5, "a text is wanted, not 5"),
    (Input("l", SPAN, "list", SPAN), "abc", 'a list is wanted, not "abc"'),
    (Input("e", SPAN, "string", SPAN, enum=("a", "b")), "c", 'one of "a", "b" is wanted, not "c"'),
]


@pytest.mark.parametrize(("wanted", "value", "expected"), ACCEPTED, ids=[f"{i.type}-{v}" for i, v, _ in ACCEPTED])
def test_an_input_takes_its_values(wanted: Input, value: Any, expected: Any) -> None:
    """Values come out in the input's type."""
    found = accept(wanted, value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(("wanted", "value", "message"), REJECTED, ids=[f"{i.type}-{v}" for i, v, _ in REJECTED])
def test_an_input_refuses_other_values(wanted: Input, value: Any, message: str) -> None:
    """The message says what was wanted and what came."""
    with pytest.raises(WrongValue) as refused:
        accept(wanted, value)
    assert str(refused.value) == message
