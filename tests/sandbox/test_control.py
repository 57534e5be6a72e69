"""The control port: who may call it, and what each call does."""

from __future__ import annotations

import json
from collections.abc import Iterator

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from runner.sandbox.control.calls import CallLog, LoggedCall
from runner.sandbox.control.panel import CALLS, Panel
from runner.sandbox.gateway.message import Request
from sandbox.bench import ALICE, ALICES, BOB, Bench, Keys, MovingClock, order_body, symbol
from sandbox.control import ControlRefused
from sandbox.live import Live, serving

BALANCE = "/v1/positions/balance"
GOOD = {"host": "127.0.0.1:9", "authorization": "Bearer secret"}


@pytest.fixture
def live(bench: Bench) -> Iterator[Live]:
    with serving(bench) as served:
        yield served


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (GOOD | {"host": "rebound.example:9"}, 464),
        (GOOD | {"host": "127.0.0.1:10"}, 464),
        ({"authorization": "Bearer secret"}, 464),
        (GOOD | {"authorization": "Bearer wrong"}, 401),
        (GOOD | {"authorization": "secret"}, 401),
        ({"host": "127.0.0.1:9"}, 401),
    ],
    ids=["other-name", "other-port", "no-host", "wrong-token", "no-bearer", "no-token"],
)
def test_nobody_else_gets_in(bench: Bench, call: str, headers: dict[str, str], status: int) -> None:
    """Every call wants a loopback host with the right port, and the token of this start."""
    method, _, path = call.partition(" ")
    panel = Panel(bench.house, "secret", "http://127.0.0.1:9")
    answer = panel.respond(Request(method, path, "", headers, b"{}"))
    assert answer.status == status
    assert set(json.loads(answer.body)) == {"error"}


def test_the_exchange_s_own_token_is_no_use_there(live: Live) -> None:
    """And the control token none at the exchange."""
    with pytest.raises(ControlRefused):
        live.control.call("GET", "/nowhere")
    sent = live.head("GET", "/v1/whoami", Authorization="Bearer the control token", Connection="close")
    assert live.raw(sent).startswith(b"HTTP/1.1 401 ")


def test_status_tells_what_the_exchange_holds(live: Live) -> None:
    """Orders by state, balances, faults armed and calls by endpoint."""
    live.control.arm("status", status=500, operation="GET /v1/users")
    live.send("POST", "/v1/trading/orders", order_body())
    live.bench.settle()
    live.send("GET", "/v1/users")
    held = live.control.call("GET", "/status")
    assert held["orders"]["NEW"] >= 1
    mine = next(each for each in held["balances"] if each["account"] == ALICES)
    assert (mine["participant"], mine["balance"], mine["buying_power"]) == (ALICE, "1000000", "999995")
    assert [(each["fault"], each["matched"], each["struck"]) for each in held["faults"]] == [("status", 1, 1)]
    assert held["calls"]["POST /v1/trading/orders"] == {"200": 1}
    assert held["calls"]["GET /v1/users"] == {"500": 1}
    assert held["clock"] == {"now": "2026-11-22T12:00:00.010000Z", "stopped": False}


def test_the_log_names_every_call(live: Live) -> None:
    """Sequence, time, method, path, operation, participant, status, faults; what nobody serves has a name too."""
    live.send("GET", "/v1/whoami")
    live.send("GET", "/v1/nowhere")
    live.send("POST", "/oauth/token", {})
    first, second, third = live.control.calls()
    assert first == {
        "sequence": 1,
        "at": "2026-11-22T12:00:00Z",
        "method": "GET",
        "path": "/v1/whoami",
        "operation": "GET /v1/whoami",
        "participant": ALICE,
        "status": 200,
        "committed": True,
        "faults": [],
    }
    assert (second["operation"], second["status"]) == ("unknown route", 403)
    assert (third["operation"], third["status"]) == ("POST /oauth/token", 400)
    assert live.control.calls(after=2) == [third]


def test_the_log_is_bounded() -> None:
    """Ten thousand calls, cut to a sane length each; the counts go on."""
    log = CallLog()
    at = MovingClock().now()
    for _ in range(10_100):
        log.add(LoggedCall(log.next_sequence(), at, "GET", "/x" * 500, "unknown route", "p" * 999, 403, True, ()))
    assert len(log.after(0)) == 10_000
    assert log.after(0)[0].sequence == 101
    assert max(len(call.path) + len(call.participant) for call in log.after(0)) == 400
    assert log.counts() == {"unknown route": {"403": 10_100}}


