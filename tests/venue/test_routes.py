"""How a host is reached: proxies and certificates as the usual variables say, or as the settings do."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from runner.clock import SystemClock
from runner.errors import Unreachable
from runner.redact import Redactor
from runner.venue.call import Request
from runner.venue.transport import Transport

from .server import Received, Reply, Server, answer

HOST = "api.example.com"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate with its key, for HOST and for 127.0.0.1."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "cert.pem"
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    path.write_bytes(made.public_bytes(form.Encoding.PEM) + private)
    return path


class TlsServer:
    """One connection at a time: ``{"tls": true}`` to whatever is asked."""

    def __init__(self, certificate: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except ssl.SSLError:
                continue
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.recv(65536)
                connection.sendall(answer({"tls": True}, Connection="close"))


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[TlsServer]:
    server = TlsServer(certificate)
    yield server
    server.close()


def tunnel(port: int) -> Callable[[Received], Reply]:
    """A proxy that leads every CONNECT to a port of this machine."""

    def carry(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def connect(client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as target:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=carry, args=(target, client))
            back.start()
            carry(client, target)
            back.join()

    return lambda _: connect


def fetch(url: str, ca_bundle: str | None = None) -> object:
    with contextlib.closing(Transport(SystemClock(), Redactor(), ca_bundle)) as transport:
        return transport.exchange(Request("POST", url, "changes", 5), 5, lambda _: None).body


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_the_ca_bundle_of_the_settings(tls_server: TlsServer, certificate: Path) -> None:
    """A certificate is checked against it."""
    assert fetch(f"https://127.0.0.1:{tls_server.port}/", str(certificate)) == {"tls": True}


def test_the_ca_bundle_of_the_environment(
    tls_server: TlsServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual variable does the same."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert fetch(f"https://127.0.0.1:{tls_server.port}/") == {"tls": True}


def test_a_certificate_that_nobody_vouches_for(tls_server: TlsServer) -> None:
    """Verification is always on, and nothing was sent."""
    with pytest.raises(Unreachable, match="certificate verify failed") as caught:
        fetch(f"https://127.0.0.1:{tls_server.port}/")
    assert not caught.value.sent


def test_a_certificate_for_another_name(tls_server: TlsServer, certificate: Path) -> None:
    """The host's name counts."""
    with pytest.raises(Unreachable) as caught:
        fetch(f"https://localhost:{tls_server.port}/", str(certificate))
    assert not caught.value.sent


def test_a_ca_bundle_that_is_not_there(tls_server: TlsServer) -> None:
    """Nothing is sent without one."""
    with pytest.raises(Unreachable, match=r"nowhere\.pem") as caught:
        fetch(f"https://127.0.0.1:{tls_server.port}/", "nowhere.pem")
    assert not caught.value.sent


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_https_goes_through_the_proxy(
    variable: str,
    tls_server: TlsServer,
    certificate: Path,
    servers: Callable[..., Server],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By CONNECT, with the proxy's own credentials, and TLS checked end to end."""
    proxy = servers(tunnel(tls_server.port))
    monkeypatch.setenv(variable, f"http://me:pass@127.0.0.1:{proxy.port}")
    assert fetch(f"https://{HOST}/v1/x", str(certificate)) == {"tls": True}
    asked = proxy.received[0]
    assert (asked.method, asked.target) == ("CONNECT", f"{HOST}:443")
    assert asked.headers["proxy-authorization"] == "Basic bWU6cGFzcw=="


def test_no_proxy_is_honoured(
    tls_server: TlsServer, certificate: Path, servers: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that is excepted is reached directly (here: not at all, and never through the proxy)."""
    proxy = servers(tunnel(tls_server.port))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", ".invalid")
    with pytest.raises(Unreachable):
        fetch("https://api.invalid/", str(certificate))
    assert proxy.received == []


def test_loopback_never_goes_through_a_proxy(servers: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    """A local exchange is this machine's own affair."""
    proxy, local = servers(), servers(lambda _: answer({"local": True}))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    assert fetch(f"{local.url}/") == {"local": True}
    assert proxy.received == []


def test_a_proxy_that_refuses(servers: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing reached the venue, and the proxy's word is told."""
    proxy = servers(lambda _: b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with pytest.raises(Unreachable, match="407 Proxy Authentication Required") as caught:
        fetch(f"https://{HOST}/")
    assert not caught.value.sent
