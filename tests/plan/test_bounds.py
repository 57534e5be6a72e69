"""Limits that are crossed by what is known before the run: constants by `check`, inputs by `run`."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from engine.world import plan_of, playbook

from runner.actions import BUILTIN
from runner.cli.bounds import bounds_of
from runner.cli.playbooks import KnownActions
from runner.errors import GuardRefused
from runner.plan import Bound, Bounds, NameBound, examine
from runner.playbook.load import Forgetful, load
from runner.settings import LimitSettings, Setting, Settings
from runner.source import Source

ORDER = "  - {id: orderAT, action: place_order, with: {symbol: S, side: SIDE, price: PRICE, quantity: QUANTITY}WHEN}\n"
HEAD = """\
inputs:
  price: {type: decimal, default: 0.5}
  much: {type: boolean, default: true}
  many: {type: list, default: []}
limits: LIMITS"""


LOOP = """\
  - {id: loop, for_each: ITEMS, action: place_order, with: {symbol: S, side: buy, price: PRICE, quantity: 10}WHEN}
"""


def loop(items: str, price: str = '"{{ item }}"', when: str = "") -> str:
    return LOOP.replace("ITEMS", items).replace("PRICE", price).replace("WHEN", when)


def orders(*prices: str, side: str = "buy", quantity: str = "10", when: str = "") -> str:
    text = ORDER.replace("SIDE", side).replace("QUANTITY", quantity).replace("WHEN", when)
    return "".join(text.replace("AT", str(at)).replace("PRICE", price) for at, price in enumerate(prices))


def examined(steps: str, limits: str, settings: tuple[Bounds, ...] = ()) -> list[str]:
    """What `check` says of the limits."""
    memory = Forgetful()
    text = playbook(steps, head=HEAD.replace("LIMITS", limits))
    written = load(Source("playbooks/tried.yaml", text), KnownActions(), memory)
    return [each.label for each in examine(written, BUILTIN, settings, memory) if each.severity == "error"]


def replace(terms: str) -> str:
    return f"  - {{id: replaced, action: replace_order, with: {{order_id: X, symbol: S, {terms}}}}}\n"


CROSSED = {
    "one replaced order": (
        replace("price: 0.5, quantity: 10"),
        "{order_exposure: 4.99}",
        "this order would put $5.0 at risk, and the limit is 4.99",
    ),
    "replaced order of unknown side": (
        replace("price: 0.9, quantity: 10"),
        "{order_exposure: 0.99}",
        "this order would put $1.0 at risk, and the limit is 0.99",
    ),
    "replaced quantity": (
        replace("quantity: 10"),
        "{order_quantity: 9}",
        "this order is for 10 contracts, and the limit is 9",
    ),
    "symbol of a replaced order": (
        replace("price: 0.5"),
        "{symbols: [A*]}",
        "this order is for `S`, and the limit allows A*",
    ),
    "orders": (orders("0.5", "0.5"), "{orders: 1}", "this run would send 2 orders, and the limit is 1"),
    "exposure": (orders("0.5", "0.5"), "{exposure: 9}", "this run would put $10.0 at risk, and the limit is 9"),
    "exposure of sales": (
        orders("0.9", side="sell"),
        "{exposure: 0.99}",
        "this run would put $1.0 at risk, and the limit is 0.99",
    ),
    "one order": (orders("0.5"), "{order_exposure: 4.99}", "this order would put $5.0 at risk, and the limit is 4.99"),
    "quantity": (orders("0.5"), "{order_quantity: 9}", "this order is for 10 contracts, and the limit is 9"),
    "quantity of unknown price": (
        orders('"{{ inputs.price }}"'),
        "{order_quantity: 9}",
        "this order is for 10 contracts, and the limit is 9",
    ),
    "symbol": (orders("0.5"), "{symbols: [A*, B*]}", "this order is for `S`, and the limit allows A*, B*"),
    "symbols are told apart by case": (
        orders("0.5"),
        "{symbols: [s]}",
        "this order is for `S`, and the limit allows s",
    ),
    "computed constant": (
        orders('"{{ 1 / 2 }}"'),
        "{exposure: 4}",
        "this run would put $5.0 at risk, and the limit is 4",
    ),
    "orders of a loop": (
        loop("[0.1, 0.2, 0.3]"),
        "{orders: 2}",
        "this run would send 3 orders, and the limit is 2",
    ),
    "orders of a loop over an expression": (
        loop("'[0.1, 0.2] + [0.3]'"),
        "{orders: 2}",
        "this run would send 3 orders, and the limit is 2",
    ),
    "orders before a loop": (
        orders("0.5") + loop("[0.1, 0.2]"),
        "{orders: 2}",
        "this run would send 3 orders, and the limit is 2",
    ),
    "exposure of a loop": (
        loop("[0.1, 0.2, 0.3]"),
        "{exposure: 5.9}",
        "this run would put $6.0 at risk, and the limit is 5.9",
    ),
    "one item": (
        loop("[{p: 0.1}, {p: 0.9}, {p: 0.8}]", '"{{ item.p }}"'),
        "{order_exposure: 5}",
        "the order of item 1 would put $9.0 at risk, and the limit is 5",
    ),
    "by the index": (
        loop("[a, b, c]", '"{{ index / 2 }}"'),
        "{order_exposure: 9}",
        "the order of item 2 would put $10 at risk, and the limit is 9",
    ),
    "items that go": (
        loop("[0.1, 0.2, 0.3]", when=", when: item > 0.1"),
        "{orders: 1}",
        "this run would send 2 orders, and the limit is 1",
    ),
    "items whose values come later": (
        loop("['{{ inputs.price }}', '{{ run.id }}']"),
        "{orders: 1}",
        "this run would send 2 orders, and the limit is 1",
    ),
    "order of an unknown list": (
        loop("inputs.many", "0.5"),
        "{orders: 0, order_exposure: 4}",
        "this order would put $5.0 at risk, and the limit is 4",
    ),
    "orders of a day": (
        orders("0.5", "0.5"),
        "{orders: 2, per_day: {orders: 1}}",
        "this run would send 2 orders, and the limit of a day is 1",
    ),
    "exposure of a day": (
        loop("[0.1, 0.2, 0.3]"),
        "{per_day: {exposure: 5.9}}",
        "this run would put $6.0 at risk, and the limit of a day is 5.9",
    ),
    "order of unknown going": (
        orders("0.5", when=", when: inputs.much"),
        "{order_exposure: 4}",
        "this order would put $5.0 at risk, and the limit is 4",
    ),
}


@pytest.mark.parametrize(("steps", "limits", "label"), CROSSED.values(), ids=CROSSED)
def test_constants(steps: str, limits: str, label: str) -> None:
    """Constants that cross a limit are a mistake of the playbook."""
    assert examined(steps, limits) == [label]


KEPT = {
    "a replace is no order, and adds what only the run tells": (
        replace("price: 0.5, quantity: 10"),
        "{orders: 0, exposure: 0, order_exposure: 5, order_quantity: 10}",
    ),
    "just reached": (orders("0.5", "0.5"), "{orders: 2, exposure: 10, order_exposure: 5, order_quantity: 10}"),
    "not performed": (orders("0.5", when=", when: false"), "{orders: 0, exposure: 0, order_exposure: 0}"),
    "not performed by a constant": (orders("0.5", when=", when: 1 == 2"), "{orders: 0}"),
    "known only with the inputs": (orders('"{{ inputs.price }}"'), "{exposure: 1}"),
    "perhaps not performed": (orders("0.5", when=", when: inputs.much"), "{orders: 0, exposure: 0}"),
    "pattern": (orders("0.5"), "{symbols: ['?']}"),
    "loop just reached": (loop("[0.1, 0.2, 0.3]"), "{orders: 3, exposure: 6, order_exposure: 3}"),
    "loop over a list of later": (loop("inputs.many"), "{orders: 0, exposure: 0}"),
    "loop over nothing": (loop("[]"), "{orders: 0}"),
    "no item goes": (loop("[1, 2]", when=", when: item > 2"), "{orders: 0, order_exposure: 0}"),
    "items that perhaps go": (loop("[1, 2]", when=", when: inputs.much"), "{orders: 0, exposure: 0}"),
    "day just reached": (orders("0.5", "0.5"), "{per_day: {orders: 2, exposure: 10}}"),
    "no limits": (orders("0.5"), "{}"),
}


@pytest.mark.parametrize(("steps", "limits"), KEPT.values(), ids=KEPT)
def test_not_crossed(steps: str, limits: str) -> None:
    """What only the inputs or the run tell is not complained of before."""
    assert examined(steps, limits) == []


INPUTS = {
    "price": (orders('"{{ inputs.price }}"'), {"price": "0.9"}, "{exposure: 8}", "this run would put $9.0 at risk"),
    "sum": (
        orders('"{{ inputs.price }}"', "0.1"),
        {"price": "0.8"},
        "{exposure: 8}",
        "this run would put $9.0 at risk",
    ),
    "quantity": (
        orders("0.5", quantity='"{{ inputs.price * 100 }}"'),
        {"price": "0.9"},
        "{order_quantity: 89}",
        "this order is for 90.0 contracts",
    ),
    "performed": (
        orders("0.5", when=", when: inputs.much"),
        {"much": "true"},
        "{orders: 0}",
        "this run would send 1 orders",
    ),
    "loop": (
        loop("inputs.many"),
        {"many": "[0.1, 0.2, 0.3]"},
        "{orders: 3, exposure: 5}",
        "this run would put $6.0 at risk",
    ),
    "one item of a loop": (
        loop("inputs.many"),
        {"many": "[0.1, 0.2, 0.3]"},
        "{order_exposure: 2}",
        "the order of item 2 would put $3.0 at risk",
    ),
    "some items of a loop": (
        loop("inputs.many", when=", when: inputs.much and item > 0.1"),
        {"many": "[0.1, 0.2, 0.3]"},
        "{orders: 1}",
        "this run would send 2 orders",
    ),
    "orders of a day": (
        loop("inputs.many"),
        {"many": "[0.1, 0.2, 0.3]"},
        "{per_day: {orders: 2}}",
        "this run would send 3 orders, and the limit of a day is 2",
    ),
    "cash": (
        orders("0.5").replace("price: 0.5, quantity: 10", "type: market_to_limit, cash: '{{ inputs.price }}'"),
        {"price": "0.9"},
        "{exposure: 0.5}",
        "this run would put $0.9 at risk",
    ),
}


@pytest.mark.parametrize(("steps", "given", "limits", "message"), INPUTS.values(), ids=INPUTS)
def test_inputs(steps: str, given: dict[str, str], limits: str, message: str) -> None:
    """With the inputs' values it is refused by the guard, exit 5, naming step, limit and its place."""
    with pytest.raises(GuardRefused) as refused:
        plan_of(playbook(steps, head=HEAD.replace("LIMITS", limits)), given)
    assert re.match("step `(order.|loop)`: ", refused.value.message)
    assert message in refused.value.message
    assert "the limit stands at playbooks/tried.yaml:7:" in refused.value.help