def test_orders_are_shown_as_they_are(live: Live) -> None:
    """Whatever the venue's own answers hide: state, reject text, whose it is."""
    live.send("POST", "/v1/trading/orders", order_body(price=1000, clordId="mine"))
    live.bench.settle()
    order = next(each for each in live.control.orders() if each["client_order_id"] == "mine")
    assert (order["state"], order["participant"], order["price"]) == ("REJECTED", ALICE, 1000)
    assert order["text"].startswith("High price limit")
    assert live.control.call("GET", "/orders?participant=nobody") == {"orders": []}


def test_the_clock_moves_tokens_orders_and_buckets(live: Live) -> None:
    """One clock for all: a token expires by it, an order carries its time, the ``Date`` header says it."""
    token = live.bench.ask_token(live.bench.token_form())[1]["access_token"]
    assert live.bench.send("GET", "/v1/whoami", token=token)[0] == 200
    assert live.control.call("POST", "/clock", {"move": 181})["now"] == "2026-11-22T12:03:01Z"
    assert live.bench.send("GET", "/v1/whoami", token=token)[0] == 401
    assert live.send("GET", "/v1/health")[2]["date"] == "sun, 22 nov 2026 12:03:01 gmt"


def test_the_clock_can_be_set_stopped_and_reset(live: Live) -> None:
    """Stopped it stands still, whatever the machine's clock does; reset it is the machine's again."""
    clock = live.control.call("POST", "/clock", {"stopped": True, "set": "2027-01-01T00:00:00+01:00"})
    assert clock == {"now": "2026-12-31T23:00:00Z", "stopped": True}
    live.bench.clock.move(seconds=100)
    assert live.control.call("GET", "/clock") == clock
    live.control.call("POST", "/clock", {"stopped": False})
    live.bench.clock.move(seconds=1)
    assert live.control.call("GET", "/clock") == {"now": "2026-12-31T23:00:01Z", "stopped": False}
    assert live.control.call("POST", "/clock", {"real": True})["now"] == "2026-11-22T12:01:41Z"


def test_scopes_are_granted_and_taken(live: Live) -> None:
    """Of the tokens to come; one that was given keeps what it holds."""
    before = live.bench.ask_token(live.bench.token_form())[1]["access_token"]
    assert live.control.call("POST", "/scopes", {"scopes": ["read:orders"]}) == {"scopes": ["read:orders"]}
    after = live.bench.ask_token(live.bench.token_form())[1]["access_token"]
    assert live.bench.send("GET", "/v1/whoami", token=before)[0] == 200
    status, said = live.bench.send("GET", "/v1/whoami", token=after)[:2]
    assert (status, said["message"]) == (403, "permission denied: missing required scope read:accounts")


def test_keys_are_rotated_without_a_pause(live: Live) -> None:
    """Two keys work at once, a third is refused; a revoked one signs nothing any more."""
    bench = live.bench
    old = jwt.encode(bench.claims(), bench.keys.client, algorithm="RS256")
    public = bench.keys.stranger.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    held = live.control.call("POST", "/keys", {"public_key": public})["clients"]["sandbox-acme-client"]
    assert [key["id"] for key in held] == [0, 1]
    with pytest.raises(ControlRefused, match="revoke one first"):
        live.control.call("POST", "/keys", {"public_key": public})
    for key in (bench.keys.client, bench.keys.stranger):
        assert bench.ask_token(bench.token_form(jwt.encode(bench.claims(), key, algorithm="RS256")))[0] == 200
    live.control.call("DELETE", "/keys/0")
    assert bench.ask_token(bench.token_form(old))[1]["error"] == "invalid_client"
    new = jwt.encode(bench.claims(), bench.keys.stranger, algorithm="RS256")
    assert bench.ask_token(bench.token_form(new))[0] == 200


def test_faults_are_armed_listed_and_taken_back(live: Live) -> None:
    """One by one or all; of several in one call, all or none."""
    first, second = live.control.arm("garbage"), live.control.arm("delay", seconds=1, share=0.5, seed=3)
    listed = live.control.call("GET", "/faults")["faults"]
    assert [(each["id"], each["fault"]) for each in listed] == [(first, "garbage"), (second, "delay")]
    assert (listed[1]["seconds"], listed[1]["share"], listed[1]["seed"]) == (1.0, 0.5, 3)
    live.control.call("DELETE", f"/faults/{first}")
    with pytest.raises(ControlRefused, match=r"faults\[1\].fault: one of"):
        live.control.call("POST", "/faults", {"faults": [{"fault": "garbage"}, {"fault": "fire"}]})
    assert [each["id"] for each in live.control.call("GET", "/faults")["faults"]] == [second]
    assert live.control.call("DELETE", "/faults") == {"disarmed": 1}


