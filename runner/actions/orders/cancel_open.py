"""Cancelling all open orders of an account, and reading each back until the venue's own state says that it is over.

The exchange has no cancel of all orders for institutions: they are listed, and cancelled by lists of twenty. The answer
to such a list tells nothing of any of them. Source: docs.polymarket.us, institutional/trading/overview.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from runner.action import Action, Arguments, Context, Observation
from runner.actions.orders.cancel import most_asked_again
from runner.actions.orders.lookup import (
    Found,
    in_our_terms,
    most_looks,
    pauses,
    read_order,
    reading_orders_foreseen,
    scales_foreseen,
)
from runner.actions.orders.telling import said, short, traded
from runner.actions.shapes import ORDER, RAW, many, record
from runner.errors import InDoubt, Refused, StepFailed, Unreachable
from runner.foreseen import Foreseen, Outlook, times
from runner.later import Later
from runner.value import DURATION, FLAG, NAME, Argument, counted
from runner.venue import asks, endpoints
from runner.venue.asks import Word
from runner.venue.model import Order
from runner.venue.normal import RawOrder
from runner.venue.wire import moment

_AT_ONCE = 20
_ASK_AGAIN_AFTER = 2.0
_FORBIDDEN = {401, 403}
_FEW = 3
_MOST = 100_000


def _perform(arguments: Arguments, context: Context) -> Observation:
    wanted = _wanted(arguments, context)
    over = _cancel_all(context, {each.order.id: each for each in wanted})
    orders = [over[each.order.id] for each in wanted]
    result = {"orders": [each.order.plain() for each in orders], "raw": [dict(each.raw) for each in orders]}
    failure = _positions(context, [each.order for each in orders])
    expect_unfilled = context.is_cleanup if arguments["expect_unfilled"] is None else arguments["expect_unfilled"]
    return Observation(result, _learned(orders), failure if expect_unfilled else None)


def _wanted(arguments: Arguments, context: Context) -> list[Found]:
    """The account's open orders that were asked for, oldest first as the venue lists them."""
    found = context.looked_up(lambda: _open(context, arguments["symbol"]))
    if arguments["older_than"] is None:
        return found
    latest = context.clock.now() - timedelta(milliseconds=arguments["older_than"])
    dated = [(each, each.order.created_at) for each in found]
    if undated := [each.order.id for each, at in dated if at is None]:
        context.note(f"the venue does not tell how old they are, so they are left: {', '.join(undated)}")
    return [each for each, at in dated if at is not None and at <= latest]


def _open(context: Context, symbol: str | None) -> list[Found]:
    reply = endpoints.open_orders(context.desk, *_named(symbol, context.account))
    found = [Found(in_our_terms(context, raw), raw.values) for raw in reply.value]
    return [each for each in found if not each.order.terminal]


def _named(symbol: Word | None, account: Word) -> tuple[list[Any], list[Any]]:
    return [symbol] if symbol else [], [account] if account else []


def _foreseen(arguments: Arguments, outlook: Outlook) -> Iterator[Foreseen]:
    symbol, account, seconds = arguments["symbol"], outlook.account, outlook.seconds
    order_id, its_symbol = Later("id of an order, from the list"), symbol or Later("its symbol, from the list")
    asked = None if seconds is None else 1 + (most_asked_again(seconds) or 0)
    looks = most_looks(seconds)
    yield Foreseen(asks.open_orders(*_named(symbol, account)))
    several = asks.cancel_orders(Later("each of up to 20 orders, from the list"))
    yield Foreseen(several, None, "twenty at once, and again every 2 s, until all are over")
    yield Foreseen(asks.cancel_order(order_id, its_symbol), asked, "where one is left alone")
    yield Foreseen(asks.cancel_order(order_id, its_symbol), None, "where a list of cancels is refused", trouble=True)
    yield Foreseen(asks.open_orders(*_named(None, account)), looks, "until all are over", counted=False)
    few, gone = times(looks, _FEW), f"for each of up to {_FEW} that are not open any more"
    yield from reading_orders_foreseen({"orderId": order_id}, its_symbol, few, gone)
    search = asks.search_orders(_since(symbol or Later("their symbol, if it is one"), Later("of the oldest")), _MOST)
    for most, page in ((looks, search.page()), (None, search.page(Later("page token, from the page before")))):
        yield Foreseen(page, most, f"for more than {_FEW} that are not open any more", counted=False)
    yield from scales_foreseen(symbol, None)


def _cancel_all(context: Context, wanted: dict[str, Found]) -> dict[str, Found]:
    """Cancel until all are over, for as long as the step may take; raises ``InDoubt`` if some are not by then."""
    left, over = dict(wanted), dict[str, Found]()
    asked_at = context.clock.steady() - _ASK_AGAIN_AFTER
    reading = context.reading_back()
    for pause in pauses():
        if left and context.clock.steady() - asked_at >= _ASK_AGAIN_AFTER:
            asked_at = context.clock.steady()
            _ask(context, left.values())
        for found in _read(reading, left):
            left[found.order.id] = found
            if found.order.terminal:
                over[found.order.id] = left.pop(found.order.id)
        if not left:
            return over
        if context.deadline.left <= pause:
            raise _not_over(left.values(), len(over))
        context.wait(pause, "until the orders are cancelled")
    raise AssertionError("pauses never end")