def test_inputs_within() -> None:
    """Other inputs pass."""
    plan_of(playbook(orders('"{{ inputs.price }}"'), head=HEAD.replace("LIMITS", "{exposure: 8}")), {"price": "0.8"})


def bound(**numbers: int) -> Bounds:
    return Bounds({name: Bound(name, Decimal(value), "pmx.yaml:1:1") for name, value in numbers.items()}, ())


def test_strictest_of_all() -> None:
    """Of several statements of a limit the strictest holds, with its own place; of names every list must be met."""
    names = Bounds({}, (NameBound("symbols", ("A*",), "pmx.yaml:9:1"),))
    plan = plan_of(
        playbook("  - {id: it, action: check_health}", head="limits: {orders: 3, exposure: 5, symbols: ['*B']}"),
        bounds=[bound(orders=2, exposure=9), names],
    )
    assert {name: (each.value, each.origin) for name, each in plan.bounds.numbers.items()} == {
        "orders": (Decimal(2), "pmx.yaml:1:1"),
        "exposure": (Decimal(5), "playbooks/tried.yaml:3:31"),
    }
    assert [each.patterns for each in plan.bounds.names] == [("*B",), ("A*",)]


def test_limits_of_a_day() -> None:
    """They are bounds like all others, the strictest with its own place."""
    of_settings = Bounds({"per_day.orders": Bound("per_day.orders", Decimal(7), "pmx.yaml:1:1")}, ())
    plan = plan_of(
        playbook("  - {id: it, action: check_health}", head="limits: {per_day: {orders: 9, exposure: 50.5}}"),
        bounds=[of_settings],
    )
    assert {name: (str(each.value), each.origin) for name, each in plan.bounds.numbers.items()} == {
        "per_day.orders": ("7", "pmx.yaml:1:1"),
        "per_day.exposure": ("50.5", "playbooks/tried.yaml:3:41"),
    }


