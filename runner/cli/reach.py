"""Reaching a host step by step, for the doctor: its name, a connection, its certificate.

The runs' own transport reports that a call failed; here each step is taken alone, so that it has a name.
"""

from __future__ import annotations

import os
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from runner.address import host_of, is_loopback
from runner.cli import tunnel
from runner.cli.tunnel import PATIENCE, proxy_for
from runner.diagnostic import Diagnostic
from runner.errors import Unreachable, WrongInput

_LOCAL = "is the exchange running? start one with: pmx-run sandbox"
_DISTANT = "check the network of this machine and its firewall"
_MUTE = f"a firewall drops what it does not know: ask whoever runs the network to {tunnel.LET_THROUGH}"
_NO_SERVER = "no name server answers: is this machine connected, and is its resolver right (/etc/resolv.conf)?"


def resolved(url: str) -> str:
    """The addresses of a host, or of the proxy on the way; raises ``Unreachable`` if its name is not known."""
    proxy = tunnel.proxy_url(url)
    if proxy:
        _looked_up(proxy)
        return f"by way of the proxy {proxy_for(url)}"
    return f"{host_of(url)} is {', '.join(_looked_up(url))}"


def connected(url: str, ca_bundle: Path | None) -> str:
    """What a connection to the host shows.

    Raises ``Unreachable`` if there is none or its certificate is not trusted, ``WrongInput`` for a ``ca_bundle`` that
    can't be used.
    """
    host, port = host_of(url), _port(url)
    place = f"{host}:{port}"
    secured = urlsplit(url).scheme == "https"
    context = _context(ca_bundle) if secured else None
    try:
        with _opened(url) as plain:
            shown = _certificate(plain, host, context) if context else "answers (plain http on loopback)"
    except ssl.SSLCertVerificationError as error:
        from runner.cli.certificates import mistrust

        raise mistrust(host, error, lambda: _opened(url), ca_bundle) from error
    except ssl.SSLError as error:
        title = f"{place} does not speak TLS: {(error.reason or 'no answer').replace('_', ' ').lower()}"
        help = "something on the way answers in its place: a proxy, or the sign-in page of a network"
        raise Unreachable(title, sent=False, help=help) from error
    except OSError as error:
        title = f"no connection to {place}: {_reason(error)}"
        raise Unreachable(title, sent=False, help=_remedy(url, error)) from error
    return f"{place} {shown}{_by_way_of(url)}"


def _looked_up(url: str) -> tuple[str, ...]:
    host = host_of(url)
    try:
        found = socket.getaddrinfo(host, _port(url), type=socket.SOCK_STREAM)
    except OSError as error:
        help = _NO_SERVER if error.errno == socket.EAI_AGAIN else f"is it spelled right? {_DISTANT}"
        raise Unreachable(f"the name {host} can't be resolved: {error.strerror}", sent=False, help=help) from error
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def _opened(url: str) -> socket.socket:
    if proxy_for(url):
        return tunnel.opened(url, _port(url))
    return socket.create_connection((host_of(url), _port(url)), timeout=PATIENCE)


def _certificate(plain: socket.socket, host: str, context: ssl.SSLContext) -> str:
    with context.wrap_socket(plain, server_hostname=host) as secured:
        certificate = secured.getpeercert() or {}
        until = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
        return f"{secured.version()}, certificate good until {datetime.fromtimestamp(until, UTC):%Y-%m-%d}"


def _context(ca_bundle: Path | None) -> ssl.SSLContext:
    """Trusting those whom the calls of a run trust."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    trusted = str(ca_bundle or named or DEFAULT_CA_BUNDLE_PATH)
    try:
        if Path(trusted).is_dir():
            return ssl.create_default_context(capath=trusted)
        return ssl.create_default_context(cafile=trusted)
    except OSError as error:
        title = f"the certificates in {trusted} can't be used: {error.strerror or error}"
        raise WrongInput([Diagnostic(title, help="ca_bundle names a PEM file")]) from error


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or {"https": 443}.get(parts.scheme, 80)


def _by_way_of(url: str) -> str:
    proxy = proxy_for(url)
    return f", by way of the proxy {proxy}" if proxy else ""


def _remedy(url: str, error: OSError) -> str:
    if is_loopback(url):
        return _LOCAL
    return _MUTE if isinstance(error, TimeoutError) else _DISTANT


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {PATIENCE:g} s"
    return error.strerror or str(error)
