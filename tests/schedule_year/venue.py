"""The exchange of a simulated year: founded anew every week, on the same address, with a clock that is set."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_PATIENCE_SECONDS = 60


class Venue:
    """Founded at a moment, since its instruments expire some weeks later; ``folder`` keeps the client's key."""

    def __init__(self, folder: Path, at: datetime) -> None:
        self._folder = folder
        self._database = folder / "exchange.db"
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.variables: Mapping[str, str] = {}
        folder.mkdir(mode=0o700)
        self.found(at)

    def found(self, at: datetime) -> None:
        """Begin anew: no orders, an instrument list of the day."""
        self.down()
        for each in self._folder.glob(f"{self._database.name}*"):
            each.unlink()
        self.up(at)
        self._makers = {order["participant"] for order in self._ask("GET", "/orders")["orders"]}

    def up(self, at: datetime) -> None:
        """Serve, with all that it knew when it ended."""
        if self._process is not None:
            return
        command = [sys.executable, "-m", "schedule_year.exchange_at", at.isoformat(), "--print-env", "json"]
        options = ["--stop-with-stdin", "--settle-ms", "0", "--port", str(self._port), "--key-dir", str(self._folder)]
        more = ["--db", str(self._database), "--switch", "maintenance_window=trading_hours"]
        self._process = subprocess.Popen(
            [*command, *options, *more],
            cwd=Path(__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout
        self.variables = json.loads(self._process.stdout.readline())
        self._port = urlsplit(self.variables["PMX_BASE_URL"]).port or 0
        parts = urlsplit(self.variables["PMX_SANDBOX_CONTROL_URL"])
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_SECONDS)

    def down(self) -> None:
        """End: connections are refused from now on."""
        if self._process is not None:
            self._connection.close()
            self._process.terminate()
            self._process.communicate(timeout=_PATIENCE_SECONDS)
            self._process = None

    def set_clock(self, to: datetime) -> None:
        """It is this moment now, until it is set again."""
        if self._process is not None:
            self._ask("POST", "/clock", {"set": to.isoformat()})

    def arm(self, faults: Sequence[Mapping[str, object]]) -> None:
        """These faults and no others wait for their calls."""
        self._ask("DELETE", "/faults")
        if faults:
            self._ask("POST", "/faults", {"faults": list(faults)})

    def add(self, fault: Mapping[str, object]) -> None:
        """One more of them, if it serves."""
        if self._process is not None:
            self._ask("POST", "/faults", {"faults": [fault]})

    def orders(self) -> list[dict[str, Any]]:
        """Every order as it truly is, but those of the maker."""
        return [order for order in self._ask("GET", "/orders")["orders"] if order["participant"] not in self._makers]

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        """A control call; the connection may have been closed for idling."""
        headers = {"authorization": f"Bearer {self.variables['PMX_SANDBOX_CONTROL_TOKEN']}"}
        for _ in range(2):
            with suppress(http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self._connection.request(method, path, None if body is None else json.dumps(body), headers)
                answer = self._connection.getresponse()
                found = json.loads(answer.read())
                assert answer.status == 200, found
                return found
            self._connection.close()
        raise AssertionError(f"no answer to {method} {path}")
