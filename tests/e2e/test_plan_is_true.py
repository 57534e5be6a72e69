"""What `plan` tells is what a run sends: held against every byte that comes to the exchange."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from actions.test_examples import INCLUDED, examples
from sandbox.control import Control
from venue.server import Exchange as Scripted
from venue.server import Server

from e2e.conftest import ROOT, SYMBOL, Machine, Start
from e2e.costs import BY_THE_ROUND, SENTENCES, by_the_minute, costs
from e2e.foretold import Teller, agrees, operation_of, performances
from e2e.proxy import Proxy

CHAOS = ROOT / "tests" / "chaos" / "playbooks"
OWN = Path(__file__).parent / "plans"
PLAYBOOKS = {path.stem: str(path) for path in sorted([*CHAOS.glob("*.yaml"), *OWN.glob("*.yaml")])}
BUNDLED = [path.stem for path in sorted((ROOT / "playbooks").glob("*.yaml"))]
SAMPLE = {"quickstart", "on-behalf-of", "order-lifecycle", "go-live-gate"}
INPUTS = {"token-refresh-soak": ("-i", "soak=5s", "-i", "every=2s")}
DRILLS = {"unknown-result-drill", "rate-limit-behaviour"}
AT_ONCE = {"three-at-once", "including", *DRILLS}
AGREED = {
    "including": [word for step in ("sure", "prepare/sure", "both/sure") for word in ("--confirm", step)],
    "go-live-gate": ["--confirm", "yes"],
    "examples": ["--confirm", "example_confirm"],
}
INSERT, CANCEL = "POST /v1/trading/orders", "POST /v1/trading/orders/cancel"


@pytest.fixture
def proxy(exchanges: Start, machine: Machine) -> Iterator[Proxy]:
    """Before an exchange; the machine's settings lead to it."""
    exchange = exchanges()
    proxy = Proxy(exchange.env["PMX_BASE_URL"])
    machine.env = {**exchange.env, "PMX_BASE_URL": proxy.url}
    yield proxy
    proxy.close()


def told_and_done(machine: Machine, playbook: str, *inputs: str) -> tuple[Any, Any]:
    """The plan, and the report of the run of this very plan."""
    planned = machine.run("plan", playbook, *inputs, "--json")
    assert (planned.returncode, planned.stderr) == (0, "")
    plan = json.loads(planned.stdout)
    agreed = AGREED.get(Path(playbook).stem, [])
    done = machine.run(playbook, *inputs, *agreed, "--plan", plan["hash"], "--report", "json=-")
    assert done.returncode == 0, done.stdout + done.stderr
    return plan, json.loads(done.stdout)


def hold(plan: Any, report: Any, proxy: Proxy, *, at_once: bool = False, failing: bool = False) -> Teller:
    """Every request that came was told of its step; what came after the steps was told of a cleanup."""
    teller, received = Teller(plan), list(proxy.server.received)
    if at_once:
        everything = [each for step in plan["steps"] for act in (step, *step["cleanup"]) for each in act["requests"]]
        assert all(any(agrees(told, each) for told in everything) for each in received)
        teller.sent = received
    else:
        for step, item, count in performances(plan, report):
            teller.hold(step, received[:count], item)
            received = received[count:]
        undoing = [each for step in plan["steps"] for act in step["cleanup"] for each in act["requests"]]
        assert all(any(agrees(told, each) for told in undoing) for each in received)
        teller.sent += received
    teller.hold_counts(failing=failing)
    return teller


@pytest.mark.parametrize("playbook", PLAYBOOKS.values(), ids=PLAYBOOKS)
def test_what_is_told_is_what_is_sent(playbook: str, machine: Machine, proxy: Proxy) -> None:
    """What is known byte for byte, all else but for its marks; nothing that was not told, nor more often."""
    text = Path(playbook).read_text(encoding="utf-8")
    inputs = ["-i", f"symbol={SYMBOL}"] if "symbol: {type: string}" in text else []
    inputs += ["-i", "person=person-1"] if "person: {type: string}" in text else []
    plan, report = told_and_done(machine, playbook, *inputs)
    teller = hold(plan, report, proxy, at_once=Path(playbook).stem in AT_ONCE)
    assert teller.sent


def _in_sample(name: str) -> list[pytest.MarkDecorator]:
    return [] if name in SAMPLE else [pytest.mark.proof]