def test_accounts_are_funded(live: Live) -> None:
    """Test money, which the venue has no call for."""
    live.control.call("POST", "/accounts/fund", {"account": ALICES, "dollars": 250})
    balance = live.send("POST", BALANCE, {"name": ALICES, "currency": "USD"})[1]
    assert balance["balance"] == "1000250"


def test_instruments_are_halted_and_opened(live: Live) -> None:
    """The state shows at once and decides over orders."""
    live.control.call("POST", "/instruments/state", {"symbol": symbol(), "state": "HALTED"})
    order_id = live.bench.place()
    assert live.bench.read(order_id)[1]["text"] == "Book is HALTED"
    live.control.call("POST", "/instruments/state", {"symbol": symbol(), "state": "OPEN"})
    assert live.bench.read(live.bench.place())[0]["state"] == "ORDER_STATE_NEW"


def test_instruments_are_settled(live: Live) -> None:
    """At a dollar, who holds a contract is paid one."""
    live.bench.place(participant=ALICE, orderQty=10, price=500)
    live.bench.place(participant=BOB, side="SIDE_SELL", orderQty=10, price=500)
    live.control.call("POST", "/instruments/settlement", {"symbol": symbol(), "price": 1})
    held = live.control.call("GET", "/status")["balances"]
    cash = {each["account"]: float(each["balance"]) for each in held}
    assert cash[ALICES] == pytest.approx(1_000_005, abs=1)


@pytest.mark.parametrize(
    ("method", "path", "body", "complaint"),
    [
        ("POST", "/clock", {"set": "tomorrow"}, "set must be a time"),
        ("POST", "/clock", {"set": "2027-01-01T00:00:00"}, "set must have a time zone"),
        ("POST", "/clock", {"move": "1"}, "move must be a number of seconds"),
        ("POST", "/clock", {"set": "0001-01-01T00:00:00+23:00"}, "set must be a time"),
        ("POST", "/clock", {"set": "9999-12-31T00:00:00Z"}, "the clock goes from 1970 to 2500"),
        ("POST", "/clock", {"move": -9e9}, "the clock goes from 1970 to 2500"),
        ("POST", "/clock", [], "the body is not an object"),
        ("POST", "/keys", {"public_key": "pem"}, "public_key must be a public key as PEM"),
        ("POST", "/keys", {}, "public_key must be a text"),
        ("DELETE", "/keys/5", None, "there is no such key"),
        ("POST", "/scopes", {"scopes": "read:orders"}, "scopes must be a list of words"),
        ("POST", "/scopes", {"scopes": ["read:orders write:orders"]}, "scopes must be a list of words"),
        ("DELETE", "/faults/99", None, "there is no such fault"),
        ("DELETE", "/faults/x", None, "id must be a whole number"),
        ("GET", "/calls?after=x", None, "after must be a whole number"),
        ("POST", "/accounts/fund", {"account": "x", "dollars": 1}, "there is no such account"),
        ("POST", "/accounts/fund", {"account": ALICES, "dollars": "much"}, "dollars must be a whole number"),
        ("POST", "/instruments/state", {"symbol": "x", "state": "OPEN"}, "there is no such instrument"),
        ("POST", "/instruments/state", {"symbol": symbol(), "state": "ajar"}, "state must be one of CLOSED, OPEN"),
        ("POST", "/instruments/settlement", {"symbol": symbol(), "price": 5}, "price must be 0 or 1 dollar"),
        ("GET", "/nothing", None, "there is no such control call; there are: GET /status"),
    ],
    ids=str,
)
def test_wishes_that_make_no_sense(live: Live, method: str, path: str, body: object, complaint: str) -> None:
    """Each is told what was wrong."""
    with pytest.raises(ControlRefused) as caught:
        live.control.call(method, path, body)
    assert str(caught.value).startswith(complaint)


def test_a_body_that_is_no_json(keys: Keys) -> None:
    """400, and no traceback."""
    panel = Panel(Bench(keys).house, "secret", "http://127.0.0.1:9")
    assert panel.respond(Request("POST", "/clock", "", GOOD, b"{")).status == 400
    assert panel.respond(Request("GET", "/calls", "&".join(["a=1"] * 50), GOOD, b"")).status == 400
