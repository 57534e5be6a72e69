"""The program: what it prints, how it stops, what goes over real connections."""

from __future__ import annotations

import ast
import errno
import json
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from uuid import uuid4

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sandbox.bench import ASSERTION_TYPE
from sandbox.conftest import Program, Start
from sandbox.control import Control

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "data" / "quickstart_sample.py.txt"


def fetch(url: str, body: bytes | None = None) -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, dict(refusal.headers), refusal.read()


def test_quickstart_sample_runs_unchanged(start: Start, tmp_path: Path) -> None:
    """The venue's sample (docs.polymarket.us partners quickstart, older edition) completes on the seed dialect.

    Only its constants and the scheme of its addresses are changed.
    """
    env = start("--dialect", "seed").env
    text = SAMPLE.read_text().replace("https://", "http://")
    constants = {
        "AUTH_DOMAIN": env["PMX_BASE_URL"].removeprefix("http://"),
        "CLIENT_ID": env["PMX_CLIENT_ID"],
        "AUDIENCE": env["PMX_AUDIENCE"],
        "PRIVATE_KEY_PATH": env["PMX_PRIVATE_KEY_PATH"],
        "BASE_URL": env["PMX_BASE_URL"],
    }
    for name, value in constants.items():
        text, changed = re.subn(rf'^{name} = ".*?"', f"{name} = {value!r}", text, flags=re.MULTILINE)
        assert changed == 1
    script = tmp_path / "quickstart.py"
    script.write_text(text)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for line in ("Order placed: ", "State: ORDER_STATE_NEW", "Order cancelled!", "Quickstart complete!"):
        assert line in done.stdout


def test_prints_every_variable_on_one_line(sandbox: Program) -> None:
    """One line of JSON names all that a client needs, and the addresses are those of this server."""
    assert set(sandbox.env) == {
        "PMX_ENV",
        "PMX_BASE_URL",
        "PMX_AUTH_URL",
        "PMX_AUDIENCE",
        "PMX_CLIENT_ID",
        "PMX_PRIVATE_KEY_PATH",
        "PMX_PARTICIPANT_ID",
        "PMX_ACCOUNT",
        "PMX_SANDBOX_CONTROL_URL",
        "PMX_SANDBOX_CONTROL_TOKEN",
    }
    assert sandbox.env["PMX_AUTH_URL"] == f"{sandbox.url}/oauth/token"
    assert sandbox.url.startswith("http://127.0.0.1:")
    assert fetch(f"{sandbox.url}/v1/health")[2] == b'{"status":"ok"}'


def test_prints_exports_for_a_shell() -> None:
    """Without an option the variables come ready to paste, and a sentence for people goes to stderr."""
    command = [sys.executable, "-m", "runner.sandbox", "--stop-with-stdin"]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 0
    assert all(re.fullmatch(r"export PMX_[A-Z_]+=\S+", line) for line in done.stdout.splitlines())
    assert re.fullmatch(r"The sandbox exchange serves on http://\S+ until SIGTERM or Ctrl-C\.\n", done.stderr)


