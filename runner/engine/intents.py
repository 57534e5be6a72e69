"""What is announced before it is sent: orders and replaces, and what became of them.

An intent is held against every limit and durable before anything leaves, under a client order id that any later
process knows, too.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace as copy_of
from typing import TYPE_CHECKING

from runner.action import OrderIntent, Replaced
from runner.engine.trail import GONE
from runner.engine.world import World
from runner.errors import GuardRefused, StepErrored
from runner.frozen import frozen
from runner.record.events import (
    CleanupOwed,
    Event,
    Intent,
    OrderIntended,
    OrderLost,
    OrderSeen,
    ReplaceIntended,
    ReplaceSettled,
    Verdict,
)
from runner.venue.participant import firm_of

if TYPE_CHECKING:
    from runner.engine.context import Standing
    from runner.venue.model import Order


@frozen
class Intents:
    """What one step announces."""

    world: World
    standing: Standing

    def intend(self, sending: str, intent: Callable[[str], OrderIntent]) -> tuple[str, OrderIntent]:
        """Hold the order against every limit, then record that it is about to leave and what is owed for it.

        ``sending`` is the path of the leaf that will send it. An intent that was recorded before the process died is
        given as recorded; if it was begun to be sent, no limit is asked any more.
        """
        recorded = self.world.ledger.intended.get(self.standing.path)
        if recorded is not None and self.world.recorder.begun(sending):
            self._refuse_what_is_gone(recorded)
            return recorded.clord_id, _as_intended(recorded)
        self.not_late()
        clord_id = self._clord_id()
        order = intent(clord_id) if recorded is None else _as_intended(recorded)
        services = self.world.services
        with self.world.turn, services.shared.turn():
            firm = firm_of(self.standing.participant)
            self.standing.guards.order(clord_id, order, firm, services.clock.now(), services.clock_offset_ms())
            self._record(clord_id, order)
        return clord_id, order

    def not_late(self) -> None:
        """Refuse to change something that a process which died should have changed long ago."""
        if self.world.going != "on" and not self.standing.steadfast:
            raise GuardRefused(
                f"step `{self.standing.step}` would change something, and this run was broken off too long ago",
                help="what it had begun is settled and cleaned up; run the playbook anew if it is still wanted",
            )

    def seen(self, order: Order) -> None:
        """The venue told the state of an order; one that carries no id of a client's may be ours by the venue's."""
        told = OrderSeen(
            self.standing.path,
            order.clord_id,
            order.id,
            order.state,
            order.filled_quantity,
            order.average_price,
            order.price,
            order.quantity,
        )
        with self.world.turn:
            ledger = self.world.ledger
            known = ledger.seen(order.clord_id)
            new = known is None or copy_of(known, path=told.path) != told
            if new and (order.clord_id or ledger.is_ours(order.id)):
                self.world.tell(told)

    def lost(self, clord_id: str, verdict: Verdict) -> None:
        """What became of an intended order that has no state at the venue, or of a replace not carried out."""
        if self._is_replace(clord_id):
            self.world.tell(ReplaceSettled(self.standing.path, clord_id, verdict))
        else:
            self.world.tell(OrderLost(self.standing.path, clord_id, verdict))

    def replaced(self, clord_id: str) -> None:
        """A replace was carried out."""
        self.world.tell(ReplaceSettled(self.standing.path, clord_id, "carried_out"))

    def _is_replace(self, clord_id: str) -> bool:
        trail = self.world.ledger.trail(clord_id)
        return trail is not None and trail.is_replace(clord_id)

    def _refuse_what_is_gone(self, recorded: Intent) -> None:
        """What the venue was known not to have done, when the process died, needs no further look."""
        ledger = self.world.ledger
        if isinstance(recorded, ReplaceIntended):
            what, fate = "replace", ledger.settled(recorded.clord_id)
            gone = fate in GONE
        else:
            what, fate = "order", ledger.state(recorded.clord_id)
            gone = ledger.over(recorded.clord_id) and ledger.seen(recorded.clord_id) is None
        if gone:
            raise StepErrored(
                f"{what} {recorded.clord_id} was sent before the process died, and never came to be "
                f"({fate.replace('_', ' ')})",
                help="it is not sent again; run the playbook anew if it is still wanted",
            )

    def _record(self, clord_id: str, order: OrderIntent) -> None:
        events: list[Event] = [self._announced(clord_id, order)]
        if self.standing.owes:
            events.append(CleanupOwed(self.standing.path, self.standing.step, clord_id))
        self.world.tell(*events)

    def _clord_id(self) -> str:
        """The id that any later process knows, too: made of nothing but where, who, which run and which step."""
        services, standing = self.world.services, self.standing
        parts = (services.base_url, firm_of(standing.participant), self.world.run_id, standing.path)
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts)))

    def _announced(self, clord_id: str, order: OrderIntent) -> Intent:
        now, standing, replaces = self.world.services.clock.now(), self.standing, order.replaces
        if replaces is None or order.quantity is None:
            return OrderIntended(
                standing.path,
                clord_id,
                order.symbol,
                order.side,
                order.price,
                order.quantity,
                order.exposure,
                standing.participant,
                order.account,
                dict(order.body),
                now,
            )
        return ReplaceIntended(
            standing.path,
            clord_id,
            replaces.order_id,
            replaces.clord_id,
            order.symbol,
            order.side,
            order.price,
            order.quantity,
            order.exposure,
            replaces.added,
            standing.participant,
            order.account,
            dict(order.body),
            now,
        )


def _as_intended(recorded: Intent) -> OrderIntent:
    replaces = None
    if isinstance(recorded, ReplaceIntended):
        replaces = Replaced(recorded.order_id, recorded.replaces, recorded.added)
    return OrderIntent(
        recorded.symbol,
        recorded.side,
        recorded.price,
        recorded.quantity,
        recorded.exposure,
        recorded.account,
        recorded.body,
        replaces,
    )
