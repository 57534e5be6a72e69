"""``python -m benchmarks.sandbox_load``: the sandbox exchange under load, its clients in a process of their own.

A hundred connections together offer two hundred requests a second (inserts, cancels and searches in turn), while ten
thousand orders rest. Requests leave by a timetable whether or not earlier ones were answered, and each is timed from
the moment it was due, so that a stall counts against every request that had to wait for it.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

HERE = Path(__file__).resolve().parent
_BOUND_MS = 50.0
_LIST = 20
_PRICES = 400

Variables = Mapping[str, str]
Times = dict[str, list[float]]


@dataclass(slots=True)
class _Book:
    """What the clients know of their orders: ids that rest, and a fresh name for each new one."""

    symbol: str
    resting: list[str] = field(default_factory=list)
    names: Iterator[int] = field(default_factory=itertools.count)

    def order(self) -> dict[str, object]:
        """A small order far below any offer."""
        number = next(self.names)
        return {
            "symbol": self.symbol,
            "side": "SIDE_BUY",
            "type": "ORDER_TYPE_LIMIT",
            "timeInForce": "TIME_IN_FORCE_GOOD_TILL_CANCEL",
            "orderQty": "1",
            "price": str(1 + number % _PRICES),
            "clordId": f"load-{number}",
        }


class _Client:
    """One connection that is kept open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self._reader = reader
        self._writer = writer
        self._head = head
        self.busy = asyncio.Lock()

    async def post(self, path: str, body: object) -> Any:
        """One call; the answer must be 200."""
        data = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\n{self._head}Content-Length: {len(data)}\r\n\r\n"
        return await self._call(head.encode() + data)

    async def get(self, path: str) -> Any:
        """One call without a body."""
        return await self._call(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())

    async def _call(self, data: bytes) -> Any:
        self._writer.write(data)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length"))
        body = await self._reader.readexactly(int(length.split(b":")[1]))
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer + body)
        return json.loads(body)


