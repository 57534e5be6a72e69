"""Names, connections, certificates and clocks, each with a failure of its own."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from venue.secured import certificate, secured_server

from runner.cli import reach, tunnel
from runner.cli.diagnosis import Check, Finding, diagnose, exit_code
from runner.cli.doctor_checks import CHECKS, Subject
from runner.errors import PmxError, StepErrored, Unreachable, WrongInput
from runner.redact import Redactor
from runner.settings import Options, gather

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("named_by", ["argument", "REQUESTS_CA_BUNDLE"])
def test_a_trusted_certificate(named_by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is trusted is what the calls of a run trust: ``ca_bundle``, else the usual variables."""
    chain = certificate(tmp_path, days=20)
    if named_by != "argument":
        monkeypatch.setenv(named_by, str(chain))
    with secured_server(chain) as url:
        seen = reach.connected(url, chain if named_by == "argument" else None)
    day = (datetime.now(UTC) + timedelta(days=20)).date()
    assert seen == f"{url.removeprefix('https://')} TLSv1.3, certificate good until {day}"


def test_a_bundle_that_is_not_there() -> None:
    """A setting is wrong, not the network."""
    with pytest.raises(WrongInput, match=r"^error: the certificates in /none.pem can't be used: No such file"):
        reach.connected("https://127.0.0.1:1", Path("/none.pem"))


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is told, and the resolver's words."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Unreachable) as caught:
        reach.resolved("https://api.prepord.example.com")
    assert caught.value.message == "the name api.prepord.example.com can't be resolved: Name or service not known"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.example.com", "proxy.example.com:3128"),
        ("https://inside.example.org", ""),
        ("http://127.0.0.1:80", ""),
    ],
)
def test_a_proxy_is_named_without_its_password(url: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts that it does not serve, and loopback, are reached directly."""
    monkeypatch.setenv("https_proxy", "http://me:secret@proxy.example.com:3128")
    monkeypatch.setenv("http_proxy", "http://me:secret@proxy.example.com:3128")
    monkeypatch.setenv("no_proxy", "example.org")
    assert tunnel.proxy_for(url) == expected


@contextmanager
def server_of_another_time(offset: timedelta | None) -> Iterator[str]:
    """A healthy venue whose ``Date`` is off, or that names none."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"status": "ok"}).encode()
            self.send_response_only(200)
            if offset is not None:
                self.send_header("Date", format_datetime(datetime.now(UTC) + offset, usegmt=True))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(5)


def clock_finding(url: str) -> Finding:
    environ = {
        "PMX_BASE_URL": url,
        "PMX_AUTH_URL": url,
        "PMX_CLIENT_ID": "c",
        "PMX_PRIVATE_KEY": "-----BEGIN",
        "PMX_PARTICIPANT_ID": "firms/F/users/U",
    }
    settings, problems = gather(None, environ, Options(environment="uat"))
    assert problems == ()
    with Subject(settings, Redactor()) as subject:
        findings = diagnose(subject, [check for check in CHECKS if check.name in {"dns", "tls", "health", "clock"}])
    return findings[-1]


@pytest.mark.parametrize(
    ("offset", "state", "seen"),
    [
        (timedelta(minutes=10), "failed", " s behind the venue's"),
        (timedelta(minutes=-10), "failed", " s ahead of the venue's"),
        (timedelta(seconds=10), "ok", " s behind the venue's, which may be 30 s"),
        (None, "ok", "not measured: the venue's answers name no time"),
    ],
    ids=["behind", "ahead", "within the bound", "no date"],
)
def test_the_clock(offset: timedelta | None, state: str, seen: str) -> None:
    """Beyond 30 seconds from the venue's it is the thing to mend; without a ``Date`` nothing can be said."""
    with server_of_another_time(offset) as url:
        finding = clock_finding(url)
    assert (finding.state, finding.seen.endswith(seen)) == (state, True)
    assert ("NTP" in finding.help) is (state == "failed")


def _raising(error: PmxError) -> Callable[[object], str]:
    def look(_: object) -> str:
        raise error

    return look


def test_what_stands_on_a_failed_check_is_not_tried() -> None:
    """Nor what stands on that, with the failed one named; the rest is."""
    table: list[Check[object]] = [
        Check("a", lambda _: "fine"),
        Check("b", _raising(StepErrored("broken", help="mend it")), after=("a",)),
        Check("c", lambda _: "never seen", after=("b",)),
        Check("d", lambda _: "never seen", after=("c",)),
        Check("e", lambda _: "fine", after=("a",)),
    ]
    findings = diagnose(object(), table)
    assert findings == (
        Finding("a", "ok", "fine"),
        Finding("b", "failed", "broken", "mend it", 1),
        Finding("c", "not tried", "because of `b`", because_of="b"),
        Finding("d", "not tried", "because of `b`", because_of="b"),
        Finding("e", "ok", "fine"),
    )
    assert exit_code(findings) == 1


@pytest.mark.parametrize(("codes", "expected"), [((), 0), ((0, 0), 0), ((0, 1), 1), ((3, 1), 3)])
def test_exit_code(codes: tuple[int, ...], expected: int) -> None:
    """Where the venue can't be reached, that comes first: the rest is not known."""
    assert exit_code(Finding("x", "failed", "", "", code) for code in codes) == expected
