"""The bundled playbook for users: on the embedded exchange, on others, and without a word about the person anywhere."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from leaks import leaks
from reporters.schema import check
from sandbox.control import Control
from venue.server import Received, Reply, answer

from e2e.conftest import ROOT, Exchange, Machine, Start
from e2e.proxy import Proxy
from e2e.secrets import REPORTS, written

STEPS = [
    *("user", "me", "own_account", "money", "fund", "funded"),
    *("instruments", "order", "open", "positions", "cancelled"),
]
PERSON = {
    "ssn": "987004321",
    "first_name": "Kàtherine",
    "last_name": 'O"Marker-Last',
    "date_of_birth": "1985-10-02",
    "email": "kat+marker@example.com",
    "phone_number": "+12125550199",
    "street": "77 Marker's Lane",
    "city": "Markerville",
    "state": "NY",
    "postal_code": "12207",
    "ip_address": "198.51.100.77",
}
MARKERS = [each for name, each in PERSON.items() if name not in {"state", "postal_code"}]
INPUTS = "".join(f"  {name}: {{type: string, secret: true}}\n" for name in PERSON)
ADDRESS = {"address_line_1": "street", "city": "city", "state": "state", "postal_code": "postal_code"}
WITH: dict[str, object] = {name: f"{{{{ inputs.{name} }}}}" for name in PERSON if name not in ADDRESS.values()} | {
    "external_id": "user-1",
    "address": {name: f"{{{{ inputs.{of} }}}}" for name, of in ADDRESS.items()},
    "agreement": {"version": "PMX.ISV.SANDBOX.v1.0", "signed_at": "{{ now() }}"},
}
SECRET = f"""
version: 1
name: people
inputs:
{INPUTS}
steps:
  - id: user
    action: create_user
    with: {json.dumps(WITH)}
    capture: {{made: result}}
"""


def states(exchange: Exchange) -> list[str]:
    """Of the user's orders, as the exchange itself has them."""
    user = "firms/ISV-Participant-Acme/users/pmx-on-behalf-of"
    return [order["state"] for order in Control(exchange.env).call("GET", f"/orders?participant={user}")["orders"]]


def test_embedded(machine: Machine) -> None:
    """One command, nothing set: every step green, nothing on stderr, and a report that fits its schema."""
    done = machine.run("on-behalf-of", "--report", "json=report.json")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == STEPS
    assert all(" ✔ " in line for line in lines[1:-1])
    report = json.loads((machine.folder / "report.json").read_text())
    check(report)
    assert [order["state"] for order in report["orders"]] == ["ORDER_STATE_CANCELED"]


@pytest.mark.parametrize("dialect", ["published", "seed"])
def test_elsewhere(dialect: str, exchanges: Start, machine: Machine) -> None:
    """Against an exchange of its own, in either dialect; the second time it goes on with the same user."""
    exchange = exchanges("--dialect", dialect)
    machine.env = exchange.env
    for _ in range(2):
        done = machine.run("on-behalf-of", "--env", "preprod")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("on-behalf-of · preprod (127.0.0.1)")
    [fund] = [line for line in done.stdout.splitlines() if line.split()[0] == "fund"]
    assert "skipped" in fund
    assert states(exchange) == ["CANCELED", "CANCELED"]


def test_check(machine: Machine) -> None:
    """It is without a mistake, and without a warning."""
    done = machine.run("check", "on-behalf-of")
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok: on-behalf-of\n", "")


class Echo(Proxy):
    """A venue that refuses to start anything, and repeats all that it was sent."""

    def _reply(self, request: Received) -> Reply:
        if request.target == "/v1/kyc/start":
            told = json.loads(request.body)
            return answer({"code": 3, "message": f"no: {told}", "details": [told, json.dumps(told)]}, 400)
        return super()._reply(request)


def left_behind(machine: Machine, *words: str, **more: str) -> Iterator[bytes]:
    """What a run says, and every byte that it leaves in the report and the state directory, the journal's included."""
    done = machine.run(*words, "--verbose", *REPORTS, **more)
    yield f"{done.returncode}".encode()
    yield done.stdout.encode() + done.stderr.encode()
    for each in ("people.yaml", "given.yaml"):
        (machine.folder / each).unlink(missing_ok=True)
    yield from written(machine.folder)


@pytest.mark.parametrize("kind", [Proxy, Echo], ids=["good venue", "venue that repeats"])
@pytest.mark.parametrize("secret", [True, False], ids=["secret inputs", "plain inputs"])
def test_nothing_leaks(secret: bool, kind: type[Proxy], exchange: Exchange, machine: Machine) -> None:
    """Neither on the terminal, nor in the report, nor in the journal with its pinned inputs."""
    machine.env = exchange.env
    if secret:
        (machine.folder / "people.yaml").write_text(SECRET)
        given: dict[str, object] = dict(PERSON)
    else:
        text = (ROOT / "playbooks" / "on-behalf-of.yaml").read_text()
        (machine.folder / "people.yaml").write_text(text)
        given = {"person": PERSON}
    (machine.folder / "given.yaml").write_text(json.dumps(given))
    with contextlib.closing(kind(exchange.env["PMX_BASE_URL"])) as proxy:
        words = ("people.yaml", "--inputs", "given.yaml")
        code, *left = left_behind(machine, *words, PMX_BASE_URL=proxy.url)
    assert code == (b"0" if kind is Proxy else b"1")
    data = b"\n".join(left)
    assert b"****" in data
    assert b"kyc/start" in data
    assert {marker: found for marker in MARKERS if (found := leaks(marker, data))} == {}


def test_the_search_would_find_it(tmp_path: Path) -> None:
    """Or all of this would prove nothing."""
    (tmp_path / "x").write_text(json.dumps(PERSON))
    data = b"\n".join(written(tmp_path))
    assert all(leaks(marker, data) for marker in MARKERS)


@pytest.mark.parametrize("lost", [False, True], ids=["arrived", "never arrived"])
def test_killed_while_it_is_asked(lost: bool, exchange: Exchange, machine: Machine) -> None:
    """`resume` asks for the status and never for the check again; the secrets are handed in once more."""
    machine.env = exchange.env
    (machine.folder / "pmx.yaml").write_text("reconcile_window: 1s\n")
    (machine.folder / "people.yaml").write_text(SECRET)
    (machine.folder / "given.yaml").write_text(json.dumps(PERSON))
    start = "POST /v1/kyc/start"
    with contextlib.closing(Proxy(exchange.env["PMX_BASE_URL"], start, 1, 1, lost)) as proxy:
        with machine.started("people.yaml", "--inputs", "given.yaml", PMX_BASE_URL=proxy.url) as process:
            assert proxy.reached.wait(20)
            process.kill()
        done = machine.run("resume", "--inputs", "given.yaml", PMX_BASE_URL=proxy.url)
        assert proxy.counts[start] == 1
    assert done.returncode == (3 if lost else 0), done.stdout + done.stderr
    said = done.stdout + done.stderr + "\n".join(each.decode(errors="replace") for each in journal(machine))
    assert [marker for marker in MARKERS if leaks(marker, said.encode())] == []


def journal(machine: Machine) -> Iterator[bytes]:
    return written(machine.state)