def test_key_is_for_its_owner_alone_and_goes_away(sandbox: Program) -> None:
    """The private key is a file of mode 600 in a folder of mode 700; both are gone after the exit."""
    path = Path(sandbox.env["PMX_PRIVATE_KEY_PATH"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    sandbox.process.send_signal(signal.SIGTERM)
    assert sandbox.process.wait(10) == 0
    assert not path.parent.exists()


def test_key_dir_is_used_and_kept(start: Start, tmp_path: Path) -> None:
    """A folder given for the key is made, used and left in place; an older key in it is replaced."""
    folder = tmp_path / "keys"
    first = start("--key-dir", str(folder))
    old = (folder / "private_key.pem").read_bytes()
    second = start("--key-dir", str(folder))
    assert first.env["PMX_PRIVATE_KEY_PATH"] == second.env["PMX_PRIVATE_KEY_PATH"] == str(folder / "private_key.pem")
    assert (folder / "private_key.pem").read_bytes() != old
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["sigterm", "sigint"])
def test_stops_on_signals_with_a_connection_open(sandbox: Program, number: signal.Signals) -> None:
    """Told to stop, it exits with 0 and says nothing, whoever is still connected."""
    port = int(sandbox.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as idle:
        idle.sendall(b"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
        assert idle.recv(100).startswith(b"HTTP/1.1 200")
        sandbox.process.send_signal(number)
        assert sandbox.process.wait(10) == 0
    assert sandbox.process.stderr
    assert sandbox.process.stderr.read() == ""


def test_stops_with_stdin(start: Start) -> None:
    """An embedded exchange does not outlive the pipe its parent holds."""
    program = start("--stop-with-stdin")
    assert program.process.stdin
    program.process.stdin.close()
    assert program.process.wait(10) == 0


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--port", "65536"], "must be from 0 to 65535"),
        (["--expires-in", "0"], "must be from 1 to"),
        (["--settle-ms", "-1"], "must be from 0 to"),
        (["--dialect", "latin"], "invalid choice: 'latin'"),
    ],
    ids=["port", "expires-in", "settle-ms", "dialect"],
)
def test_refuses_wrong_options(options: list[str], complaint: str) -> None:
    """A wrong option ends the program with 2 and a sentence before anything starts."""
    command = [sys.executable, "-m", "runner.sandbox", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr


def test_taken_port_is_said_plainly(sandbox: Program) -> None:
    """A port that is taken gives a sentence and 2."""
    port = sandbox.url.rpartition(":")[2]
    command = [sys.executable, "-m", "runner.sandbox", "--port", port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        f"error: cannot listen on port {port}: {os.strerror(errno.EADDRINUSE)}\n  = help: --port 0 takes any free one\n"
    )


def test_limits_are_on_unless_switched_off(start: Start) -> None:
    """An exchange as it starts is as strict as the venue: the seventh listing in a minute is 429."""
    for options, last in (((), 429), (("--rates", "off"), 200), (("--rate", "ListSymbols=7/min"), 200)):
        program = start(*options)
        answers = [authorized(program, "/v1/refdata/symbols") for _ in range(7)]
        assert answers == [200] * 6 + [last]


def authorized(program: Program, path: str) -> int:
    """The status of one POST with a token of the program."""
    token = access_token(program)
    request = urllib.request.Request(f"{program.url}{path}", b"{}", {"authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code


def access_token(program: Program, context: ssl.SSLContext | None = None) -> str:
    """A token by the variables that the program printed."""
    env, now = program.env, int(time.time())
    claims = {"iss": env["PMX_CLIENT_ID"], "sub": env["PMX_CLIENT_ID"], "aud": env["PMX_AUTH_URL"]}
    claims |= {"iat": now, "exp": now + 60, "jti": str(uuid4())}  # type: ignore[dict-item]
    assertion = jwt.encode(claims, Path(env["PMX_PRIVATE_KEY_PATH"]).read_bytes(), algorithm="RS256")
    form = {
        "client_id": env["PMX_CLIENT_ID"],
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "audience": env["PMX_AUDIENCE"],
        "grant_type": "client_credentials",
    }
    request = urllib.request.Request(
        env["PMX_AUTH_URL"], json.dumps(form).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        return str(json.load(answer)["access_token"])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for the loopback address that vouches for itself, and its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(built.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


def test_speaks_tls(start: Start, certificate: tuple[Path, Path]) -> None:
    """With a certificate every address is https, tokens and all; the control port stays plain."""
    program = start("--tls", *map(str, certificate))
    assert program.url.startswith("https://127.0.0.1:")
    assert program.env["PMX_AUTH_URL"] == f"{program.url}/oauth/token"
    context = ssl.create_default_context(cafile=certificate[0])
    assert access_token(program, context).count(".") == 2
    assert Control(program.env).call("GET", "/clock")["stopped"] is False


def test_wrong_certificate_is_said_plainly(tmp_path: Path) -> None:
    """Files that are no certificate: a sentence and 2."""
    (tmp_path / "a").write_text("no certificate")
    command = [sys.executable, "-m", "runner.sandbox", "--tls", str(tmp_path / "a"), str(tmp_path / "b")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: cannot use {tmp_path / 'a'} and {tmp_path / 'b'} for TLS: ")


def test_faults_from_a_file(start: Start, tmp_path: Path) -> None:
    """They wait from the start, in the sequence of the file."""
    path = tmp_path / "faults.yaml"
    path.write_text("faults:\n- {fault: status, status: 503, operation: GET /v1/health, calls: 1}\n")
    program = start("--faults", str(path))
    assert [fetch(f"{program.url}/v1/health")[0] for _ in range(2)] == [503, 200]
    assert Control(program.env).call("GET", "/faults")["faults"][0]["struck"] == 1


def test_answers_over_http(sandbox: Program) -> None:
    """Answers are JSON and dated; too large a body and what is no HTTP get the venue's error form."""
    status, headers, _ = fetch(f"{sandbox.url}/v1/health")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert headers["date"].endswith("GMT")
    status, _, body = fetch(f"{sandbox.url}/v1/refdata/symbols", b"x" * (2 << 20))
    assert (status, json.loads(body)["message"]) == (413, "request body is too large")
    port = int(sandbox.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        raw.sendall(b"no http at all\r\n\r\n")
        assert raw.recv(1000).endswith(b'{"code":3,"message":"Invalid HTTP request received.","details":[]}')


def test_imports_nothing_of_the_runner() -> None:
    """The exchange shares no code with the client, so that one mistake cannot hide in both."""
    for path in (ROOT / "runner" / "sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, path
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            foreign = [name for name in names if name.startswith("runner")]
            assert all(name.startswith("runner.sandbox") for name in foreign), path


def test_exchange_knows_nothing_of_http_or_json() -> None:
    """Only the gateway's side may import what belongs to the wire; what is kept in a file is JSON, too."""
    for path in (ROOT / "runner" / "sandbox" / "exchange").rglob("*.py"):
        foreign = r"uvicorn|runner\.sandbox\.gateway" + ("" if path.name == "storage.py" else "|json")
        assert not re.search(rf"^\s*(import|from) ({foreign})", path.read_text(), re.M), path
