"""Which order an event is about: a replace gives it another client order id, and perhaps another id at the venue."""

from __future__ import annotations

from runner.record.events import Intent, OrderLost, OrderSeen, ReplaceIntended, ReplaceSettled


class Aliases:
    """The orders of a run by every id that they had. Each is named by the client order id under which the run came to
    it: the one it was placed under or, if another run placed it, that of its first replace.
    """

    def __init__(self) -> None:
        self._by_clord_id: dict[str, str] = {}
        self._by_order_id: dict[str, str] = {}
        self._order_id: dict[str, str] = {}
        self._newest: dict[str, str] = {}
        self._gone: set[str] = set()

    def enter(self, intent: Intent) -> str:
        """Learn the ids of an intent; gives the name of its order."""
        name = intent.clord_id
        if isinstance(intent, ReplaceIntended):
            name = self._by_clord_id.get(intent.replaces) or self._by_order_id.get(intent.order_id) or name
            self._by_order_id[intent.order_id] = name
            self._order_id.setdefault(name, intent.order_id)
            if intent.replaces:
                self._by_clord_id[intent.replaces] = name
        self._by_clord_id[intent.clord_id] = name
        self._newest[name] = intent.clord_id
        return name

    def of(self, event: OrderSeen | OrderLost | ReplaceSettled) -> str:
        """The name of the order that an event is about, empty if it is none of this run's.

        An id that the venue has given up for another one tells nothing any more.
        """
        name = self._by_clord_id.get(event.clord_id, "")
        if not isinstance(event, OrderSeen):
            return name
        name = name or self._by_order_id.get(event.order_id, "")
        if event.order_id in self._gone:
            return ""
        if name:
            self._learn(name, event)
        return name

    def named(self, clord_id: str) -> str:
        """The name of the order with a client order id, the id itself if it is none of this run's."""
        return self._by_clord_id.get(clord_id, clord_id)

    def named_at_the_venue(self, order_id: str) -> str:
        """The name of the order with an id of the venue's, empty if it is none of this run's."""
        return self._by_order_id.get(order_id, "")

    def order_id_now(self, order_id: str) -> str:
        """The id that the venue has for an order by now; the same for one that is not known."""
        return self._order_id.get(self._by_order_id.get(order_id, ""), order_id)

    def _learn(self, name: str, seen: OrderSeen) -> None:
        before = self._order_id.get(name, seen.order_id)
        if before != seen.order_id and seen.clord_id == self._newest[name]:
            self._gone.add(before)
        self._by_order_id[seen.order_id] = name
        self._order_id[name] = seen.order_id
        if seen.clord_id:
            self._by_clord_id[seen.clord_id] = name
