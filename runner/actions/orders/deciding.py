"""Whether a replace was carried out: read until the venue shows it, and looked for where its answer was lost.

The venue tells a refused replace nowhere: the order works on as it was. What was not decided within five seconds is
rejected by the exchange itself. Source: docs.polymarket.us, trader-guide/rate-limits (the latency stopgap) and
trader-guide/order-management.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from runner.action import Context
from runner.actions.orders.amending import Terms
from runner.actions.orders.lookup import (
    Found,
    find_order,
    in_our_terms,
    most_looks,
    pauses,
    read_order,
    reading_orders_foreseen,
    reconciling_foreseen,
    sought,
)
from runner.clock import Deadline
from runner.errors import InDoubt, Refused, StepErrored, Unreachable
from runner.foreseen import Foreseen
from runner.frozen import frozen
from runner.venue import asks, endpoints
from runner.venue.asks import Listing, Word
from runner.venue.wire import Fields

_REJECTED_AFTER = 6.0
_LOOKS_AT_UNCHANGED = 2


@frozen
class Sent:
    """A replace that was sent, or may have been. ``before`` is the order as it was, None if that is not known."""

    order_id: str
    symbol: str
    clord_id: str
    body: Mapping[str, Any]
    before: Found | None = None

    def shown(self, found: Found) -> bool:
        """Whether the venue shows the order as replaced: decided, and with the new client order id or new terms."""
        if found.order.pending:
            return False
        wanted = Terms.of(self.body)
        told_by_terms = self.before is None or Terms.of(self.before.raw) != wanted
        return found.order.clord_id == self.clord_id or (told_by_terms and Terms.of(found.raw) == wanted)


@frozen
class Decision:
    """What the venue shows of the order now; ``reason`` is the venue's for a refusal, if it gave one."""

    found: Found
    carried_out: bool
    reason: str = ""


def decided(context: Context, sent: Sent, seconds: float) -> Decision:
    """Read the order until the venue has decided about the replace, for at most ``seconds``.

    Raises ``InDoubt`` if it has not by then, or if the order does not show.
    """
    reading = context.reading_back()
    deadline = Deadline(context.clock, min(seconds, context.deadline.left))
    watch = _Watch(sent.before, context.clock.steady())
    for pause in pauses():
        seen, why_not = _look(reading, sent)
        if seen is not None and sent.shown(seen):
            return _carried_out(context, sent, seen)
        if seen is not None and watch.refused(seen, context.clock.steady()):
            return _refused(reading, sent, seen)
        if deadline.left < pause:
            raise _undecided(seen, sent, seconds, why_not)
        context.wait(pause, "until the venue has decided about the replace")
    raise AssertionError("pauses never end")


def deciding_foreseen(order_id: Word, clord_id: Word, symbol: Word, seconds: float | None) -> Iterator[Foreseen]:
    """The calls of ``decided`` and of ``reconcile_replace``."""
    most, by_id = most_looks(seconds), {"orderId": order_id}
    yield from reading_orders_foreseen(by_id, symbol, most, "until the venue has decided")
    hidden = "where the order does not show under its id, and before a replace is said to be refused"
    renamed = None if most is None else most + 1
    yield from reading_orders_foreseen({"clordId": clord_id}, symbol, renamed, hidden)
    yield Foreseen(_last_of(order_id, symbol).page(), when="why, if the replace is refused", counted=False)
    lost = "looking for the replace, if its answer was lost, or it was refused at once"
    yield from reading_orders_foreseen(by_id, symbol, 6, lost, trouble=True)
    yield from reconciling_foreseen(clord_id, symbol)