def _ask(context: Context, orders: Iterable[Found]) -> None:
    """Send the cancels, by lists; one by one where the venue takes no list."""
    named = [(each.order.id, each.order.symbol) for each in orders]
    for start in range(0, len(named), _AT_ONCE):
        part = named[start : start + _AT_ONCE]
        if len(part) == 1 or not _ask_for_list(context, part):
            for order_id, symbol in part:
                _ask_for_one(context, order_id, symbol)


def _ask_for_list(context: Context, part: list[tuple[str, str]]) -> bool:
    try:
        endpoints.cancel_orders(context.desk, part)
    except Refused as refused:
        if refused.status in _FORBIDDEN:
            raise
        context.note(f"the list of cancels was refused ({refused.message}); they are sent one by one")
        return False
    except Unreachable as unreachable:
        context.note(f"the cancels were not answered: {unreachable.message}")
    return True


def _ask_for_one(context: Context, order_id: str, symbol: str) -> None:
    """A refusal may only mean that the order is over already; its state will tell."""
    try:
        endpoints.cancel_order(context.desk, order_id, symbol)
    except Refused as refused:
        if refused.status in _FORBIDDEN:
            raise
    except Unreachable as unreachable:
        context.note(f"the cancel was not answered: {unreachable.message}")


def _read(context: Context, left: dict[str, Found]) -> Iterator[Found]:
    """The orders as they are now, as far as the venue answers: those still open, and those that are not any more."""
    if not left:
        return
    try:
        shown = {each.order.id: each for each in _open(context, None) if each.order.id in left}
        yield from shown.values()
        gone = [each for id, each in left.items() if id not in shown]
        yield from _read_closed(context, gone)
    except (Refused, Unreachable):
        return


def _read_closed(context: Context, gone: list[Found]) -> list[Found]:
    """Orders that are not listed as open: few of them one by one, many by one search, which is rationed."""
    if len(gone) > _FEW:
        return list(_searched(context, gone))
    read = (read_order(context, each.order.id, each.order.symbol) for each in gone)
    return [each for each in read if each is not None]


def _searched(context: Context, gone: list[Found]) -> Iterator[Found]:
    ids, symbols = {each.order.id for each in gone}, {each.order.symbol for each in gone}
    created = [each.order.created_at for each in gone]
    since = None if None in created else min(at for at in created if at is not None)
    filters = _since(symbols.pop() if len(symbols) == 1 else None, since)
    for raw in endpoints.search_orders(context.desk, filters, _MOST).value:
        if raw.id in ids:
            yield _found(context, raw)


def _since(symbol: Word | None, since: datetime | Later | None) -> dict[str, Any]:
    return {"symbol": symbol, "startTime": moment(since)}


def _found(context: Context, raw: RawOrder) -> Found:
    return Found(in_our_terms(context, raw), raw.values)


def _learned(orders: list[Found]) -> str:
    """``3 orders cancelled``, or what became of those that were not."""
    states = Counter(short(each.order.state).lower() for each in orders)
    cancelled = states.pop("canceled", 0)
    others = "".join(f", {count} {state}" for state, count in states.items())
    return f"{counted(cancelled, 'order')} cancelled{others}" if orders else "no open orders"


def _positions(context: Context, orders: list[Order]) -> StepFailed | None:
    """What the orders left as positions: each is told; together they are the failure of whoever expected none."""
    left = [(order, failure) for order in orders if (failure := traded(order)) is not None]
    for order, failure in left:
        context.note(f"order {order.id}: {failure.message}")
    if not left:
        return None
    (order, first), more = left[0], len(left) - 1
    others = f"; so had {counted(more, 'other order')}" if more else ""
    return StepFailed(f"order {order.id}: {first.message}{others}", help=first.help)


def _not_over(left: Iterable[Found], over: int) -> InDoubt:
    orders = list(left)
    named = ", ".join(f"{said(each.order)} ({each.order.symbol})" for each in orders[:5])
    more = f" and {len(orders) - 5} more" if len(orders) > 5 else ""
    return InDoubt(
        f"{counted(len(orders), 'order')} asked to be cancelled and not over, {over} cancelled: {named}{more}",
        help="look at them at the venue: they may still trade",
        clord_id=orders[0].order.clord_id,
        order_id=orders[0].order.id,
        of_end=True,
    )


CANCEL_OPEN_ORDERS = Action(
    name="cancel_open_orders",
    summary="Cancel open orders",
    effect="changes",
    repeatable=True,
    arguments={
        "symbol": Argument(NAME, "Only in this instrument; in all of them if not given"),
        "older_than": Argument(DURATION, "Only those placed longer ago than this"),
        "expect_unfilled": Argument(FLAG, "Fail if any of them had traded; in a cleanup the default is true"),
    },
    result=record(orders=many(ORDER), raw=RAW),
    perform=_perform,
    foresee=_foreseen,
    example=(
        "action: cancel_open_orders\n"
        "with: {symbol: '{{ chosen.symbol }}', older_than: 1h}\n"
        "expect:\n  - result.orders | length >= 0"
    ),
    source="docs.polymarket.us: institutional/trading/overview",
)
