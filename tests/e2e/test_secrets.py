"""Nothing secret in stdout, stderr, the report or the state directory, of good runs and of failing ones."""

from __future__ import annotations

import base64
import contextlib
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from venue.server import Received, Reply, answer

from e2e.conftest import Exchange, Machine
from e2e.proxy import Proxy
from e2e.secrets import REPORTS

MARKER = 'm4rk3r/"secret"+value'
PLAYBOOK = """
version: 1
name: secrets
inputs:
  key: {type: string, secret: true}
  other: {type: string, default: key}
steps:
  - {id: me, action: whoami, title: "with {{ inputs[inputs.other] }}"}
  - {id: say, action: log, with: {message: "{{ inputs[inputs.other] }}"}}
  - {id: keep, action: set, with: {it: "Bearer {{ inputs[inputs.other] }}"}, capture: {kept: result.it}}
  - id: send
    action: http
    with: {method: GET, path: /v1/whoami, headers: {X-Key: "{{ inputs[inputs.other] }}"}}
    expect: [result.body.user == "nobody"]
"""


def all_of(machine: Machine, *texts: str) -> str:
    """What was said, and every file that was written but the playbook."""
    files = [path for path in machine.folder.rglob("*") if path.is_file() and path.name != "secrets.yaml"]
    return "\n".join([*texts, *(path.read_text(errors="replace") for path in files), *map(str, files)])


def forms(secret: str) -> set[str]:
    """How a secret may look where it leaks."""
    coded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return {secret, json.dumps(secret)[1:-1], quote(secret), quote(secret, safe=""), coded, secret.encode().hex()}


class Echo(Proxy):
    """A proxy that answers a call with trouble, and repeats all that it was sent."""

    def _reply(self, request: Received) -> Reply:
        if request.target == "/v1/whoami":
            self.heard = [*getattr(self, "heard", []), *request.headers.values()]
            return answer({"code": 13, "message": json.dumps(request.headers), "details": [request.headers]}, 403)
        return super()._reply(request)


@pytest.mark.parametrize("kind", [Proxy, Echo], ids=["good venue", "venue that repeats"])
@pytest.mark.parametrize(
    "verbose", [["--verbose"], [], ["--verbose", "--log-format", "json"]], ids=["verbose", "plain", "json"]
)
def test_nothing_leaks(kind: type[Proxy], verbose: list[str], exchange: Exchange, machine: Machine) -> None:
    """Neither the secret input, nor the token, nor the private key, in any form."""
    Path(machine.folder / "secrets.yaml").write_text(PLAYBOOK)
    machine.env = exchange.env
    with contextlib.closing(kind(exchange.env["PMX_BASE_URL"])) as proxy:
        words = ("secrets.yaml", *REPORTS, *verbose)
        done = machine.run(*words, PMX_BASE_URL=proxy.url, PMX_INPUT_KEY=MARKER)
        tokens = [each.headers["authorization"] for each in proxy.server.received if "authorization" in each.headers]
    assert done.returncode == 1
    seen = all_of(machine, done.stdout, done.stderr)
    assert "****" in seen
    assert tokens
    pem = Path(exchange.env["PMX_PRIVATE_KEY_PATH"]).read_text()
    secrets = [MARKER, *(each.removeprefix("Bearer ") for each in tokens), *pem.splitlines()[1:-1]]
    assert not [form for secret in secrets for form in forms(secret) if form in seen]


@pytest.mark.parametrize("variable", ["PMX_PRIVATE_KEY", "PMX_PRIVATE_KEY_PATH"])
def test_key_that_is_not_accepted(variable: str, exchange: Exchange, exchanges: object, machine: Machine) -> None:
    """A run that can't sign in says why, exit 3, and shows neither key nor assertion."""
    other: Exchange = exchanges()  # type: ignore[operator]
    path = Path(other.env["PMX_PRIVATE_KEY_PATH"])
    machine.env = {name: value for name, value in exchange.env.items() if name != "PMX_PRIVATE_KEY_PATH"}
    given = {variable: path.read_text() if variable == "PMX_PRIVATE_KEY" else str(path)}
    done = machine.run("quickstart", "--verbose", "--report", "json=report.json", **given)
    assert done.returncode == 3
    seen = all_of(machine, done.stdout, done.stderr)
    assert "no access token was given" in seen
    assert "eyJ" not in seen
    assert not [line for line in path.read_text().splitlines()[1:-1] if line in seen]
