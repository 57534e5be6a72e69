"""What a firm is told of its users, and how it is signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from runner.sandbox.endpoints import courier
from sandbox.bench import Bench
from sandbox.test_endpoints_kyc import start, state

WEBHOOK = "/v1/kyc/webhook"
SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


class Receiver:
    """A web server that keeps what it is sent and answers with the statuses it was given, then with 200."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.received: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def wait_for(self, number: int) -> list[Any]:
        """The events received, once there are so many."""
        ends = time.monotonic() + 10
        while len(self.received) < number and time.monotonic() < ends:
            time.sleep(0.005)
        return [json.loads(body) for _, body in self.received]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


def register(bench: Bench, **body: str) -> Any:
    status, answer = bench.post(WEBHOOK, body, participant=None)
    assert status == 200, answer
    return answer


def test_webhook_is_tested_and_told(bench: Bench, receiver: Receiver) -> None:
    """A test delivery first; then approval and rejection, without anybody asking the exchange for anything."""
    assert register(bench, webhook_url=receiver.url)["validated"] is True
    start(bench)
    start(bench, external_id="user-2", email="reject@example.com")
    bench.clock.move(seconds=1)
    events = {event["event_type"]: event for event in receiver.wait_for(3)}
    assert set(events) == {"webhook.test", "kyc.approved", "kyc.rejected"}
    approved, rejected = events["kyc.approved"]["data"], events["kyc.rejected"]["data"]
    done = state(bench)
    assert (approved["provisioned_participant"], approved["provisioned_account"]) == (
        done["participantId"],
        done["provisionedAccount"],
    )
    assert (approved["status"], approved["external_id"], approved["user_id"]) == (
        "KYC_STATUS_APPROVED",
        "user-1",
        "user-1",
    )
    assert (rejected["status"], "provisioned_account" in rejected) == ("KYC_STATUS_REJECTED", False)
    assert rejected["rejection_reason"]
    assert all("webhook-signature" not in headers for headers, _ in receiver.received)


def test_webhook_is_signed(bench: Bench, receiver: Receiver) -> None:
    """HMAC-SHA256 over id, timestamp and raw body with the decoded secret; registering without one ends it."""
    register(bench, webhook_url=receiver.url, signing_secret=SECRET)
    headers, body = receiver.received[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(b"k" * 24, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert headers["webhook-timestamp"] == str(bench.unix)
    register(bench, webhook_url=receiver.url)
    assert "webhook-signature" not in receiver.received[1][0]


@pytest.mark.parametrize("status", [500, 302, 404], ids=str)
def test_webhook_that_fails_its_test_is_not_kept(bench: Bench, receiver: Receiver, status: int) -> None:
    """Nothing but a 2xx will do; a redirect is not followed; the earlier registration stays."""
    receiver.statuses = [status]
    answer = register(bench, webhook_url=receiver.url)
    assert (answer["validated"], answer["message"]) == (False, f"the test delivery was answered with status {status}")
    start(bench)
    bench.clock.move(seconds=1)
    state(bench)
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    "url",
    ["https://example.com/hook", "http://10.0.0.1/", "ftp://127.0.0.1/", "http://127.0.0.1:99999/", "nonsense"],
)
def test_webhook_goes_to_loopback_alone(bench: Bench, url: str) -> None:
    """The sandbox reaches nobody."""
    answer = register(bench, webhook_url=url)
    assert (answer["validated"], "loopback" in answer["message"]) == (False, True)


def test_webhook_nobody_answers(bench: Bench, receiver: Receiver) -> None:
    """A closed port is told."""
    receiver.server.socket.close()
    assert register(bench, webhook_url=receiver.url) == {"validated": False, "message": "no answer"}


@pytest.mark.parametrize(
    "body",
    [{}, {"webhook_url": "x", "signing_secret": "secret"}, {"webhook_url": "x", "signing_secret": "whsec_c2hvcnQ="}],
    ids=["no-url", "no-prefix", "short"],
)
def test_wrong_registrations(bench: Bench, body: dict[str, str]) -> None:
    """An address is needed, and a secret is ``whsec_`` and the base64 of 24 bytes or more."""
    assert bench.post(WEBHOOK, body, participant=None)[0] == 400


def test_deliveries_are_repeated_until_they_arrive(
    bench: Bench, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failure the same event comes again, under the same id."""
    monkeypatch.setattr(courier, "_SHORTEST_PAUSE", 0.001)
    register(bench, webhook_url=receiver.url)
    receiver.statuses = [503, 429]
    start(bench)
    bench.clock.move(seconds=1)
    events = receiver.wait_for(4)[1:]
    assert len({event["event_id"] for event in events}) == 1
    assert len(events) == 3
