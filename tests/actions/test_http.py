"""`http` sends what reads, and cancels; every other use is refused before anything is sent."""

from __future__ import annotations

import pytest
from engine.conftest import Worlds
from engine.exchange import HEALTH, Fault, says
from engine.world import World, plan_of, playbook

from runner.actions import BUILTIN
from runner.cli.playbooks import KnownActions
from runner.plan import examine
from runner.playbook.load import Forgetful, load
from runner.source import Source

MISUSE = {
    "order": "method: POST, path: /v1/trading/orders, body: {}",
    "orders": "method: POST, path: /v1/trading/orders/list",
    "replace": "method: POST, path: /v1/trading/orders/replace",
    "kyc": "method: POST, path: /v1/kyc/start",
    "funding": "method: PATCH, path: /v1/funding/accounts/a",
    "unknown path": "method: GET, path: /v1/nothing",
    "wrong method": "method: DELETE, path: /v1/health",
    "no slash": "method: GET, path: v1/health",
    "two slashes": "method: GET, path: //v1/health",
    "other host": "method: GET, path: //evil.example/v1/health",
    "slashes inside": "method: GET, path: /v1//health",
    "dots": "method: GET, path: /v1/../v1/health",
    "quoted dots": "method: GET, path: /v1/%2e%2e/health",
    "quoted dots in capitals": "method: GET, path: /v1/%2E%2E/health",
    "quoted slash": "method: GET, path: /v1%2fhealth",
    "quoted slash in capitals": "method: GET, path: /v1%2Fhealth",
    "backslash": "method: GET, path: '/v1\\health'",
    "user information": "method: GET, path: '@evil.example/'",
    "query": "method: GET, path: '/v1/health?x=1'",
    "fragment": "method: GET, path: '/v1/health#x'",
    "space": "method: GET, path: '/v1/health '",
    "not ASCII": "method: GET, path: /v1/héalth",
    "both": "method: GET, path: /v1/health, url: 'https://hooks.example/'",
}


@pytest.mark.parametrize("arguments", MISUSE.values(), ids=MISUSE)
def test_literal_misuse(arguments: str) -> None:
    """What can be told from the text is a mistake of the playbook."""
    text = playbook(f"  - {{id: it, action: http, with: {{{arguments}}}}}", head="allow_hosts: [hooks.example]")
    memory = Forgetful()
    written = load(Source("playbooks/tried.yaml", text), KnownActions(), memory)
    assert len(examine(written, BUILTIN, (), memory)) == 1


@pytest.mark.parametrize("arguments", [each for name, each in MISUSE.items() if name != "both"])
def test_templated_misuse(arguments: str, world: World) -> None:
    """What is known only in the run is refused then, with exit 5, and nothing is sent."""
    method, _, rest = arguments.partition(", path: ")
    path = rest.partition(", body")[0].strip("'")
    text = f'  - {{id: it, action: http, with: {{{method}, path: "{{{{ inputs.path }}}}"}}}}'
    ran = world.run(playbook(text, head="inputs:\n  path: {type: string}"), {"path": path})
    assert (ran.exit_code, ran.statuses(), world.wire.asked) == (5, {"it": "refused"}, [])


HEADERS = ["Authorization", "authorization", "Host", "Cookie", "Content-Length", "x-participant-id", "X-Participant-Id"]


@pytest.mark.parametrize("name", [*HEADERS, "Transfer-Encoding", "bad name"])
def test_headers_that_are_ours(name: str, world: World) -> None:
    """The token's, the participant's and the framing's headers are never a playbook's."""
    text = f"  - {{id: it, action: http, with: {{method: GET, path: /v1/health, headers: {{'{name}': x}}}}}}"
    ran = world.run(playbook(text))
    assert (ran.exit_code, ran.statuses(), world.wire.asked) == (5, {"it": "refused"}, [])


@pytest.mark.parametrize("value", ["a\\r\\nX-Evil: 1", "a\\nb", "\\u00e9", "\\0"])
def test_header_values(value: str, world: World) -> None:
    """A header's value can't begin another one."""
    text = f'  - {{id: it, action: http, with: {{method: GET, path: /v1/health, headers: {{X-A: "{value}"}}}}}}'
    ran = world.run(playbook(text))
    assert (ran.exit_code, world.wire.asked) == (5, [])


URLS = {
    "not allowed": ("https://other.example/x", "is not in `allow_hosts`"),
    "plain http": ("http://hooks.example/x", "must begin with https://"),
    "user": ("https://user@hooks.example/x", "must not contain a user name or a password"),
    "lookalike": ("https://hooks.example.evil.example/x", "is not in `allow_hosts`"),
    "backslash": ("https://hooks.example\\\\@evil.example/x", "must not contain"),
    "other scheme": ("file:///etc/passwd", "is not a URL"),
    "the venue's own": ("http://127.0.0.1:8080/v1/trading/orders", "is the venue's own host"),
    "another port of its host": ("http://127.0.0.1:9999/v1/health", "is the venue's own host"),
}


@pytest.mark.parametrize(("url", "message"), URLS.values(), ids=URLS)
def test_urls(url: str, message: str, world: World) -> None:
    """A whole URL goes to an allowed host, by https, and never to the venue, where it would pass by the journal."""
    head = "allow_hosts: [hooks.example, 127.0.0.1]"
    ran = world.run(playbook(f'  - {{id: it, action: http, with: {{method: POST, url: "{url}"}}}}', head=head))
    assert (ran.exit_code, world.wire.asked) == (5, [])
    assert message in ran.error("it")