@pytest.mark.parametrize("name", [pytest.param(name, marks=_in_sample(name)) for name in BUNDLED])
def test_what_comes_along_is_told(name: str, machine: Machine, proxy: Proxy) -> None:
    """The same of each bundled playbook; the worst case of its calls is kept to."""
    plan, report = told_and_done(machine, name, *INPUTS.get(name, ()))
    hold(plan, report, proxy, at_once=name in AT_ONCE, failing=name in DRILLS)
    if name not in BY_THE_ROUND:
        hold_sentence(name, plan, proxy)


def hold_sentence(name: str, plan: Any, proxy: Proxy) -> None:
    """What `list` says of it is what was sent."""
    told, sent = costs(SENTENCES[name]), proxy.server.received
    assert told.least <= len(sent) <= told.most, f"{len(sent)} calls: {SENTENCES[name]}"
    counted = by_the_minute(plan, Counter(map(operation_of, sent)))
    assert {of: max(counted[of]) for of in told.kinds} == told.kinds, SENTENCES[name]
    assert {of: sum(counted[of]) for of in told.together} == told.together, SENTENCES[name]


FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "a read fails": ("status", {"status": 503, "operation": "GET /v1/whoami", "calls": [1, 2]}),
    "an order has to come back": ("status", {"status": 429, "retry_after": 0, "operation": INSERT, "calls": [1]}),
    "an order's answer is lost": ("no_answer", {"commit": "after", "operation": INSERT, "calls": [1]}),
    "an order is lost": ("no_answer", {"commit": "before", "operation": INSERT, "calls": [1]}),
    "it is not seen": ("garbage", {"operation": "POST /v1/report/orders/search", "calls": [1, 2, 3]}),
    "cancels are lost": ("no_answer", {"commit": "before", "operation": CANCEL, "calls": [1, 2]}),
    "an order is rejected": ("late_reject", {"text": "no", "operation": INSERT, "calls": [1]}),
}


@pytest.mark.parametrize(("fault", "settings"), FAULTS.values(), ids=FAULTS)
def test_in_trouble(fault: str, settings: dict[str, Any], machine: Machine, proxy: Proxy) -> None:
    """What is sent after something went wrong was told, too, and how much more it is at most."""
    (machine.folder / "pmx.yaml").write_text("reconcile_window: 500ms\n")
    plan = json.loads(machine.run("plan", "quickstart", "--json").stdout)
    Control(machine.env).arm(fault, **settings)
    done = machine.run("quickstart", "--plan", plan["hash"])
    assert done.returncode in (0, 1, 3), done.stdout + done.stderr
    everything = [each for step in plan["steps"] for act in (step, *step["cleanup"]) for each in act["requests"]]
    received = list(proxy.server.received)
    untold = [each for each in received if not any(agrees(told, each) for told in everything)]
    assert not untold
    for load in plan["rate_limits"]:
        made = [each for each in received if operation_of(each) in load["operations"]]
        assert len(made) <= load["most"] + load["more_if_answers_fail"]


def test_every_action(machine: Machine, proxy: Proxy) -> None:
    """The examples of all actions in one playbook: each tells of all its calls."""
    (machine.folder / "examples.yaml").write_text(examples())
    (machine.folder / "place-one.yaml").write_text(INCLUDED)
    plan, report = told_and_done(machine, "examples.yaml")
    hold(plan, report, proxy)


def test_the_call_for_a_token(machine: Machine) -> None:
    """It is told, too; only the assertion is made just before it is sent."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (machine.folder / "key.pem").touch(0o600)
    (machine.folder / "key.pem").write_bytes(pem)
    exchange = Scripted(Server())
    url = exchange.server.url
    machine.env = {
        "PMX_BASE_URL": url,
        "PMX_AUTH_URL": f"{url}/oauth/token",
        "PMX_CLIENT_ID": "client-1",
        "PMX_PARTICIPANT_ID": "firms/F/users/u",
        "PMX_PRIVATE_KEY_PATH": str(machine.folder / "key.pem"),
    }
    (machine.folder / "token.yaml").write_text(
        "version: 1\nname: token\nsteps:\n  - {id: token, action: authenticate}\n"
    )
    try:
        plan, _ = told_and_done(machine, "token.yaml")
    finally:
        exchange.server.close()
    [told], [sent] = plan["steps"][0]["requests"], exchange.server.received
    assert (told["host"], told["path"], told["known"]) == (url, "/oauth/token", False)
    assert agrees(told, sent)
    later = [name for name, value in json.loads(told["body"]).items() if value.startswith("<")]
    assert later == ["client_assertion"]
