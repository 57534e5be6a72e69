"""A signal while a call hangs: reads end at once, writes get a grace time, and later calls work."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from runner.errors import Unreachable
from runner.venue.call import Request
from runner.venue.transport import Transport

from .server import Received, Reply, Server, answer
from .test_transport import hang

PROGRAM = """
import signal, sys, time
from runner.clock import SystemClock
from runner.errors import Unreachable
from runner.redact import Redactor
from runner.venue.call import Request
from runner.venue.transport import Transport
from runner.venue import transport as module

url, effect, grace = sys.argv[1], sys.argv[2], float(sys.argv[3])
module._GRACE = grace
transport = Transport(SystemClock(), Redactor())
signal.signal(signal.SIGTERM, lambda number, frame: transport.interrupt())
transport.exchange(Request("GET", url + "/first", "reads", 5), 5, lambda call: None)
print("ready", flush=True)
began = time.monotonic()
try:
    got = transport.exchange(Request("POST", url + "/hang", effect, 20), 20, lambda call: None).body
except Unreachable as problem:
    got = problem.message, problem.sent
print(got, round(time.monotonic() - began, 1))
print(transport.exchange(Request("GET", url + "/after", "reads", 5), 5, lambda call: None).body)
"""


def interrupted(server: Server, effect: str, grace: float) -> list[str]:
    """What a program prints whose call hangs in the main thread when SIGTERM comes."""
    arguments = [sys.executable, "-W", "error", "-c", PROGRAM, server.url, effect, str(grace)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        ends = time.monotonic() + 5
        while len(server.received) < 2 and time.monotonic() < ends:
            time.sleep(0.01)
        program.send_signal(signal.SIGTERM)
        out, err = program.communicate(timeout=10)
    assert err == ""
    return out.splitlines()


@pytest.mark.parametrize(
    ("effect", "grace", "most"), [("reads", 9.0, 0.5), ("changes", 0.4, 1.0), ("cancels", 0.4, 1.0)]
)
def test_a_hanging_call_is_cut(effect: str, grace: float, most: float, servers: Callable[..., Server]) -> None:
    """A read at once, a write after its grace; the next call is not concerned."""
    server = servers(lambda received: hang if received.target == "/hang" else answer({"at": received.target}))
    said, after = interrupted(server, effect, grace)
    message, _, seconds = said.rpartition(" ")
    assert message == "('interrupted while waiting for the answer', True)"
    assert (0 if effect == "reads" else grace) <= float(seconds) <= most
    assert after == "{'at': '/after'}"


def test_a_write_that_is_answered_in_time(servers: Callable[..., Server]) -> None:
    """An interrupted order whose answer comes within the grace time is known."""
    received_hang = threading.Event()

    def reply(received: Received) -> Reply:
        if received.target == "/hang":
            received_hang.wait(0.3)
        return answer({"at": received.target})

    said, after = interrupted(servers(reply), "changes", 5.0)
    assert said.startswith("{'at': '/hang'} ")
    assert after == "{'at': '/after'}"


def test_interrupting_nothing(transport: Transport, servers: Callable[..., Server]) -> None:
    """With no call in flight it does nothing, whenever it comes."""
    transport.interrupt()
    server = servers()
    assert transport.exchange(Request("GET", server.url, "reads", 5), 5, lambda _: None).status == 200
    transport.interrupt()
    assert transport.exchange(Request("GET", server.url, "reads", 5), 5, lambda _: None).status == 200


def test_reads_of_other_threads_are_cut(transport: Transport, servers: Callable[..., Server]) -> None:
    """All that is in flight, in whatever thread."""
    server = servers(lambda _: hang)
    failed: list[str] = []

    def ask() -> None:
        try:
            transport.exchange(Request("GET", server.url, "reads", 9), 9, lambda _: None)
        except Unreachable as problem:
            failed.append(problem.message)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    ends = time.monotonic() + 5
    while len(server.received) < 4 and time.monotonic() < ends:
        time.sleep(0.01)
    transport.interrupt()
    for thread in threads:
        thread.join(5)
    assert failed == ["interrupted while waiting for the answer"] * 4
