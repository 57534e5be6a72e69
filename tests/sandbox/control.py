"""A small client of the control port, for tests that need a fault, another time, or the truth."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any


class ControlRefused(Exception):
    """The control port said no."""


class Control:
    """The control port of one exchange, by the variables that the exchange printed."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._url = variables["PMX_SANDBOX_CONTROL_URL"]
        self._token = variables["PMX_SANDBOX_CONTROL_TOKEN"]

    def arm(self, fault: str, **settings: object) -> int:
        """Let one fault wait for its calls; its number."""
        ids: list[int] = self.call("POST", "/faults", {"faults": [{"fault": fault, **settings}]})["ids"]
        return ids[0]

    def disarm(self) -> None:
        """Take all faults back."""
        self.call("DELETE", "/faults")

    def move(self, seconds: float) -> None:
        """Move the exchange's clock."""
        self.call("POST", "/clock", {"move": seconds})

    def calls(self, after: int = 0) -> list[dict[str, Any]]:
        """The log of calls."""
        found: list[dict[str, Any]] = self.call("GET", f"/calls?after={after}")["calls"]
        return found

    def orders(self) -> list[dict[str, Any]]:
        """Every order as it truly is."""
        found: list[dict[str, Any]] = self.call("GET", "/orders")["orders"]
        return found

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Any control call. Raises ControlRefused."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(self._url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ControlRefused(json.load(error)["error"]) from None
