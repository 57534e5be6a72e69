"""An exchange of one's own, asked and disturbed through its control port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from runner.cli.embedded import EmbeddedExchange
from runner.errors import StepErrored

_PATIENCE = 30.0
_OVER = frozenset({"FILLED", "CANCELED", "REJECTED", "EXPIRED"})
LOST: Mapping[str, object] = {"fault": "no_answer", "commit": "after"}
"""The fault of an answer that is lost, the exchange having done what it was asked to."""
LOSING: Mapping[str, object] = {**LOST, "operation": "POST /v1/trading/orders*"}
"""The same of each call that changes an order."""


class Exchange:
    """A sandbox exchange without rate limits; further ``options`` are its program's."""

    def __init__(self, *options: str) -> None:
        import requests

        self._process = EmbeddedExchange("--rates", "off", *options)
        self.variables: Mapping[str, str] = self._process.variables()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["authorization"] = f"Bearer {self.variables['PMX_SANDBOX_CONTROL_TOKEN']}"
        self._makers = {order["participant"] for order in self.ask("GET", "/orders")["orders"]}

    @property
    def as_new(self) -> bool:
        """Whether all its orders are over and none traded, so that it is as it was in its first moment."""
        return all(order["state"] in _OVER and not order["filled"] for order in self.orders())

    def orders(self) -> list[dict[str, Any]]:
        """Every order as it truly is, oldest first, but those of the maker that the exchange brings along."""
        return [order for order in self.ask("GET", "/orders")["orders"] if order["participant"] not in self._makers]

    def now(self) -> datetime:
        """Its time."""
        return datetime.fromisoformat(self.ask("GET", "/clock")["now"])

    def calls_since(self, moment: datetime) -> int:
        """How many of the calls that began after a moment have ended."""
        calls = self.ask("GET", "/calls?after=0")["calls"]
        return sum(datetime.fromisoformat(call["at"]) > moment for call in calls)

    @contextmanager
    def armed(self, fault: Mapping[str, object]) -> Iterator[None]:
        """Within the block calls meet a fault, as the control port takes one."""
        self.ask("POST", "/faults", {"faults": [fault]})
        try:
            yield
        finally:
            self.ask("DELETE", "/faults")

    def stop(self) -> None:
        """End it."""
        self._session.close()
        self._process.stop()

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """A call of the control port. Raises ``StepErrored`` if it says no."""
        url = self.variables["PMX_SANDBOX_CONTROL_URL"] + path
        answer = self._session.request(method, url, json=body, timeout=_PATIENCE, allow_redirects=False)
        if not answer.ok:
            raise StepErrored(f"the exchange's control port answers {answer.status_code} to {method} {path}")
        return answer.json()
