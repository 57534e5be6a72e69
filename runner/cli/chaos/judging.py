"""What a run must have kept to, whatever happened to it: the exchange's own record against the journal's report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from runner.errors import ExitCode
from runner.frozen import frozen
from runner.record.events import Intent
from runner.record.result import OrderResult, RunResult

Promise: TypeAlias = Literal["double order", "order left open", "report disagrees", "not settled"]

_OPEN = frozenset({"NEW", "PARTIALLY_FILLED", "PENDING_NEW", "PENDING_CANCEL", "PENDING_REPLACE", "PENDING_RISK"})
_NEVER_THERE = frozenset({"not_found", "not_sent", "refused"})
_SETTLED = frozenset({ExitCode.PASSED, ExitCode.FAILED, ExitCode.ERRORED, ExitCode.REFUSED})


@frozen
class Violation:
    """A promise that was broken, and what was seen."""

    promise: Promise
    seen: str


@frozen
class Evidence:
    """What can be known of one trial when all is over.

    ``resumed`` and ``resumed_again`` are exit codes; ``status`` is the journal's word on the run, None if it did not
    come to its end; ``result`` is None if the run never began. ``orders`` are the exchange's own record of this trial,
    and ``calls_again`` counts what the second ``resume`` asked of it.
    """

    resumed: int
    resumed_again: int
    status: str | None
    result: RunResult | None
    orders: Sequence[Mapping[str, Any]]
    calls_again: int


def violations(evidence: Evidence, left_open: frozenset[str]) -> Iterator[Violation]:
    """Every promise that was broken; ``left_open`` are the paths whose orders an undisturbed run leaves open."""
    known = {_name(each): each for each in evidence.result.orders} if evidence.result else {}
    yield from _double(evidence.orders, known)
    for order in evidence.orders:
        told = known.get(order["client_order_id"])
        if order["state"] in _OPEN and (told is None or told.intended.path not in left_open):
            yield Violation("order left open", f"{_named(order)} is {order['state']} at the exchange")
    yield from _disagreements(evidence.orders, known)
    yield from _unsettled(evidence)


def open_paths(orders: Sequence[Mapping[str, Any]], result: RunResult) -> frozenset[str]:
    """The paths whose orders are open at the exchange."""
    open_ids = {order["client_order_id"] for order in orders if order["state"] in _OPEN}
    return frozenset(each.intended.path for each in result.orders if _name(each) in open_ids)


def _name(told: OrderResult) -> str:
    """The client order id that an order has by now: a replace gives it another one."""
    return told.clord_id or told.intended.clord_id


def _double(orders: Sequence[Mapping[str, Any]], known: Mapping[str, OrderResult]) -> Iterator[Violation]:
    for clord_id, count in Counter(order["client_order_id"] for order in orders).items():
        if clord_id not in known:
            yield Violation("double order", f"order {clord_id or 'without an id'} is there, and no run intended it")
        elif count > 1:
            yield Violation("double order", f"{count} orders with the client order id {clord_id}")


def _disagreements(orders: Sequence[Mapping[str, Any]], known: Mapping[str, OrderResult]) -> Iterator[Violation]:
    there = {order["client_order_id"]: order for order in orders}
    for clord_id, told in known.items():
        order = there.get(clord_id)
        if order is None:
            if told.state not in _NEVER_THERE:
                said = told.state or "nothing"
                yield Violation("report disagrees", f"order {clord_id}: the report says {said}, and it never was there")
        elif not _same(order, told):
            at_exchange = f"{order['state']}, {order['filled']} of {order['quantity']} filled (wire units)"
            said = f"{told.state or 'nothing'}, {told.filled_quantity} contracts filled"
            yield Violation("report disagrees", f"{_named(order)} is {at_exchange}; the report says {said}")


def _same(order: Mapping[str, Any], told: OrderResult) -> bool:
    return told.state == f"ORDER_STATE_{order['state']}" and _same_quantity(order["filled"], told)


def _same_quantity(filled: int, told: OrderResult) -> bool:
    """Whether a wire quantity is what was told; of an order by cash only whether anything filled is known."""
    scale = _scale(told.intended)
    return bool(filled) == bool(told.filled_quantity) if scale is None else filled == told.filled_quantity * scale


def _scale(intended: Intent) -> Decimal | None:
    """Wire units in a contract."""
    wire = intended.body.get("orderQty")
    return Decimal(str(wire)) / intended.quantity if wire is not None and intended.quantity else None


def _unsettled(evidence: Evidence) -> Iterator[Violation]:
    if evidence.resumed not in _SETTLED:
        yield Violation("not settled", f"`resume` ended with {evidence.resumed}")
    if evidence.result is not None and evidence.status in {None, "in_doubt"}:
        yield Violation("not settled", f"after `resume` the journal has the run as {evidence.status or 'not ended'}")
    if evidence.resumed_again or evidence.calls_again:
        words = f"a second `resume` ended with {evidence.resumed_again} after {evidence.calls_again} calls"
        yield Violation("not settled", f"{words}, and had nothing to do")


def _named(order: Mapping[str, Any]) -> str:
    return f"order {order['id']} (client order id {order['client_order_id']})"