def reconcile_replace(context: Context, sent: Sent) -> str:
    """Look for what became of a replace whose answer was lost; gives the order's id if the venue had it.

    Raises ``StepErrored`` when looks over the whole window all showed the order as it was, ``InDoubt`` when less than
    that is known. It is never sent again.
    """
    steadfast = context.reconciling()
    what = f"order {sent.order_id}, the answer to whose replace was lost"
    found, looks = sought(steadfast, what, lambda: _arrived(steadfast, sent))
    if found is not None:
        steadfast.note(f"the answer to the replace was lost; found the order as {found.order.state}")
        return found.order.id
    if looks:
        context.lost(sent.clord_id, "not_found")
        raise StepErrored(
            f"the answer to the replace of order {sent.order_id} was lost, and {looks} looks over "
            f"{context.reconcile_window:g} s showed the order as it was: as far as can be known it was not replaced",
            help="it is not sent again, and the order works on; look at it before you run this playbook once more",
        )
    context.lost(sent.clord_id, "inconclusive")
    raise InDoubt(
        f"the answer to the replace of order {sent.order_id} was lost, and the venue could not be asked often enough "
        "to know its fate",
        help=f"look at order {sent.order_id}: replaced, it has the client order id {sent.clord_id}",
        clord_id=sent.clord_id,
    )


@dataclass(slots=True)
class _Watch:
    """Tells a refusal from a replace that is still on its way, by what the order shows of it."""

    before: Found | None
    began: float
    pending: bool = False
    unchanged: int = 0

    def refused(self, seen: Found, now: float) -> bool:
        """Whether an order that does not show the replace never will: it is over, or it was asked and stayed."""
        if seen.order.pending:
            self.pending = True
            return False
        if self.pending or self._touched(seen):
            self.unchanged += 1
        return seen.order.terminal or self.unchanged >= _LOOKS_AT_UNCHANGED or now - self.began >= _REJECTED_AFTER

    def _touched(self, seen: Found) -> bool:
        """Whether something happened to the order, and it was no trade."""
        if self.before is None or seen.order.filled_quantity != self.before.order.filled_quantity:
            return False
        return seen.order.updated_at != self.before.order.updated_at


def _look(context: Context, sent: Sent) -> tuple[Found | None, str]:
    """The order, if it shows; else why there was no usable answer, if there was none."""
    try:
        return read_order(context, sent.order_id, sent.symbol) or find_order(context, sent.clord_id, sent.symbol), ""
    except (Refused, Unreachable) as error:
        return None, error.message


def _arrived(context: Context, sent: Sent) -> Found | None:
    """The order, if it shows that the venue got the replace, or is over; None as long as it is as it was."""
    found = read_order(context, sent.order_id, sent.symbol)
    if found is not None and (found.order.pending or found.order.terminal or sent.shown(found)):
        return found
    return find_order(context, sent.clord_id, sent.symbol)


def _refused(context: Context, sent: Sent, seen: Found) -> Decision:
    """Before it is said to be refused, one look for an order that has another id since."""
    try:
        renamed = find_order(context, sent.clord_id, sent.symbol)
        if renamed is not None and sent.shown(renamed):
            return _carried_out(context, sent, renamed)
        reason = _reason(context, sent)
    except (Refused, Unreachable):
        reason = ""
    context.lost(sent.clord_id, "refused")
    return Decision(seen, False, reason)


def _carried_out(context: Context, sent: Sent, found: Found) -> Decision:
    context.replaced(sent.clord_id)
    return Decision(found, True)


def _reason(context: Context, sent: Sent) -> str:
    """The text of the order's last execution, if that tells of a reject."""
    orders = endpoints.search_orders(
        context.desk, _named(sent.order_id, sent.symbol), 1, with_last_execution=True
    ).value
    raw = next((each for each in orders if each.id == sent.order_id and each.execution), None)
    if raw is None or Fields(raw.execution).text("type", "") != "EXECUTION_TYPE_REJECTED":
        return ""
    order = in_our_terms(context, raw)
    return order.reject_text or order.reject_reason


def _named(order_id: Word, symbol: Word) -> dict[str, Word]:
    return {"orderId": order_id, "symbol": symbol}


def _last_of(order_id: Word, symbol: Word) -> Listing:
    return asks.search_orders(_named(order_id, symbol), 1, with_last_execution=True)


def _undecided(seen: Found | None, sent: Sent, seconds: float, why_not: str) -> InDoubt:
    message = f"the replace of order {sent.order_id} ({sent.symbol}) is not decided after {seconds:g} s"
    if seen is not None:
        message += f"; the order is {seen.order.state}"
    if why_not:
        message += f"; at the last look {why_not}"
    help = f"look at the order at the venue: replaced, it has the client order id {sent.clord_id}"
    return InDoubt(message, help=help, clord_id=sent.clord_id)
