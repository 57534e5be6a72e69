"""Whole processes: pmx-run, exchanges of their own, and whatever stands between them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from sandbox.served import served

from runner.sandbox.world import instruments

ROOT = Path(__file__).parents[2]
DAY = next(each.symbol for each in instruments(datetime.now(UTC)) if each.symbol.endswith("-kc"))[:-3]
"""What the sandbox's instruments of today's bowl begin with: their names have a day in them, some weeks from now."""
SYMBOL = f"{DAY}-kc"
QUICKSTART = ROOT / "playbooks" / "quickstart.yaml"


@dataclass(frozen=True)
class Exchange:
    """A running exchange, asked over HTTP with a token of the test's own."""

    env: Mapping[str, str]

    def orders(self) -> list[dict[str, Any]]:
        """Every order of the first participant, finished ones included."""
        answer = self._ask("/v1/report/orders/search", {"pageSize": 1000})
        found: list[dict[str, Any]] = answer["order"] if "order" in answer else answer["orders"]
        return found

    def open_orders(self) -> list[str]:
        """What was left behind."""
        over = {"ORDER_STATE_CANCELED", "ORDER_STATE_FILLED", "ORDER_STATE_REJECTED", "ORDER_STATE_EXPIRED"}
        return [order["id"] for order in self.orders() if order["state"] not in over]

    def _ask(self, path: str, body: object) -> Any:
        headers = {"Authorization": f"Bearer {self._token()}", "x-participant-id": self.env["PMX_PARTICIPANT_ID"]}
        return _post(self.env["PMX_BASE_URL"] + path, body, headers)

    def _token(self) -> str:
        now = int(time.time())
        names = {"iss": self.env["PMX_CLIENT_ID"], "sub": self.env["PMX_CLIENT_ID"], "aud": self.env["PMX_AUTH_URL"]}
        key = Path(self.env["PMX_PRIVATE_KEY_PATH"]).read_text()
        claims = names | {"iat": now, "exp": now + 60, "jti": str(uuid.uuid4())}
        form = {
            "client_id": self.env["PMX_CLIENT_ID"],
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims, key, algorithm="RS256"),
            "audience": self.env["PMX_AUDIENCE"],
            "grant_type": "client_credentials",
        }
        return str(_post(self.env["PMX_AUTH_URL"], form, {})["access_token"])


def _post(url: str, body: object, headers: Mapping[str, str]) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@dataclass
class Machine:
    """Somebody's computer: a home, a state directory, an environment without anybody's settings."""

    folder: Path
    env: Mapping[str, str]

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def environ(self, **more: str) -> dict[str, str]:
        """The variables of a process here."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PMX_")}
        home = {"HOME": str(self.folder), "PMX_STATE_DIR": str(self.state)}
        return own | home | dict(self.env) | more

    def run(self, *words: str, program: Sequence[str] = (), **more: str) -> subprocess.CompletedProcess[str]:
        """pmx-run to its end; ``program`` is how Python is to start it, if not as ever."""
        command = [sys.executable, *(program or ("-m", "runner")), *words]
        return subprocess.run(
            command, env=self.environ(**more), cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )

    @contextlib.contextmanager
    def started(self, *words: str, **more: str) -> Iterator[subprocess.Popen[str]]:
        """pmx-run under way."""
        pipe = subprocess.PIPE
        command = [sys.executable, "-m", "runner", *words]
        process = subprocess.Popen(
            command, env=self.environ(**more), cwd=self.folder, stdout=pipe, stderr=pipe, text=True
        )
        with process:
            try:
                yield process
            finally:
                process.kill()


@contextlib.contextmanager
def serving(*options: str) -> Iterator[Exchange]:
    """An exchange on a thread of this process: here it is the runner's processes that matter."""
    with served(*options) as variables:
        yield Exchange(variables)


Start = Callable[..., Exchange]


@pytest.fixture
def exchanges() -> Iterator[Start]:
    """Starts exchanges, and ends them."""
    with contextlib.ExitStack() as stack:
        yield lambda *options: stack.enter_context(serving(*options))


@pytest.fixture
def exchange(exchanges: Start) -> Exchange:
    """An exchange in the published dialect."""
    return exchanges()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine that knows no exchange but the embedded one."""
    return Machine(tmp_path, {})