def main() -> int:
    """Measure and print; 1 if a p99 is not below the bound."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sandbox_load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--connections", type=int, default=100)
    parser.add_argument("--per-second", type=float, default=200)
    parser.add_argument("--resting", type=int, default=10_000)
    parser.add_argument("--keep", action="store_true", help="keep the figures in SANDBOX_LOAD.md")
    options = parser.parse_args()
    with _exchange() as variables:
        times = asyncio.run(_load(variables, options))
    page = _page(times, options)
    print(page)
    if options.keep:
        (HERE / "SANDBOX_LOAD.md").write_text(page + "\n", encoding="utf-8")
    return int(any(_percentile(times[kind], 99) >= _BOUND_MS for kind in ("insert", "cancel", "search")))


@contextmanager
def _exchange() -> Iterator[Variables]:
    command = [sys.executable, "-m", "runner.sandbox", "--rates", "off", "--expires-in", "86400", "--stop-with-stdin"]
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, "--print-env", "json"], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())
        process.terminate()


async def _load(variables: Variables, options: argparse.Namespace) -> Times:
    head = await asyncio.to_thread(_head, variables)
    async with _clients(variables, head, options.connections) as clients:
        book = _Book(await _symbol(clients[0]))
        await _fill(clients[0], book, options.resting)
        times: Times = {"insert": [], "cancel": [], "search": [], "open orders, all": []}
        await _offer(clients, book, options, times)
        for _ in range(5):
            began = time.perf_counter()
            await clients[0].get("/v1/trading/orders/open")
            times["open orders, all"].append((time.perf_counter() - began) * 1000)
    return times


def _head(variables: Variables) -> str:
    """The headers of every call, with a token."""
    import jwt
    import requests

    client, now = variables["PMX_CLIENT_ID"], int(time.time())
    claims = {"iss": client, "sub": client, "aud": variables["PMX_AUTH_URL"], "iat": now, "exp": now + 60}
    key = Path(variables["PMX_PRIVATE_KEY_PATH"]).read_bytes()
    assertion = jwt.encode(claims | {"jti": str(uuid4())}, key, algorithm="RS256")
    form = {
        "client_id": client,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
        "audience": variables["PMX_AUDIENCE"],
        "grant_type": "client_credentials",
    }
    token = requests.post(variables["PMX_AUTH_URL"], json=form, timeout=10).json()["access_token"]
    lines = {
        "Host": variables["PMX_BASE_URL"].removeprefix("http://"),
        "Authorization": f"Bearer {token}",
        "X-Participant-Id": variables["PMX_PARTICIPANT_ID"],
        "Content-Type": "application/json",
    }
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items())


@asynccontextmanager
async def _clients(variables: Variables, head: str, count: int) -> AsyncIterator[list[_Client]]:
    port = int(variables["PMX_BASE_URL"].rpartition(":")[2])
    pairs = [await asyncio.open_connection("127.0.0.1", port, limit=1 << 25) for _ in range(count)]
    try:
        yield [_Client(reader, writer, head) for reader, writer in pairs]
    finally:
        for _, writer in pairs:
            writer.close()


async def _symbol(client: _Client) -> str:
    """A tradable instrument with prices enough to spread orders over."""
    listed = await client.post("/v1/refdata/instruments", {"tradableFilter": "TRADABLE_FILTER_TRADABLE"})
    fine = (each for each in listed["instruments"] if each["priceScale"] == "1000" and each["tickSize"] == 0.001)
    return str(next(fine)["symbol"])


async def _fill(client: _Client, book: _Book, count: int) -> None:
    while len(book.resting) < count:
        answer = await client.post("/v1/trading/orders/list", {"requests": [book.order() for _ in range(_LIST)]})
        book.resting += [each["orderId"] for each in answer["responses"]]


async def _offer(clients: list[_Client], book: _Book, options: argparse.Namespace, times: Times) -> None:
    kinds = itertools.cycle(("insert", "cancel", "search"))
    began = time.perf_counter()
    waiting: list[asyncio.Task[None]] = []
    for number in range(int(options.seconds * options.per_second)):
        due = began + number / options.per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        client = clients[number % len(clients)]
        waiting.append(asyncio.create_task(_one(client, next(kinds), book, due, times)))
    await asyncio.gather(*waiting)


async def _one(client: _Client, kind: str, book: _Book, due: float, times: Times) -> None:
    async with client.busy:
        if kind == "insert":
            answer = await client.post("/v1/trading/orders", book.order())
            book.resting.append(answer["orderId"])
        elif kind == "cancel":
            # The oldest: it has surely been accepted by now.
            wanted = {"orderId": book.resting.pop(0), "symbol": book.symbol}
            await client.post("/v1/trading/orders/cancel", wanted)
        else:
            state = "ORDER_STATE_FILTER_OPEN"
            await client.post(
                "/v1/report/orders/search", {"pageSize": 50, "symbol": book.symbol, "orderStateFilter": state}
            )
    times[kind].append((time.perf_counter() - due) * 1000)


def _page(times: Times, options: argparse.Namespace) -> str:
    load = f"{options.connections} connections, {options.per_second:g} requests/s, {options.resting} resting orders"
    machine = f"{os.cpu_count()} cores, {platform.python_implementation()} {platform.python_version()}"
    lines = [
        "# The sandbox exchange under load",
        "",
        f"{load}, {options.seconds:g} s, on {machine} with `python -m benchmarks.sandbox_load --keep`; milliseconds.",
        "The clients run on the same machine. A listing of all open orders is timed with the reading of its JSON; the",
        "first one writes every order once, later ones copy what has not changed.",
        "",
        "| call | calls | p50 | p99 | most |",
        "|------|------:|----:|----:|-----:|",
    ]
    for kind, taken in times.items():
        shown = " | ".join(f"{value:.1f}" for value in (median(taken), _percentile(taken, 99), max(taken)))
        lines.append(f"| {kind} | {len(taken)} | {shown} |")
    return "\n".join(lines)


def _percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    sys.exit(main())