def test_limits_of_a_day_from_settings() -> None:
    """Both places of `pmx.yaml` that may state limits."""
    limits = (
        LimitSettings(per_day_orders=Setting(20, "pmx.yaml:1:1")),
        LimitSettings(per_day_exposure=Setting(Decimal("12.5"), "pmx.yaml:2:1"), orders=Setting(0, "pmx.yaml:3:1")),
    )
    settings = Settings(Setting("uat"), Setting(Decimal(20)), Setting(Decimal(300)), Setting(400), limits=limits)
    assert [dict(each.numbers) for each in bounds_of(settings)] == [
        {"per_day.orders": Bound("per_day.orders", Decimal(20), "pmx.yaml:1:1")},
        {
            "orders": Bound("orders", Decimal(0), "pmx.yaml:3:1"),
            "per_day.exposure": Bound("per_day.exposure", Decimal("12.5"), "pmx.yaml:2:1"),
        },
    ]


def test_orders_of_finally_count() -> None:
    """Orders that `finally` sends count like any other."""
    tail = "finally:\n" + orders("0.5").replace("order0", "last")
    memory = Forgetful()
    text = playbook(orders("0.5"), head="limits: {orders: 1}", tail=tail)
    written = load(Source("playbooks/tried.yaml", text), KnownActions(), memory)
    assert [each.label for each in examine(written, BUILTIN, (), memory)] == [
        "this run would send 2 orders, and the limit is 1"
    ]
