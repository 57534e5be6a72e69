"""The switches: how they are set, and what those of the gateway and the token endpoint do."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime

import jwt
import pytest

from runner.sandbox.rules import Rules, UnknownSwitch, rules_from, switches
from sandbox.bench import BASE, TOKEN_URL, Bench, Keys
from sandbox.conftest import Start


def ruled(keys: Keys, **rules: str) -> Bench:
    return Bench(keys, rules=Rules(**rules))  # type: ignore[arg-type]


def test_every_switch_can_be_set() -> None:
    """Each value of each field, by its name with dashes or underscores; the default comes first."""
    assert list(switches()) == [field.name for field in fields(Rules)]
    for name, values in switches().items():
        assert values[0] == getattr(Rules(), name)
        for value in values:
            assert getattr(rules_from([f"{name.replace('_', '-')}={value}"]), name) == value


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("cancel_unknown", "switch cancel_unknown takes one of: not_found, ignore"),
        ("cancel_unknown=perhaps", "switch cancel_unknown takes one of: not_found, ignore"),
        ("no_such=1", "there is no switch 'no_such'; there are: cancel_unknown,"),
    ],
)
def test_wrong_switches_are_told(setting: str, complaint: str) -> None:
    """What was wrong, and what there is."""
    with pytest.raises(UnknownSwitch) as caught:
        rules_from([setting])
    assert str(caught.value).startswith(complaint)


def test_switches_come_from_the_command_line(start: Start) -> None:
    """Several, and rates; a wrong one ends the start with 2."""
    program = start("--switch", "unknown-route=not_found", "--switch", "retry_after=on", "--rate", "InsertOrder=1/min")
    assert program.url
    for option in (["--switch", "x=y"], ["--rate", "x=1/s"], ["--rate", "InsertOrder"]):
        command = [sys.executable, "-m", "runner.sandbox", *option]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("value", "empty"), [("error", False), ("empty", True)])
def test_unauthenticated_body(keys: Keys, value: str, empty: bool) -> None:
    """A 401 carries the error form, or nothing at all."""
    answer = ruled(keys, unauthenticated_body=value).answer("GET", "/v1/whoami", token="a.b.c")
    assert (answer.status, answer.body == b"") == (401, empty)


@pytest.mark.parametrize(
    ("value", "statuses"), [("either", (200, 200)), ("token_url", (200, 401)), ("tenant", (401, 200))]
)
def test_assertion_audience(keys: Keys, value: str, statuses: tuple[int, int]) -> None:
    """The token URL, the tenant's URL, or both."""
    bench = ruled(keys, assertion_audience=value)
    forms = [
        bench.token_form(jwt.encode(bench.claims(aud=audience), keys.client, algorithm="RS256"))
        for audience in (TOKEN_URL, f"{BASE}/")
    ]
    assert tuple(bench.ask_token(form)[0] for form in forms) == statuses


@pytest.mark.parametrize(("value", "status"), [("optional", 200), ("required", 403)])
def test_accounts_participant(keys: Keys, value: str, status: int) -> None:
    """Accounts without the participant's header: the firm's, or 403."""
    assert ruled(keys, accounts_participant=value).get("/v1/accounts", participant=None)[0] == status


@pytest.mark.parametrize(("value", "scope"), [("l2marketdata", "read:l2marketdata"), ("marketdata", "read:marketdata")])
def test_order_book_scope(keys: Keys, value: str, scope: str) -> None:
    """The one scope or the other opens the order book."""
    bench = ruled(keys, order_book_scope=value)
    path = "/v1/orderbook/nothing"
    assert bench.send("GET", path, token=bench.access_token(scope=scope))[0] == 404
    other = "read:marketdata read:l2marketdata".replace(scope, "")
    assert bench.send("GET", path, token=bench.access_token(scope=other))[0] in (403, 404)
    refused = bench.send("GET", path, token=bench.access_token(scope="read:orders"))
    assert refused[1]["message"].endswith(scope)


@pytest.mark.parametrize(
    ("value", "firm"), [("resource", "firms/ISV-Participant-Acme"), ("bare", "ISV-Participant-Acme")]
)
def test_whoami_firm(keys: Keys, value: str, firm: str) -> None:
    """A resource name, or the bare id."""
    assert ruled(keys, whoami_firm=value).get("/v1/whoami")[1]["firm"] == firm


@pytest.mark.parametrize(("value", "status"), [("invalid", 400), ("accept", 200)])
def test_cancel_without_symbol(keys: Keys, value: str, status: int) -> None:
    """Demanded, or not."""
    bench = ruled(keys, cancel_without_symbol=value)
    order_id = bench.place()
    assert bench.post("/v1/trading/orders/cancel", {"orderId": order_id})[0] == status


@pytest.mark.parametrize(("value", "status"), [("invalid", 400), ("largest", 200)])
def test_missing_page_size(keys: Keys, value: str, status: int) -> None:
    """Demanded, or the largest page."""
    assert ruled(keys, missing_page_size=value).post("/v1/report/orders/search", {})[0] == status


@pytest.mark.parametrize(
    ("value", "hours"),
    [("off", []), ("trading_hours", [6, 7]), ("changelog", [2, 3, 4, 5])],
    ids=["off", "trading_hours", "changelog"],
)
def test_maintenance_window(keys: Keys, value: str, hours: list[int]) -> None:
    """On Thursday, in New York's hours: 503, code 14; health goes on."""
    bench = ruled(keys, maintenance_window=value)
    bench.clock.at = datetime(2026, 11, 26, 5, 30, tzinfo=UTC)
    closed = []
    for hour in range(24):
        status, answer = bench.get("/v1/whoami")
        assert (status, answer.get("code")) in ((200, None), (503, 14))
        closed += [hour] if status == 503 else []
        assert bench.get("/v1/health")[0] == 200
        bench.clock.move(hours=1)
    assert closed == hours