def test_allowed_host_sees_nothing_of_ours(world: World) -> None:
    """Neither token nor participant go to another host."""
    world.wire.always["POST /x"] = says(200, {"fine": True})
    text = """
  - {id: first, action: whoami}
  - id: it
    action: http
    with: {method: POST, url: "https://hooks.example/x", headers: {X-A: b}, body: {a: 0.57}, query: {q: [1, 2]}}
    expect: [result.body.fine, result.status == 200]
"""
    ran = world.run(playbook(text, head="allow_hosts: [hooks.example]"))
    assert ran.exit_code == 0
    sent = world.wire.of("POST /x")[0]
    assert (dict(sent.headers), sent.query, str(sent.body["a"])) == ({"x-a": "b"}, "q=1&q=2", "0.57")


@pytest.mark.parametrize("status", [400, 404, 500, 503])
@pytest.mark.parametrize(
    ("expect", "good"), [("[]", False), ("[call.status == STATUS]", True), ("[result.status == STATUS]", False)]
)
def test_status(status: int, expect: str, good: bool, world: World) -> None:
    """A 4xx or 5xx fails the step unless an expectation names `call.status`."""
    world.wire.always[HEALTH] = says(status)
    expect = expect.replace("STATUS", str(status))
    step = f"  - {{id: it, action: http, with: {{method: GET, path: /v1/health}}, expect: {expect}}}"
    if expect == "[]":
        step = step.replace(", expect: []", "")
    assert (world.run(playbook(step)).exit_code == 0) == good


VALUES = {
    "text": ("x", "x"),
    "whole": ("7", "7"),
    "decimal": ("0.570", "0.570"),
    "flag": ("true", "true"),
    "time": ("'{{ run.started_at }}'", "2026-11-22T12%3A00%3A00%2B00%3A00"),
}


@pytest.mark.parametrize(("written", "sent"), VALUES.values(), ids=VALUES)
def test_values(written: str, sent: str, world: World) -> None:
    """Numbers, flags and times go into a query and a header as text; a null leaves its parameter out."""
    text = f"""
  - id: it
    action: http
    with:
      {{method: GET, path: /v1/health, query: {{a: {written}, b: null, c: [{written}]}}, headers: {{X-A: {written}}}}}
"""
    assert world.run(playbook(text)).exit_code == 0
    assert world.wire.asked[0].query == f"a={sent}&c={sent}"


@pytest.mark.parametrize("where", ["query", "headers"])
def test_values_that_are_none(where: str, world: World) -> None:
    """A mapping is no parameter and no header."""
    text = f"  - {{id: it, action: http, with: {{method: GET, path: /v1/health, {where}: {{a: {{b: 1}}}}}}}}"
    ran = world.run(playbook(text))
    assert (ran.exit_code, world.wire.asked) == (3, [])
    assert f"`{where}` a is a text or a number, not a mapping of 1" in ran.error("it")


def test_cancel_is_let_through(world: World) -> None:
    """Cancels may be sent: they never add to what is at risk."""
    cancel = "method: POST, path: /v1/trading/orders/cancel, body: {orderId: a, symbol: b}"
    text = f"  - {{id: it, action: http, with: {{{cancel}}}}}"
    ran = world.run(playbook(text))
    assert (ran.exit_code, world.wire.count("POST /v1/trading/orders/cancel")) == (1, 1)


SWITCH = "method: POST, path: /sandbox/accounts/fund, body: {account: a, dollars: 5}"
ON_THE_SANDBOX = f"  - {{id: it, action: http, with: {{{SWITCH}}}}}"


def test_switches_of_the_sandbox(world: World) -> None:
    """They go to an exchange on this machine, once, with our token."""
    ran = world.run(playbook(ON_THE_SANDBOX))
    asked = world.wire.of("POST /sandbox/accounts/fund")
    assert (ran.exit_code, len(asked)) == (1, 1)
    assert asked[0].headers["authorization"].startswith("Bearer ")
    assert "the account does not belong to a user of the firm" in ran.error("it")


@pytest.mark.parametrize("fault", [says(503), says(429)])
def test_a_switch_is_turned_once(fault: Fault, world: World) -> None:
    """Whatever comes back."""
    world.wire.always["POST /sandbox/accounts/fund"] = fault
    assert world.run(playbook(ON_THE_SANDBOX)).exit_code == 3
    assert world.wire.count("POST /sandbox/accounts/fund") == 1


def test_switches_are_for_the_sandbox_alone(worlds: Worlds) -> None:
    """No other exchange is sent one, whatever it is called."""
    world = worlds(base_url="https://api.preprod.polymarketexchange.com")
    ran = world.run(playbook(ON_THE_SANDBOX))
    assert (ran.exit_code, ran.statuses(), world.wire.asked) == (5, {"it": "refused"}, [])
    assert "api.preprod.polymarketexchange.com is none" in ran.error("it")


def test_plan_of_a_good_call() -> None:
    """Reads by POST are reads."""
    plan_of(playbook("  - {id: it, action: http, with: {method: POST, path: /v1/report/orders/search, body: {}}}"))
